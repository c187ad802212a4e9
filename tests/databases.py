"""Throw-away databases: a PostgreSQL database for one test module, and a schema as the database itself tells it."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, Inspector, create_engine, inspect, make_url, text

SERVER = os.environ.get("TEST_POSTGRES_URL", "")

#: Both on a test or a module's `pytestmark`: `-m postgres` selects, and without a server the reason is shown.
needs_postgres = [
    pytest.mark.postgres,
    pytest.mark.skipif(not SERVER, reason="TEST_POSTGRES_URL names no PostgreSQL server"),
]


@contextmanager
def postgres_database() -> Iterator[str]:
    """The URL of a fresh, empty database on the test server; dropped afterwards, whoever is still connected."""
    name = f"techmart_test_{secrets.token_hex(6)}"
    server = create_engine(SERVER, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield make_url(SERVER).set(database=name).render_as_string(hide_password=False)
    finally:
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        server.dispose()


def description_of(engine: Engine) -> dict[str, dict[str, Any]]:  # Any: reflected rows of many shapes
    """Table → what the database itself says about it: columns, keys, checks, indexes. Comparable within one dialect."""
    inspector = inspect(engine)
    return {name: _table(inspector, name) for name in sorted(inspector.get_table_names()) if name != "alembic_version"}


def _table(inspector: Inspector, name: str) -> dict[str, Any]:  # Any: see description_of
    checks = inspector.get_check_constraints(name)
    return {
        "columns": {
            column["name"]: (str(column["type"]), column["nullable"], column["default"])
            for column in inspector.get_columns(name)
        },
        "pk": inspector.get_pk_constraint(name),
        "fk": sorted(inspector.get_foreign_keys(name), key=lambda row: str(row["name"])),
        "uq": sorted(inspector.get_unique_constraints(name), key=lambda row: str(row["name"])),
        "ck": sorted((str(row["name"]), " ".join(row["sqltext"].split())) for row in checks),
        "ix": sorted(inspector.get_indexes(name), key=lambda row: str(row["name"])),
    }
