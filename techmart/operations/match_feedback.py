"""What became of the suggestions of one listing on the other side, summed up for its owners: how far they came, and why not.

Nobody is named, and no figure says what one organisation did: the owner of a demand or a technology knows most of those it
was suggested to. Two things that he hears anyway are exact: how often it was suggested, and why a technology was declined,
which he was told each time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased

from techmart.db import db
from techmart.models.listing import Demand, Listing
from techmart.models.match import Match
from techmart.operations.match_figures import FUNNEL
from techmart.rules.matching import MatchOrigin, MatchState, Side
from techmart.rules.policy import Actor, Permission, can, require

#: With fewer organisations a figure would say what each did.
FEWEST_ORGANISATIONS: Final = 3


@dataclass(frozen=True)
class MatchFeedback:
    """`steps`: each of FUNNEL → how many matches, None where that would tell too much. `reasons`: reason → how often, most
    often first; None where it would tell too much."""

    steps: Mapping[str, int | None]
    reasons: Mapping[str, int] | None


def feedback_on(actor: Actor, own: Listing) -> MatchFeedback:
    """What those did who were suggested `own`, in its present text; things hidden since are counted like any other.

    For owners and editors of its organisation; staff are shown every figure. Raises NotAllowed.
    """
    if not can(actor, Permission.MODERATION_VIEW):
        require(actor, Permission.MATCH_DECIDE, own.organisation_id)
    states, reasons, organisations = _count(own)
    among = len(set().union(*organisations.values()))
    tells_all = can(actor, Permission.MODERATION_VIEW)

    def figure(step: str) -> int | None:
        wanted = FUNNEL[step]
        count = sum(states[state] for state in wanted)
        did = len(set().union(*(organisations.get(state, set()) for state in wanted)))
        is_safe = among >= FEWEST_ORGANISATIONS and did < among
        # To have looked is no decision, and that it was suggested follows from its own list.
        is_safe = is_safe or (step == "seen" and among >= FEWEST_ORGANISATIONS) or step == "suggested"
        return count if is_safe or tells_all or (step == "dismissed" and not isinstance(own, Demand)) else None

    steps = {step: figure(step) for step in FUNNEL}
    told = None if steps["dismissed"] is None else dict(sorted(reasons.items(), key=lambda row: (-row[1], row[0])))
    return MatchFeedback(steps, told)


def _count(own: Listing) -> tuple[Counter[str], Counter[str], dict[str, set[int]]]:
    """State → how many matches the other side has in it; reason → how often; state → organisations of those matches."""
    demand, technology = aliased(Listing), aliased(Listing)
    is_demand = isinstance(own, Demand)
    theirs = technology.organisation_id if is_demand else func.coalesce(demand.organisation_id, Match.organisation_id)
    statement = (
        select(Match.state, Match.reason, theirs, func.count())
        .outerjoin(demand, demand.id == Match.demand_id)
        .join(technology, technology.id == Match.technology_id)
        .where(
            (Match.demand_id if is_demand else Match.technology_id) == own.id,
            Match.side == (Side.OFFERED if is_demand else Side.WANTED),
            or_(Match.score > 0, Match.origin == MatchOrigin.STAFF, Match.decided_at.is_not(None)),
        )
        .group_by(Match.state, Match.reason, theirs)
    )
    states, reasons = Counter[str](), Counter[str]()
    organisations: dict[str, set[int]] = {}
    for state, reason, organisation_id, count in db.session.execute(statement):
        states[state] += count
        organisations.setdefault(state, set()).add(organisation_id)
        if state == MatchState.DISMISSED:
            reasons[reason or ""] += count  # a refusal has one, says the table
    return states, reasons, organisations
