"""Pages: HTTP in, operations called, templates out."""

from __future__ import annotations

from flask import Flask

from techmart.web import errors, guards, headers, health, home, i18n, sessions

BLUEPRINTS = (health.bp, home.bp)


def register_web(app: Flask) -> None:
    """Register blueprints, guards, headers and error pages."""
    for part in (sessions, i18n, guards, headers, errors):
        part.init_app(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
