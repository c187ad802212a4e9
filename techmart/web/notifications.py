"""What a person is told on the site: the list, and marking as read."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from techmart.db import unit_of_work
from techmart.operations import notification as notifications
from techmart.rules.policy import Actor, Permission
from techmart.web.actor import current_actor
from techmart.web.forms.account import ActionForm
from techmart.web.guards import guard
from techmart.web.notification_words import lines_of

bp = Blueprint("notifications", __name__, url_prefix="/notifications")


def unread_of(actor: Actor) -> int:
    """How many notifications a signed-in person has not read; counted once per request, 0 for anybody else."""
    if actor.user_id is None:
        return 0
    if "unread" not in g:
        g.unread = notifications.count_unread(actor)
    count: int = g.unread
    return count


@bp.get("")
@guard(Permission.ACCOUNT_MANAGE)
def index() -> ResponseReturnValue:
    lines = lines_of(notifications.list_notifications(current_actor()))
    return render_template("notifications/index.html", lines=lines, form=ActionForm())


@bp.post("/<int:notification_id>/read")
@guard(Permission.ACCOUNT_MANAGE)
def read(notification_id: int) -> ResponseReturnValue:
    """Mark one as read."""
    with unit_of_work():
        notifications.mark_read(current_actor(), notification_id)
    return redirect(url_for("notifications.index"))


@bp.post("/read")
@guard(Permission.ACCOUNT_MANAGE)
def read_all() -> ResponseReturnValue:
    """Mark all as read."""
    with unit_of_work():
        count = notifications.mark_all_read(current_actor())
    flash(_("Đã đánh dấu %(count)s thông báo là đã đọc.", count=count), "ok")
    return redirect(url_for("notifications.index"))
