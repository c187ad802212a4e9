"""Whether the parts a visitor needs are in order. The index itself is asked by `search.service`."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from config import Settings
from techmart.db import database_is_ready, db
from techmart.models.outbox import TOPIC_INDEX, TOPIC_MAIL, TOPIC_MATCH, TOPIC_MATCH_BULK, OutboxRow
from techmart.rules.clock import utc_now

OUTBOX_AGE_LIMIT_SECONDS = 120
#: The worker beats every minute.
HEARTBEAT_LIMIT_SECONDS = 180
_HEARTBEAT_NAME = "worker.heartbeat"


def heartbeat_path() -> Path:
    """The file the worker touches every minute; its age tells whether one runs."""
    settings: Settings = current_app.config["SETTINGS"]
    return settings.var_dir / _HEARTBEAT_NAME


def check_readiness() -> dict[str, dict[str, Any]]:  # Any: figures of different kinds per check
    """Check name → {"ok": bool, …figures}: database, worker, index_queue, mail_queue, match_queue. Never raises."""
    checks: dict[str, dict[str, Any]] = {"database": {"ok": False}, "worker": _worker()}
    try:
        checks["database"] = {"ok": database_is_ready()}
        checks["index_queue"] = _queue(TOPIC_INDEX)
        checks["mail_queue"] = _queue(TOPIC_MAIL)
        # Alerts that come late are no reason to take a site out of service.
        checks["match_queue"] = {
            **_queue(TOPIC_MATCH),
            "ok": True,
            "waiting_in_bulk": _queue(TOPIC_MATCH_BULK)["waiting"],
        }
    except SQLAlchemyError as error:
        db.session.rollback()
        checks["database"] = {"ok": False, "error": type(error).__name__}
    return checks


def _worker() -> dict[str, Any]:
    try:
        age_seconds = max(0, int(time.time() - heartbeat_path().stat().st_mtime))
    except OSError:
        return {"ok": False, "heartbeat_seconds": None}
    return {"ok": age_seconds <= HEARTBEAT_LIMIT_SECONDS, "heartbeat_seconds": age_seconds}


def _queue(topic: str) -> dict[str, Any]:
    """How long the oldest row has been due. One that waits for its next try is not: a bad address is no outage."""
    is_open = OutboxRow.topic == topic, OutboxRow.done_at.is_(None)
    waiting = select(func.count()).where(*is_open, OutboxRow.dead_at.is_(None))
    due_since = func.coalesce(OutboxRow.leased_until, OutboxRow.created_at, type_=OutboxRow.created_at.type)
    now = utc_now()
    oldest: datetime | None = db.session.scalar(
        select(func.min(due_since)).where(*is_open, OutboxRow.dead_at.is_(None), due_since <= now)
    )
    age_seconds = int((now - oldest).total_seconds()) if oldest else 0
    return {
        "ok": age_seconds <= OUTBOX_AGE_LIMIT_SECONDS,
        "waiting": db.session.scalar(waiting) or 0,
        "oldest_seconds": age_seconds,
        "put_aside": db.session.scalar(select(func.count()).where(*is_open, OutboxRow.dead_at.is_not(None))) or 0,
    }
