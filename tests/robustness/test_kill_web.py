"""The web server is killed in the middle of writes: what was acknowledged is there, and nothing is there by half."""

from __future__ import annotations

import http.client
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import func, select

from techmart.db import db, unit_of_work
from techmart.models.event import Event
from techmart.models.listing import Demand, Listing
from techmart.models.outbox import TOPIC_INDEX, OutboxRow
from techmart.operations.session import open_session
from tests import factories as make
from tests.robustness.processes import Site, kill, site_in, wait_until

WRITERS = 4
WRITES_BEFORE_THE_KILL = 60
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_CODE = re.compile(r"NC-\d{4}-\d{4,}")


@pytest.fixture
def site(app: Flask, tmp_path: Path) -> Iterator[Site]:
    with site_in(tmp_path) as made:
        yield made


@dataclass
class Writer:
    """A browser of one person that posts demands and saves them again and again, noting what it was told."""

    port: int
    secret: str
    name: str
    #: Code → the titles that were sent, in order, and how many of them were acknowledged.
    sent: dict[str, list[str]] = field(default_factory=dict)
    acknowledged: dict[str, int] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""

    def run(self, over: threading.Event) -> None:
        """Until the server is gone."""
        try:
            self._sign_in()
            while not over.is_set():
                self._post_and_save()
        except (OSError, http.client.HTTPException):
            assert over.is_set(), "the server went away by itself"

    def _sign_in(self) -> None:
        self.cookies["techmart"] = self.secret
        _status, _place, page = self._ask("GET", "/demands/new")
        found = _TOKEN.search(page)
        assert found, page[:500]
        self.token = found[1]

    def _post_and_save(self) -> None:
        title = f"{self.name} bài {len(self.sent)} lần 1"
        status, place, page = self._ask("POST", "/demands/new", self._form(title, version=0))
        assert status == 302, page[:2000]
        code = _CODE.search(place)[0]  # type: ignore[index]  # an address without a code fails just as well
        self.sent[code], self.acknowledged[code] = [title], 1
        for version in range(1, 6):
            self.sent[code].append(title := f"{title[:-1]}{version + 1}")
            status, _place, page = self._ask("POST", f"/demands/{code}/autosave", self._form(title, version=version))
            assert status == 200, page[:2000]
            self.acknowledged[code] += 1

    def _form(self, title: str, *, version: int) -> dict[str, str]:
        fields = {"title": title, "problem": "Lò điện trở tốn điện.", "lang": "vi", "origin": "domestic"}
        return {**fields, "version": str(version), "csrf_token": self.token}

    def _ask(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, str, str]:
        """Status, where to go on, body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, path, urlencode(form) if form is not None else None, headers)
            answer = connection.getresponse()
            for line in answer.headers.get_all("Set-Cookie") or ():
                name, _, value = line.split(";")[0].partition("=")
                self.cookies[name] = value
            return answer.status, answer.headers.get("Location", ""), answer.read().decode()
        finally:
            connection.close()


def make_writers(port: int) -> list[Writer]:
    """People with an organisation and a session each."""
    writers = []
    for number in range(WRITERS):
        person = make.user()
        make.organisation(person)
        with unit_of_work():
            secret = open_session(person)
        writers.append(Writer(port, secret, f"Người {number}"))
    return writers


def acknowledged_by(writers: list[Writer]) -> int:
    return sum(sum(list(writer.acknowledged.values())) for writer in writers)


def test_a_web_server_killed_while_it_writes_keeps_every_acknowledged_write(site: Site):
    web = site.start_web()
    writers, over = make_writers(site.port), threading.Event()
    with ThreadPoolExecutor(WRITERS) as pool:
        runs = [pool.submit(writer.run, over) for writer in writers]
        try:
            wait_until(lambda: acknowledged_by(writers) >= WRITES_BEFORE_THE_KILL or any(run.done() for run in runs))
        finally:
            over.set()
            kill(web)
        for run in runs:
            run.result(20)

    site.start_web()
    again = Writer(site.port, writers[0].secret, "sau")
    again._sign_in()  # the session outlived the server
    again._post_and_save()
    db.session.rollback()
    assert db.session.connection().exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    assert db.session.connection().exec_driver_sql("PRAGMA foreign_key_check").all() == []
    for writer in (*writers, again):
        assert_kept(writer)
    assert_nothing_is_there_by_half()


def assert_kept(writer: Writer) -> None:
    """The stored title is the last acknowledged one, or the one that was under way when the server went."""
    for code, titles in writer.sent.items():
        demand = db.session.scalars(select(Demand).where(Demand.code == code)).one()
        assert demand.title in titles[writer.acknowledged[code] - 1 :], code
        assert demand.version == titles.index(demand.title) + 1


def assert_nothing_is_there_by_half() -> None:
    """Every listing has its own part, its event of creation, and a row in the outbox for each version."""
    listings = db.session.scalars(select(Listing)).all()
    assert db.session.scalar(select(func.count()).select_from(Demand.__table__)) == len(listings)
    created = db.session.scalars(select(Event.subject_id).where(Event.action == "listing:create"))
    assert sorted(created) == sorted(row.id for row in listings)
    counts = select(OutboxRow.key, func.count()).where(OutboxRow.topic == TOPIC_INDEX).group_by(OutboxRow.key)
    queued = dict(db.session.execute(counts).all())
    for row in listings:
        assert row.problem == "Lò điện trở tốn điện."
        assert queued[row.key] == row.version, row.key
    numbers = sorted(int(row.code[-4:]) for row in listings)
    assert numbers == list(range(1, len(numbers) + 1)), "a code was given out twice or lost"
