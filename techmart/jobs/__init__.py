"""Background work: huey tasks call operations and search.sync. A lost nudge costs nothing: a sweep makes up for it."""

from __future__ import annotations

import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import structlog
from flask import Flask, current_app
from huey import SqliteHuey, crontab

from config import Settings
from techmart.db import db, unit_of_work
from techmart.jobs.match_bulk import match_many
from techmart.jobs.matching import match_waiting
from techmart.jobs.stopping import listen_to
from techmart.jobs.telling import tell_what_is_due
from techmart.operations.ageing import age_listings
from techmart.operations.attachment import sweep_uploads
from techmart.operations.export import expire_exports, release_exports, write_exports
from techmart.operations.mail import deliver_mail
from techmart.operations.readiness import heartbeat_path
from techmart.operations.session import delete_dead_sessions
from techmart.search.glossary_store import current_glossary
from techmart.search.query import run_query
from techmart.search.search_args import SearchArgs
from techmart.search.service import check_index, current_engine, sync_lock_path
from techmart.search.sync import rebuild_index, sync_index

_log = structlog.get_logger()


def init_app(app: Flask) -> None:
    """Open the job store (except in tests, which call the work directly) and register the tasks."""
    settings: Settings = app.config["SETTINGS"]
    if settings.environment == "testing":
        return
    settings.var_dir.mkdir(parents=True, exist_ok=True)
    huey = SqliteHuey("techmart", filename=str(settings.jobs_path), results=False, strict_fifo=True)
    work: dict[str, Callable[[], object]] = {
        "drain": drain_outbox, "match": match, "begin": begin, "export": export,
    }  # fmt: skip
    tasks: dict[str, Any] = {
        name: huey.task()(_with_context(app, name, run)) for name, run in work.items()
    }  # Any: huey's
    # Several times a day what once would do, because a small installation is not on at a given hour.
    periodic: dict[str, tuple[Any, Callable[[], object]]] = {
        "beat": (crontab(minute="*"), beat),
        "sweep": (crontab(minute="*"), drain_outbox),
        "match_left": (crontab(minute="*"), match),
        "age": (crontab(minute="7"), age),
        "export_left": (crontab(minute="*"), export),
        "expire_exports": (crontab(minute="47"), expire_exports),
        "tell": (crontab(minute="*/15"), tell_what_is_due),
        "forget_sessions": (crontab(minute="17"), forget_sessions),
        "sweep_files": (crontab(minute="37", hour="*/6"), sweep_uploads),
    }
    for name, (when, run) in periodic.items():
        huey.periodic_task(when)(_with_context(app, name, run))
    app.extensions["techmart-jobs"] = huey, tasks


def _with_context(app: Flask, name: str, work: Callable[[], object]) -> Callable[[], None]:
    def run() -> None:
        with app.app_context():
            try:
                work()
            finally:
                db.session.remove()

    run.__name__ = name
    return run


def nudge() -> None:
    """Tell the worker that the outbox has rows. Failing to do so is no error: the minutely sweep finds them."""
    _wake("drain", "export")


def _wake(*names: str) -> None:
    if "techmart-jobs" not in current_app.extensions:
        return
    try:
        for name in names:
            current_app.extensions["techmart-jobs"][1][name]()
    except Exception as error:  # outermost: the business change is committed already
        _log.warning("nudge_failed", error=repr(error))


def drain_outbox() -> None:
    """Bring the index up to date, let what it now holds be matched, and send waiting mail, whatever becomes of the others.

    Safe to run twice at once. Matching is a task of its own, so that neither index nor mail ever waits for it.
    """
    try:
        sync_index(current_engine(), sync_lock_path())
    finally:
        _wake("match")
        deliver_mail()


def match() -> None:
    """Match what waits, what came by the thousand in processes of its own."""
    match_waiting(match_many)


def begin() -> None:
    """What a worker does first: an index that was never made, was lost or is damaged is written from the database."""
    if not (state := check_index())["ok"]:
        _log.warning("index_made_anew", **state)
        rebuild_index(current_engine(), sync_lock_path())
    drain_outbox()


def beat() -> None:
    """Say that the worker lives, for `/readyz`."""
    heartbeat_path().touch()


def age() -> None:
    """Ask for confirmations that are due."""
    with unit_of_work():
        age_listings()


def forget_sessions() -> None:
    """Delete what is left of sessions that ended long ago."""
    with unit_of_work():
        delete_dead_sessions()


def export() -> None:
    """Write the exports that were asked for."""
    write_exports(_keys_of)


def _keys_of(parameters: Sequence[Sequence[str]], limit: int) -> list[str]:
    """Keys of what a search finds, in its order."""
    query = replace(SearchArgs.of_pairs(parameters), page=1).query(limit=limit)
    return [hit.key for hit in run_query(current_engine(), current_glossary(), query, facets=()).result.hits]


def run_worker(app: Flask) -> None:
    """Run the worker until SIGINT or SIGTERM. The one process that writes the index."""
    # A shell that started us in the background had it ignored, and `flask serve` ends us by it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # Ctrl-C before the consumer listens to it: nothing is begun that the outbox does not keep.
    with suppress(KeyboardInterrupt):
        _work(app)


def _work(app: Flask) -> None:
    huey, tasks = app.extensions["techmart-jobs"]
    with app.app_context():
        beat()
        # Before any thread of this worker writes one; what the last worker held was let go when it died.
        release_exports()
        db.session.remove()
    tasks["begin"]()  # by a thread of the consumer, so that the heart beats while much is being indexed
    consumer = huey.create_consumer(workers=3, periodic=True, initial_delay=0.05, max_delay=0.3, scheduler_interval=1)
    listen_to(consumer.stop_flag)
    consumer.run()
