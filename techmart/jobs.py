"""Background work: huey tasks call operations and search.sync. A lost nudge costs nothing: a sweep makes up for it."""

from __future__ import annotations

import structlog
from flask import Flask
from huey import SqliteHuey

_log = structlog.get_logger()
_huey: SqliteHuey | None = None


def init_app(app: Flask) -> None:
    """Open the job store."""


def nudge() -> None:
    """Tell the worker that the outbox has rows."""
