"""Language of a page: Vietnamese unless the reader chose English."""

from __future__ import annotations

from flask import Flask, g, request, session
from flask_login import current_user

LOCALES = ("vi", "en")


def select_locale() -> str:
    """`?lang=` wins, then the reader's earlier choice, then his account. Browser headers do not: Vietnamese comes first.

    Settled once a request: a page of results asks two hundred times.
    """
    locale: str | None = g.get("locale")
    if locale is None:
        locale = g.locale = _chosen_locale()
    return locale


def _chosen_locale() -> str:
    asked = request.args.get("lang", "")
    if asked in LOCALES:
        return asked
    kept = session.get("lang")
    if kept in LOCALES:
        return str(kept)
    locale = getattr(current_user, "locale", None)
    return locale if locale in LOCALES else LOCALES[0]


def init_app(app: Flask) -> None:
    """Remember an explicit choice."""

    @app.before_request
    def _keep_choice() -> None:
        asked = request.args.get("lang", "")
        if asked in LOCALES and session.get("lang") != asked:
            session["lang"] = asked
