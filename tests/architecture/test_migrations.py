"""The migrations and the models say the same on both databases, and constraints have the names of the convention."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import create_engine, inspect

from techmart import create_app
from techmart.db import Base, db
from tests.conftest import settings_in
from tests.databases import description_of, needs_postgres, postgres_database

DIALECTS = ["sqlite", pytest.param("postgresql", marks=needs_postgres)]
MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


@contextmanager
def empty_database(dialect: str, directory: Path) -> Iterator[str]:
    """The URL of a database without tables."""
    if dialect == "postgresql":
        with postgres_database() as url:
            yield url
    else:
        yield f"sqlite:///{directory / 'schema.db'}"


@pytest.fixture(params=DIALECTS, scope="module")
def migrated(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An application on a database that the migrations made; its context is open."""
    directory = tmp_path_factory.mktemp("migrated")
    with empty_database(request.param, directory) as url:
        app = create_app(settings_in(directory, url))
        with app.app_context():
            upgrade()
            yield app
            db.session.remove()
            db.engine.dispose()


@pytest.fixture(scope="module")
def described(migrated: Flask) -> dict[str, dict[str, Any]]:  # Any: see description_of
    return description_of(db.engine)


def test_alembic_finds_nothing_to_migrate(migrated: Flask):
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []


def test_the_database_itself_describes_both_alike(
    migrated: Flask,
    described: dict[str, dict[str, Any]],
    tmp_path_factory: pytest.TempPathFactory,  # Any: as above
):
    """Alembic does not compare checks and ON DELETE; a database made from the models does."""
    with empty_database(db.engine.dialect.name, tmp_path_factory.mktemp("models")) as url:
        engine = create_engine(url)
        Base.metadata.create_all(engine)
        from_models = description_of(engine)
        engine.dispose()
    assert described.keys() == from_models.keys()
    for table, parts in from_models.items():
        for part, expected in parts.items():
            assert described[table][part] == expected, f"{table}: {part}"


def test_every_constraint_is_named_by_the_convention(described: dict[str, dict[str, Any]]):  # Any: as above
    assert described
    for table, parts in described.items():
        assert parts["pk"]["name"] == f"pk_{table}"
        for key in parts["fk"]:
            assert key["name"] == f"fk_{table}_{'_'.join(key['constrained_columns'])}_{key['referred_table']}"
        for key in parts["uq"]:
            assert key["name"] == f"uq_{table}_{'_'.join(key['column_names'])}"
        for name, _condition in parts["ck"]:
            assert name.startswith(f"ck_{table}_"), f"{table}: {name}"
        for index in parts["ix"]:
            assert index["name"].startswith((f"ix_{table}_", f"uq_{table}_")), f"{table}: {index['name']}"


def test_every_cascading_foreign_key_has_an_index(described: dict[str, dict[str, Any]]):  # Any: as above
    """Otherwise deleting one row reads whole tables."""
    for table, parts in described.items():
        leading = {key["column_names"][0] for key in (*parts["uq"], *parts["ix"])}
        leading.add(parts["pk"]["constrained_columns"][0])
        for key in parts["fk"]:
            if key["options"].get("ondelete") == "CASCADE":
                assert key["constrained_columns"][0] in leading, f"{table}.{key['constrained_columns'][0]}"


def test_there_is_one_head():
    assert len(ScriptDirectory(str(MIGRATIONS)).get_heads()) == 1


def test_downgrading_leaves_nothing_behind(tmp_path: Path, migrated: Flask):
    with empty_database(db.engine.dialect.name, tmp_path) as url:
        app = create_app(settings_in(tmp_path, url))
        with app.app_context():
            upgrade()
            downgrade(revision="base")
            assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
            db.session.remove()
            db.engine.dispose()
