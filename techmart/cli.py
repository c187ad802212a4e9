"""Commands: one group per noun. They call operations with the system as actor and hold no rules."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Register every command."""
