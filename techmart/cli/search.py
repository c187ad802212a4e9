"""`flask search …`: upkeep of the index. The exit status says whether it is healthy."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask.cli import AppGroup
from sqlalchemy import func, select

from techmart.cli.progress import progress_bar
from techmart.db import db
from techmart.models.outbox import TOPIC_INDEX, OutboxRow
from techmart.search.array_file import UnknownLayout
from techmart.search.service import current_engine, sync_lock_path
from techmart.search.sync import rebuild_index, sync_index, verify_index

search = AppGroup("search", help="Upkeep of the search index.")


@search.command("rebuild")
def rebuild() -> None:
    """Write a new index from the database and switch to it; searches go on meanwhile."""
    started = time.perf_counter()
    with progress_bar("Rebuilding the index") as advance:
        count = rebuild_index(current_engine(), sync_lock_path(), progress=advance)
    seconds = time.perf_counter() - started
    click.echo(f"{count} documents in {seconds:.1f} s ({count / max(seconds, 0.001):.0f} documents/s)")


@search.command("sync")
def sync() -> None:
    """Index what is waiting in the outbox."""
    report = sync_index(current_engine(), sync_lock_path())
    if report.was_locked:
        click.echo("Another process is indexing; nothing to do here.")
        return
    click.echo(f"{report.added} added or changed, {report.deleted} removed, {len(report.failed)} failed")
    sys.exit(1 if report.failed else 0)


@search.command("verify")
def verify() -> None:
    """Compare index and database; exit status 1 when they differ."""
    with _readable_index():
        drift = verify_index(current_engine())
    for name in ("missing", "surplus", "outdated"):
        keys = getattr(drift, name)
        click.echo(
            f"{name}: {len(keys)}" + (f" ({', '.join(keys[:10])}{' …' if len(keys) > 10 else ''})" if keys else "")
        )
    waiting = _waiting()
    if drift and waiting:
        click.echo(f"{waiting} changes are still waiting in the outbox; run `flask search sync`, then verify again.")
    sys.exit(1 if drift else 0)


@search.command("status")
def status() -> None:
    """Documents, segments, size and what is waiting."""
    with _readable_index():
        figures = current_engine().status()
    for name, value in figures.items():
        click.echo(f"{name}: {value}")
    waiting, dead = _waiting(), _dead()
    click.echo(f"waiting in the outbox: {waiting}\nput aside after failures: {dead}")
    sys.exit(1 if dead else 0)


@contextmanager
def _readable_index() -> Iterator[None]:
    try:
        yield
    except UnknownLayout:
        message = "The index was written by another version. A worker of this one makes it anew; so does `flask search rebuild`."
        raise click.ClickException(message) from None


def _waiting() -> int:
    conditions = OutboxRow.topic == TOPIC_INDEX, OutboxRow.dead_at.is_(None)
    return db.session.scalar(select(func.count()).select_from(OutboxRow).where(*conditions)) or 0


def _dead() -> int:
    return db.session.scalar(select(func.count()).select_from(OutboxRow).where(OutboxRow.dead_at.is_not(None))) or 0
