"""Structured logs: one line per record, a request id on each, secrets redacted."""

from __future__ import annotations

import logging
import re
import secrets
import sys
import time
from typing import Any

import structlog
from flask import Flask, Response, g, request
from structlog.typing import EventDict

_REDACTED_KEYS = frozenset({"password", "token", "cookie", "secret", "code", "csrf_token", "authorization"})
_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
_MAXIMUM_VALUE_LENGTH = 2000


def init_app(app: Flask) -> None:
    """Configure structlog and log every request with its id, status and time in milliseconds."""
    settings = app.config["SETTINGS"]
    renderer: Any = structlog.processors.JSONRenderer(ensure_ascii=False)  # Any: structlog's processor union
    if not settings.log_json:
        renderer = structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _clean,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        # Looked up each time: what a command prints belongs on standard output, alone.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
    app.before_request(_begin)
    app.after_request(_finish)


def _clean(_logger: object, _method: str, record: EventDict) -> EventDict:
    for key, value in record.items():
        if key.lower() in _REDACTED_KEYS:
            record[key] = "…"
        elif isinstance(value, str) and key != "exception":
            record[key] = (
                value[:_MAXIMUM_VALUE_LENGTH].replace("\n", "\\n").replace("\r", "\\r").replace("\x1b", "\\x1b")
            )
    return record


def _begin() -> None:
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
    g.started = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _finish(response: Response) -> Response:
    if "request_id" in g:
        response.headers["X-Request-ID"] = g.request_id
        if not request.path.startswith("/static/"):
            elapsed_ms = round((time.perf_counter() - g.started) * 1000, 1)
            structlog.get_logger().info(
                "request", method=request.method, path=request.path, status=response.status_code, ms=elapsed_ms
            )
    return response
