"""Staff's view of what became of matches, and why they were declined; each number with its list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from techmart.extensions import limiter
from techmart.operations import match_figures as figures
from techmart.operations.export import MOST_ROWS
from techmart.operations.market_pairs import table_sectors
from techmart.rules.matching import DeclineReason, MatchOrigin, Side
from techmart.rules.policy import Permission
from techmart.web.actor import current_actor
from techmart.web.arguments import number_of, one_of, page_number
from techmart.web.exports import table_file
from techmart.web.guards import guard
from techmart.web.i18n import select_locale
from techmart.web.market_rows import match_heads, match_row
from techmart.web.match_words import ORIGINS, REASONS, SIDES
from techmart.web.supply_demand import sector_name

bp = Blueprint("match_figures", __name__, url_prefix="/moderation/matches")

STEP_NAMES: Final = {
    "suggested": _l("Đã gợi ý"),
    "seen": _l("Đã xem"),
    "kept": _l("Để dành hoặc quan tâm"),
    "interested": _l("Quan tâm"),
    "dismissed": _l("Không phù hợp"),
}
#: Each step → origin, side, how many, percent of those suggested.
Cell = tuple[str, str, int, int]
_PERIODS: Final = (0, figures.TREND_DAYS, 2 * figures.TREND_DAYS)


@bp.get("")
@guard(Permission.MODERATION_VIEW)
def index() -> ResponseReturnValue:
    """How far matches came, and the reasons for declining: in all, of late, and by sector."""
    actor = current_actor()
    reasons = figures.count_reasons(actor)
    return render_template(
        "moderation/match_figures.html",
        steps=STEP_NAMES,
        funnel=_funnel(figures.count_states(actor)),
        origins=ORIGINS,
        sides=SIDES,
        reasons=[(code, words[0], reasons[code]) for code, words in REASONS.items() if code in reasons],
        sectors=[code for code in table_sectors() if any(row.by_sector.get(code) for row in reasons.values())],
        sector_name=sector_name,
        days=figures.TREND_DAYS,
    )


@bp.get("/list")
@guard(Permission.MODERATION_VIEW)
def listed() -> ResponseReturnValue:
    """The matches behind a figure, as each side has them; never who decided."""
    chosen, step = _choice(), one_of("step", figures.FUNNEL)
    address = {name: value or None for name, value in {**chosen, "step": step}.items()}
    return render_template(
        "moderation/match_list.html",
        found=figures.list_counted(current_actor(), _filter(chosen, step), page=page_number()),
        chosen=chosen,
        step=step,
        steps=STEP_NAMES,
        origins=ORIGINS,
        sides=SIDES,
        sectors=table_sectors(),
        sector_name=sector_name,
        periods=_PERIODS,
        most=MOST_ROWS,
        page_url=lambda number: url_for("match_figures.listed", **address, page=number),
        export_url=lambda kind: url_for("match_figures.export", **address, format=kind),
    )


@bp.get("/export")
@limiter.limit("30 per minute")
@guard(Permission.MODERATION_VIEW)
def export() -> ResponseReturnValue:
    """The list as a table."""
    wanted = _filter(_choice(), one_of("step", figures.FUNNEL))
    found = figures.list_counted(current_actor(), wanted, size=MOST_ROWS)
    return table_file(
        "matches", match_heads(), (match_row(row, pair, locale=select_locale()) for row, pair in found.rows)
    )


def _choice() -> dict[str, Any]:  # Any: texts and numbers
    return {
        "origin": one_of("origin", list(MatchOrigin)),
        "side": one_of("side", list(Side)),
        "reason": one_of("reason", list(DeclineReason)),
        "sector": one_of("sector", table_sectors()),
        "days": number_of("days", _PERIODS),
        "until": number_of("until", _PERIODS),
    }


def _filter(chosen: Mapping[str, Any], step: str) -> figures.MatchFilter:  # Any: as above
    return figures.MatchFilter(states=figures.FUNNEL.get(step, ()), **chosen)


def _funnel(counts: Mapping[tuple[str, str, str], int]) -> Mapping[str, Sequence[Cell]]:
    """The cells of each step in the order of the columns."""
    columns = [(str(origin), str(side)) for origin in MatchOrigin for side in Side]

    def count(column: tuple[str, str], step: str) -> int:
        return sum(counts.get((*column, state), 0) for state in figures.FUNNEL[step])

    rows: dict[str, list[Cell]] = {}
    for step in figures.FUNNEL:
        rows[step] = []
        for column in columns:
            of_all, some = count(column, "suggested"), count(column, step)
            rows[step].append((*column, some, round(100 * some / of_all) if of_all else 0))
    return rows
