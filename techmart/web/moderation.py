"""moderation pages."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from techmart.rules.policy import Permission
from techmart.web.guards import guard

bp = Blueprint("moderation", __name__)


@bp.get("/moderation")
@guard(Permission.MODERATION_VIEW)
def queue() -> ResponseReturnValue:
    return ""
