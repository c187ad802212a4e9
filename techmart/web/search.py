"""The results page."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from techmart.web.guards import public

bp = Blueprint("search", __name__)


@bp.get("/search")
@public
def results() -> ResponseReturnValue:
    return ""
