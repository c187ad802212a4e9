"""How well the queue is served."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from sqlalchemy import select

from techmart.db import db
from techmart.models.event import Event
from techmart.operations.review_queue import DECISION_HOURS, waiting_codes
from techmart.rules.clock import utc_now
from techmart.rules.policy import Actor, Permission, require

PERIOD = timedelta(days=30)
#: Submissions and earlier decisions are looked for this much further back.
_LOOK_BACK = timedelta(days=90)

_SUBMITS = frozenset({"listing:submit", "revision:submit"})
_APPROVALS = frozenset({"listing:approve", "revision:approve"})
_DECISIONS = _APPROVALS | {"listing:request_changes", "revision:request_changes", "listing:reject", "revision:reject"}


@dataclass(frozen=True)
class QueueFigures:
    """`median_hours` and `first_go_percent` look at the last 30 days and are None when nothing was decided then."""

    waiting: int
    overdue: int
    median_hours: float | None
    first_go_percent: int | None


@dataclass(frozen=True)
class _Step:
    at: datetime
    subject: tuple[str, int]
    action: str


def queue_figures(actor: Actor) -> QueueFigures:
    """What waits now, the median hours from submission to decision, and how many first decisions were approvals.

    Raises NotAllowed.
    """
    require(actor, Permission.MODERATION_VIEW)
    now = utc_now()
    waiting = waiting_codes()
    hours, first_go = _measure(_steps(now - PERIOD - _LOOK_BACK), since=now - PERIOD)
    return QueueFigures(
        waiting=len(waiting),
        overdue=sum(now - row.submitted_at >= timedelta(hours=DECISION_HOURS) for row in waiting),
        median_hours=round(median(hours), 1) if hours else None,
        first_go_percent=round(100 * sum(first_go) / len(first_go)) if first_go else None,
    )


def _steps(since: datetime) -> Iterable[_Step]:
    statement = (
        select(Event.at, Event.subject_kind, Event.subject_id, Event.action)
        # Without a person behind it (an import) there was no review to measure.
        .where(Event.action.in_(_SUBMITS | _DECISIONS), Event.at >= since, Event.actor_id.is_not(None))
        .order_by(Event.id)
    )
    return (_Step(at, (kind, number), action) for at, kind, number, action in db.session.execute(statement))


def _measure(steps: Iterable[_Step], *, since: datetime) -> tuple[list[float], list[bool]]:
    """Hours of every decision after `since`, and whether each first decision was an approval."""
    submitted: dict[tuple[str, int], datetime] = {}
    decided: set[tuple[str, int]] = set()
    hours: list[float] = []
    first_go: list[bool] = []
    for step in steps:
        if step.action in _SUBMITS:
            submitted[step.subject] = step.at
            continue
        if step.at >= since:
            if start := submitted.get(step.subject):
                hours.append((step.at - start).total_seconds() / 3600)
            if step.subject not in decided:
                first_go.append(step.action in _APPROVALS)
        decided.add(step.subject)
    return hours, first_go
