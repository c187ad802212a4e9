"""What all tests stand on: an application with a fresh, migrated database, a client, a clock, and a way to sign in."""

from __future__ import annotations

import contextvars
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from werkzeug.test import TestResponse

from config import Settings
from techmart import create_app
from techmart.db import db, unit_of_work
from techmart.extensions import limiter
from techmart.models.account import User
from techmart.operations.session import open_session
from techmart.rules.clock import frozen_at
from tests.compiled import COMPILED_TEMPLATES, compile_routes_once
from tests.shares import FilesAndFolders

SESSION_COOKIE = "techmart"

compile_routes_once()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> FilesAndFolders:  # Any: xdist's signature
    """Whoever runs the tests in several processes gets them shared out our way."""
    return FilesAndFolders(config, log)


class IsolatedClient(FlaskClient):
    """Each request in an application context of its own, as in production, although the test has one open.

    Otherwise `g`, and with it the signed-in user, would live on from request to request. Afterwards the test's own
    database session begins anew, so that it reads what the request wrote.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:  # Any: Werkzeug's signature
        kwargs.setdefault("buffered", True)
        response = contextvars.Context().run(super().open, *args, **kwargs)
        db.session.rollback()
        return response


class Clock:
    """The time of the test. Starts on Monday, 2 March 2026, 9:00 in Vietnam, and moves only when told."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self.set(datetime(2026, 3, 2, 2, 0, tzinfo=UTC))

    def set(self, instant: datetime) -> None:
        self.now = instant
        self._stack.enter_context(frozen_at(instant))

    def advance(self, **amount: float) -> None:
        """Forward by `days=…, hours=…, minutes=…`."""
        self.set(self.now + timedelta(**amount))


def settings_in(directory: Path, database_url: str | None = None) -> Settings:
    """Testing settings with everything that is written lying below `directory`, a SQLite database too unless named."""
    return Settings(
        environment="testing",
        secret_key="only-for-tests-" * 3,
        database_url=database_url or f"sqlite:///{directory / 'techmart.db'}",
        search_index_dir=directory / "search_index",
        upload_dir=directory / "uploads",
        var_dir=directory / "var",
        base_url="http://localhost",
    )


@contextmanager
def app_in(directory: Path, database: Path | None, *, database_url: str | None = None) -> Iterator[Flask]:
    """An application below `directory` on a copy of `database`, or on `database_url`; its context is open."""
    if database is not None:
        shutil.copy(database, directory / "techmart.db")
    app = create_app(settings_in(directory, database_url))
    app.config["WTF_CSRF_ENABLED"] = False  # the tests of CSRF turn it on again
    app.test_client_class = IsolatedClient
    app.jinja_env.bytecode_cache = COMPILED_TEMPLATES
    limiter.enabled = False  # counts per process, not per application
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="session")
def migrated_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite database at the head of the migrations, made once and copied."""
    directory = tmp_path_factory.mktemp("migrated")
    with app_in(directory, None):
        upgrade()
        # One file: what lies in the write-ahead log goes into the database.
        with db.engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA journal_mode=DELETE")
    return directory / "techmart.db"


@pytest.fixture
def app(tmp_path: Path, migrated_database: Path) -> Iterator[Flask]:
    """The application with a fresh database; an application context is open."""
    with app_in(tmp_path, migrated_database) as made:
        yield made


@pytest.fixture(scope="module")
def module_app(tmp_path_factory: pytest.TempPathFactory, migrated_database: Path) -> Iterator[Flask]:
    """The same, shared by the tests of one file, for tables of many cases."""
    with app_in(tmp_path_factory.mktemp("module"), migrated_database) as made:
        yield made


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser nobody has signed in with."""
    return app.test_client()


@pytest.fixture
def login(app: Flask) -> Callable[..., FlaskClient]:
    """`login(user)` → a browser with a live session of that user, second factor given; `client=` names it."""

    def sign_in(user: User, *, client: FlaskClient | None = None, with_second_factor: bool = True) -> FlaskClient:
        client = client or app.test_client()
        with unit_of_work():
            secret = open_session(user, with_second_factor=with_second_factor)
        client.set_cookie(SESSION_COOKIE, secret)
        return client

    return sign_in


@pytest.fixture
def clock() -> Iterator[Clock]:
    """A clock that stands still; see Clock."""
    with ExitStack() as stack:
        yield Clock(stack)
