"""The home page: search first."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from techmart.operations import home
from techmart.rules.clock import utc_now
from techmart.rules.vocabulary import sectors
from techmart.web.guards import public

bp = Blueprint("home", __name__)

SCOPES = ("", "offer", "patent", "demand", "organisation")


@bp.get("/")
@public
def index() -> ResponseReturnValue:
    return render_template(
        "home.html",
        scopes=SCOPES,
        figures=home.count_public(),
        sector_counts=home.count_by_sector(),
        sectors=sectors(),
        technologies=home.newest_technologies(),
        demands=home.open_demands(),
        counted_at=utc_now(),
    )
