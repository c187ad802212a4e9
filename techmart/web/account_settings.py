"""A person's own account: name, language, password, address, sessions, second factor."""

from __future__ import annotations

import segno
from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from techmart.db import unit_of_work
from techmart.errors import CodeRefused, InvalidFields, Throttled
from techmart.operations import account as accounts
from techmart.operations import second_factor
from techmart.operations.session import end_all_sessions, end_session, list_sessions
from techmart.rules.policy import Permission
from techmart.web.actor import current_actor
from techmart.web.form_page import form_page, put_wait_on
from techmart.web.forms.account import ActionForm, ChangeEmailForm, ChangePasswordForm, CodeForm, ProfileForm
from techmart.web.forms_base import BaseForm
from techmart.web.guards import guard
from techmart.web.redirects import redirect_next
from techmart.web.sessions import current_session, sign_in
from techmart.web.wording import put_problems_on

bp = Blueprint("account_settings", __name__, url_prefix="/account")


@bp.route("/", methods=["GET", "POST"])
@guard(Permission.ACCOUNT_MANAGE)
def index() -> ResponseReturnValue:
    actor = current_actor()
    form = ProfileForm(obj=accounts.own_account(actor))
    if form.validate_on_submit():
        with unit_of_work():
            accounts.change_profile(actor, name=form.name.data, locale=form.locale.data)
        flash(_("Đã lưu."), "ok")
        return redirect(url_for("account_settings.index"))
    sessions = list_sessions(actor)
    user = accounts.own_account(actor)
    return form_page(
        "accounts/settings.html",
        form,
        user=user,
        sessions=sessions,
        current=current_session(),
        action_form=ActionForm(),
    )


@bp.route("/password", methods=["GET", "POST"])
@guard(Permission.ACCOUNT_MANAGE)
def password() -> ResponseReturnValue:
    form = ChangePasswordForm()
    row = current_session()
    if form.validate_on_submit() and row is not None:
        try:
            with unit_of_work():
                accounts.change_password(
                    current_actor(), current=form.current.data, new=form.new.data, session_id=row.id
                )
            flash(_("Mật khẩu đã đổi. Các phiên đăng nhập khác đã kết thúc."), "ok")
            return redirect(url_for("account_settings.index"))
        except InvalidFields as refusal:
            _refuse(form, refusal)
        except Throttled as refusal:
            put_wait_on(form, refusal)
    return form_page("accounts/change_password.html", form)


@bp.route("/email", methods=["GET", "POST"])
@guard(Permission.ACCOUNT_MANAGE)
def email() -> ResponseReturnValue:
    form = ChangeEmailForm()
    if form.validate_on_submit():
        try:
            with unit_of_work():
                accounts.request_email_change(current_actor(), email=form.email.data, password=form.password.data)
            return render_template("accounts/check_mail.html", kind="change_email", email=form.email.data)
        except InvalidFields as refusal:
            _refuse(form, refusal)
        except Throttled as refusal:
            put_wait_on(form, refusal)
    return form_page("accounts/request_email.html", form)


@bp.post("/sessions/<int:session_id>/end")
@guard(Permission.ACCOUNT_MANAGE)
def end_one_session(session_id: int) -> ResponseReturnValue:
    with unit_of_work():
        end_session(current_actor(), session_id)
    flash(_("Phiên đăng nhập đã kết thúc."), "ok")
    return redirect(url_for("account_settings.index"))


@bp.post("/sessions/end-others")
@guard(Permission.ACCOUNT_MANAGE)
def end_other_sessions() -> ResponseReturnValue:
    row, actor = current_session(), current_actor()
    assert row is not None
    assert actor.user_id is not None
    session_id = row.id
    with unit_of_work():
        end_all_sessions(actor.user_id, but=session_id)
    flash(_("Đã kết thúc mọi phiên khác."), "ok")
    return redirect(url_for("account_settings.index"))


@bp.post("/second-factor/start")
@guard(Permission.ACCOUNT_MANAGE)
def start_enrolment() -> ResponseReturnValue:
    """A new secret; one that is in force is replaced only by someone who has given a code in this session."""
    user, row = accounts.own_account(current_actor()), current_session()
    if user.has_second_factor and (row is None or row.second_factor_at is None):
        return redirect(url_for("accounts.second_factor", next=url_for("account_settings.enrol")))
    with unit_of_work():
        second_factor.begin_enrolment(accounts.own_account(current_actor()))
    return redirect(url_for("account_settings.enrol", next=request.values.get("next")))


@bp.route("/second-factor", methods=["GET", "POST"])
@guard(Permission.ACCOUNT_MANAGE)
def enrol() -> ResponseReturnValue:
    user, form = accounts.own_account(current_actor()), CodeForm()
    if user.has_second_factor or user.totp_secret is None:
        return render_template("accounts/enrol_start.html", user=user, action_form=ActionForm())
    if form.validate_on_submit():
        try:
            with unit_of_work():
                codes = second_factor.confirm_enrolment(accounts.own_account(current_actor()), form.code.data)
                sign_in(accounts.own_account(current_actor()), with_second_factor=True)
            return render_template("accounts/recovery_codes.html", codes=codes)
        except CodeRefused:
            with unit_of_work():
                second_factor.record_refused_code(accounts.own_account(current_actor()))
            form.code.errors = [_("Mã không đúng. Hãy kiểm tra đồng hồ của điện thoại rồi thử mã mới.")]
        except Throttled as refusal:
            put_wait_on(form, refusal)
    user = accounts.own_account(current_actor())
    uri = second_factor.provisioning_uri(user, current_app.config["SETTINGS"].site_name)
    qr = segno.make(uri, error="m").svg_data_uri(scale=5, border=2)
    return form_page("accounts/enrol.html", form, qr=qr, secret=user.totp_secret)


@bp.post("/second-factor/recovery-codes")
@guard(Permission.ACCOUNT_MANAGE)
def renew_recovery_codes() -> ResponseReturnValue:
    row = current_session()
    if row is None or row.second_factor_at is None:
        return redirect_next("accounts.second_factor")
    with unit_of_work():
        codes = second_factor.renew_recovery_codes(accounts.own_account(current_actor()))
    return render_template("accounts/recovery_codes.html", codes=codes)


def _refuse(form: BaseForm, refusal: InvalidFields) -> None:
    """Put the problems on the form; a wrong present password counts as a try."""
    if any("wrong_password" in codes for codes in refusal.problems.values()):
        with unit_of_work():
            accounts.record_wrong_password(current_actor())
    put_problems_on(form, refusal)
