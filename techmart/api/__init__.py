"""The read API: JSON for other systems, the same data and rules as the pages."""

from __future__ import annotations

from flask import Flask

from techmart.api import matches, search


def register_api(app: Flask) -> None:
    """Register the blueprints of the API."""
    app.register_blueprint(search.bp)
    app.register_blueprint(matches.bp)
