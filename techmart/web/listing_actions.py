"""What is done to a listing by a button: submit, recall, confirm, withdraw and the like, delete, copy."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from techmart.db import unit_of_work
from techmart.errors import IllegalTransition, InvalidFields, NotFound
from techmart.operations import lifecycle
from techmart.operations import listing as listings
from techmart.rules.lifecycle import LIVE_STATES, Action
from techmart.web.actor import current_actor
from techmart.web.forms.account import ActionForm
from techmart.web.listing_views import CONFIRMED_ACTIONS, is_about_revision, open_actions, owner_action
from techmart.web.listings import Kind

_DONE: dict[Action, LazyString] = {
    Action.CONFIRM: _l("Cảm ơn bạn. Tin được ghi là vẫn còn đúng."),
    Action.RECALL: _l("Đã thu hồi. Bạn sửa được tiếp và gửi lại khi sẵn sàng."),
    Action.REOPEN: _l("Tin đã mở lại thành bản nháp."),
    Action.DISCARD: _l("Đã bỏ bản sửa. Tin đang đăng giữ nguyên."),
    Action.MARK_TRANSFERRED: _l("Đã ghi nhận công nghệ được chuyển giao."),
    Action.WITHDRAW: _l("Đã rút tin. Tin không còn hiện với người ngoài."),
}


def submit(kind: Kind, code: str) -> ResponseReturnValue:
    """Hand the text in for review; what is missing is shown in the editor."""
    actor = current_actor()
    listing = listings.find_editable(actor, kind.name, code)
    if listing.state in LIVE_STATES and lifecycle.open_revision(listing) is None:
        flash(_("Chưa có gì thay đổi để gửi duyệt."), "error")
        return redirect(kind.url("show", code=code), 303)
    try:
        with unit_of_work():
            listings.submit_listing(actor, listing)
    except InvalidFields:
        flash(_("Đã lưu, nhưng chưa gửi được: còn mục cần bổ sung."), "error")
        return redirect(kind.url("edit", code=code, check=1), 303)
    flash(_("Đã gửi duyệt. Cán bộ sàn sẽ xem trong vòng 48 giờ; bạn nhận được thư khi có kết quả."), "ok")
    return redirect(kind.url("show", code=code), 303)


def act(kind: Kind, code: str, name: str) -> ResponseReturnValue:
    """Perform an owner's action; GET asks once more where it cannot simply be undone."""
    actor, action = current_actor(), owner_action(name)
    listing = listings.find_listing(actor, kind.name, code)
    if request.method != "POST":
        if action not in CONFIRMED_ACTIONS or action not in open_actions(
            actor, listing, lifecycle.open_revision(listing)
        ):
            return redirect(kind.url("show", code=code))
        return render_template(
            "listings/confirm.html", listing=listing, kind=kind.name, action=action.value, form=ActionForm()
        )
    with unit_of_work():
        if action is Action.DISCARD:
            listings.discard_revision(actor, listing)
        elif is_about_revision(listing, action):
            revision = lifecycle.open_revision(listing)
            if revision is None:
                raise IllegalTransition(action, listing.state)
            lifecycle.perform_on_revision(actor, revision, action)
        else:
            lifecycle.perform(actor, listing, action)
    flash(str(_DONE[action]), "ok")
    return redirect(kind.url("edit" if action in (Action.RECALL, Action.REOPEN) else "show", code=code))


def delete(kind: Kind, code: str) -> ResponseReturnValue:
    """Delete a draft that was never handed in, after asking."""
    actor = current_actor()
    listing = listings.find_editable(actor, kind.name, code)
    if request.method != "POST":
        if listing.submitted_at is not None:
            raise NotFound
        return render_template(
            "listings/confirm.html", listing=listing, kind=kind.name, action="delete", form=ActionForm()
        )
    with unit_of_work():
        listings.delete_draft(actor, listing)
    flash(_("Đã xoá bản nháp."), "ok")
    return redirect(url_for("workspace.index"))


def copy(kind: Kind, code: str) -> ResponseReturnValue:
    """A new draft with the same content."""
    actor = current_actor()
    listing = listings.find_listing(actor, kind.name, code)
    with unit_of_work():
        new_code = listings.copy_listing(actor, listing).code
    flash(_("Đã tạo bản nháp mới từ tin này."), "ok")
    return redirect(kind.url("edit", code=new_code))
