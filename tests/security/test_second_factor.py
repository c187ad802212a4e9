"""One-time and recovery codes (security matrix 26 to 28)."""

from __future__ import annotations

import pyotp
import pytest

from techmart.db import db
from techmart.models.account import RecoveryCode, UserSession
from techmart.operations.token import hash_secret
from techmart.rules.clock import utc_now
from tests import factories as make
from tests.security.accounts import (
    code_now,
    enrol,
    sign_in_by_form,
)
from tests.security.world import PASSWORD, browser_of, sibling_of


@pytest.fixture
def person(app):
    return make.user(password=PASSWORD)


def test_case_26_a_code_works_once(app, person, clock):
    enrol(person)
    clock.advance(minutes=1)
    code = code_now(person)
    first, second = app.test_client(), app.test_client()
    for client in (first, second):
        assert "/accounts/second-factor" in sign_in_by_form(client, person.email).headers["Location"]
    assert first.post("/accounts/second-factor", data={"code": code}).status_code == 302
    assert second.post("/accounts/second-factor", data={"code": code}).status_code == 422
    clock.advance(seconds=30)
    earlier = pyotp.TOTP(person.totp_secret).at(int(utc_now().timestamp()) - 30)
    assert second.post("/accounts/second-factor", data={"code": earlier}).status_code == 422
    assert second.post("/accounts/second-factor", data={"code": code_now(person)}).status_code == 302


def test_case_27_codes_cannot_be_guessed(app, person, clock):
    enrol(person)
    clock.advance(minutes=1)
    with sibling_of(app) as other:
        clients = [app.test_client(), other.test_client()]
        for client in clients:
            sign_in_by_form(client, person.email)
        answers = [clients[number % 2].post("/accounts/second-factor", data={"code": "000000"}) for number in range(6)]
        assert [answer.status_code for answer in answers] == [422] * 5 + [429]
        fresh = app.test_client()
        sign_in_by_form(fresh, person.email)
        assert fresh.post("/accounts/second-factor", data={"code": code_now(person)}).status_code == 429


def test_case_27_recovery_codes_work_once_and_are_hashed(app, person):
    codes = enrol(person)
    assert len(set(codes)) == 10
    stored = {row.code_hash for row in db.session.query(RecoveryCode)}
    assert stored == {hash_secret(code) for code in codes}
    for expected in (302, 422):
        client = app.test_client()
        sign_in_by_form(client, person.email)
        answer = client.post("/accounts/second-factor", data={"code": f" {codes[0].upper()} "})
        assert answer.status_code == expected
    other = make.user(password=PASSWORD)
    enrol(other)
    client = app.test_client()
    sign_in_by_form(client, other.email)
    assert client.post("/accounts/second-factor", data={"code": codes[1]}).status_code == 422


def test_case_27_password_alone_waits_five_minutes(app, person, clock):
    enrol(person)
    client = app.test_client()
    sign_in_by_form(client, person.email)
    assert db.session.query(UserSession).count() == 0
    clock.advance(minutes=6)
    answer = client.post("/accounts/second-factor", data={"code": code_now(person)})
    assert "/accounts/login" in answer.headers["Location"]
    assert client.get("/account/").status_code == 302


def test_case_28_staff_pages_ask_for_the_second_factor(app):
    person = make.staff(password=PASSWORD)
    enrol(person)
    half = browser_of(app, person, with_second_factor=False)
    waiting = make.offer(state="submitted")
    for address in ("/moderation", f"/moderation/{waiting.code}"):
        assert "/accounts/second-factor" in half.get(address).headers["Location"]
    assert "/accounts/second-factor" in half.post(f"/moderation/{waiting.code}").headers["Location"]
    assert half.get(f"/offers/{waiting.code}").status_code == 404, "elsewhere the role counts for nothing either"
    assert browser_of(app, person).get("/moderation").status_code == 200
    # A secret in force is not replaced by somebody who cannot give its code.
    assert "/accounts/second-factor" in half.post("/account/second-factor/start").headers["Location"]
    assert "/accounts/second-factor" in half.post("/account/second-factor/recovery-codes").headers["Location"]


def test_case_28_production_asks_staff_without_a_second_factor_too(app):
    person = make.staff()
    with sibling_of(app, environment="production", base_url="https://localhost") as live:
        browser = browser_of(live, person, with_second_factor=False)
        answer = browser.get("/moderation", base_url="https://localhost")
        assert "/accounts/second-factor" in answer.headers["Location"]
