"""Signing in, registering, resetting and their limits (security matrix 17 to 20, 24, 25)."""

from __future__ import annotations

import time

import pytest
from argon2 import PasswordHasher

from techmart.db import db
from techmart.models.account import OneTimeToken
from techmart.operations import password as passwords
from techmart.operations.token import hash_secret
from tests import factories as make
from tests.security.accounts import (
    NEW,
    UNKNOWN,
    WRONG,
    check_same,
    enrol,
    queued_mails,
    sign_in_by_form,
    token_of_last_mail,
)
from tests.security.world import PASSWORD, browser_of, sibling_of


@pytest.fixture
def person(app):
    return make.user(password=PASSWORD)


def test_case_17_wrong_password_and_unknown_mail_look_alike(app, person, monkeypatch):
    unconfirmed = make.user(password=PASSWORD, confirmed=False)
    client = app.test_client()
    check_same(
        sign_in_by_form(client, person.email, WRONG), sign_in_by_form(client, UNKNOWN, WRONG), person.email, UNKNOWN
    )
    check_same(sign_in_by_form(client, unconfirmed.email), sign_in_by_form(client, UNKNOWN), unconfirmed.email, UNKNOWN)

    # Costly enough that the hash, and with it a missing one, would show.
    monkeypatch.setattr(passwords, "_CHEAP", PasswordHasher(time_cost=2, memory_cost=8192, parallelism=1))
    people = [make.user(password=PASSWORD) for _ in range(4)]
    sign_in_by_form(client, UNKNOWN, WRONG)
    fastest = {True: 9.0, False: 9.0}
    for number in range(15):
        for is_known in (True, False):
            email = people[number % 4].email if is_known else f"nguoi-la-{number}@vidu.example"
            started = time.thread_time()
            sign_in_by_form(client, email, WRONG)
            fastest[is_known] = min(fastest[is_known], time.thread_time() - started)
    assert 0.7 < fastest[True] / fastest[False] < 1.3


def test_case_18_registering_a_known_address_looks_the_same(app, person):
    client = app.test_client()
    answers = {}
    for email in (person.email, "nguoi-moi@vidu.example"):
        data = {"name": "Lê An", "email": email, "password": NEW}
        answers[email] = client.post("/accounts/register", data=data)
        assert answers[email].status_code == 200
    check_same(*answers.values(), *answers)
    sent = {to: template for to, template, _facts in queued_mails()}
    assert sent == {person.email: "already_registered", "nguoi-moi@vidu.example": "confirm_email"}
    with app.test_request_context():
        text = app.jinja_env.get_template("mail/already_registered.txt").render(name="A", base_url="", site_name="")
    assert "đã có tài khoản" in text
    # Nothing of the account changed.
    assert sign_in_by_form(client, person.email).status_code == 302


def test_case_18_registration_of_somebody_elses_address(app):
    """Whoever registers an address first does not choose the password of the one who owns it."""
    stranger, owner = app.test_client(), app.test_client()
    form = {"name": "Ai Đó", "email": "chu-that@vidu.example", "password": NEW}
    stranger.post("/accounts/register", data=form)
    first = token_of_last_mail()
    assert sign_in_by_form(stranger, form["email"], NEW).status_code == 422
    owner.post("/accounts/register", data={**form, "name": "Chủ Thật", "password": PASSWORD})
    second = token_of_last_mail()
    assert owner.post(f"/accounts/confirm/{first}", data={"password": NEW}).status_code == 404
    assert owner.post(f"/accounts/confirm/{second}", data={"password": NEW}).status_code == 422
    assert owner.post(f"/accounts/confirm/{second}", data={"password": PASSWORD}).status_code == 302
    assert sign_in_by_form(app.test_client(), form["email"], NEW).status_code == 422
    assert owner.get("/account/").status_code == 200


def test_case_19_reset_link(app, person, clock):
    client = app.test_client()
    check_same(client.post("/accounts/reset", data={"email": person.email}),
          client.post("/accounts/reset", data={"email": UNKNOWN}), person.email, UNKNOWN)  # fmt: skip
    assert [to for to, *_ in queued_mails()] == [person.email]
    token = token_of_last_mail()
    row = db.session.query(OneTimeToken).one()
    assert row.token_hash == hash_secret(token)
    assert token not in str(vars(row))

    assert client.get(f"/accounts/reset/{token}").status_code == 200
    for wrong in (token[:-1], token + "A", hash_secret(token), "%00", "x" * 3000):
        assert client.get(f"/accounts/reset/{wrong}").status_code == 404
        assert client.get(f"/accounts/confirm/{token}").status_code == 404, "a link has one purpose"
    assert client.post(f"/accounts/reset/{token}", data={"password": "ngắn quá"}).status_code == 422
    assert client.post(f"/accounts/reset/{token}", data={"password": NEW}).status_code == 302
    assert client.post(f"/accounts/reset/{token}", data={"password": PASSWORD}).status_code == 404
    assert sign_in_by_form(client, person.email, NEW).status_code == 302


def test_case_19_reset_link_dies_of_age_of_a_newer_one_and_of_a_password_change(app, person, clock):
    client = app.test_client()

    def ask():
        client.post("/accounts/reset", data={"email": person.email})
        return token_of_last_mail()

    old, new = ask(), ask()
    assert client.get(f"/accounts/reset/{old}").status_code == 404
    clock.advance(minutes=29)
    assert client.get(f"/accounts/reset/{new}").status_code == 200
    clock.advance(minutes=2)
    assert client.get(f"/accounts/reset/{new}").status_code == 404
    last = ask()
    signed_in = browser_of(app, person)
    assert signed_in.post("/account/password", data={"current": PASSWORD, "new": NEW}).status_code == 302
    assert client.get(f"/accounts/reset/{last}").status_code == 404


def test_case_20_reset_signs_nobody_in_and_keeps_the_second_factor(app, person):
    enrol(person)
    elsewhere, client = browser_of(app, person), app.test_client()
    client.post("/accounts/reset", data={"email": person.email})
    token = token_of_last_mail()
    answer = client.post(f"/accounts/reset/{token}", data={"password": NEW})
    assert answer.headers["Location"].endswith("/accounts/login")
    assert client.get("/account/").status_code == 302
    assert elsewhere.get("/account/").status_code == 302, "the sessions of before have ended"
    answer = sign_in_by_form(client, person.email, NEW)
    assert "/accounts/second-factor" in answer.headers["Location"]
    assert client.get("/account/").status_code == 302


def test_case_24_throttle_holds_across_processes(app, person):
    with sibling_of(app) as other:
        clients = [app.test_client(), other.test_client()]
        answers = [sign_in_by_form(clients[number % 2], person.email, WRONG).status_code for number in range(10)]
        assert answers == [422] * 10
        for client in clients:
            refused = sign_in_by_form(client, person.email)
            assert refused.status_code == 429
            assert 0 < int(refused.headers["Retry-After"]) <= 900
        assert sign_in_by_form(clients[1], person.email.upper(), WRONG).status_code == 429
        assert sign_in_by_form(clients[1], make.user(password=PASSWORD).email).status_code == 302


def test_case_24_unknown_addresses_are_throttled_alike(app, person):
    client = app.test_client()
    answers = [
        [sign_in_by_form(client, email, WRONG).status_code for _ in range(12)] for email in (person.email, UNKNOWN)
    ]
    assert answers[0] == answers[1] == [422] * 10 + [429] * 2


def test_case_24_throttle_ends_by_itself(app, person, clock):
    client = app.test_client()
    for _ in range(11):
        sign_in_by_form(client, person.email, WRONG)
    assert sign_in_by_form(client, person.email).status_code == 429
    clock.advance(minutes=16)
    assert sign_in_by_form(client, person.email).status_code == 302


def test_case_25_nobody_can_be_locked_out(app, person):
    attacker, victim = app.test_client(), app.test_client()
    for _ in range(11):
        sign_in_by_form(attacker, person.email, WRONG)
    assert sign_in_by_form(victim, person.email).status_code == 429
    victim.post("/accounts/reset", data={"email": person.email})
    token = token_of_last_mail()
    # Asking for more links makes the one that was mailed worthless only three times an hour.
    for _ in range(5):
        attacker.post("/accounts/reset", data={"email": person.email})
    assert token_of_last_mail() != token
    answer = victim.post(f"/accounts/reset/{token_of_last_mail()}", data={"password": NEW})
    assert answer.status_code == 302
    assert sign_in_by_form(victim, person.email, NEW).status_code == 302
