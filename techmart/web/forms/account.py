"""Forms of the account pages."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from wtforms import EmailField, PasswordField, SelectField, StringField
from wtforms.validators import DataRequired, Email, Length

from techmart.web.forms_base import BaseForm

_PASSWORD_HELP = _l("Ít nhất 15 ký tự. Một câu dài dễ nhớ tốt hơn một từ khó.")


def _email_field() -> EmailField:
    return EmailField(
        _l("Thư điện tử"),
        validators=[DataRequired(), Email(), Length(max=254)],
        render_kw={"autocomplete": "username", "inputmode": "email"},
    )


def _password_field(label: LazyString, *, autocomplete: str, description: LazyString | str = "") -> PasswordField:
    # The upper bound is the operation's (1,024 bytes); this one only keeps absurd input from being hashed.
    return PasswordField(
        label,
        validators=[DataRequired(), Length(max=1024)],
        description=description,
        render_kw={"autocomplete": autocomplete},
    )


class RegisterForm(BaseForm):
    name = StringField(
        _l("Họ và tên"), validators=[DataRequired(), Length(max=120)], render_kw={"autocomplete": "name"}
    )
    email = _email_field()
    password = _password_field(_l("Mật khẩu"), autocomplete="new-password", description=_PASSWORD_HELP)


class LoginForm(BaseForm):
    email = _email_field()
    password = _password_field(_l("Mật khẩu"), autocomplete="current-password")


class ConfirmForm(BaseForm):
    password = _password_field(
        _l("Mật khẩu bạn đã chọn khi đăng ký"),
        autocomplete="current-password",
        description=_l("Chúng tôi hỏi lại để chắc rằng chính bạn đã đăng ký địa chỉ này."),
    )


class ResetRequestForm(BaseForm):
    email = _email_field()


class ResetForm(BaseForm):
    password = _password_field(_l("Mật khẩu mới"), autocomplete="new-password", description=_PASSWORD_HELP)


class ChangePasswordForm(BaseForm):
    current = _password_field(_l("Mật khẩu hiện tại"), autocomplete="current-password")
    new = _password_field(_l("Mật khẩu mới"), autocomplete="new-password", description=_PASSWORD_HELP)


class ChangeEmailForm(BaseForm):
    email = _email_field()
    password = _password_field(_l("Mật khẩu hiện tại"), autocomplete="current-password")


class ProfileForm(BaseForm):
    name = StringField(
        _l("Họ và tên"), validators=[DataRequired(), Length(max=120)], render_kw={"autocomplete": "name"}
    )
    locale = SelectField(_l("Ngôn ngữ"), choices=[("vi", "Tiếng Việt"), ("en", "English")])


class CodeForm(BaseForm):
    code = StringField(
        _l("Mã xác thực"),
        validators=[DataRequired(), Length(max=40)],
        description=_l("Sáu chữ số trong ứng dụng xác thực, hoặc một mã khôi phục."),
        render_kw={"autocomplete": "one-time-code", "inputmode": "text"},
    )


class ActionForm(BaseForm):
    """A button with a form token and nothing else."""
