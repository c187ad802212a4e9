"""Supply against demand: what has a counterpart and what lacks one, by sector, and the listings behind each number.

What was never matched is told apart from what lacks a counterpart, for nothing is known of it yet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, case, cast, func, select
from sqlalchemy.orm import aliased, selectinload

from techmart.db import db
from techmart.models.listing import Listing
from techmart.models.match import Match, MatchedText
from techmart.operations.market_pairs import (
    PAGE_SIZE,
    codes_in,
    in_sector,
    is_put_aside,
    is_to_be_had_now,
    market_pairs,
)
from techmart.operations.paging import fit_page
from techmart.rules.clock import utc_now
from techmart.rules.matching import DEFAULT_THRESHOLD
from techmart.rules.policy import Actor, Permission, require


class Part(StrEnum):
    """The two parts of the market, named as in addresses."""

    DEMANDS = "demands"
    TECHNOLOGIES = "technologies"


class Standing(StrEnum):
    """Whether a listing has a counterpart that reaches the threshold; each has exactly one standing."""

    LACKING = "lacking"
    MET = "met"
    UNMATCHED = "unmatched"


KINDS: Mapping[Part, Sequence[str]] = {Part.DEMANDS: ("demand",), Part.TECHNOLOGIES: ("offer", "patent")}
SORTS = ("weakest", "oldest", "newest")


@dataclass(frozen=True)
class StandingFilter:
    """Which listings. `standing`: empty for any; `sector`: its code, NO_SECTOR or empty; `days`: public so long at least."""

    part: Part = Part.DEMANDS
    standing: str = Standing.LACKING
    sector: str = ""
    days: int = 0
    threshold: int = DEFAULT_THRESHOLD
    sort: str = SORTS[0]


@dataclass(frozen=True)
class Standpoint:
    """A listing with its best counterpart, of `score` points, if it has any."""

    listing: Listing
    standing: Standing
    score: int
    best: Listing | None


@dataclass(frozen=True)
class StandingPage:
    rows: Sequence[Standpoint]
    total: int
    page: int
    pages: int


@dataclass(frozen=True)
class Balance:
    """The market at a glance. `cells`: (sector of the demand, of the technology) → pairs that reach the threshold.

    A listing of two sectors counts in both, so the cells add up to more than `pairs`, and sectors to more than the whole.
    """

    pairs: int
    cells: Mapping[tuple[str, str], int]
    listings: Mapping[tuple[str, str, str], int]

    def count(self, part: str, sector: str = "", standing: str = "") -> int:
        """Listings of a part: of one sector, or of the whole market; of one standing, or of any."""
        standings = (standing,) if standing else tuple(Standing)
        return sum(self.listings.get((part, sector, each), 0) for each in standings)


def balance_of(actor: Actor, threshold: int) -> Balance:
    """Raises NotAllowed."""
    require(actor, Permission.MODERATION_VIEW)
    query = market_pairs(threshold)
    wanted = cast(query.demand.sectors, Text).label("wanted")  # PostgreSQL groups texts, not JSON
    offered = cast(query.technology.sectors, Text).label("offered")
    counted = query.statement.with_only_columns(wanted, offered, func.count()).group_by(wanted, offered)
    cells: Counter[tuple[str, str]] = Counter()
    total = 0
    for wants, offers, count in db.session.execute(counted):
        total += count
        cells.update({(row, column): count for row in codes_in(wants) for column in codes_in(offers)})
    listings: Counter[tuple[str, str, str]] = Counter()
    written = cast(Listing.sectors, Text)
    for part in Part:
        statement, standing, _ = _standings(StandingFilter(part, standing="", threshold=threshold))
        # Grouped from outside: PostgreSQL takes an expression with parameters for a new one each time it is written.
        each = statement.with_only_columns(written.label("codes"), standing.label("stands")).subquery()
        counted = select(each.c.codes, each.c.stands, func.count()).group_by(each.c.codes, each.c.stands)
        for codes, stands, count in db.session.execute(counted):
            listings.update({(part, sector, stands): count for sector in ("", *codes_in(codes))})
    return Balance(total, cells, listings)


def list_standings(actor: Actor, wanted: StandingFilter, *, page: int = 1, size: int = PAGE_SIZE) -> StandingPage:
    """Listings by whether they have a counterpart, each with its best one. Raises NotAllowed."""
    require(actor, Permission.MODERATION_VIEW)
    statement, _, score = _standings(wanted)
    total = db.session.scalar(statement.with_only_columns(func.count())) or 0
    page, pages = fit_page(page, total, size)
    order: Mapping[str, tuple[Any, ...]] = {  # Any: columns of several types
        "weakest": (score, Listing.published_at, Listing.id),
        "oldest": (Listing.published_at, Listing.id),
        "newest": (Listing.published_at.desc(), Listing.id.desc()),
    }
    paged = statement.order_by(*order[wanted.sort]).limit(size).offset((page - 1) * size)
    found: Any = db.session.execute(paged.options(selectinload(Listing.organisation)))  # Any: rows of the three columns
    rows = found.all()
    best = _best_of([own.id for own, _, _ in rows], wanted.part)
    standpoints = [Standpoint(own, Standing(stands), points, best.get(own.id)) for own, stands, points in rows]
    return StandingPage(standpoints, total, page, pages)


#: A statement of listing, standing and points; and its second and third column.
_Standings = tuple[Select[Any], ColumnElement[str], ColumnElement[int]]  # Any: the three columns


def _standings(wanted: StandingFilter) -> _Standings:
    score = _best_score(wanted.part)
    standing = case(
        (score >= wanted.threshold, Standing.MET), (_is_matched(), Standing.LACKING), else_=Standing.UNMATCHED
    )
    statement = select(Listing, standing, score).where(
        Listing.kind.in_(KINDS[wanted.part]), is_to_be_had_now(Listing), in_sector(Listing, wanted.sector)
    )
    if wanted.standing:
        statement = statement.where(standing == wanted.standing)
    if wanted.days:
        statement = statement.where(Listing.published_at <= utc_now() - timedelta(days=wanted.days))
    return statement, standing, score


def _best_score(part: Part) -> ColumnElement[int]:
    """Points of the listing's best pair, 0 without any. Looked up a listing at a time, by the indexes of `match`.

    Joined as a table of all pairs it is the same, but SQLite, which knows nothing of its size, reads that table once a listing.
    """
    match = aliased(Match)
    own_id, other_id = _ids(match, part)
    best = select(func.max(match.score)).where(own_id == Listing.id, *_counts(match, other_id))
    return func.coalesce(best.correlate(Listing).scalar_subquery(), 0)


def _best_of(ids: Sequence[int], part: Part) -> Mapping[int, Listing]:
    """Listing → its best counterpart, of several the one listed first."""
    own_id, other_id = _ids(Match, part)
    pairs = select(own_id, other_id).where(own_id.in_(ids), Match.score > 0, *_counts(Match, other_id))
    best: dict[int, int] = dict(
        db.session.execute(pairs.order_by(Match.score, other_id.desc())).all()
    )  # the last stays
    found = {row.id: row for row in db.session.scalars(select(Listing).where(Listing.id.in_(set(best.values()))))}
    return {own: found[other] for own, other in best.items()}


def _ids(match: type[Match], part: Part) -> tuple[Any, Any]:  # Any: columns, of which one may be empty
    """What a match calls the listing and its counterpart."""
    return (match.demand_id, match.technology_id) if part is Part.DEMANDS else (match.technology_id, match.demand_id)


def _counts(match: type[Match], other_id: ColumnElement[int]) -> tuple[ColumnElement[bool], ...]:
    """A pair of a demand, not put aside, whose counterpart is to be had."""
    counterpart = aliased(Listing)
    is_there = select(counterpart.id).where(counterpart.id == other_id, is_to_be_had_now(counterpart)).exists()
    return match.demand_id.is_not(None), is_there, ~is_put_aside(match)


def _is_matched() -> ColumnElement[bool]:
    """Whether the listing was ever matched; the text may have changed since and wait."""
    key = Listing.kind + ":" + cast(Listing.id, Text)
    return select(MatchedText.key).where(MatchedText.key == key).exists()
