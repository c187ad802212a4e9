"""Pages of demands."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from techmart.rules.policy import Permission
from techmart.web.guards import guard, public

bp = Blueprint("demands", __name__, url_prefix="/demands")


@bp.get("/new")
@guard(Permission.LISTING_CREATE)
def create() -> ResponseReturnValue:
    return ""


@bp.get("/<code>")
@public
def show(code: str) -> ResponseReturnValue:
    return code
