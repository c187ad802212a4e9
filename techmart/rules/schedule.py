"""When mails about saved searches are due: at seven in the morning in Vietnam, every day or on Mondays."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Final

from techmart.rules.clock import LOCAL_ZONE

RHYTHMS: Final = ("none", "daily", "weekly")
_AT: Final = time(7)
_MONDAY: Final = 0


def last_due(rhythm: str, now: datetime) -> datetime | None:
    """The newest instant, not after `now`, at which a mail of this rhythm was due; None where none ever is."""
    if rhythm not in ("daily", "weekly"):
        return None
    local = now.astimezone(LOCAL_ZONE)
    due = datetime.combine(local.date(), _AT, LOCAL_ZONE)
    if due > local:
        due -= timedelta(days=1)
    if rhythm == "weekly":
        due -= timedelta(days=(due.weekday() - _MONDAY) % 7)
    return due
