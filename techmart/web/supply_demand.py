"""Staff's view of supply against demand: the table of sectors, what has a counterpart or lacks one, and pairs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from techmart.db import unit_of_work
from techmart.extensions import limiter
from techmart.operations.export import MOST_ROWS
from techmart.operations.market_pairs import NO_SECTOR, list_pairs, table_sectors
from techmart.operations.match_queue import count_queue, enqueue_unmatched
from techmart.operations.supply_demand import SORTS, Part, Standing, StandingFilter, balance_of, list_standings
from techmart.rules.matching import DEFAULT_THRESHOLD
from techmart.rules.policy import Permission
from techmart.rules.vocabulary import label
from techmart.web.actor import current_actor
from techmart.web.arguments import number_of, one_of, page_number
from techmart.web.exports import table_file
from techmart.web.forms.account import ActionForm
from techmart.web.forms.match import THRESHOLDS
from techmart.web.guards import guard
from techmart.web.i18n import select_locale
from techmart.web.market_rows import pair_heads, pair_row, standing_heads, standing_row

bp = Blueprint("supply_demand", __name__, url_prefix="/moderation/supply-demand")

STANDINGS: Final = {
    Standing.LACKING: _l("Chưa có kết quả khớp tốt"),
    Standing.MET: _l("Đã có kết quả khớp tốt"),
    Standing.UNMATCHED: _l("Chưa được so khớp"),
    "": _l("Tất cả"),
}
SORT_NAMES: Final = {
    "weakest": _l("Điểm thấp nhất trước"),
    "oldest": _l("Đăng lâu nhất trước"),
    "newest": _l("Mới đăng trước"),
}
#: Ages to choose from, in days.
AGES: Final = (0, 30, 90, 180, 365)
#: Shades of the table.
_STEPS: Final = 4
_ANY: Final = "any"


@bp.get("")
@guard(Permission.MODERATION_VIEW)
def index() -> ResponseReturnValue:
    """Figures and the table of sectors."""
    threshold = _threshold()
    balance, queue = balance_of(current_actor(), threshold), count_queue()
    most = max(balance.cells.values(), default=0)
    return render_template(
        "moderation/supply_demand.html",
        balance=balance,
        threshold=threshold,
        thresholds=THRESHOLDS,
        sectors=table_sectors(),
        sector_name=sector_name,
        step=lambda count: -(-_STEPS * count // most) if most else 0,
        waiting=queue["single"] + queue["bulk"],
        form=ActionForm(),
    )


@bp.get("/<any(demands, technologies):part>")
@guard(Permission.MODERATION_VIEW)
def listings(part: str) -> ResponseReturnValue:
    """Demands, or technologies, by whether they have a counterpart."""
    wanted = _filter(part)
    return render_template(
        "moderation/market_listings.html",
        found=list_standings(current_actor(), wanted, page=page_number()),
        wanted=wanted,
        standings=STANDINGS,
        any_standing=_ANY,
        sectors=table_sectors(),
        sector_name=sector_name,
        thresholds=THRESHOLDS,
        ages=AGES,
        sorts=SORT_NAMES,
        most=MOST_ROWS,
        page_url=lambda number: url_for("supply_demand.listings", **_chosen(wanted), page=number),
        export_url=lambda kind: url_for("supply_demand.export", **_chosen(wanted), format=kind),
    )


@bp.get("/<any(demands, technologies):part>/export")
@limiter.limit("30 per minute")
@guard(Permission.MODERATION_VIEW)
def export(part: str) -> ResponseReturnValue:
    """The list as a table, in the order shown."""
    wanted = _filter(part)
    found = list_standings(current_actor(), wanted, size=MOST_ROWS)
    rows = (standing_row(row, locale=select_locale(), standing=str(STANDINGS[row.standing])) for row in found.rows)
    return table_file(f"{part} {wanted.standing}", standing_heads(), rows)


@bp.get("/pairs")
@guard(Permission.MODERATION_VIEW)
def pairs() -> ResponseReturnValue:
    """The pairs behind a cell of the table."""
    chosen = _pair_choice()
    return render_template(
        "moderation/market_pairs.html",
        found=list_pairs(current_actor(), **chosen, page=page_number()),
        **chosen,
        thresholds=THRESHOLDS,
        sectors=table_sectors(),
        sector_name=sector_name,
        most=MOST_ROWS,
        page_url=lambda number: url_for("supply_demand.pairs", **chosen, page=number),
        export_url=lambda kind: url_for("supply_demand.export_pairs", **chosen, format=kind),
    )


@bp.get("/pairs/export")
@limiter.limit("30 per minute")
@guard(Permission.MODERATION_VIEW)
def export_pairs() -> ResponseReturnValue:
    found = list_pairs(current_actor(), **_pair_choice(), size=MOST_ROWS)
    return table_file("pairs", pair_heads(), (pair_row(pair, locale=select_locale()) for pair in found.pairs))


@bp.post("/run")
@guard(Permission.MATCH_RUN)
def run() -> ResponseReturnValue:
    """Let the worker match what was never matched."""
    with unit_of_work():
        count = enqueue_unmatched(current_actor())
    if count:
        flash(_("Đã xếp hàng %(count)s tin để so khớp. Kết quả hiện dần ở đây.", count=count), "ok")
    else:
        flash(_("Mọi tin đang đăng đã được so khớp hoặc đang chờ."), "ok")
    return redirect(url_for("supply_demand.index"))


def sector_name(code: str) -> str:
    """The name of a row or column of the table."""
    return str(_("Khác hoặc không nêu")) if code == NO_SECTOR else label("sector", code, select_locale())


def _filter(part: str) -> StandingFilter:
    shown = request.args.get("standing") == _ANY
    return StandingFilter(
        part=Part(part),
        standing="" if shown else one_of("standing", list(Standing), Standing.LACKING),
        sector=one_of("sector", table_sectors()),
        days=number_of("days", AGES),
        threshold=_threshold(),
        sort=one_of("sort", SORTS, SORTS[0]),
    )


def _chosen(wanted: StandingFilter) -> dict[str, Any]:  # Any: texts and numbers
    """The choices as an address holds them."""
    return {name: value or None for name, value in asdict(wanted).items()} | {"standing": wanted.standing or _ANY}


def _pair_choice() -> dict[str, Any]:  # Any: texts and a number
    return {name: one_of(name, table_sectors()) for name in ("wanted", "offered")} | {"threshold": _threshold()}


def _threshold() -> int:
    return number_of("threshold", [DEFAULT_THRESHOLD, *THRESHOLDS])
