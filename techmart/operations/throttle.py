"""Counting tries in the database, so that the limit holds across processes and restarts."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, select

from techmart.db import db
from techmart.errors import Throttled
from techmart.models.account import ThrottleHit
from techmart.rules.clock import utc_now


@dataclass(frozen=True)
class Limit:
    """At most `count` tries within `window` under one key."""

    name: str
    count: int
    window: timedelta


LOGIN_PER_ACCOUNT = Limit("login:account", 10, timedelta(minutes=15))
LOGIN_PER_ADDRESS = Limit("login:address", 100, timedelta(hours=1))
RESET_PER_ACCOUNT = Limit("reset:account", 3, timedelta(hours=1))
REGISTER_PER_ADDRESS = Limit("register:address", 20, timedelta(hours=1))
CODE_PER_ACCOUNT = Limit("code:account", 5, timedelta(minutes=15))


def check_limit(limit: Limit, key: str) -> None:
    """Raises Throttled when the key has used up its tries."""
    since = utc_now() - limit.window
    row_key = _row_key(limit, key)
    count, oldest = db.session.execute(
        select(func.count(), func.min(ThrottleHit.at)).where(ThrottleHit.key == row_key, ThrottleHit.at > since)
    ).one()
    if count >= limit.count:
        raise Throttled(max(1, int((oldest + limit.window - utc_now()).total_seconds())))


def count_try(limit: Limit, key: str) -> None:
    """Count one try."""
    db.session.add(ThrottleHit(key=_row_key(limit, key)))


def clear_tries(limit: Limit, key: str) -> None:
    """Forget the tries under a key, after a success."""
    db.session.execute(delete(ThrottleHit).where(ThrottleHit.key == _row_key(limit, key)))


def delete_old_tries() -> None:
    """Remove what no limit asks about any more."""
    db.session.execute(delete(ThrottleHit).where(ThrottleHit.at < utc_now() - timedelta(days=1)))


def _row_key(limit: Limit, key: str) -> str:
    """Addresses and mail addresses are kept as a hash: the counter needs no personal data."""
    return f"{limit.name}:{hashlib.sha256(key.encode()).hexdigest()[:40]}"
