"""Background work: huey tasks call operations and search.sync. A lost nudge costs nothing: a sweep makes up for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import structlog
from flask import Flask, current_app
from huey import SqliteHuey, crontab

from config import Settings
from techmart.db import db, unit_of_work
from techmart.operations.ageing import age_listings
from techmart.operations.mail import deliver_mail
from techmart.search.service import current_engine, sync_lock_path
from techmart.search.sync import sync_index

_log = structlog.get_logger()

HEARTBEAT_NAME = "worker.heartbeat"


def init_app(app: Flask) -> None:
    """Open the job store (except in tests, which call the work directly) and register the tasks."""
    settings: Settings = app.config["SETTINGS"]
    if settings.environment == "testing":
        return
    settings.var_dir.mkdir(parents=True, exist_ok=True)
    huey = SqliteHuey("techmart", filename=str(settings.jobs_path), results=False, strict_fifo=True)
    huey.periodic_task(crontab(minute="7"))(_with_context(app, "age", age))
    tasks: dict[str, Any] = {"drain": huey.task()(_with_context(app, "drain", drain_outbox))}  # Any: huey's task wrapper
    huey.periodic_task(crontab(minute="*"))(_with_context(app, "sweep", lambda: (_beat(settings), drain_outbox())))
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
    if "techmart-jobs" not in current_app.extensions:
        return
    try:
        current_app.extensions["techmart-jobs"][1]["drain"]()
    except Exception as error:  # outermost: the business change is committed already
        _log.warning("nudge_failed", error=repr(error))


def drain_outbox() -> None:
    """Bring the index up to date and send waiting mail. Safe to run twice at once."""
    sync_index(current_engine(), sync_lock_path())
    deliver_mail()


def age() -> None:
    """Ask for confirmations that are due. Hourly, because a small installation is not on at a given hour of the day."""
    with unit_of_work():
        age_listings()


def run_worker(app: Flask) -> None:
    """Run the worker until SIGINT or SIGTERM. The one process that writes the index."""
    huey, _ = app.extensions["techmart-jobs"]
    with app.app_context():
        _beat(app.config["SETTINGS"])
        drain_outbox()
    consumer = huey.create_consumer(workers=3, periodic=True, initial_delay=0.05, max_delay=0.3, scheduler_interval=1)
    consumer.run()


def _beat(settings: Settings) -> None:
    Path(settings.var_dir / HEARTBEAT_NAME).touch()
