"""workspace pages."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from techmart.rules.policy import Permission
from techmart.web.guards import guard

bp = Blueprint("workspace", __name__)


@bp.get("/workspace")
@guard(Permission.WORKSPACE_VIEW)
def index() -> ResponseReturnValue:
    return ""
