"""Use cases of large exports: ask, look, cancel, fetch; and the worker's part, which can be killed and goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from pathlib import Path

import structlog
from flask import current_app
from flask_babel import force_locale
from sqlalchemy import func, or_, select

from config import Settings
from techmart.db import db, unit_of_work
from techmart.errors import IllegalTransition, InvalidFields, NotFound
from techmart.exchange.export_store import ExportWork, forget_export, keys_of, sweep_exports
from techmart.exchange.result_rows import result_heads, result_row
from techmart.exchange.tables import FORMATS
from techmart.models.account import User
from techmart.models.export import ExportJob
from techmart.models.outbox import TOPIC_EXPORT, OutboxRow, enqueue
from techmart.operations.found import load_found, public_keys
from techmart.rules.clock import utc_now
from techmart.rules.policy import ANONYMOUS, Actor, Permission, require

_log = structlog.get_logger()

#: A file of up to so many rows is made at once, a larger one by the worker, and none has more than the most.
ROWS_AT_ONCE = 500
MOST_ROWS = 5_000
#: So many a person may have waiting at a time.
MOST_OPEN = 3
KEPT = timedelta(days=7)
_BATCH = 200
_LEASE = timedelta(minutes=5)
_MAXIMUM_ATTEMPTS = 3
_ORPHAN_SECONDS = 86_400.0

#: The pairs of a search's address → keys of what it finds, at most so many.
FindKeys = Callable[[Sequence[Sequence[str]], int], Sequence[str]]


def create_export(
    actor: Actor, *, kind: str, parameters: Iterable[Sequence[str]], total: int, locale: str, file_name: str
) -> ExportJob:
    """Ask the worker for a file. Raises InvalidFields (`format`: unknown_value; `parameters`: too_many), NotAllowed."""
    require(actor, Permission.EXPORT_MAKE)
    if kind not in FORMATS:
        raise InvalidFields({"format": ["unknown_value"]})
    db.session.get(User, actor.user_id, with_for_update=True)
    is_open = ExportJob.user_id == actor.user_id, ExportJob.state.in_(("queued", "running"))
    if (db.session.scalar(select(func.count()).where(*is_open)) or 0) >= MOST_OPEN:
        raise InvalidFields({"parameters": ["too_many"]})
    job = ExportJob(
        user_id=actor.user_id,
        format=kind,
        parameters=[[str(part) for part in pair] for pair in parameters],
        locale=locale,
        total=min(total, MOST_ROWS),
        file_name=file_name[:150],
        expires_at=utc_now() + KEPT,
    )
    db.session.add(job)
    db.session.flush()
    enqueue(db.session(), TOPIC_EXPORT, str(job.id))
    return job


def find_export(actor: Actor, export_id: int) -> ExportJob:
    """One of the actor's own that is still kept; raises NotFound for anybody else's."""
    require(actor, Permission.EXPORT_MAKE)
    job = db.session.get(ExportJob, export_id)
    if job is None or job.user_id != actor.user_id or job.expires_at <= utc_now():
        raise NotFound
    return job


def list_exports(actor: Actor) -> Sequence[ExportJob]:
    """The actor's own, newest first."""
    own = ExportJob.user_id == actor.user_id, ExportJob.expires_at > utc_now()
    return db.session.scalars(select(ExportJob).where(*own).order_by(ExportJob.id.desc())).all()


def cancel_export(actor: Actor, export_id: int) -> ExportJob:
    """Stop it, or leave it as it is when there is nothing left to stop. Raises NotFound."""
    job = find_export(actor, export_id)
    if job.is_open:
        job.state, job.finished_at = "cancelled", utc_now()
    return job


def open_export(actor: Actor, export_id: int) -> tuple[ExportJob, Path]:
    """The finished file. Raises NotFound, also while it is not finished; IllegalTransition where it is outdated."""
    job = find_export(actor, export_id)
    path = _path(job.id, job.format)
    if job.state != "done" or not path.is_file():
        raise NotFound
    if is_outdated(job):
        raise IllegalTransition("download", "outdated")
    return job, path


def is_outdated(job: ExportJob) -> bool:
    """Whether the finished file speaks of something that is not public any more; nobody gets it then."""
    if job.state != "done":
        return False
    keys = keys_of(_path(job.id, job.format))
    return keys is None or len(public_keys(keys)) < len(keys)


def write_exports(find_keys: FindKeys) -> int:
    """Write what is waiting, one after the other; returns how many files were finished. Safe to run twice at once."""
    finished = 0
    while (leased := _lease()) is not None:
        row_id, export_id = leased
        try:
            finished += _write(row_id, export_id, find_keys)
        except Exception as error:  # outermost per export: one that cannot be written must not stop the others
            _log.exception("export_failed", export_id=export_id)
            db.session.rollback()
            _record_failure(row_id, export_id, repr(error))
        else:
            with unit_of_work() as session:
                if (row := session.get(OutboxRow, row_id)) is not None:
                    session.delete(row)
    return finished


def release_exports() -> None:
    """Give back what a worker that was killed had begun: called when the one worker starts."""
    with unit_of_work() as session:
        for row in session.scalars(select(OutboxRow).where(OutboxRow.topic == TOPIC_EXPORT)):
            row.leased_until = None


def expire_exports() -> int:
    """Forget exports whose days are over, with their files, and files without an export; returns how many went."""
    with unit_of_work() as session:
        old = session.scalars(select(ExportJob).where(ExportJob.expires_at <= utc_now())).all()
        paths = [_path(job.id, job.format) for job in old]
        for job in old:
            session.delete(job)
    for path in paths:
        forget_export(path)
    kept = {str(number) for number in db.session.scalars(select(ExportJob.id).where(ExportJob.state != "cancelled"))}
    return len(paths) + sweep_exports(_directory(), kept, older_than_seconds=_ORPHAN_SECONDS)


def _write(row_id: int, export_id: int, find_keys: FindKeys) -> bool:
    """Whether a file was finished. Each batch is noted in the work file and in the row, and may be the last of this life."""
    job = db.session.get(ExportJob, export_id)
    work = ExportWork(_directory() / f"{export_id}.work")
    if job is None or not job.is_open:
        work.forget()
        return False
    kind, locale, parameters = job.format, job.locale, job.parameters
    if work.keys is None:
        work.begin(find_keys(parameters, MOST_ROWS))
    assert work.keys is not None
    base_url = _settings().base_url
    with force_locale(locale):
        while True:
            if not _note(row_id, export_id, done=work.keys_done, total=len(work.keys)):
                work.forget()
                return False
            if work.keys_done >= len(work.keys):
                break
            batch = work.keys[work.keys_done : work.keys_done + _BATCH]
            found = load_found(ANONYMOUS, batch)
            rows = {key: result_row(thing, locale=locale, base_url=base_url) for key, thing in found.items()}
            work.add(len(batch), rows)
        # Asked again: what came first may have been hidden while the rest was noted, or while no worker was there.
        work.write(_path(export_id, kind), kind, result_heads(), public_keys(work.keys))
    with unit_of_work() as session:
        job = session.get(ExportJob, export_id, with_for_update=True)
        is_wanted = job is not None and job.is_open
        if job is not None and is_wanted:
            job.state, job.finished_at = "done", utc_now()
    work.forget()
    if not is_wanted:
        forget_export(_path(export_id, kind))
    return is_wanted


def _note(row_id: int, export_id: int, *, done: int, total: int) -> bool:
    """Write down how far it is and keep the lease; False when it was cancelled or its owner is gone."""
    with unit_of_work() as session:
        job = session.get(ExportJob, export_id, with_for_update=True)
        if job is None or not job.is_open:
            return False
        job.state, job.total, job.done = "running", total, done
        if (row := session.get(OutboxRow, row_id)) is not None:
            row.leased_until = utc_now() + _LEASE
    return True


def _lease() -> tuple[int, int] | None:
    now = utc_now()
    free = or_(OutboxRow.leased_until.is_(None), OutboxRow.leased_until < now)
    waiting = OutboxRow.topic == TOPIC_EXPORT, OutboxRow.dead_at.is_(None), free
    if db.session.scalar(select(OutboxRow.id).where(*waiting).limit(1)) is None:
        return None
    with unit_of_work() as session:
        statement = select(OutboxRow).where(*waiting).order_by(OutboxRow.id).limit(1).with_for_update(skip_locked=True)
        if (row := session.scalars(statement).first()) is None:
            return None
        row.leased_until, row.attempts = now + _LEASE, row.attempts + 1
        return row.id, int(row.key)


def _record_failure(row_id: int, export_id: int, error: str) -> None:
    """Try again later; after the last try say so on its page."""
    with unit_of_work() as session:
        row, job = session.get(OutboxRow, row_id), session.get(ExportJob, export_id)
        if row is None:
            return
        row.last_error = error[:500]
        row.leased_until = utc_now() + timedelta(seconds=30)
        if row.attempts >= _MAXIMUM_ATTEMPTS:
            row.dead_at = utc_now()
            if job is not None and job.is_open:
                job.state, job.finished_at = "failed", utc_now()


def _directory() -> Path:
    return _settings().var_dir / "exports"


def _path(export_id: int, kind: str) -> Path:
    return _directory() / f"{export_id}.{kind}"


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings
