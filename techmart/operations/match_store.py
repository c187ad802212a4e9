"""What matching found, stored for both sides together with the alerts it gives: one transaction a thing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from techmart.db import db
from techmart.models.listing import Demand, Listing
from techmart.models.match import Match, MatchedText
from techmart.models.organisation import Organisation
from techmart.operations.alert import Telling, tell
from techmart.operations.found import load_found
from techmart.operations.match_pair import (
    ADOPTER_KINDS,
    Pair,
    Thing,
    is_candidate,
    is_current,
    is_open,
    make_pair,
    matched_version,
    new_match,
    text_version,
)
from techmart.operations.match_queue import MatchWork, finish_work
from techmart.rules.clock import utc_now
from techmart.rules.lifecycle import ListingState
from techmart.rules.matching import AFTER_CHANGE, MatchOrigin, MatchState, Side
from techmart.rules.policy import ANONYMOUS

#: Demand, organisation, technology and side of a match.
View = tuple[int | None, int | None, int, str]


@dataclass(frozen=True)
class SideScore:
    """How a pair looks from one side: points of 100, 0 where it is no match, and the reasons in codes (MatchAlert)."""

    points: int = 0
    reasons: Mapping[str, Any] = field(default_factory=dict)  # Any: texts, codes and numbers


@dataclass(frozen=True)
class FoundPair:
    """A counterpart of the matched thing, the text it was compared by, and the scores of both sides."""

    key: str
    version: str
    sides: Mapping[Side, SideScore]


def load_to_match(key: str) -> Thing | None:
    """The thing as everybody sees it, where it takes part in matching."""
    return load_all_to_match([key]).get(key)


def load_all_to_match(keys: Sequence[str]) -> dict[str, Thing]:
    """The same for many keys; those that take no part are left out."""
    found = load_found(ANONYMOUS, keys)
    return {key: row for key, row in found.items() if not isinstance(row, Organisation) or row.kind in ADOPTER_KINDS}


def was_matched(thing: Thing) -> bool:
    """Whether the present text was matched before."""
    row = db.session.get(MatchedText, thing.key)
    return row is not None and row.version == matched_version(thing)


def list_known_keys(things: Sequence[Thing]) -> dict[str, set[str]]:
    """For each key of a thing the keys of the counterparts that stored matches of it speak of."""
    if not things:
        return {}
    columns = Match.demand_id, Match.organisation_id, Match.technology_id, Listing.kind
    rows = db.session.execute(select(*columns).join(Match.technology).where(are_about(things)))
    known: dict[str, set[str]] = {thing.key: set() for thing in things}
    for demand, organisation, technology, kind in rows:
        need = f"demand:{demand}" if demand is not None else f"organisation:{organisation}"
        for own, other in ((need, f"{kind}:{technology}"), (f"{kind}:{technology}", need)):
            if own in known:
                known[own].add(other)
    return known


def are_about(things: Sequence[Thing]) -> ColumnElement[bool]:
    """The condition that a match is about one of the things."""
    demands = [thing.id for thing in things if isinstance(thing, Demand)]
    companies = [thing.id for thing in things if isinstance(thing, Organisation)]
    technologies = [thing.id for thing in things if not isinstance(thing, Demand | Organisation)]
    columns = (Match.demand_id, demands), (Match.organisation_id, companies), (Match.technology_id, technologies)
    return or_(*(column.in_(numbers) for column, numbers in columns if numbers))


def forget_matched(work: MatchWork) -> None:
    """The thing is not public (any more): once it is, it is matched again."""
    if (row := db.session.get(MatchedText, work.key)) is not None:
        db.session.delete(row)
    finish_work(work)


def store_pairs(work: MatchWork, version: str, found: Sequence[FoundPair]) -> int:
    """Store what was found for `work.key` in the text `version` and tell who is to be told; returns how many alerts.

    Everything is asked again here: a thing that was changed or hidden while its matches were computed has a row of its own
    in the outbox, and pairs with it are left to that.
    """
    finish_work(work)
    thing = load_to_match(work.key)
    if thing is None or matched_version(thing) != version:
        return 0
    db.session.merge(MatchedText(key=work.key, version=version, matched_at=utc_now()))
    known = by_view(db.session.scalars(select(Match).where(are_about([thing]))))
    tellings = store_found(thing, found, load_found(ANONYMOUS, [row.key for row in found]), known)
    db.session.flush()
    return tell(tellings, is_bulk=work.is_bulk)


def store_found(
    thing: Thing, found: Sequence[FoundPair], others: Mapping[str, Thing], known: Mapping[View, Match]
) -> list[Telling]:
    """Store the pairs of a thing with those of `others` that still say the same; returns what there is to tell.

    `known`: the stored matches of the thing.
    """
    tellings: list[Telling] = []
    for row in found:
        other = others.get(row.key)
        if other is None or text_version(other) != row.version:
            continue
        pair = make_pair(thing, other)
        if not is_candidate(pair.wanted, pair.technology):
            continue
        for side, score in row.sides.items():
            view = Pair(pair.wanted, pair.technology, side)
            match = _store_side(view, score.points, known)
            if match is not None and match.state == MatchState.NEW and match.score > 0 and may_be_told(view):
                tellings.append(Telling(match, view, dict(score.reasons)))
    return tellings


def by_view(rows: Iterable[Match]) -> dict[View, Match]:
    """Stored matches, looked up by what they are about."""
    return {(row.demand_id, row.organisation_id, row.technology_id, row.side): row for row in rows}


def may_be_told(pair: Pair) -> bool:
    """Whether the side may hear of the other now: both public, and a company only where it agreed to be suggested."""
    if not all(isinstance(thing, Organisation) or is_to_be_had(thing) for thing in (pair.own, pair.other)):
        return False
    return not isinstance(pair.other, Organisation) or is_open(pair.other)


def is_to_be_had(listing: Listing) -> bool:
    """Public, and not transferred already."""
    return listing.is_public and listing.state != ListingState.TRANSFERRED


def unpropose(row: Match) -> None:
    """A proposal becomes a match like those found by matching."""
    row.origin, row.note, row.proposed_by_id, row.proposed_at = MatchOrigin.AUTOMATIC, "", None, None


def _store_side(pair: Pair, points: int, known: Mapping[View, Match]) -> Match | None:
    """The row of one side in the present texts; None where there is no match and never was."""
    is_company = isinstance(pair.wanted, Organisation)
    need = (None, pair.wanted.id) if is_company else (pair.wanted.id, None)
    row = known.get((*need, pair.technology.id, pair.side))
    if row is None:
        if points == 0 or not may_be_told(pair):
            return None
        return new_match(pair, score=points)
    if not is_current(row, pair):
        row.wanted_version, row.offered_version = pair.versions
        after = AFTER_CHANGE[MatchState(row.state)]
        if row.state == MatchState.DISMISSED:
            row.reason, row.reason_text, row.decided_by_id, row.decided_at = None, "", None, None
            unpropose(row)  # staff spoke for the texts that were refused
        row.state = after
    row.score = points
    return row
