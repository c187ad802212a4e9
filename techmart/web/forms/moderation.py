"""The form of a moderation decision."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField, TextAreaField
from wtforms.validators import AnyOf, Length

from techmart.rules.lifecycle import Action
from techmart.web.forms_base import BaseForm
from techmart.web.review_words import REASON_LIMIT, REPLIES


class DecisionForm(BaseForm):
    """`decision` is the button pressed; `version` and `revision` say what the reviewer had before him."""

    version = HiddenField()
    revision = HiddenField()
    decision = HiddenField(
        validators=[AnyOf([Action.APPROVE.value, Action.REQUEST_CHANGES.value, Action.REJECT.value])]
    )
    reply = SelectField(_l("Mẫu trả lời"), default="")
    reason = TextAreaField(
        _l("Lời gửi bên đăng"),
        validators=[Length(max=REASON_LIMIT)],
        description=_l("Cần có khi đề nghị sửa hoặc từ chối. Để trống thì mẫu đã chọn được gửi đi."),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.reply.choices = [
            ("", _l("Chọn mẫu…")),
            *((code, reply.name, {"data-text": reply.text}) for code, reply in REPLIES.items()),
        ]

    def answer(self) -> str:
        """What is sent: the text typed, or else the picked reply; may be empty."""
        picked = REPLIES.get(self.reply.data or "")
        return self.reason.data or (str(picked.text) if picked else "")

    def shown_version(self) -> int:
        """0 when the hidden value was tampered with, which is no version."""
        return _number(self.version.data) or 0

    def shown_revision(self) -> int | None:
        return _number(self.revision.data)


def _number(typed: str | None) -> int | None:
    return int(typed) if typed and typed.isascii() and typed.isdigit() and len(typed) < 10 else None
