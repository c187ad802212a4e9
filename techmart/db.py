"""The database: engine settings, constraint names and the unit of work, which alone commits.

SQLite runs in WAL mode. Every writing transaction begins IMMEDIATE (a deferred one that turns writer fails at once with
SQLITE_BUSY_SNAPSHOT, without waiting) and holds one lock shared by all processes: SQLite's busy handler sleeps and polls,
so writers starve, while a kernel lock wakes the next one. PostgreSQL needs neither.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask, current_app
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, Dialect, Engine, MetaData, event
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

NAMING_CONVENTION = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Base of every table."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant, stored as UTC. A naive value is a mistake and refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime: instants carry a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


db = SQLAlchemy(model_class=Base)

_SQLITE_PRAGMAS = (
    "busy_timeout=15000",  # first: the switch to WAL can itself meet a lock
    "journal_mode=WAL",
    "synchronous=NORMAL",
    "foreign_keys=ON",
    "cache_size=-65536",
    "temp_store=MEMORY",
    "mmap_size=268435456",
    "journal_size_limit=67108864",
)

#: Called after a commit that left work in the outbox; the factory puts the worker's nudge here.
after_commit_hooks: list[Callable[[], None]] = []

_thread_lock = threading.Lock()


def init_db(app: Flask) -> None:
    """Bind SQLAlchemy to the application and give SQLite its settings."""
    db.init_app(app)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            _prepare_sqlite(db.engine)


def _prepare_sqlite(engine: Engine) -> None:
    if engine.url.database:
        Path(engine.url.database).parent.mkdir(parents=True, exist_ok=True)

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: object) -> None:  # Any: the driver's own classes
        connection.isolation_level = None  # SQLAlchemy, not the driver, says BEGIN
        for pragma in _SQLITE_PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Any) -> None:  # Any: listener signature
        writes = connection.get_execution_options().get("write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def unit_of_work() -> Iterator[Session]:
    """One writing transaction: commits on success, rolls back on any exception, then runs the after-commit hooks.

    Not re-entrant (RuntimeError rather than waiting for itself). Do no network or file work inside: all other writers wait. Objects loaded earlier in the request are
    refreshed inside the transaction, because the read snapshot ends here.
    """
    session = db.session()
    if session.info.get(_IS_OPEN):
        raise RuntimeError("a unit of work inside a unit of work")
    session.rollback()
    with _write_lock():
        session.info[_IS_OPEN] = True
        try:
            session.connection(execution_options={"write": True})
            yield session
            session.commit()
        except BaseException:
            session.rollback()
            session.info.pop(_HAS_WORK, None)
            raise
        finally:
            session.info.pop(_IS_OPEN, None)
            session.info.pop(_IS_BULK, None)
    if session.info.pop(_HAS_WORK, False):
        for hook in after_commit_hooks:
            hook()


_HAS_WORK = "has_work"
_IS_OPEN = "is_open"
_IS_BULK = "is_bulk"


def mark_work(session: Session) -> None:
    """Say that this transaction leaves work for the worker, so that it is told after the commit."""
    session.info[_HAS_WORK] = True


def mark_bulk(session: Session) -> None:
    """Say that this transaction brings many things at once: what is not urgent about them waits behind single changes."""
    session.info[_IS_BULK] = True


def is_bulk(session: Session) -> bool:
    """Whether the present transaction was marked so."""
    return bool(session.info.get(_IS_BULK))


@contextmanager
def _write_lock() -> Iterator[None]:
    """Among the threads of this process and, on SQLite, among all processes on this database file."""
    if db.engine.dialect.name != "sqlite" or not db.engine.url.database:
        yield
        return
    with _thread_lock:
        descriptor = os.open(f"{db.engine.url.database}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def is_sqlite() -> bool:
    """Whether the bound database is SQLite."""
    return bool(db.engine.dialect.name == "sqlite")


def database_is_ready() -> bool:
    """Whether the database answers and is at the head of the migrations (for `/readyz`)."""
    with db.engine.connect() as connection:
        row = connection.exec_driver_sql("SELECT version_num FROM alembic_version").first()
    return row is not None and current_app.config.get("MIGRATION_HEAD") in (None, row[0])
