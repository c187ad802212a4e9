"""The form of a glossary term."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField, StringField
from wtforms.validators import DataRequired, Length

from techmart.operations.glossary import MAX_CHARACTERS
from techmart.web.choices import code_choices
from techmart.web.forms_base import BaseForm


class TermForm(BaseForm):
    """One pair; `version` says which state of it a change was based on."""

    version = HiddenField()
    vi = StringField(
        _l("Tiếng Việt"),
        validators=[DataRequired(), Length(max=MAX_CHARACTERS)],
        description=_l("Có dấu, tối đa 8 từ. Ví dụ: màng lọc nano."),
        render_kw={"lang": "vi"},
    )
    en = StringField(
        _l("Tiếng Anh"),
        validators=[DataRequired(), Length(max=MAX_CHARACTERS)],
        description=_l("Dạng số ít. Ví dụ: nanofiltration membrane."),
        render_kw={"lang": "en"},
    )
    domain = SelectField(_l("Chuyên ngành"), default="general")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.domain.choices = code_choices("glossary_domain")

    def shown_version(self) -> int:
        """0 when the hidden value was tampered with, which is no version."""
        typed = self.version.data or ""
        return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0
