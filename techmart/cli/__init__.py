"""Commands: one file per noun. They call operations with the system as actor and hold no rules."""

from __future__ import annotations

from flask import Flask

from techmart.cli import (
    alerts,
    bench,
    bench_matching,
    evaluation,
    glossary,
    importing,
    matching,
    sample,
    search,
    serve,
    users,
)

#: `bench_matching` adds its command to the group of `bench`.
_MORE = (bench_matching.match,)
_COMMANDS = (
    alerts.alerts, bench.bench, evaluation.evaluation, glossary.glossary, importing.import_file, matching.match, sample.sample, search.search, serve.serve,
    serve.worker, users.users,
)  # fmt: skip


def init_app(app: Flask) -> None:
    """Register every command."""
    for command in _COMMANDS:
        app.cli.add_command(command)
