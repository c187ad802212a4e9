"""Stored matches as a query: joined with the things they are about, and only what is public now."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Exists, Select, and_, exists, or_, select
from sqlalchemy.orm import aliased

from techmart.models.listing import Listing
from techmart.models.match import Match
from techmart.models.organisation import Organisation
from techmart.operations.match_pair import is_suggested
from techmart.rules.matching import MatchOrigin, Side
from techmart.rules.reader import PUBLIC


@dataclass(frozen=True)
class MatchQuery:
    """`statement` selects matches; `demand` (all its columns empty where a company needs) and `technology` are joined."""

    statement: Select[Match]
    demand: type[Listing]
    technology: type[Listing]


def matches_shown() -> MatchQuery:
    """What each side may see of its matches: both things public now, and a match still, a proposal or a decision.

    A company that took its agreement back, or never gave it, is seen only by itself. What one of its demands is matched with
    is not listed once more by its profile.
    """
    demand, technology = aliased(Listing), aliased(Listing)
    said_by_demand = _matched_by_demand()
    statement = (
        select(Match)
        .outerjoin(demand, demand.id == Match.demand_id)
        .outerjoin(Organisation, Organisation.id == Match.organisation_id)
        .join(technology, technology.id == Match.technology_id)
        .where(
            technology.audience == PUBLIC,
            or_(Match.demand_id.is_(None), demand.audience == PUBLIC),
            or_(Match.demand_id.is_not(None), Match.side == Side.WANTED, is_suggested()),
            or_(
                and_(Match.score > 0, or_(Match.demand_id.is_not(None), ~said_by_demand)),
                Match.origin == MatchOrigin.STAFF,
                Match.decided_at.is_not(None),
            ),
        )
    )
    return MatchQuery(statement, demand, technology)


def _matched_by_demand() -> Exists:
    """Whether a demand of the match's company is matched with its technology, on the same side."""
    other, demand = aliased(Match), aliased(Listing)
    return (
        exists()
        .where(
            other.demand_id == demand.id,
            demand.organisation_id == Match.organisation_id,
            demand.audience == PUBLIC,
            other.technology_id == Match.technology_id,
            other.side == Match.side,
            other.score > 0,
        )
        .correlate(Match)
    )
