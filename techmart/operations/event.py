"""Writing the audit trail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from techmart.db import db
from techmart.models.event import Event
from techmart.rules.policy import Actor


def record_event(
    actor: Actor,
    subject_kind: str,
    subject_id: int,
    action: str,
    *,
    from_state: str | None = None,
    to_state: str | None = None,
    reason: str | None = None,
    changes: Mapping[str, Any] | None = None,  # Any: field values, old and new
) -> Event:
    """Add a row `subject:action` in the current transaction. Events are never edited or deleted."""
    event = Event(
        actor_id=actor.user_id,
        subject_kind=subject_kind,
        subject_id=subject_id,
        action=f"{subject_kind}:{action}",
        from_state=from_state,
        to_state=to_state,
        reason=reason,
        changes=dict(changes or {}),
    )
    db.session.add(event)
    return event
