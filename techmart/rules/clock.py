"""The one clock of the product, so that it can be set."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

LOCAL_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def _system_now() -> datetime:
    return datetime.now(UTC)


_source: Callable[[], datetime] = _system_now


def utc_now() -> datetime:
    """The current instant, timezone-aware, in UTC."""
    return _source()


def local_today() -> date:
    """The current calendar day in Vietnam, which deadlines are counted in."""
    return utc_now().astimezone(LOCAL_ZONE).date()


@contextmanager
def frozen_at(instant: datetime) -> Iterator[None]:
    """Inside the block `utc_now()` returns `instant`, in the whole process: for tests, and for the sample catalogue,
    which is entered before anything else runs."""
    global _source  # one clock per process is the point of this module
    previous, _source = _source, lambda: instant
    try:
        yield
    finally:
        _source = previous
