"""Commands: one file per noun. They call operations with the system as actor and hold no rules."""

from __future__ import annotations

from flask import Flask

from techmart.cli import alerts, bench, evaluation, glossary, importing, sample, search, serve, users

_COMMANDS = (
    alerts.alerts, bench.bench, evaluation.evaluation, glossary.glossary, importing.import_file, sample.sample, search.search, serve.serve,
    serve.worker, users.users,
)  # fmt: skip


def init_app(app: Flask) -> None:
    """Register every command."""
    for command in _COMMANDS:
        app.cli.add_command(command)
