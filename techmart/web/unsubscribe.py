"""Turn mails off from a link in them, without signing in. A mail program posts by itself (RFC 8058); people confirm a page.

Reading changes nothing, since mail scanners follow every link. The token alone says whose mails are meant: who is signed
in plays no part, so a post needs no form token and an attacker gains nothing by making somebody else's browser send it.
"""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from techmart.db import unit_of_work
from techmart.errors import InvalidToken
from techmart.extensions import csrf
from techmart.operations import unsubscribe as subscriptions
from techmart.web.forms.account import ActionForm
from techmart.web.guards import public

bp = Blueprint("unsubscribe", __name__, url_prefix="/unsubscribe")

# The site's own Referrer-Policy keeps the token from other sites.
_HEADERS = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


@bp.get("/<token>")
@public
def show(token: str) -> ResponseReturnValue:
    """What the link stands for, and one button."""
    try:
        subscription = subscriptions.read_subscription(token)
    except InvalidToken:
        return _dead()
    return _page(subscription, token, "ask" if any(kind.is_on for kind in subscription.kinds) else "off")


@bp.post("/<token>")
@public
def turn_off(token: str) -> ResponseReturnValue:
    """Turn the mails off at once. A second time changes nothing."""
    try:
        with unit_of_work():
            undo = subscriptions.turn_off(token)
        subscription = subscriptions.read_subscription(token)
    except InvalidToken:
        return _dead()
    return _page(subscription, token, "done" if undo else "off", undo)


csrf.exempt(turn_off)


@bp.post("/<token>/undo")
@public
def undo(token: str) -> ResponseReturnValue:
    """Back to what it was."""
    try:
        with unit_of_work():
            subscription = subscriptions.undo_turn_off(token, request.form.get("undo", ""))
    except InvalidToken:
        return _dead()
    return _page(subscription, token, "undone")


def _page(subscription: subscriptions.Subscription, token: str, step: str, undo: str = "") -> ResponseReturnValue:
    page = render_template(
        "accounts/unsubscribe.html", kinds=subscription.kinds, token=token, step=step, undo=undo, form=ActionForm()
    )
    return page, 200, _HEADERS


def _dead() -> ResponseReturnValue:
    return render_template("accounts/dead_link.html", kind="unsubscribe"), 404, _HEADERS
