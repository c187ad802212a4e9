"""What the forms of offers, patents and demands share.

A draft may be saved with anything missing; only what cannot be stored is refused. What a submission needs is told by
`rules.completeness` and asked when the listing is handed in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from techmart.operations.listing_content import FIELDS, LIMITS
from techmart.rules.completeness import REQUIRED
from techmart.web.choices import code_choices, province_choices, sector_choices, trl_choices
from techmart.web.field_names import field_name
from techmart.web.forms_base import BaseForm, MultiCheckboxField, TagsField


@dataclass(frozen=True)
class Section:
    """A numbered part of the form: its anchor, heading, opening words and fields in order."""

    anchor: str
    title: LazyString
    intro: LazyString | str
    fields: tuple[str, ...]


def _code_or_none(value: object) -> str | None:
    return str(value) if value else None


def _number_or_none(value: object) -> int | None:
    return int(str(value)) if value not in (None, "") else None


def long_text(name: str, hint: LazyString | str = "", *, rows: int = 4) -> TextAreaField:
    """A text of several lines with the limit of its column."""
    return TextAreaField(validators=[Length(max=LIMITS[name])], description=hint, render_kw={"rows": rows})


def one_line(name: str, hint: LazyString | str = "") -> TextAreaField:
    """A short answer. It grows with its text, so that a phone shows the whole of it; line ends become blanks."""
    return TextAreaField(
        validators=[Length(max=LIMITS[name])], description=hint, render_kw={"rows": 1},
        filters=[lambda text: " ".join(text.split()) if isinstance(text, str) else text],
    )  # fmt: skip


def code_field(hint: LazyString | str = "") -> SelectField:
    """One code of a list, or none yet (None)."""
    return SelectField(validators=[Optional()], coerce=_code_or_none, description=hint)


def trl_field(hint: LazyString | str) -> SelectField:
    """A readiness level 1…9, or none yet (None)."""
    return SelectField(validators=[Optional()], coerce=_number_or_none, description=hint)


class ListingForm(BaseForm):
    """The common fields. `KIND` and `SECTIONS` are set by each kind; `SECTIONS` is what the page shows, in order."""

    KIND: ClassVar[str] = ""
    SECTIONS: ClassVar[tuple[Section, ...]] = ()
    #: Field → list of code_lists.tsv its choices come from.
    CODE_LISTS: ClassVar[dict[str, str]] = {}
    TRL_FIELDS: ClassVar[tuple[str, ...]] = ()

    version = HiddenField()
    organisation_id = SelectField(_l("Đăng cho tổ chức"), coerce=int)
    lang = SelectField(
        description=_l("Ngôn ngữ bạn dùng để viết các mục dưới đây. Phần dịch có mục riêng."),
        default="vi",
    )
    title = one_line("title")
    summary = long_text("summary", "", rows=2)
    title_en = one_line("title_en", _l("Không bắt buộc. Giúp đối tác nước ngoài tìm thấy tin."))
    summary_en = long_text("summary_en", _l("Không bắt buộc. Một, hai câu là đủ."), rows=2)
    sectors = MultiCheckboxField(description=_l("Chọn từ một đến ba lĩnh vực gần nhất."))
    ipc = TagsField(
        maximum=LIMITS["ipc"],
        description=_l("Không bắt buộc. Cách nhau bằng dấu chấm phẩy. Ví dụ: C02F 3/12; C02F 1/44."),
    )
    keywords = TagsField(
        description=_l(
            "Từ người tìm hay gõ, cả tên gọi khác và tên viết tắt, cách nhau bằng dấu chấm phẩy. Ví dụ: MBR; màng sợi rỗng; nước thải đô thị."
        ),
    )
    province_code = code_field(_l("Nơi có công nghệ hoặc nơi cần áp dụng."))
    origin = SelectField(default="domestic")

    def __init__(self, *args: object, organisations: Iterable[tuple[int, str]] = (), **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        nothing = ("", _l("Chưa chọn"))
        self.lang.choices = code_choices("lang")
        self.origin.choices = code_choices("origin")
        self.province_code.choices = [nothing, *province_choices()]
        self.sectors.choices = sector_choices()
        for name, list_name in self.CODE_LISTS.items():
            is_single = isinstance(self[name], SelectField) and not isinstance(self[name], MultiCheckboxField)
            self[name].choices = [nothing, *code_choices(list_name)] if is_single else code_choices(list_name)
        for name in self.TRL_FIELDS:
            self[name].choices = [nothing, *trl_choices()]
        self._offer_organisations(list(organisations))
        self._mark_required()
        for name in FIELDS[self.KIND]:
            # The same names as in reviews, histories and exports.
            self[name].label.text = field_name(name, self.KIND)

    def content(self) -> dict[str, Any]:  # Any: field values
        """Field → value for `create_listing` and `save_listing`; an absent text is an empty one."""
        return {name: self._value(name) for name in FIELDS[self.KIND] if name in self}

    def _value(self, name: str) -> Any:  # Any: field values
        value = self[name].data
        return "" if value is None and type(self[name]) in (StringField, TextAreaField) else value

    def _offer_organisations(self, organisations: Sequence[tuple[int, str]]) -> None:
        """Ask for the organisation only where there is something to choose."""
        if len(organisations) > 1:
            self.organisation_id.choices = organisations
        else:
            del self.organisation_id

    def _mark_required(self) -> None:
        for name in REQUIRED[self.KIND]:
            if name in self:
                self[name].flags.required = True
        for field in self:
            # A browser would cut a pasted text without a word; the server says what is too long instead.
            if isinstance(field, TextAreaField):
                vars(field.flags).pop("maxlength", None)
