"""A second lock beside the form token: what changes something must come from a page of this site."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, request
from flask_wtf.csrf import CSRFError

from config import Settings

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


def init_app(app: Flask) -> None:
    """Refuse a request that changes something and names another origin. One that names none is left to the token."""
    settings: Settings = app.config["SETTINGS"]
    configured = urlsplit(settings.base_url).netloc

    @app.before_request
    def _check_origin() -> None:
        origin = request.headers.get("Origin")
        if request.endpoint is None or request.method in _SAFE_METHODS or origin is None:
            return
        # `null`, which a sandboxed frame sends, has no host and is refused with the others.
        if urlsplit(origin).netloc not in (request.host, configured):
            raise CSRFError("foreign origin")
