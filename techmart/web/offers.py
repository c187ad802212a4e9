"""Pages of offers."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from techmart.rules.policy import Permission
from techmart.web.guards import guard, public

bp = Blueprint("offers", __name__, url_prefix="/offers")


@bp.get("/new")
@guard(Permission.LISTING_CREATE)
def create() -> ResponseReturnValue:
    return ""


@bp.get("/<code>")
@public
def show(code: str) -> ResponseReturnValue:
    return code
