"""Register, confirm, sign in and out, reset. Answers are the same for known and unknown addresses."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from techmart.db import db, unit_of_work
from techmart.errors import CodeRefused, InvalidFields, InvalidToken, LoginRefused, Throttled
from techmart.models.account import User
from techmart.operations import account as accounts
from techmart.operations.second_factor import record_refused_code, verify_second_factor
from techmart.operations.token import PURPOSE_CHANGE_EMAIL, PURPOSE_CONFIRM, PURPOSE_RESET, peek_token
from techmart.rules.clock import utc_now
from techmart.web.form_page import form_page, put_wait_on
from techmart.web.forms.account import CodeForm, ConfirmForm, LoginForm, RegisterForm, ResetForm, ResetRequestForm
from techmart.web.guards import public
from techmart.web.i18n import select_locale
from techmart.web.redirects import redirect_next
from techmart.web.sessions import sign_in, sign_out
from techmart.web.wording import put_problems_on

bp = Blueprint("accounts", __name__, url_prefix="/accounts")

#: How long a right password waits for its second factor.
_PENDING_SECONDS = int(timedelta(minutes=5).total_seconds())


@bp.route("/register", methods=["GET", "POST"])
@public
def register() -> ResponseReturnValue:
    form = RegisterForm()
    if form.validate_on_submit():
        try:
            with unit_of_work():
                accounts.register(
                    email=form.email.data,
                    name=form.name.data,
                    password=form.password.data,
                    locale=select_locale(),
                    address_key=request.remote_addr or "",
                )
            return render_template("accounts/check_mail.html", kind="register", email=form.email.data)
        except InvalidFields as refusal:
            put_problems_on(form, refusal)
        except Throttled as refusal:
            put_wait_on(form, refusal)
    return form_page("accounts/register.html", form)


@bp.route("/confirm/<token>", methods=["GET", "POST"])
@public
def confirm(token: str) -> ResponseReturnValue:
    form = ConfirmForm()
    try:
        peek_token(token, PURPOSE_CONFIRM)
        if form.validate_on_submit():
            with unit_of_work():
                user = accounts.confirm_registration(token, form.password.data)
                sign_in(user, with_second_factor=False)
            flash(_("Tài khoản đã sẵn sàng. Tiếp theo, hãy khai báo tổ chức của bạn."), "ok")
            return redirect(url_for("workspace.index"))
    except InvalidToken:
        return render_template("accounts/dead_link.html", kind="confirm"), 404
    except LoginRefused:
        with unit_of_work():
            accounts.record_failed_login(
                email=peek_token(token, PURPOSE_CONFIRM).user.email, address_key=request.remote_addr or ""
            )
        form.password.errors = [_("Mật khẩu không khớp với lần đăng ký này.")]
    except Throttled as refusal:
        put_wait_on(form, refusal)
    return form_page("accounts/confirm.html", form)


@bp.route("/login", methods=["GET", "POST"])
@public
def login() -> ResponseReturnValue:
    if current_user.is_authenticated:
        return redirect_next("workspace.index")
    form = LoginForm()
    if form.validate_on_submit():
        email, address_key = form.email.data, request.remote_addr or ""
        try:
            user = accounts.authenticate(email=email, password=form.password.data, address_key=address_key)
        except LoginRefused:
            with unit_of_work():
                accounts.record_failed_login(email=email, address_key=address_key)
            form.form_errors.append(_("Thư điện tử hoặc mật khẩu không đúng, hoặc địa chỉ chưa được xác nhận."))
        except Throttled as refusal:
            put_wait_on(form, refusal)
        else:
            if user.has_second_factor:
                session["pending_login"] = [user.id, int(utc_now().timestamp())]
                return redirect(url_for("accounts.second_factor", next=request.args.get("next")))
            with unit_of_work():
                accounts.record_login(user, form.password.data)
                sign_in(user, with_second_factor=False)
            return redirect_next("workspace.index")
    return form_page("accounts/login.html", form)


@bp.route("/second-factor", methods=["GET", "POST"])
@public
def second_factor() -> ResponseReturnValue:
    """The code after the password; for a signed-in member of staff, the step up that staff pages ask for."""
    user = current_user if current_user.is_authenticated else _pending_user()
    if user is None:
        return redirect(url_for("accounts.login", next=request.args.get("next")))
    if not user.has_second_factor:
        return redirect(url_for("account_settings.enrol", next=request.args.get("next")))
    form = CodeForm()
    if form.validate_on_submit():
        user_id = user.id
        try:
            with unit_of_work():
                verify_second_factor(user, form.code.data)
                accounts.record_login(user)
                sign_in(user, with_second_factor=True)
            return redirect_next("workspace.index")
        except CodeRefused:
            with unit_of_work():
                refused = db.session.get(User, user_id)
                assert refused is not None
                record_refused_code(refused)
            form.code.errors = [_("Mã không đúng hoặc đã được dùng. Hãy đợi mã mới trong ứng dụng.")]
        except Throttled as refusal:
            put_wait_on(form, refusal)
    return form_page("accounts/second_factor.html", form)


@bp.post("/logout")
@public
def logout() -> ResponseReturnValue:
    with unit_of_work():
        sign_out()
    return redirect(url_for("home.index"))


@bp.route("/reset", methods=["GET", "POST"])
@public
def request_reset() -> ResponseReturnValue:
    form = ResetRequestForm()
    if form.validate_on_submit():
        try:
            with unit_of_work():
                accounts.request_reset(email=form.email.data)
            return render_template("accounts/check_mail.html", kind="reset", email=form.email.data)
        except Throttled as refusal:
            put_wait_on(form, refusal)
    return form_page("accounts/request_reset.html", form)


@bp.route("/reset/<token>", methods=["GET", "POST"])
@public
def reset(token: str) -> ResponseReturnValue:
    form = ResetForm()
    try:
        peek_token(token, PURPOSE_RESET)
        if form.validate_on_submit():
            with unit_of_work():
                accounts.reset_password(token, form.password.data)
            flash(_("Mật khẩu đã đổi. Hãy đăng nhập lại."), "ok")
            return redirect(url_for("accounts.login"))
    except InvalidToken:
        return render_template("accounts/dead_link.html", kind="reset"), 404
    except InvalidFields as refusal:
        put_problems_on(form, refusal)
    return form_page("accounts/reset.html", form)


@bp.route("/change-email/<token>", methods=["GET", "POST"])
@public
def change_email(token: str) -> ResponseReturnValue:
    """The link in the mail shows a button: reading mail must not change anything."""
    try:
        peek_token(token, PURPOSE_CHANGE_EMAIL)
        if request.method == "POST":
            with unit_of_work():
                accounts.change_email(token)
            flash(_("Địa chỉ thư điện tử đã đổi."), "ok")
            return redirect(url_for("account_settings.index"))
    except InvalidToken:
        return render_template("accounts/dead_link.html", kind="change_email"), 404
    return render_template("accounts/change_email.html")


def _pending_user() -> User | None:
    user_id, at = session.get("pending_login", (None, 0))
    if user_id is None or utc_now().timestamp() - at > _PENDING_SECONDS:
        return None
    user = db.session.get(User, user_id)
    return user if user is not None and user.is_active else None
