"""What every form shares: cleaned text, messages in the reader's language, and fields for Vietnamese money, dates and lists."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from wtforms import IntegerField, SelectMultipleField, StringField, ValidationError
from wtforms.fields.core import Field
from wtforms.meta import DefaultMeta
from wtforms.validators import Optional
from wtforms.widgets import CheckboxInput, ListWidget

from techmart.rules.money import NotMoney, format_money_short, parse_date, parse_money
from techmart.rules.text import clean
from techmart.web.i18n import select_locale

#: WTForms ships no Vietnamese catalogue; its own English messages are the keys.
_VIETNAMESE: Mapping[str, str] = {
    "This field is required.": "Cần điền mục này.",
    "Invalid input.": "Giá trị không hợp lệ.",
    "Invalid email address.": "Địa chỉ thư điện tử không hợp lệ.",
    "Not a valid choice.": "Lựa chọn không hợp lệ.",
    "Not a valid choice": "Lựa chọn không hợp lệ.",
    "Not a valid integer value.": "Cần một số nguyên.",
    "Not a valid decimal value.": "Cần một con số.",
    "Not a valid float value.": "Cần một con số.",
    "Not a valid date value.": "Ngày không hợp lệ.",
    "Invalid Choice: could not coerce.": "Lựa chọn không hợp lệ.",
    "Invalid choice(s): one or more data inputs could not be coerced.": "Một hoặc nhiều lựa chọn không hợp lệ.",
    "'%(value)s' is not a valid choice for this field.": "'%(value)s' không có trong danh mục.",
    "'%(value)s' are not valid choices for this field.": "'%(value)s' không có trong danh mục.",
    "Field must be equal to %(other_name)s.": "Phải giống mục %(other_name)s.",
    "Field must be at least %(min)d character long.": "Cần ít nhất %(min)d ký tự.",
    "Field must be at least %(min)d characters long.": "Cần ít nhất %(min)d ký tự.",
    "Field cannot be longer than %(max)d character.": "Không quá %(max)d ký tự.",
    "Field cannot be longer than %(max)d characters.": "Không quá %(max)d ký tự.",
    "Field must be exactly %(max)d character long.": "Phải có đúng %(max)d ký tự.",
    "Field must be exactly %(max)d characters long.": "Phải có đúng %(max)d ký tự.",
    "Field must be between %(min)d and %(max)d characters long.": "Phải có từ %(min)d đến %(max)d ký tự.",
    "Number must be at least %(min)s.": "Phải từ %(min)s trở lên.",
    "Number must be at most %(max)s.": "Không quá %(max)s.",
    "Number must be between %(min)s and %(max)s.": "Phải từ %(min)s đến %(max)s.",
    "Invalid URL.": "Địa chỉ web không hợp lệ.",
    "Invalid value, must be one of: %(values)s.": "Phải là một trong: %(values)s.",
    "CSRF token missing.": "Biểu mẫu thiếu mã an toàn. Hãy tải lại trang.",
    "The CSRF token is missing.": "Biểu mẫu thiếu mã an toàn. Hãy tải lại trang.",
    "The CSRF token is invalid.": "Biểu mẫu đã cũ. Hãy tải lại trang rồi gửi lại.",
    "The CSRF session token is missing.": "Biểu mẫu đã cũ. Hãy tải lại trang rồi gửi lại.",
    "The CSRF tokens do not match.": "Biểu mẫu đã cũ. Hãy tải lại trang rồi gửi lại.",
    "The CSRF token has expired.": "Biểu mẫu đã hết hạn. Hãy tải lại trang rồi gửi lại.",
}


class _Translations:
    """WTForms' own messages in Vietnamese; everything of ours is translated by Flask-Babel before it gets here."""

    def gettext(self, text: str) -> str:
        return _VIETNAMESE.get(text, text) if select_locale() == "vi" else text

    def ngettext(self, singular: str, plural: str, count: int) -> str:
        return self.gettext(singular if count == 1 else plural)


def _cleaned(value: object) -> object:
    return clean(value) if isinstance(value, str) else value


class BaseForm(FlaskForm):
    """Text is NFC, stripped and free of control characters; passwords stay as typed."""

    class Meta(DefaultMeta):
        def get_translations(self, form: FlaskForm) -> _Translations:
            return _Translations()

        def wrap_formdata(self, form: FlaskForm, formdata: Any) -> Any:  # Any: Flask-WTF's shapes
            """Fields come from the posted form only: JSON and files would bring values that are no texts."""
            if formdata is None or hasattr(formdata, "getlist"):
                return formdata
            return request.form or None

        def bind_field(self, form: FlaskForm, unbound: Any, options: dict[str, Any]) -> Field:  # Any: WTForms' shape
            filters = list(unbound.kwargs.get("filters", ()))
            if unbound.field_class.__name__ != "PasswordField":
                filters.insert(0, _cleaned)
            return unbound.bind(form=form, filters=filters, **options)

    def content(self) -> dict[str, Any]:  # Any: field values
        """Field → value, without the form's own machinery."""
        return {name: value for name, value in self.data.items() if name not in ("csrf_token", "version")}


# FlaskForm's own Meta carries the CSRF settings; ours must extend it.
class _Meta(BaseForm.Meta, FlaskForm.Meta):
    pass


BaseForm.Meta = _Meta  # type: ignore[misc]


class MultiCheckboxField(SelectMultipleField):
    """Several choices as check boxes, no key combination needed."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class MoneyField(StringField):
    """An amount in đồng: `1250000`, `1.250.000`, `1,25 tỷ`. Data is an int or None; what was typed is shown again."""

    def __init__(
        self, label: object = None, validators: Iterable[object] = (), **kwargs: Any
    ) -> None:  # Any: WTForms' options
        super().__init__(label, [Optional(), *validators], **kwargs)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return format_money_short(self.data).removesuffix(" đồng") if isinstance(self.data, int) else ""

    def process_formdata(self, valuelist: list[str]) -> None:
        text = clean(valuelist[0]) if valuelist else ""
        self.data = None
        if text:
            try:
                self.data = parse_money(text)
            except NotMoney:
                raise ValueError(_("Không đọc được số tiền. Ví dụ: 1.250.000 hoặc 1,25 tỷ.")) from None

    @property
    def reading(self) -> str:
        """How the amount was understood, for reading back."""
        return format_money_short(self.data, select_locale()) if isinstance(self.data, int) else ""


class DayField(StringField):
    """A day as dd/mm/yyyy (or ISO). Data is a date or None."""

    def __init__(
        self, label: object = None, validators: Iterable[object] = (), **kwargs: Any
    ) -> None:  # Any: WTForms' options
        super().__init__(label, [Optional(), *validators], **kwargs)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return self.data.strftime("%d/%m/%Y") if isinstance(self.data, date) else ""

    def process_formdata(self, valuelist: list[str]) -> None:
        text = clean(valuelist[0]) if valuelist else ""
        self.data = None
        if text:
            try:
                self.data = parse_date(text)
            except ValueError:
                raise ValueError(_("Ngày không hợp lệ. Hãy viết ngày/tháng/năm, ví dụ 30/11/2026.")) from None


class TagsField(StringField):
    """A few short texts, separated by commas or semicolons. Data is a list."""

    def __init__(
        self, label: object = None, *, maximum: int = 12, maximum_length: int = 60, **kwargs: Any
    ) -> None:  # Any: as above
        super().__init__(label, **kwargs)
        self.maximum, self.maximum_length = maximum, maximum_length

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "; ".join(self.data or ())

    def process_formdata(self, valuelist: list[str]) -> None:
        parts = re.split(r"[;,\n]", valuelist[0]) if valuelist else []
        self.data = list(dict.fromkeys(part for part in (clean(part, keep_lines=False) for part in parts) if part))

    def pre_validate(self, form: FlaskForm) -> None:
        if len(self.data or ()) > self.maximum:
            raise ValidationError(_("Không quá %(count)s mục.", count=self.maximum))
        if any(len(part) > self.maximum_length for part in self.data or ()):
            raise ValidationError(_("Mỗi mục không quá %(count)s ký tự.", count=self.maximum_length))


class WholeNumberField(IntegerField):
    """A whole number; a huge one is a field error, not a database error."""

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist and len(valuelist[0].strip()) > 9:
            self.data = None
            raise ValueError(_("Con số quá lớn."))
        super().process_formdata(valuelist)
