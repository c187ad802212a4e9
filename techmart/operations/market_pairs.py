"""Pairs of a demand and a technology out of the stored matches of both sides, and the sectors they are counted by.

Only what is public now and still to be had counts. A pair has the better of its two sides' points; one that either side
put aside is none.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, cast, func, select
from sqlalchemy.orm import aliased

from techmart.db import db
from techmart.models.listing import Listing
from techmart.models.match import Match
from techmart.operations.paging import fit_page
from techmart.rules.lifecycle import ListingState
from techmart.rules.matching import MatchState
from techmart.rules.policy import Actor, Permission, require
from techmart.rules.reader import PUBLIC
from techmart.rules.vocabulary import sectors

PAGE_SIZE = 20
#: Stands for listings that name none of the sectors of the table.
NO_SECTOR = "none"


@dataclass(frozen=True)
class MarketPair:
    demand: Listing
    technology: Listing
    score: int


@dataclass(frozen=True)
class PairPage:
    pairs: Sequence[MarketPair]
    total: int
    page: int
    pages: int


@dataclass(frozen=True)
class PairQuery:
    """`statement` selects demand, technology and points; `technology` and `demand` are what it joins."""

    statement: Select[Any]  # Any: the three columns
    demand: type[Listing]
    technology: type[Listing]
    score: ColumnElement[int]


def table_sectors() -> tuple[str, ...]:
    """Rows and columns of the table: list B in its order, then NO_SECTOR."""
    return (*(code for code, sector in sectors().items() if sector.list_name == "B"), NO_SECTOR)


def codes_in(written: str) -> Sequence[str]:
    """The sectors of the table among those written as JSON, else NO_SECTOR."""
    return [code for code in json.loads(written) if code in table_sectors()] or [NO_SECTOR]


def in_sector(listing: type[Listing], code: str) -> ColumnElement[bool]:
    """Whether it names the sector; NO_SECTOR: none of the table's; empty: any."""
    written = cast(listing.sectors, Text)
    if not code:
        return listing.id.is_not(None)
    if code == NO_SECTOR:
        return and_(*(~written.contains(f'"{name}"', autoescape=True) for name in table_sectors()[:-1]))
    return written.contains(f'"{code}"', autoescape=True)


def is_to_be_had_now(listing: type[Listing]) -> ColumnElement[bool]:
    """Public, and not transferred already."""
    return and_(listing.audience == PUBLIC, listing.state != ListingState.TRANSFERRED)


def is_put_aside(match: type[Match]) -> ColumnElement[bool]:
    """Whether either side put the pair of the match aside."""
    refused = aliased(Match)
    pair = refused.demand_id == match.demand_id, refused.technology_id == match.technology_id
    return select(refused.id).where(*pair, refused.state == MatchState.DISMISSED).exists()


def market_pairs(threshold: int) -> PairQuery:
    """Pairs that reach the threshold."""
    score = func.max(Match.score)
    pairs = (
        select(Match.demand_id, Match.technology_id, score.label("score"))
        .where(Match.demand_id.is_not(None), Match.score >= threshold, ~is_put_aside(Match))
        .group_by(Match.demand_id, Match.technology_id)
        .subquery()
    )
    demand, technology = aliased(Listing), aliased(Listing)
    statement = (
        select(demand, technology, pairs.c.score)
        .select_from(pairs)
        .join(demand, demand.id == pairs.c.demand_id)
        .join(technology, technology.id == pairs.c.technology_id)
        .where(is_to_be_had_now(demand), is_to_be_had_now(technology))
    )
    return PairQuery(statement, demand, technology, pairs.c.score)


def list_pairs(
    actor: Actor, *, wanted: str = "", offered: str = "", threshold: int, page: int = 1, size: int = PAGE_SIZE
) -> PairPage:
    """Pairs of a demand in the sector `wanted` and a technology in `offered`, best first. Raises NotAllowed."""
    require(actor, Permission.MODERATION_VIEW)
    query = market_pairs(threshold)
    statement = query.statement.where(in_sector(query.demand, wanted), in_sector(query.technology, offered))
    total = db.session.scalar(statement.with_only_columns(func.count())) or 0
    page, pages = fit_page(page, total, size)
    ordered = statement.order_by(query.score.desc(), query.demand.id, query.technology.id)
    rows = db.session.execute(ordered.limit(size).offset((page - 1) * size)).all()
    return PairPage([MarketPair(*row) for row in rows], total, page, pages)
