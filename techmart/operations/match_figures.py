"""What became of matches: how many each side was given, saw, kept or declined, why, and the matches behind a number.

A match counts once for each side that has it. Only pairs whose things are public now count.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Select, Text, and_, cast, func
from sqlalchemy.orm import selectinload

from techmart.db import db
from techmart.models.match import Match
from techmart.operations.market_pairs import PAGE_SIZE, codes_in, in_sector
from techmart.operations.match_pair import Pair, pair_of
from techmart.operations.match_query import MatchQuery, matches_shown
from techmart.operations.paging import fit_page
from techmart.rules.clock import utc_now
from techmart.rules.matching import MatchState
from techmart.rules.policy import Actor, Permission, require

#: Days a reason is counted over, the present and as many before it.
TREND_DAYS = 30
#: How far a match came: name → the states that count. Each but the last, the way out, holds those after it.
FUNNEL: Mapping[str, Sequence[str]] = {
    "suggested": tuple(MatchState),
    "seen": (MatchState.SEEN, MatchState.KEPT, MatchState.INTERESTED, MatchState.DISMISSED),
    "kept": (MatchState.KEPT, MatchState.INTERESTED),
    "interested": (MatchState.INTERESTED,),
    "dismissed": (MatchState.DISMISSED,),
}


@dataclass(frozen=True)
class MatchFilter:
    """Which matches. Empty: any. `sector`: of the technology; `days`: decided within so many; `until`: but before so many."""

    states: Sequence[str] = ()
    origin: str = ""
    side: str = ""
    reason: str = ""
    sector: str = ""
    days: int = 0
    until: int = 0


@dataclass(frozen=True)
class CountedPage:
    """`rows`: each match with its pair, from its side."""

    rows: Sequence[tuple[Match, Pair]]
    total: int
    page: int
    pages: int


@dataclass(frozen=True)
class ReasonFigures:
    """How often one reason was given: in all, in the last TREND_DAYS, in as many before, and by sector of the technology."""

    total: int
    recent: int
    before: int
    by_sector: Mapping[str, int]


def count_states(actor: Actor) -> Mapping[tuple[str, str, str], int]:
    """(origin, side, state) → how many. Raises NotAllowed."""
    require(actor, Permission.MODERATION_VIEW)
    columns = Match.origin, Match.side, Match.state
    rows = db.session.execute(matches_shown().statement.with_only_columns(*columns, func.count()).group_by(*columns))
    return {(origin, side, state): count for origin, side, state, count in rows}


def count_reasons(actor: Actor) -> Mapping[str, ReasonFigures]:
    """Reason → its figures, for reasons that were given. Raises NotAllowed."""
    require(actor, Permission.MODERATION_VIEW)
    query = matches_shown()
    sectors: dict[str, Counter[str]] = {}
    totals: Counter[str] = Counter()
    written = cast(query.technology.sectors, Text)
    declined = query.statement.where(Match.state == MatchState.DISMISSED)
    counted = declined.with_only_columns(Match.reason, written, func.count()).group_by(Match.reason, written)
    for given, codes, count in db.session.execute(counted):
        reason = given or ""  # a refusal has one, says the table
        totals[reason] += count
        for code in codes_in(codes):
            sectors.setdefault(reason, Counter())[code] += count
    recent = _by_reason(MatchFilter(days=TREND_DAYS))
    before = _by_reason(MatchFilter(days=2 * TREND_DAYS, until=TREND_DAYS))
    return {
        reason: ReasonFigures(total, recent.get(reason, 0), before.get(reason, 0), sectors[reason])
        for reason, total in totals.items()
    }


def list_counted(actor: Actor, wanted: MatchFilter, *, page: int = 1, size: int = PAGE_SIZE) -> CountedPage:
    """Matches as each side has them, the newest decisions first, then the best. Raises NotAllowed."""
    require(actor, Permission.MODERATION_VIEW)
    statement = _filtered(matches_shown(), wanted)
    total = db.session.scalar(statement.with_only_columns(func.count())) or 0
    page, pages = fit_page(page, total, size)
    ordered = statement.order_by(
        Match.decided_at.is_(None), Match.decided_at.desc(), Match.score.desc(), Match.id.desc()
    )
    things = selectinload(Match.demand), selectinload(Match.organisation), selectinload(Match.technology)
    rows = db.session.scalars(ordered.limit(size).offset((page - 1) * size).options(*things)).all()
    return CountedPage([(row, pair_of(row)) for row in rows], total, page, pages)


def _by_reason(wanted: MatchFilter) -> Mapping[str, int]:
    statement = _filtered(matches_shown(), wanted).where(Match.state == MatchState.DISMISSED)
    counted = statement.with_only_columns(Match.reason, func.count()).group_by(Match.reason)
    return {reason or "": count for reason, count in db.session.execute(counted)}


def _filtered(query: MatchQuery, wanted: MatchFilter) -> Select[Match]:
    now = utc_now()
    conditions = [in_sector(query.technology, wanted.sector)]
    for column, value in ((Match.origin, wanted.origin), (Match.side, wanted.side), (Match.reason, wanted.reason)):
        if value:
            conditions.append(column == value)
    if wanted.states:
        conditions.append(Match.state.in_(wanted.states))
    if wanted.days:
        conditions.append(Match.decided_at >= now - timedelta(days=wanted.days))
    if wanted.until:
        conditions.append(Match.decided_at < now - timedelta(days=wanted.until))
    return query.statement.where(and_(*conditions))
