"""What staff proposed, with what each side did; and an owner's proposals for one of his things."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from techmart.db import db
from techmart.models.match import Match
from techmart.operations.match_pair import Pair, pair_of
from techmart.operations.match_query import matches_shown
from techmart.operations.paging import fit_page
from techmart.operations.proposal import may_withdraw, proposals_of
from techmart.rules.matching import MatchOrigin, MatchState, Side
from techmart.rules.policy import Actor, Permission, require

PAGE_SIZE = 20


@dataclass(frozen=True)
class Proposal:
    """A proposed pair. `row`: one side's, which names it; `states`: what each side that it was proposed to did with it."""

    pair: Pair
    row: Match
    states: Mapping[Side, MatchState]
    is_withdrawable: bool


@dataclass(frozen=True)
class ProposalPage:
    proposals: Sequence[Proposal]
    total: int
    page: int
    pages: int


def list_proposals(actor: Actor, *, page: int = 1) -> ProposalPage:
    """What staff proposed, newest first, where both things are public now. Raises NotAllowed."""
    require(actor, Permission.MODERATION_VIEW)
    statement = (
        matches_shown()
        .statement.where(Match.origin == MatchOrigin.STAFF)
        .with_only_columns(func.min(Match.id).label("id"))
        .group_by(Match.demand_id, Match.organisation_id, Match.technology_id)
    )
    total = db.session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    page, pages = fit_page(page, total, PAGE_SIZE)
    ordered = statement.order_by(func.max(Match.proposed_at).desc(), func.min(Match.id).desc())
    ids = db.session.scalars(ordered.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)).all()
    things = selectinload(Match.demand), selectinload(Match.organisation), selectinload(Match.technology)
    found = db.session.scalars(select(Match).where(Match.id.in_(ids)).options(*things, selectinload(Match.proposed_by)))
    by_id = {row.id: row for row in found}
    return ProposalPage([_proposal(actor, by_id[number]) for number in ids], total, page, pages)


def _proposal(actor: Actor, row: Match) -> Proposal:
    pair = pair_of(row)
    states = {side: MatchState(match.state) for side, match in proposals_of(pair).items()}
    return Proposal(pair, row, states, may_withdraw(actor, pair))
