"""What waits to be matched: outbox rows merged by key, single changes before those that came by the thousand.

Companies come after listings: what one of its demands is matched with is not told once more by its profile.
A thing is matched after it was indexed, so a key whose index row still waits is passed over; and what came in bulk waits
until nothing at all is left to index. A failure is tried again with growing delay and put aside after the fifth.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, delete, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from techmart.db import db, mark_work, unit_of_work
from techmart.models.listing import Listing
from techmart.models.match import MatchedText
from techmart.models.outbox import TOPIC_INDEX, TOPIC_MATCH, TOPIC_MATCH_BULK, OutboxRow, enqueue
from techmart.operations.event import record_event
from techmart.rules.clock import utc_now
from techmart.rules.policy import Actor, Permission, require
from techmart.rules.reader import PUBLIC

MAXIMUM_ATTEMPTS = 5
_FIRST_DELAY = timedelta(seconds=15)
_TOPICS = (TOPIC_MATCH, TOPIC_MATCH_BULK)
_COMPANY = "organisation:"
_IS_COMPANY = OutboxRow.key.startswith(_COMPANY)


@dataclass(frozen=True)
class MatchWork:
    """One key to match and the rows that ask for it. `is_bulk`: nobody waits for it."""

    key: str
    row_ids: tuple[int, ...]
    is_bulk: bool


def next_work() -> MatchWork | None:
    """What to match next; None when nothing is ready."""
    db.session.rollback()
    now = utc_now()
    if (key := _first_key(TOPIC_MATCH, now)) is None and not _is_indexing():
        key = _first_key(TOPIC_MATCH_BULK, now)
    if key is None:
        return None
    return _works_of([key])[0]


def next_in_bulk(limit: int, taken: Collection[str]) -> list[MatchWork]:
    """Up to `limit` things to match next of those that came in bulk, without the keys `taken`, which somebody is matching;
    none while anything is to be indexed, and no company while listings are left."""
    db.session.rollback()
    if _is_indexing():
        return []
    ready = _ready(TOPIC_MATCH_BULK, utc_now()).group_by(OutboxRow.key).order_by(func.min(OutboxRow.id))
    ready = ready.limit(limit + len(taken))
    keys = [key for key in db.session.scalars(ready.where(~_IS_COMPANY)) if key not in taken]
    if not keys and all(key.startswith(_COMPANY) for key in taken):
        keys = [key for key in db.session.scalars(ready.where(_IS_COMPANY)) if key not in taken]
    return _works_of(keys[:limit])


def _works_of(keys: Sequence[str]) -> list[MatchWork]:
    """The keys with all rows that ask for them, single and in bulk."""
    rows_of: dict[str, list[tuple[int, str]]] = {key: [] for key in keys}
    columns = select(OutboxRow.key, OutboxRow.id, OutboxRow.topic)
    asking = OutboxRow.topic.in_(_TOPICS), OutboxRow.key.in_(rows_of), OutboxRow.dead_at.is_(None)
    for key, number, topic in db.session.execute(columns.where(*asking)):
        rows_of[key].append((number, topic))
    return [
        MatchWork(key, tuple(number for number, _ in rows), all(topic == TOPIC_MATCH_BULK for _, topic in rows))
        for key, rows in rows_of.items()
    ]


def waits_in_bulk() -> bool:
    """Whether anything that came in bulk waits, if only for its index."""
    ready = OutboxRow.topic == TOPIC_MATCH_BULK, OutboxRow.dead_at.is_(None), OutboxRow.leased_until.is_(None)
    return db.session.scalar(select(OutboxRow.id).where(*ready).limit(1)) is not None


def finish_work(work: MatchWork) -> None:
    """Delete the rows, in the transaction that stores what they asked for."""
    db.session.execute(delete(OutboxRow).where(OutboxRow.id.in_(work.row_ids)))


def record_failure(work: MatchWork, error: str) -> None:
    """Count a failure: tried again later, put aside after MAXIMUM_ATTEMPTS. A transaction of its own."""
    with unit_of_work() as session:
        for row in session.scalars(select(OutboxRow).where(OutboxRow.id.in_(work.row_ids))):
            row.attempts += 1
            row.last_error = error[:500]
            row.leased_until = utc_now() + _FIRST_DELAY * 2**row.attempts
            if row.attempts >= MAXIMUM_ATTEMPTS:
                row.dead_at = utc_now()


def count_queue() -> Mapping[str, int]:
    """How many rows wait (`single`, `bulk`) and were put aside (`put_aside`)."""
    dead = OutboxRow.dead_at.is_not(None)
    statement = select(OutboxRow.topic, dead, func.count()).where(OutboxRow.topic.in_(_TOPICS))
    counts = {"single": 0, "bulk": 0, "put_aside": 0}
    for topic, is_dead, count in db.session.execute(statement.group_by(OutboxRow.topic, dead)):
        counts["put_aside" if is_dead else "single" if topic == TOPIC_MATCH else "bulk"] += count
    return counts


def enqueue_unmatched(actor: Actor) -> int:
    """Let everything public that was never matched be matched, behind single changes; returns how many. Raises NotAllowed."""
    require(actor, Permission.MATCH_RUN)
    waiting = set(
        db.session.scalars(select(OutboxRow.key).where(OutboxRow.topic.in_(_TOPICS), OutboxRow.dead_at.is_(None)))
    )
    known = waiting.union(db.session.scalars(select(MatchedText.key)))
    listings = db.session.execute(
        select(Listing.kind, Listing.id).where(Listing.audience == PUBLIC).order_by(Listing.id)
    )
    keys = [key for kind, number in listings if (key := f"{kind}:{number}") not in known]
    for key in keys:
        enqueue(db.session(), TOPIC_MATCH_BULK, key)
    if keys:
        record_event(actor, "match", 0, "run", changes={"queued": [0, len(keys)]})
    return len(keys)


def list_put_aside(limit: int = 20) -> Sequence[tuple[str, str]]:
    """Key and last error of what was put aside, newest first."""
    dead = OutboxRow.topic.in_(_TOPICS), OutboxRow.dead_at.is_not(None)
    rows = db.session.scalars(select(OutboxRow).where(*dead).order_by(OutboxRow.id.desc()).limit(limit))
    return [(row.key, row.last_error or "") for row in rows]


def retry_put_aside(session: Session) -> int:
    """Let what was put aside be tried again at once; returns how many rows."""
    dead = OutboxRow.topic.in_(_TOPICS), OutboxRow.dead_at.is_not(None)
    rows = session.scalars(select(OutboxRow).where(*dead)).all()
    for row in rows:
        row.dead_at, row.leased_until, row.attempts = None, None, 0
    mark_work(session)
    return len(rows)


def _first_key(topic: str, now: datetime) -> str | None:
    """A company goes after all listings: it is not told of its own account what its demands have told it."""
    ready = _ready(topic, now).order_by(OutboxRow.id).limit(1)
    return db.session.scalar(ready.where(~_IS_COMPANY)) or db.session.scalar(ready.where(_IS_COMPANY))


def _ready(topic: str, now: datetime) -> Select[str]:
    """Keys of rows that are due and indexed."""
    indexing = aliased(OutboxRow)
    is_unindexed = exists().where(
        indexing.topic == TOPIC_INDEX, indexing.key == OutboxRow.key, indexing.dead_at.is_(None)
    )
    is_due = or_(OutboxRow.leased_until.is_(None), OutboxRow.leased_until < now)
    return select(OutboxRow.key).where(OutboxRow.topic == topic, OutboxRow.dead_at.is_(None), is_due, ~is_unindexed)


def _is_indexing() -> bool:
    waiting = OutboxRow.topic == TOPIC_INDEX, OutboxRow.dead_at.is_(None)
    return db.session.scalar(select(OutboxRow.id).where(*waiting).limit(1)) is not None
