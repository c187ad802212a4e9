"""Whether the parts a visitor needs are in order."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from techmart.db import database_is_ready, db
from techmart.models.outbox import OutboxRow
from techmart.rules.clock import utc_now

OUTBOX_AGE_LIMIT_SECONDS = 120


def check_readiness() -> dict[str, dict[str, Any]]:  # Any: figures of different kinds per check
    """Check name → {"ok": bool, …figures}. Never raises."""
    try:
        checks: dict[str, dict[str, Any]] = {"database": {"ok": database_is_ready()}}
        checks["outbox"] = _outbox_age()
    except SQLAlchemyError as error:
        return {"database": {"ok": False, "error": type(error).__name__}}
    return checks


def _outbox_age() -> dict[str, Any]:
    waiting = OutboxRow.done_at.is_(None), OutboxRow.dead_at.is_(None)
    count, oldest = db.session.execute(select(func.count(), func.min(OutboxRow.created_at)).where(*waiting)).one()
    age_seconds = int((utc_now() - oldest).total_seconds()) if oldest else 0
    return {"ok": age_seconds <= OUTBOX_AGE_LIMIT_SECONDS, "waiting": count, "oldest_seconds": age_seconds}
