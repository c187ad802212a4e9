"""Forms of asking for help with a demand, and of answering."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, TextAreaField
from wtforms.validators import Length

from techmart.operations.help_request import TEXT_LIMIT
from techmart.web.forms.demand import DemandForm
from techmart.web.forms_base import BaseForm


class HelpQuestionForm(BaseForm):
    """What the owner asks of staff."""

    question = TextAreaField(
        _l("Bạn cần giúp gì? (không bắt buộc)"),
        validators=[Length(max=TEXT_LIMIT)],
        description=_l("Ví dụ: chưa biết viết chỉ tiêu thế nào; gọi số 09… buổi chiều để hỏi thêm."),
    )


class HelpDecisionForm(BaseForm):
    """What the owner does with a proposed text. `version`, `request_version`: of the draft and of the proposal whose
    differences he saw."""

    version = HiddenField()
    request_version = HiddenField()
    reason = TextAreaField(
        _l("Vì sao chưa dùng được? (không bắt buộc)"), validators=[Length(max=TEXT_LIMIT)],
    )  # fmt: skip


class HelpAnswerForm(DemandForm):
    """The demand as staff would put it, with a word to its owner."""

    request_version = HiddenField()
    note = TextAreaField(
        _l("Lời nhắn cho chủ tin"),
        validators=[Length(max=TEXT_LIMIT)],
        description=_l("Bạn đã sửa gì và còn thiếu gì. Chủ tin thấy từng chỗ khác nhau rồi mới quyết định."),
    )
