"""One-click unsubscribing: without signing in, for the person of the link alone, harmless to read, to be taken back."""

from __future__ import annotations

import re
from itertools import product

import pytest
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeSerializer

from techmart.db import db, unit_of_work
from techmart.models.account import User
from techmart.models.match import AlertSetting
from techmart.models.saved_search import SavedSearch
from techmart.operations import alert as alerts
from techmart.operations import unsubscribe as subscriptions
from techmart.operations.alert import setting_of
from techmart.operations.unsubscribe import MATCHES, make_token
from tests import factories as make
from tests.conftest import Clock

_UNDO = re.compile(r'name="undo" value="([^"]+)"')


@pytest.fixture
def person(app: Flask) -> User:
    """Mailed of matches every week."""
    row = make.user()
    with unit_of_work():
        alerts.change_setting(make.actor(row), mode="weekly", threshold=40)
    return row


def mode_of(person: User) -> str:
    db.session.rollback()
    return setting_of(person.id).mode


def path_of(person: User, *subjects: int) -> str:
    return f"/unsubscribe/{make_token(person.id, subjects or (MATCHES,))}"


def content() -> set[str]:
    with db.engine.connect() as connection:
        return set(connection.connection.driver_connection.iterdump())


class TestMatches:
    def test_a_mail_program_posts_once_and_again(self, client: FlaskClient, person: User, app: Flask) -> None:
        app.config["WTF_CSRF_ENABLED"] = True
        path = path_of(person)
        for _ in range(2):
            assert client.post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 200
            assert mode_of(person) == "off"
        assert setting_of(person.id).threshold == 40

    @pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
    def test_scanners_change_nothing(self, client: FlaskClient, person: User, method: str) -> None:
        path, before = path_of(person), content()
        for _ in range(3):
            assert client.open(path, method=method).status_code == 200
        client.get(f"{path}/undo")
        assert content() == before

    def test_a_person_confirms_and_takes_it_back(self, client: FlaskClient, person: User) -> None:
        path = path_of(person)
        page = client.get(path)
        assert page.text.count(f'action="{path}"') == 1
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["Referrer-Policy"] == "strict-origin-when-cross-origin", "no other site sees the token"
        done = client.post(path)
        undo = _UNDO.search(done.text)
        assert undo is not None
        assert mode_of(person) == "off"
        assert f'action="{path}"' not in client.get(path).text, "off already"
        assert client.post(f"{path}/undo", data={"undo": undo[1]}).status_code == 200
        assert mode_of(person) == "weekly"

    def test_taking_it_back_leaves_a_later_choice_alone(self, client: FlaskClient, person: User) -> None:
        path = path_of(person)
        undo = _UNDO.search(client.post(path).text)
        assert undo is not None
        with unit_of_work():
            alerts.change_setting(make.actor(person), mode="daily", threshold=40)
        client.post(f"{path}/undo", data={"undo": undo[1]})
        assert mode_of(person) == "daily"

    def test_a_person_without_a_setting(self, client: FlaskClient, app: Flask) -> None:
        person = make.user()
        assert client.post(path_of(person)).status_code == 200
        assert mode_of(person) == "off"
        assert db.session.get(AlertSetting, person.id) is not None

    def test_who_is_signed_in_plays_no_part(self, login, person: User, app: Flask) -> None:
        other = make.user()
        assert login(other).post(path_of(person)).status_code == 200
        assert (mode_of(person), mode_of(other)) == ("off", "daily")


class TestTokens:
    def test_altered_at_any_place(self, client: FlaskClient, person: User) -> None:
        token = make_token(person.id, [MATCHES])
        for place, letter in product(range(0, len(token)), "A-"):
            if token[place] != letter and place != len(token) - 1:
                altered = token[:place] + letter + token[place + 1 :]
                assert client.post(f"/unsubscribe/{altered}").status_code == 404, altered
        assert mode_of(person) == "weekly"

    @pytest.mark.parametrize(
        "make_up",
        [
            lambda person: URLSafeSerializer("guessed", salt="unsubscribe").dumps([person.id, [0], 1_772_416_800]),
            lambda person: make_token(person.id, [0]).split(".")[0],
            lambda person: "." + make_token(person.id, [0]).split(".")[1],
            lambda person: make_token(person.id, [0]) + "x",
            lambda person: "x" * 5000,
            lambda person: "%00",
            lambda person: "ắ.ẳ",
            lambda person: make_token(999_999, [0]),
        ],
    )
    def test_forged(self, client: FlaskClient, person: User, clock: Clock, make_up) -> None:
        for method in ("GET", "POST"):
            assert client.open(f"/unsubscribe/{make_up(person)}", method=method).status_code == 404
        assert mode_of(person) == "weekly"

    def test_a_token_of_another_purpose(self, client: FlaskClient, person: User, app: Flask) -> None:
        """What takes back does not turn off, and a session cookie's signature is worth nothing here."""
        with unit_of_work():
            undo = subscriptions.turn_off(make_token(person.id, [MATCHES]))
            alerts.set_mode(person.id, alerts.AlertMode.DAILY)
        assert client.post(f"/unsubscribe/{undo}").status_code == 404
        assert mode_of(person) == "daily"

    def test_taking_back_with_the_token_of_another(self, client: FlaskClient, person: User) -> None:
        other = make.user()
        undo = _UNDO.search(client.post(path_of(person)).text)
        theirs = _UNDO.search(client.post(path_of(other)).text)
        assert undo is not None
        assert theirs is not None
        for secret in (theirs[1], "", "x", make_token(person.id, [MATCHES])):
            assert client.post(f"{path_of(person)}/undo", data={"undo": secret}).status_code == 404
        assert (mode_of(person), mode_of(other)) == ("off", "off")

    def test_too_old(self, client: FlaskClient, person: User, clock: Clock) -> None:
        path = path_of(person)
        clock.advance(days=364)
        assert client.get(path).status_code == 200
        clock.advance(days=2)
        for method in ("GET", "POST"):
            assert client.open(path, method=method).status_code == 404
        assert mode_of(person) == "weekly"

    def test_taking_back_too_late(self, client: FlaskClient, person: User, clock: Clock) -> None:
        path = path_of(person)
        undo = _UNDO.search(client.post(path).text)
        assert undo is not None
        clock.advance(hours=25)
        assert client.post(f"{path}/undo", data={"undo": undo[1]}).status_code == 404
        assert mode_of(person) == "off"


class TestSavedSearches:
    def test_one_of_several(self, client: FlaskClient, person: User) -> None:
        first, second = (make.saved_search(person, name=f"Tìm {number}", notify="daily") for number in (1, 2))
        path = path_of(person, first.id)
        assert "Tìm 1" in client.get(path).text
        undo = _UNDO.search(client.post(path).text)
        assert undo is not None
        rhythms = [session_row(row).notify for row in (first, second)]
        assert (rhythms, mode_of(person)) == (["none", "daily"], "weekly")
        client.post(f"{path}/undo", data={"undo": undo[1]})
        assert session_row(first).notify == "daily"

    def test_everything_a_mail_was_about(self, client: FlaskClient, person: User) -> None:
        row = make.saved_search(person, notify="weekly")
        client.post(path_of(person, MATCHES, row.id))
        assert (session_row(row).notify, mode_of(person)) == ("none", "off")

    def test_a_search_of_somebody_else_or_deleted(self, client: FlaskClient, person: User) -> None:
        others = make.saved_search(make.user(), name="Bí mật", notify="daily")
        for path in (path_of(person, others.id), path_of(person, 999_999)):
            assert "Bí mật" not in client.get(path).text
            assert client.post(path).status_code == 200
        assert session_row(others).notify == "daily"


def session_row(row: SavedSearch) -> SavedSearch:
    db.session.rollback()
    return db.session.get_one(SavedSearch, row.id, populate_existing=True)
