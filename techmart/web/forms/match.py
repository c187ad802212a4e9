"""Forms about matches: an owner's decision, and when he wants to be told."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, TextAreaField
from wtforms.validators import AnyOf, DataRequired, Length, Optional

from techmart.operations.match import TEXT_LIMIT
from techmart.operations.proposal import NOTE_LIMIT
from techmart.rules.matching import Decision
from techmart.web.forms_base import BaseForm
from techmart.web.match_words import MODES, REASONS


class MatchDecisionForm(BaseForm):
    """`decision` is the button pressed. No reason is chosen beforehand: a default would become the statistic."""

    decision = HiddenField(validators=[AnyOf([decision.value for decision in Decision])])
    reason = RadioField(
        _l("Lý do chính"), choices=[(code, words[0]) for code, words in REASONS.items()], validators=[Optional()]
    )
    text = TextAreaField(_l("Nói thêm (không bắt buộc)"), validators=[Length(max=TEXT_LIMIT)])


class ProposalForm(BaseForm):
    """Why staff propose a pair; both sides read it."""

    note = TextAreaField(
        _l("Lời nhắn"),
        validators=[DataRequired(), Length(max=NOTE_LIMIT)],
        description=_l(
            "Mọi người nhận đều đọc được: vì sao nên xem cặp này, nên bắt đầu từ đâu. Tên bạn không hiện với họ."
        ),
    )


#: The points a person may choose from.
THRESHOLDS = (30, 40, 50, 60, 70, 80, 90)


class AlertSettingForm(BaseForm):
    """How and from how many points on a person is mailed."""

    mode = RadioField(_l("Gửi thư"), choices=list(MODES.items()))
    threshold = RadioField(
        _l("Mức điểm tối thiểu"), choices=[(points, str(points)) for points in THRESHOLDS], coerce=int
    )
