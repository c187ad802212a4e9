"""What a monitor asks: each part out of order alone makes the site not ready, and the answer says which."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text, update
from sqlalchemy.exc import OperationalError

from techmart import jobs
from techmart.db import db, unit_of_work
from techmart.models.outbox import TOPIC_INDEX, TOPIC_MAIL, TOPIC_MATCH, TOPIC_MATCH_BULK, OutboxRow
from techmart.operations.mail import send_mail
from techmart.operations.readiness import heartbeat_path
from techmart.rules.clock import utc_now
from techmart.search.service import current_engine
from techmart.search.sync import verify_index
from tests import factories as make


@pytest.fixture
def running(app: Flask) -> Flask:
    """As a worker leaves it after its start: an index (of nothing yet) and a heartbeat."""
    heartbeat_path().parent.mkdir(parents=True, exist_ok=True)
    jobs.begin()
    jobs.beat()
    return app


def ask(client: FlaskClient) -> tuple[int, dict[str, Any]]:  # Any: JSON
    """The status, and the checks that failed."""
    answer = client.get("/readyz")
    assert answer.json["status"] == ("ok" if answer.status_code == 200 else "failing")
    return answer.status_code, {name: check for name, check in answer.json["checks"].items() if not check["ok"]}


def queue(topic: str, **values: object) -> None:
    """A row of ten minutes ago."""
    with unit_of_work() as session:
        row = {"created_at": utc_now() - timedelta(minutes=10), **values}
        session.add(OutboxRow(topic=topic, key="offer:1", payload={}, **row))


def test_alive_asks_nothing(client: FlaskClient):
    assert client.get("/healthz").json == {"status": "ok"}


def test_ready_when_everything_is_there(running: Flask, client: FlaskClient):
    assert ask(client) == (200, {})
    assert set(client.get("/readyz").json["checks"]) == {
        "database",
        "worker",
        "index",
        "index_queue",
        "mail_queue",
        "match_queue",
    }


def test_matching_that_lags_is_shown_and_takes_no_site_out_of_service(running: Flask, client: FlaskClient):
    queue(TOPIC_MATCH)
    queue(TOPIC_MATCH, dead_at=utc_now())
    queue(TOPIC_MATCH_BULK)
    assert ask(client) == (200, {})
    figures = client.get("/readyz").json["checks"]["match_queue"]
    assert (figures["waiting"], figures["put_aside"], figures["waiting_in_bulk"]) == (1, 1, 1)
    assert figures["oldest_seconds"] >= 600


def test_before_the_first_start_of_a_worker(client: FlaskClient):
    status, failing = ask(client)
    assert (status, set(failing)) == (503, {"worker", "index"})


def test_a_worker_that_went_silent(running: Flask, client: FlaskClient):
    old = time.time() - 200
    os.utime(heartbeat_path(), (old, old))
    status, failing = ask(client)
    assert (status, set(failing)) == (503, {"worker"})
    assert failing["worker"]["heartbeat_seconds"] >= 200


@pytest.mark.parametrize(("topic", "check"), [(TOPIC_INDEX, "index_queue"), (TOPIC_MAIL, "mail_queue")])
def test_work_that_nobody_does(running: Flask, client: FlaskClient, topic: str, check: str):
    queue(topic)
    status, failing = ask(client)
    assert (status, set(failing)) == (503, {check})
    assert failing[check]["waiting"] == 1
    assert failing[check]["oldest_seconds"] >= 600


def test_what_failed_and_waits_for_its_next_try_is_no_outage(running: Flask, client: FlaskClient):
    queue(TOPIC_MAIL, attempts=3, leased_until=utc_now() + timedelta(minutes=4))
    queue(TOPIC_MAIL, attempts=8, dead_at=utc_now())
    queue(TOPIC_MAIL, attempts=1, done_at=utc_now())
    assert ask(client) == (200, {})
    mail = client.get("/readyz").json["checks"]["mail_queue"]
    assert (mail["waiting"], mail["put_aside"]) == (1, 1)


def test_a_database_behind_the_migrations(running: Flask, client: FlaskClient):
    with unit_of_work() as session:
        session.execute(text("UPDATE alembic_version SET version_num = 'older'"))
    status, failing = ask(client)
    assert (status, set(failing)) == (503, {"database"})


def test_a_database_without_tables(running: Flask, client: FlaskClient):
    with unit_of_work() as session:
        session.execute(text("DROP TABLE alembic_version"))
    status, failing = ask(client)
    assert (status, failing["database"]["error"]) == (503, "OperationalError")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # Whoosh leaves a bad file open
def test_an_index_that_cannot_be_opened(running: Flask, client: FlaskClient):
    make.offer()
    jobs.drain_outbox()
    for path in running.config["SETTINGS"].search_index_dir.glob("g*/*"):
        path.write_bytes(b"")
    (folder,) = running.config["SETTINGS"].search_index_dir.glob("g*")
    shutil.copytree(folder, folder.with_name("g000777"))
    (folder.parent / "CURRENT").write_text("g000777")
    status, failing = ask(client)
    assert (status, set(failing)) == (503, {"index"})


def _lose(folder: Path) -> None:
    shutil.rmtree(folder)


def _damage(folder: Path) -> None:
    for path in folder.glob("g*/*"):
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # as above
@pytest.mark.parametrize("accident", [_lose, _damage])
def test_a_worker_writes_a_lost_or_damaged_index_anew(
    app: Flask, monkeypatch: pytest.MonkeyPatch, accident: Callable[[Path], None]
):
    key = make.offer().key
    jobs.begin()
    accident(app.config["SETTINGS"].search_index_dir)
    fresh = type(current_engine())(app.config["SETTINGS"].search_index_dir, cache_mb=16)  # as after a restart
    monkeypatch.setitem(app.extensions, "techmart-search", fresh)
    jobs.begin()
    assert key in dict(fresh.versions())
    assert not verify_index(fresh)


def test_mail_goes_out_though_the_index_fails(app: Flask, monkeypatch: pytest.MonkeyPatch):
    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(jobs, "sync_index", fail)
    with unit_of_work():
        send_mail("an@vidu.example", "password_changed", name="An")
    with pytest.raises(OSError, match="disk full"):
        jobs.drain_outbox()
    assert len(list(app.config["SETTINGS"].mail_dir.glob("*.txt"))) == 1


def test_a_message_that_cannot_be_written_does_not_stop_the_others(app: Flask):
    with unit_of_work():
        send_mail("an@vidu.example", "no_such_template")
        send_mail("chau@vidu.example", "password_changed", name="Châu")
    jobs.deliver_mail()
    assert len(list(app.config["SETTINGS"].mail_dir.glob("*.txt"))) == 1
    (failed,) = db.session.query(OutboxRow).filter(OutboxRow.last_error.is_not(None))
    assert "no_such_template" in failed.last_error
    with unit_of_work() as session:
        session.execute(update(OutboxRow).where(OutboxRow.id == failed.id).values(attempts=7, leased_until=None))
    jobs.deliver_mail()
    assert db.session.get_one(OutboxRow, failed.id, populate_existing=True).dead_at is not None


@pytest.mark.parametrize("place", ["page", "reader"])
def test_a_broken_database_gives_an_error_page_or_at_least_a_plain_answer(
    app: Flask, login: Callable[..., FlaskClient], monkeypatch: pytest.MonkeyPatch, place: str
):
    browser = login(make.user())

    def fail(*_: object, **__: object) -> None:
        raise OperationalError("SELECT 1", {}, Exception("gone"))

    target = {"page": "techmart.operations.home.count_public", "reader": "techmart.web.sessions.find_session"}[place]
    monkeypatch.setattr(target, fail)
    answer = browser.get("/")
    assert answer.status_code == 500
    assert "gone" not in answer.text
