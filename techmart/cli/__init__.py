"""Commands: one file per noun. They call operations with the system as actor and hold no rules."""

from __future__ import annotations

from flask import Flask

from techmart.cli import glossary, importing, sample, search, serve, users


def init_app(app: Flask) -> None:
    """Register every command."""
    commands = serve.serve, serve.worker, users.users, search.search, sample.sample, importing.import_file
    for command in (*commands, glossary.glossary):
        app.cli.add_command(command)
