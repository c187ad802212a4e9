"""What every template may use: site and operator names, language and canonical addresses, the actor and `can`."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Flask, current_app, request

from config import Settings
from techmart.rules.policy import Permission, can
from techmart.web.actor import current_actor
from techmart.web.i18n import select_locale
from techmart.web.notifications import unread_of


def init_app(app: Flask) -> None:
    """Register the context processor."""
    settings: Settings = app.config["SETTINGS"]
    app.jinja_env.globals.update(site_name=settings.site_name, operator_name=settings.operator_name)
    app.context_processor(_context)


def _context() -> dict[str, Any]:  # Any: template globals
    if not request:  # a mail is rendered outside any request
        return {}
    actor = current_actor()
    return {
        "actor": actor,
        "can": lambda permission, organisation_id=None: can(actor, Permission(permission), organisation_id),
        "canonical_url": _absolute(request.path),
        "language_url": language_url,
        "locale": select_locale(),
        "nav": "",
        "unread": unread_of(actor),
    }


def language_url(locale: str, *, absolute: bool = False) -> str:
    """This page in another language, with everything else of the address kept."""
    pairs = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    path = f"{request.path}?{urlencode([*pairs, ('lang', locale)])}"
    return _absolute(path) if absolute else path


def _absolute(path: str) -> str:
    """Built on the configured address, never on the Host header."""
    settings: Settings = current_app.config["SETTINGS"]
    return f"{settings.base_url}{path}"
