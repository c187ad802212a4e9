"""Pages: HTTP in, operations called, templates out."""

from __future__ import annotations

from flask import Flask

from techmart.web import (
    account_settings,
    accounts,
    assets,
    context,
    errors,
    formats,
    guards,
    headers,
    health,
    home,
    i18n,
    organisations,
    pages,
    sessions,
)

BLUEPRINTS = (
    account_settings.bp,
    accounts.bp,
    health.bp,
    home.bp,
    organisations.bp,
    pages.bp,
)


def register_web(app: Flask) -> None:
    """Register blueprints, guards, headers and error pages."""
    for part in (formats, context, assets, sessions, i18n, guards, headers, errors):
        part.init_app(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
