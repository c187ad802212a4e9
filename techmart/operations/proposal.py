"""Pairs that staff propose by hand: told to both sides with a note, counted apart, taken back while nobody has seen them.

A proposal is a stored match like any other, of origin `staff`. It never goes round what a side said: a pair that either
side put aside stays so until a text changes, and a company that did not agree to be suggested is named to nobody; such a
proposal reaches the company alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, select

from techmart.db import db
from techmart.errors import IllegalTransition, InvalidFields, NotFound
from techmart.models.event import Notification
from techmart.models.match import Match, MatchAlert
from techmart.models.organisation import Organisation
from techmart.operations.alert import Telling, tell
from techmart.operations.event import record_event
from techmart.operations.match_pair import (
    Pair,
    Thing,
    find_match,
    find_thing,
    is_candidate,
    is_current,
    make_pair,
    new_match,
    organisation_id_of,
    pair_of,
)
from techmart.operations.match_store import may_be_told, unpropose
from techmart.operations.notification import MATCH_PROPOSED
from techmart.operations.organisation import owners_of
from techmart.rules.clock import utc_now
from techmart.rules.matching import MatchOrigin, MatchState, Side
from techmart.rules.policy import Actor, Permission, can, require
from techmart.rules.text import clean

NOTE_LIMIT = 500
#: A side that has said so much needs no proposal.
_ANSWERED = frozenset({MatchState.INTERESTED, MatchState.KEPT})


def load_party(actor: Actor, name: str) -> Thing:
    """What staff may propose a counterpart for: a listing they see, by its code, or an organisation by its slug.

    Raises NotFound; NotAllowed for a thing of an organisation the actor belongs to.
    """
    thing = find_thing(name)
    if not isinstance(thing, Organisation) and not actor.reader.sees(thing.audience):
        raise NotFound
    require(actor, Permission.MATCH_PROPOSE, organisation_id_of(thing))
    return thing


def load_proposable(actor: Actor, one: str, other: str) -> Pair:
    """The pair of these two, seen from the side of the first.

    Raises NotFound; NotAllowed; InvalidFields (`other`) with why it may not be proposed: `no_pair`, `same_organisation`,
    `no_adopter`, `not_public`, `dismissed` (by either side, both texts as they were), `proposed_already`,
    `answered_already`, `nobody` (acts for any side that may be told).
    """
    own, counterpart = load_party(actor, one), load_party(actor, other)
    try:
        pair = make_pair(own, counterpart)
    except NotFound:
        raise InvalidFields({"other": ["no_pair"]}) from None
    if (problem := _problem_of(pair)) is not None:
        raise InvalidFields({"other": [problem]})
    return pair


def count_readers(pair: Pair) -> Mapping[Side, int]:
    """How many people would read of it, for each side that may be told."""
    return {view.side: len(owners_of(view.own_organisation_id)) for view in _views_to_tell(pair)}


def propose(actor: Actor, pair: Pair, note: str, *, scores: Mapping[Side, int]) -> Sequence[Match]:
    """Store the pair for the sides that may be told, and tell them. `scores`: points of 100 as each side sees it.

    A side that is interested already keeps its row as it is. Returns the rows that are proposals now.
    Raises NotAllowed; InvalidFields (`note`: required, too_long; `other`: see load_proposable).
    """
    for thing in (pair.wanted, pair.technology):
        require(actor, Permission.MATCH_PROPOSE, organisation_id_of(thing))
    note = clean(note)
    problems = {}
    if not note or len(note) > NOTE_LIMIT:
        problems["note"] = ["too_long" if note else "required"]
    if (problem := _problem_of(pair)) is not None:
        problems["other"] = [problem]
    if problems:
        raise InvalidFields(problems)
    now = utc_now()
    proposed = []
    for view in _views_to_tell(pair):
        row = find_match(view)
        if row is not None and row.state in _ANSWERED:
            continue
        before = None if row is None else MatchState(row.state)
        row = row or new_match(view, created_at=now)
        row.wanted_version, row.offered_version = view.versions
        row.score = max(0, min(100, scores[view.side]))
        row.state, row.reason, row.reason_text, row.decided_by_id, row.decided_at = MatchState.NEW, None, "", None, None
        row.origin, row.note, row.proposed_by_id, row.proposed_at = MatchOrigin.STAFF, note, actor.user_id, now
        db.session.flush()
        record_event(actor, "match", row.id, "propose", from_state=before, to_state=row.state, reason=note)
        # Whoever was told of the pair as matching found it is told again: the note is news.
        db.session.execute(delete(MatchAlert).where(MatchAlert.match_id == row.id))
        proposed.append((row, view))
    tell([Telling(row, view, {}) for row, view in proposed], is_bulk=False)
    return [row for row, _ in proposed]


def withdraw(actor: Actor, match_id: int) -> None:
    """Take the proposal back on both sides: what matching had found stays as its own, the rest is as if it had never been.

    What was not read yet is taken back too; a mail that still waits is not sent.
    Raises NotFound; NotAllowed; IllegalTransition once either side has seen it.
    """
    require(actor, Permission.MATCH_PROPOSE)
    row = db.session.get(Match, match_id)
    if row is None or row.origin != MatchOrigin.STAFF:
        raise NotFound
    pair = pair_of(row)
    for thing in (pair.wanted, pair.technology):
        require(actor, Permission.MATCH_PROPOSE, organisation_id_of(thing))
    rows = proposals_of(pair).values()
    if seen := [match for match in rows if match.state != MatchState.NEW]:
        raise IllegalTransition("withdraw", seen[0].state)
    for match in rows:
        record_event(actor, "match", match.id, "withdraw_proposal", from_state=match.state, reason=match.note)
        _take_news_back(match)
        assert match.proposed_at is not None
        if match.created_at < match.proposed_at:
            unpropose(match)
        else:
            db.session.delete(match)
    db.session.flush()


def proposals_of(pair: Pair) -> Mapping[Side, Match]:
    """The rows of the pair that are proposals."""
    return {Side(row.side): row for row in _rows_of(pair) if row.origin == MatchOrigin.STAFF}


def may_withdraw(actor: Actor, pair: Pair) -> bool:
    """Whether `withdraw` would do it."""
    things = pair.wanted, pair.technology
    return all(can(actor, Permission.MATCH_PROPOSE, organisation_id_of(thing)) for thing in things) and all(
        row.state == MatchState.NEW for row in proposals_of(pair).values()
    )


def _problem_of(pair: Pair) -> str | None:
    """Why the pair may not be proposed now, as a code."""
    if organisation_id_of(pair.wanted) == organisation_id_of(pair.technology):
        return "same_organisation"
    if not is_candidate(pair.wanted, pair.technology):
        return "no_adopter"
    if not _views_to_tell(pair):
        return "not_public"
    rows = _rows_of(pair)
    current = [row for row in rows if is_current(row, pair)]
    if any(row.state == MatchState.DISMISSED for row in current):
        return "dismissed"
    if any(row.origin == MatchOrigin.STAFF for row in current):
        return "proposed_already"
    answered = {row.side for row in rows if row.state in _ANSWERED}
    if answered.issuperset(view.side for view in _views_to_tell(pair)):
        return "answered_already"
    return None if any(count_readers(pair).values()) else "nobody"


def _views_to_tell(pair: Pair) -> Sequence[Pair]:
    return [view for view in _views_of(pair) if may_be_told(view)]


def _views_of(pair: Pair) -> tuple[Pair, ...]:
    return tuple(Pair(pair.wanted, pair.technology, side) for side in Side)


def _rows_of(pair: Pair) -> Sequence[Match]:
    return [row for view in _views_of(pair) if (row := find_match(view)) is not None]


def _take_news_back(row: Match) -> None:
    db.session.execute(delete(MatchAlert).where(MatchAlert.match_id == row.id))
    readers = [user.id for user in owners_of(pair_of(row).own_organisation_id)]
    unread = Notification.user_id.in_(readers), Notification.kind == MATCH_PROPOSED, Notification.read_at.is_(None)
    for told in db.session.scalars(select(Notification).where(*unread)):
        if told.payload.get("match_id") == row.id:
            db.session.delete(told)
