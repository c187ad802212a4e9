"""What owners do with suggested pairs: interested, keep, not relevant with a reason, undo; and their lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, selectinload

from techmart.db import db
from techmart.errors import InvalidFields, NotFound
from techmart.models.event import Notification
from techmart.models.listing import Demand, Listing
from techmart.models.match import Match
from techmart.models.organisation import Organisation
from techmart.operations.event import record_event
from techmart.operations.match_pair import (
    Pair,
    Thing,
    find_match,
    is_current,
    make_pair,
    new_match,
    organisation_id_of,
    pair_of,
)
from techmart.operations.match_query import matches_shown
from techmart.operations.notification import notify
from techmart.operations.organisation import owners_of
from techmart.operations.paging import fit_page
from techmart.rules.clock import utc_now
from techmart.rules.matching import Decision, MatchOrigin, MatchState, Side, target_of
from techmart.rules.policy import Actor, MemberRole, Permission, can, require
from techmart.rules.text import clean

TEXT_LIMIT = 500
PAGE_SIZE = 20
_FEEDBACK = "match_declined"


def decide(
    actor: Actor, pair: Pair, decision: Decision, *, score: int, reason: str | None = None, text: str = ""
) -> Match:
    """Carry out what an editor of the pair's side decides, for the present texts. `score`: points he was shown.

    A refusal of a technology reaches its owners as feedback: the reason, never who gave it.
    Raises NotAllowed, ReasonRequired, InvalidFields for a text that is too long; NotFound while his listing is not public,
    for nobody may hear of it then, not even that it declined something.
    """
    require(actor, Permission.MATCH_DECIDE, organisation_id_of(pair.own))
    if not may_be_decided(pair):
        raise NotFound
    target = target_of(decision, reason)
    text = clean(text)
    if len(text) > TEXT_LIMIT:
        raise InvalidFields({"text": ["too_long"]})
    row = find_match(pair) or new_match(pair, score=max(0, min(100, score)))
    before = MatchState(row.state)
    if before is target and is_current(row, pair):
        return row
    row.wanted_version, row.offered_version = pair.versions
    is_refusal = target is MatchState.DISMISSED
    row.state = target
    row.reason, row.reason_text = (reason, text) if is_refusal else (None, "")
    is_undone = decision is Decision.UNDO
    row.decided_by_id, row.decided_at = (None, None) if is_undone else (actor.user_id, utc_now())
    db.session.flush()
    record_event(actor, "match", row.id, decision, from_state=before, to_state=target, reason=row.reason)
    if before is MatchState.DISMISSED:
        _take_feedback_back(row)
    if is_refusal and pair.side is Side.WANTED:
        _send_feedback(row, pair)
    return row


def may_be_decided(pair: Pair) -> bool:
    """Whether the side may say something of the pair: a company always, a listing as long as it is public."""
    return isinstance(pair.own, Organisation) or pair.own.is_public


def mark_seen(actor: Actor, pair: Pair) -> None:
    """An editor of the side opened a new match."""
    row = find_match(pair)
    if row is not None and row.state == MatchState.NEW and _decides_for(actor, pair.own):
        row.state = MatchState.SEEN


def decisions_of(own: Thing, others: Sequence[Thing]) -> Mapping[str, Match]:
    """Key of the other thing → the row of the owner's view, where it speaks of the present texts."""
    own_column = _own_column(own)
    statement = select(Match).where(own_column == own.id, Match.side == _side_of(own))
    rows = db.session.scalars(statement.options(selectinload(Match.technology))).all()
    by_key = {_other_key(row): row for row in rows}
    return {
        other.key: row
        for other in others
        if (row := by_key.get(other.key)) is not None and is_current(row, make_pair(own, other))
    }


def proposals_to(own: Thing) -> Sequence[Pair]:
    """Pairs that staff proposed to the thing's owners in the present texts and that they did not put aside, newest first."""
    statement = (
        matches_shown()
        .statement.where(_own_column(own) == own.id, Match.side == _side_of(own))
        .where(Match.origin == MatchOrigin.STAFF, Match.state != MatchState.DISMISSED)
        .order_by(Match.proposed_at.desc(), Match.id.desc())
    )
    rows = db.session.scalars(statement)
    return [pair for row in rows if is_current(row, pair := pair_of(row))]


@dataclass(frozen=True)
class MatchPage:
    """One page of an owner's matches; `counts`: state → how many there are."""

    pairs: Sequence[tuple[Match, Pair]]
    counts: Mapping[str, int]
    page: int
    pages: int


def list_matches(actor: Actor, *, states: Sequence[str], page: int = 1, own: Listing | None = None) -> MatchPage:
    """Matches of the actor's organisations in one of `states`, best first; hidden things are left out.

    Raises NotAllowed.
    """
    require(actor, Permission.WORKSPACE_VIEW)
    statement = _matches_of(list(actor.organisation_roles))
    if own is not None:
        statement = statement.where(_own_column(own) == own.id, Match.side == _side_of(own))
    counted = statement.with_only_columns(Match.state, func.count()).group_by(Match.state)
    counts: dict[str, int] = {state: count for state, count in db.session.execute(counted)}  # noqa: C416  # rows are no pairs to mypy
    total = sum(counts.get(state, 0) for state in states)
    page, pages = fit_page(page, total, PAGE_SIZE)
    rows = db.session.scalars(
        statement.where(Match.state.in_(states))
        .order_by(Match.score.desc(), Match.id.desc())
        .limit(PAGE_SIZE)
        .offset((page - 1) * PAGE_SIZE)
        .options(selectinload(Match.demand), selectinload(Match.organisation), selectinload(Match.technology))
    ).all()
    return MatchPage([(row, pair_of(row)) for row in rows], counts, page, pages)


def count_new(actor: Actor) -> int:
    """How many matches of the actor's organisations nobody has looked at; 0 for somebody without any."""
    if not actor.organisation_roles:
        return 0
    statement = _matches_of(list(actor.organisation_roles)).where(Match.state == MatchState.NEW)
    return db.session.scalar(statement.with_only_columns(func.count())) or 0


def mark_all_seen(actor: Actor) -> int:
    """Nothing is new any more for the organisations the actor acts for; returns how many were. Raises NotAllowed."""
    require(actor, Permission.MATCH_DECIDE)
    organisation_ids = [number for number in actor.organisation_roles if can(actor, Permission.MATCH_DECIDE, number)]
    rows = db.session.scalars(_matches_of(organisation_ids).where(Match.state == MatchState.NEW)).all()
    for row in rows:
        row.state = MatchState.SEEN
    return len(rows)


def list_scores(actor: Actor) -> Sequence[int]:
    """Points of the present matches the actor could be told of: of organisations he acts for, not put aside."""
    organisation_ids = [number for number in actor.organisation_roles if can(actor, Permission.MATCH_DECIDE, number)]
    statement = _matches_of(organisation_ids).where(Match.state != MatchState.DISMISSED, Match.score > 0)
    return db.session.scalars(statement.with_only_columns(Match.score)).all()


def _matches_of(organisation_ids: Sequence[int]) -> Select[Match]:
    """What these organisations see of their matches."""
    query = matches_shown()
    own_need = or_(query.demand.organisation_id.in_(organisation_ids), Match.organisation_id.in_(organisation_ids))
    mine = or_(
        and_(Match.side == Side.WANTED, own_need),
        and_(Match.side == Side.OFFERED, query.technology.organisation_id.in_(organisation_ids)),
    )
    return query.statement.where(mine)


def _side_of(own: Thing) -> Side:
    return Side.WANTED if isinstance(own, Demand | Organisation) else Side.OFFERED


def _own_column(own: Thing) -> InstrumentedAttribute[Any]:  # Any: two of the three may be empty
    if isinstance(own, Organisation):
        return Match.organisation_id
    return Match.demand_id if isinstance(own, Demand) else Match.technology_id


def _other_key(row: Match) -> str:
    if row.side == Side.OFFERED:
        return f"demand:{row.demand_id}" if row.demand_id else f"organisation:{row.organisation_id}"
    return row.technology.key


def _decides_for(actor: Actor, own: Thing) -> bool:
    return actor.organisation_roles.get(organisation_id_of(own)) in (MemberRole.OWNER, MemberRole.EDITOR)


def _send_feedback(row: Match, pair: Pair) -> None:
    technology = pair.technology
    for user in owners_of(technology.organisation_id):
        notify(
            user.id, _FEEDBACK, title=technology.title, code=technology.code, match_id=row.id,
            path=f"/{technology.kind}s/{technology.code}#phan-hoi", decline=row.reason, text=row.reason_text,
        )  # fmt: skip


def _take_feedback_back(row: Match) -> None:
    """What was not read yet is as if it had not been sent."""
    owners = [user.id for user in owners_of(row.technology.organisation_id)]
    unread = select(Notification).where(
        Notification.user_id.in_(owners), Notification.kind == _FEEDBACK, Notification.read_at.is_(None)
    )
    for told in db.session.scalars(unread):
        if told.payload.get("match_id") == row.id:
            db.session.delete(told)
