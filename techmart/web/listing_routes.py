"""The routes of a kind of listing. All three kinds have the same ones."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from techmart.rules.policy import Permission
from techmart.web import listing_actions, listings
from techmart.web.forms.listing import ListingForm
from techmart.web.guards import guard, public


def make_blueprint(kind_name: str, form: type[ListingForm]) -> Blueprint:
    """The blueprint `offers`, `patents` or `demands`."""
    kind = listings.Kind(kind_name, form)
    bp = Blueprint(f"{kind_name}s", __name__, url_prefix=f"/{kind_name}s")
    _add_pages(bp, kind)
    _add_actions(bp, kind)
    return bp


def _add_pages(bp: Blueprint, kind: listings.Kind) -> None:
    # Signed in is enough to get here: whoever has no organisation yet is led to declaring one.
    @bp.route("/new", methods=["GET", "POST"])
    @guard(Permission.WORKSPACE_VIEW)
    def create() -> ResponseReturnValue:
        return listings.create(kind)

    @bp.get("/<code>")
    @public
    def show(code: str) -> ResponseReturnValue:
        return listings.show(kind, code)

    @bp.route("/<code>/edit", methods=["GET", "POST"])
    @guard(Permission.WORKSPACE_VIEW)
    def edit(code: str) -> ResponseReturnValue:
        return listings.edit(kind, code)

    @bp.post("/<code>/autosave")
    @guard(Permission.WORKSPACE_VIEW)
    def autosave(code: str) -> ResponseReturnValue:
        return listings.autosave(kind, code)

    @bp.get("/<code>/preview")
    @guard(Permission.WORKSPACE_VIEW)
    def preview(code: str) -> ResponseReturnValue:
        return listings.preview(kind, code)


def _add_actions(bp: Blueprint, kind: listings.Kind) -> None:
    @bp.post("/<code>/submit")
    @guard(Permission.WORKSPACE_VIEW)
    def submit(code: str) -> ResponseReturnValue:
        return listing_actions.submit(kind, code)

    @bp.route("/<code>/act/<action>", methods=["GET", "POST"])
    @guard(Permission.WORKSPACE_VIEW)
    def act(code: str, action: str) -> ResponseReturnValue:
        return listing_actions.act(kind, code, action)

    @bp.route("/<code>/delete", methods=["GET", "POST"])
    @guard(Permission.WORKSPACE_VIEW)
    def delete(code: str) -> ResponseReturnValue:
        return listing_actions.delete(kind, code)

    @bp.post("/<code>/copy")
    @guard(Permission.WORKSPACE_VIEW)
    def copy(code: str) -> ResponseReturnValue:
        return listing_actions.copy(kind, code)
