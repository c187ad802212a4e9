"""From the outbox to the index. The only writer of the index, whether run by the worker or by a command.

Order of things: file lock → read a batch of rows → merge by key → load the rows as they are now → delete key, add if
public → commit the index → delete those outbox rows. Killed at any point, the rows are still there and are done again.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import structlog
from sqlalchemy import delete, func, select
from sqlalchemy.orm import selectin_polymorphic, selectinload
from sqlalchemy.sql.base import ExecutableOption

from techmart.db import db, unit_of_work
from techmart.models.listing import Demand, Listing, Offer, Patent
from techmart.models.organisation import Organisation
from techmart.models.outbox import TOPIC_INDEX, OutboxRow
from techmart.rules.clock import utc_now
from techmart.rules.reader import PUBLIC
from techmart.search.document import SearchDocument
from techmart.search.documents import document_of, is_indexable
from techmart.search.engine import SearchEngine

_log = structlog.get_logger()

BATCH_ROWS = 500
_LOAD_CHUNK = 500
_DELETE_CHUNK = 5_000
_MAXIMUM_ATTEMPTS = 5
#: Seconds between two looks at a lock that somebody else has.
_BETWEEN_TRIES = 0.02


@dataclass
class SyncReport:
    """What a run did."""

    added: int = 0
    deleted: int = 0
    failed: list[str] = field(default_factory=list)
    was_locked: bool = False


@dataclass(frozen=True)
class Drift:
    """How index and database differ; empty lists mean that they agree."""

    missing: list[str]
    surplus: list[str]
    outdated: list[str]

    def __bool__(self) -> bool:
        return bool(self.missing or self.surplus or self.outdated)


def sync_index(engine: SearchEngine, lock_path: Path) -> SyncReport:
    """Index what the outbox names, batch after batch, until it is empty.

    Another process at it: returns at once with `was_locked`. A document that cannot be made is counted and put aside.
    """
    report = SyncReport()
    with file_lock(lock_path, wait=False) as is_mine:
        if not is_mine:
            report.was_locked = True
            return report
        while rows := _next_rows():
            _index_batch(engine, rows, report)
    return report


def rebuild_index(engine: SearchEngine, lock_path: Path, *, progress: Callable[[int, int], None] | None = None) -> int:
    """Write a new generation from the database beside the old one and switch to it; returns the number of documents.

    Outbox rows present at the start are covered by the new generation and deleted after the switch; later ones stay.
    """
    with file_lock(lock_path, wait=True):
        # Their very numbers, not "up to the newest": on PostgreSQL a lower one may still be uncommitted.
        covered = db.session.scalars(select(OutboxRow.id).where(OutboxRow.topic == TOPIC_INDEX)).all()
        total = _count_public()
        done = 0

        def counted() -> Iterator[SearchDocument]:
            nonlocal done
            for document in iterate_documents():
                done += 1
                if progress is not None:
                    progress(done, total)
                yield document

        engine.rebuild(counted())
        db.session.rollback()
        with unit_of_work() as session:
            for start in range(0, len(covered), _DELETE_CHUNK):
                session.execute(delete(OutboxRow).where(OutboxRow.id.in_(covered[start : start + _DELETE_CHUNK])))
    return done


def verify_index(engine: SearchEngine) -> Drift:
    """Compare (key, version) of everything public in the database with the index."""
    engine.refresh()
    indexed = dict(engine.versions())
    stored = _stored_versions()
    return Drift(
        missing=sorted(stored.keys() - indexed.keys()),
        surplus=sorted(indexed.keys() - stored.keys()),
        outdated=sorted(key for key, version in stored.items() if key in indexed and indexed[key] != version),
    )


def iterate_documents() -> Iterator[SearchDocument]:
    """Every public thing as a document, loaded in chunks so that memory stays flat. One that fails is logged and left out."""
    for things in _public_things():
        for thing in things:
            try:
                yield document_of(thing)
            except Exception as error:  # outermost per document: one bad row must not stop a rebuild
                _log.error("document_failed", key=thing.key, error=repr(error))
        db.session.expunge_all()


def _next_rows() -> Sequence[OutboxRow]:
    db.session.rollback()
    statement = (
        select(OutboxRow)
        .where(OutboxRow.topic == TOPIC_INDEX, OutboxRow.dead_at.is_(None))
        .order_by(OutboxRow.attempts, OutboxRow.id)
        .limit(BATCH_ROWS)
    )
    return db.session.scalars(statement).all()


def _index_batch(engine: SearchEngine, rows: Sequence[OutboxRow], report: SyncReport) -> None:
    row_ids: dict[str, list[int]] = {}
    for row in rows:
        row_ids.setdefault(row.key, []).append(row.id)
    things = _load(_with_listings_of_organisations(row_ids))
    documents: list[SearchDocument] = []
    failed: dict[str, str] = {}
    for key, thing in things.items():
        if thing is None or not is_indexable(thing):
            continue
        try:
            documents.append(document_of(thing))
        except Exception as error:  # outermost per document: the others go on, the failure is a row for staff
            failed[key] = repr(error)
    engine.apply(deletes=list(things.keys() - failed.keys()), documents=documents)
    db.session.rollback()
    _settle(row_ids, failed)
    report.added += len(documents)
    report.deleted += len(things) - len(documents) - len(failed)
    report.failed += failed


def _settle(row_ids: Mapping[str, list[int]], failed: Mapping[str, str]) -> None:
    done = [row_id for key, ids in row_ids.items() if key not in failed for row_id in ids]
    with unit_of_work() as session:
        if done:
            session.execute(delete(OutboxRow).where(OutboxRow.id.in_(done)))
        for key, error in failed.items():
            _log.error("document_failed", key=key, error=error)
            for row in session.scalars(select(OutboxRow).where(OutboxRow.id.in_(row_ids.get(key, [])))):
                row.attempts += 1
                row.last_error = error[:500]
                if row.attempts >= _MAXIMUM_ATTEMPTS:
                    row.dead_at = utc_now()


def _with_listings_of_organisations(keys: Iterable[str]) -> list[str]:
    """A listing's document carries its organisation's name and badge, so a changed organisation takes them along."""
    wanted = dict.fromkeys(keys)
    organisation_ids = [int(key.split(":")[1]) for key in wanted if key.startswith("organisation:")]
    if organisation_ids:
        statement = select(Listing.kind, Listing.id).where(
            Listing.organisation_id.in_(organisation_ids), Listing.audience == PUBLIC
        )
        wanted.update(dict.fromkeys(f"{kind}:{number}" for kind, number in db.session.execute(statement)))
    return list(wanted)


def _load(keys: Sequence[str]) -> dict[str, Listing | Organisation | None]:
    things: dict[str, Listing | Organisation | None] = dict.fromkeys(keys)
    organisation_ids = [int(key.split(":")[1]) for key in keys if key.startswith("organisation:")]
    listing_ids = [int(key.split(":")[1]) for key in keys if not key.startswith("organisation:")]
    for start in range(0, len(organisation_ids), _LOAD_CHUNK):
        chunk = organisation_ids[start : start + _LOAD_CHUNK]
        things.update(
            (row.key, row) for row in db.session.scalars(select(Organisation).where(Organisation.id.in_(chunk)))
        )
    for start in range(0, len(listing_ids), _LOAD_CHUNK):
        chunk = listing_ids[start : start + _LOAD_CHUNK]
        statement = select(Listing).where(Listing.id.in_(chunk)).options(*_loading())
        things.update((row.key, row) for row in db.session.scalars(statement))
    return things


def _loading() -> tuple[ExecutableOption, ...]:
    return (
        selectin_polymorphic(Listing, [Offer, Patent, Demand]),
        selectinload(Listing.organisation),
        selectinload(Listing.attachments),
    )


def _public_things() -> Iterator[Sequence[Listing | Organisation]]:
    last = 0
    while organisations := db.session.scalars(
        select(Organisation).where(Organisation.id > last).order_by(Organisation.id).limit(_LOAD_CHUNK)
    ).all():
        last = organisations[-1].id
        yield organisations
    last = 0
    while listings := db.session.scalars(
        select(Listing)
        .where(Listing.id > last, Listing.audience == PUBLIC)
        .order_by(Listing.id)
        .limit(_LOAD_CHUNK)
        .options(*_loading())
    ).all():
        last = listings[-1].id
        yield listings


def _count_public() -> int:
    listings = db.session.scalar(select(func.count()).select_from(Listing).where(Listing.audience == PUBLIC)) or 0
    return listings + (db.session.scalar(select(func.count()).select_from(Organisation)) or 0)


def _stored_versions() -> dict[str, int]:
    listings = db.session.execute(select(Listing.kind, Listing.id, Listing.version).where(Listing.audience == PUBLIC))
    stored = {f"{kind}:{number}": version for kind, number, version in listings}
    organisations = db.session.execute(select(Organisation.id, Organisation.version))
    return stored | {f"organisation:{number}": version for number, version in organisations}


@contextmanager
def file_lock(path: Path, *, wait: bool, patience: float = 0.0) -> Iterator[bool]:
    """Hold an advisory lock on `path`, among threads and processes; where not to `wait`, whether it was free, or became so
    within `patience` seconds."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield _is_locked(descriptor, wait, time.monotonic() + patience)
    finally:
        os.close(descriptor)


def _is_locked(descriptor: int, wait: bool, until: float) -> bool:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            if time.monotonic() >= until:
                return False
            time.sleep(_BETWEEN_TRIES)
        else:
            return True
