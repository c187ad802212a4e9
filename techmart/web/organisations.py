"""Organisation pages: the public profile, and for owners its form, members and invitations."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from techmart.db import unit_of_work
from techmart.errors import InvalidFields, InvalidToken, NotFound, StaleVersion
from techmart.models.organisation import Organisation
from techmart.operations import organisation as organisations
from techmart.rules.policy import MemberRole, Permission, can
from techmart.web.actor import current_actor
from techmart.web.forms.account import ActionForm
from techmart.web.forms.organisation import InviteForm, OrganisationForm, RevokeForm, VerifyForm
from techmart.web.guards import guard, public
from techmart.web.i18n import select_locale
from techmart.web.wording import put_problems_on

bp = Blueprint("organisations", __name__, url_prefix="/organisations")


@bp.get("/<slug>")
@public
def show(slug: str) -> ResponseReturnValue:
    actor = current_actor()
    organisation = organisations.find_organisation(slug)
    listings = organisations.list_public_listings(actor, organisation)
    return render_template(
        "organisations/show.html",
        organisation=organisation,
        listings=[row for row in listings if row.is_public],
        may_edit=can(actor, Permission.ORGANISATION_EDIT, organisation.id),
        may_verify=can(actor, Permission.ORGANISATION_VERIFY, organisation.id),
        is_member=organisation.id in actor.organisation_roles,
        verify_form=VerifyForm(),
        revoke_form=RevokeForm(),
    )


@bp.route("/new", methods=["GET", "POST"])
@guard(Permission.ORGANISATION_CREATE)
def create() -> ResponseReturnValue:
    form = OrganisationForm(kind="business" if request.method == "GET" else None)
    if form.validate_on_submit():
        try:
            with unit_of_work():
                slug = organisations.create_organisation(current_actor(), form.content()).slug
            flash(_("Đã lập hồ sơ tổ chức. Cán bộ sàn sẽ thẩm định; trong lúc chờ, bạn đã có thể soạn tin."), "ok")
            return redirect(url_for("organisations.show", slug=slug))
        except InvalidFields as refusal:
            put_problems_on(form, refusal)
    return render_template("organisations/edit.html", form=form, organisation=None), 422 if form.errors else 200


@bp.route("/<slug>/edit", methods=["GET", "POST"])
@guard(Permission.ORGANISATION_EDIT)
def edit(slug: str) -> ResponseReturnValue:
    organisation = _load(slug)
    form = OrganisationForm(obj=organisation)
    if form.validate_on_submit():
        try:
            with unit_of_work():
                organisations.change_organisation(
                    current_actor(), organisation, form.content(), version=_version(form.version.data)
                )
            flash(_("Đã lưu hồ sơ tổ chức."), "ok")
            return redirect(url_for("organisations.show", slug=slug))
        except InvalidFields as refusal:
            put_problems_on(form, refusal)
        except StaleVersion as refusal:
            form.form_errors.append(
                _("Người khác vừa lưu hồ sơ này. Nội dung bạn nhập vẫn ở đây; lưu lần nữa để ghi đè.")
            )
            form.version.data = str(refusal.current)
            return render_template("organisations/edit.html", form=form, organisation=organisation), 409
    return render_template("organisations/edit.html", form=form, organisation=organisation), 422 if form.errors else 200


@bp.route("/<slug>/members", methods=["GET", "POST"])
@guard(Permission.ORGANISATION_INVITE)
def members(slug: str) -> ResponseReturnValue:
    organisation = _load(slug)
    form, actor = InviteForm(), current_actor()
    if form.validate_on_submit():
        try:
            with unit_of_work():
                organisations.invite_member(
                    actor, organisation, email=form.email.data, role=MemberRole(form.role.data), locale=select_locale()
                )
            flash(_("Đã gửi thư mời."), "ok")
            return redirect(url_for("organisations.members", slug=slug))
        except InvalidFields as refusal:
            put_problems_on(form, refusal)
    page = render_template(
        "organisations/members.html",
        organisation=organisation,
        form=form,
        action_form=ActionForm(),
        invitations=organisations.list_open_invitations(actor, organisation),
    )
    return page, 422 if form.errors else 200


@bp.post("/<slug>/members/<int:user_id>/role")
@guard(Permission.ACCOUNT_MANAGE)
def change_role(slug: str, user_id: int) -> ResponseReturnValue:
    """A role for a member; `role=none` ends the membership, one's own too."""
    organisation = _load(slug)
    asked = request.form.get("role", "")
    if asked != "none" and asked not in [role.value for role in MemberRole]:
        raise InvalidFields({"role": ["unknown_value"]})
    try:
        with unit_of_work():
            role = None if asked == "none" else MemberRole(asked)
            organisations.change_member_role(current_actor(), organisation, user_id, role)
        flash(_("Đã đổi vai trò thành viên."), "ok")
    except InvalidFields:
        flash(_("Tổ chức phải còn ít nhất một người quản lý."), "error")
    if user_id == current_user.id:
        return redirect(url_for("organisations.show", slug=slug))
    return redirect(url_for("organisations.members", slug=slug))


@bp.post("/<slug>/invitations/<int:invitation_id>/revoke")
@guard(Permission.ORGANISATION_INVITE)
def revoke_invitation(slug: str, invitation_id: int) -> ResponseReturnValue:
    organisation = _load(slug)
    with unit_of_work():
        organisations.revoke_invitation(current_actor(), organisation, invitation_id)
    flash(_("Thư mời đã thu hồi."), "ok")
    return redirect(url_for("organisations.members", slug=slug))


@bp.route("/join/<secret>", methods=["GET", "POST"])
@guard(Permission.ACCOUNT_MANAGE)
def join(secret: str) -> ResponseReturnValue:
    try:
        invitation = organisations.peek_invitation(secret)
        if request.method == "POST":
            with unit_of_work():
                slug = organisations.accept_invitation(current_actor(), secret).slug
            flash(_("Bạn đã là thành viên."), "ok")
            return redirect(url_for("organisations.show", slug=slug))
    except InvalidToken:
        return render_template("accounts/dead_link.html", kind="invitation"), 404
    return render_template("organisations/join.html", invitation=invitation, form=ActionForm())


@bp.post("/<slug>/verify")
@guard(Permission.ORGANISATION_VERIFY)
def verify(slug: str) -> ResponseReturnValue:
    organisation, form = organisations.find_organisation(slug), VerifyForm()
    if not form.validate_on_submit():
        flash(_("Cần ghi căn cứ thẩm định."), "error")
    else:
        with unit_of_work():
            organisations.verify_organisation(current_actor(), organisation, evidence=form.evidence.data)
        flash(_("Đã ghi nhận thẩm định."), "ok")
    return redirect(url_for("organisations.show", slug=slug))


@bp.post("/<slug>/revoke-verification")
@guard(Permission.ORGANISATION_VERIFY)
def revoke_verification(slug: str) -> ResponseReturnValue:
    organisation, form = organisations.find_organisation(slug), RevokeForm()
    if not form.validate_on_submit():
        flash(_("Cần ghi lý do thu hồi."), "error")
    else:
        with unit_of_work():
            organisations.revoke_verification(current_actor(), organisation, reason=form.reason.data)
        flash(_("Đã thu hồi thẩm định."), "ok")
    return redirect(url_for("organisations.show", slug=slug))


def _load(slug: str) -> Organisation:
    """The organisation, for those inside it or staff; a stranger is told there is nothing here."""
    organisation, actor = organisations.find_organisation(slug), current_actor()
    if organisation.id not in actor.organisation_roles and not actor.is_staff:
        raise NotFound
    return organisation


def _version(typed: str | None) -> int:
    return int(typed) if typed and typed.isascii() and typed.isdigit() and len(typed) < 10 else 0
