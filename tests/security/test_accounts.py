"""Signing in, registering, resetting, passwords, throttles and the second factor (security matrix 17 to 28)."""

from __future__ import annotations

import re
import time
import unicodedata

import pyotp
import pytest
from argon2 import PasswordHasher

from techmart.db import db, unit_of_work
from techmart.models.account import OneTimeToken, RecoveryCode, User, UserSession
from techmart.models.outbox import TOPIC_MAIL, OutboxRow
from techmart.operations import password as passwords
from techmart.operations.second_factor import begin_enrolment, confirm_enrolment
from techmart.operations.token import hash_secret
from techmart.rules.clock import utc_now
from tests import factories as make
from tests.security.world import PASSWORD, browser_of, sibling_of

WRONG = "không phải mật khẩu này"
UNKNOWN = "khong-co-ai@vidu.example"
NEW = "trời xanh mây trắng nắng vàng"


@pytest.fixture
def person(app):
    return make.user(password=PASSWORD)


def _sign_in(client, email, password=PASSWORD):
    return client.post("/accounts/login", data={"email": email, "password": password})


def _mails():
    rows = db.session.query(OutboxRow).filter_by(topic=TOPIC_MAIL).order_by(OutboxRow.id)
    return [(row.payload["to"], row.payload["template"], row.payload["facts"]) for row in rows]


def _token_of_last_mail():
    return _mails()[-1][2]["path"].rsplit("/", 1)[1]


def _same(first, second, *words):
    """The two answers, the words that differ by nature taken out, are one."""
    pages = [response.text for response in (first, second)]
    for number, page in enumerate(pages):
        for word in words:
            page = page.replace(word, "*")
        pages[number] = page
    assert first.status_code == second.status_code
    assert pages[0] == pages[1]


def _with_second_factor(person):
    """The recovery codes; the secret lies in `person.totp_secret`."""
    with unit_of_work():
        user = db.session.get(User, person.id)
        begin_enrolment(user)
        codes = confirm_enrolment(user, pyotp.TOTP(user.totp_secret).at(int(utc_now().timestamp())))
    return codes


def _code(person):
    db.session.refresh(person)
    return pyotp.TOTP(person.totp_secret).at(int(utc_now().timestamp()))


def test_case_17_wrong_password_and_unknown_mail_look_alike(app, person, monkeypatch):
    unconfirmed = make.user(password=PASSWORD, confirmed=False)
    client = app.test_client()
    _same(_sign_in(client, person.email, WRONG), _sign_in(client, UNKNOWN, WRONG), person.email, UNKNOWN)
    _same(_sign_in(client, unconfirmed.email), _sign_in(client, UNKNOWN), unconfirmed.email, UNKNOWN)

    # Costly enough that the hash, and with it a missing one, would show.
    monkeypatch.setattr(passwords, "_CHEAP", PasswordHasher(time_cost=2, memory_cost=8192, parallelism=1))
    people = [make.user(password=PASSWORD) for _ in range(4)]
    _sign_in(client, UNKNOWN, WRONG)
    fastest = {True: 9.0, False: 9.0}
    for number in range(15):
        for is_known in (True, False):
            email = people[number % 4].email if is_known else f"nguoi-la-{number}@vidu.example"
            started = time.perf_counter()
            _sign_in(client, email, WRONG)
            fastest[is_known] = min(fastest[is_known], time.perf_counter() - started)
    assert 0.7 < fastest[True] / fastest[False] < 1.3


def test_case_18_registering_a_known_address_looks_the_same(app, person):
    client = app.test_client()
    answers = {}
    for email in (person.email, "nguoi-moi@vidu.example"):
        data = {"name": "Lê An", "email": email, "password": NEW}
        answers[email] = client.post("/accounts/register", data=data)
        assert answers[email].status_code == 200
    _same(*answers.values(), *answers)
    sent = {to: template for to, template, _facts in _mails()}
    assert sent == {person.email: "already_registered", "nguoi-moi@vidu.example": "confirm_email"}
    with app.test_request_context():
        text = app.jinja_env.get_template("mail/already_registered.txt").render(name="A", base_url="", site_name="")
    assert "đã có tài khoản" in text
    # Nothing of the account changed.
    assert _sign_in(client, person.email).status_code == 302


def test_case_18_registration_of_somebody_elses_address(app):
    """Whoever registers an address first does not choose the password of the one who owns it."""
    stranger, owner = app.test_client(), app.test_client()
    form = {"name": "Ai Đó", "email": "chu-that@vidu.example", "password": NEW}
    stranger.post("/accounts/register", data=form)
    first = _token_of_last_mail()
    assert _sign_in(stranger, form["email"], NEW).status_code == 422
    owner.post("/accounts/register", data={**form, "name": "Chủ Thật", "password": PASSWORD})
    second = _token_of_last_mail()
    assert owner.post(f"/accounts/confirm/{first}", data={"password": NEW}).status_code == 404
    assert owner.post(f"/accounts/confirm/{second}", data={"password": NEW}).status_code == 422
    assert owner.post(f"/accounts/confirm/{second}", data={"password": PASSWORD}).status_code == 302
    assert _sign_in(app.test_client(), form["email"], NEW).status_code == 422
    assert owner.get("/account/").status_code == 200


def test_case_19_reset_link(app, person, clock):
    client = app.test_client()
    _same(client.post("/accounts/reset", data={"email": person.email}),
          client.post("/accounts/reset", data={"email": UNKNOWN}), person.email, UNKNOWN)  # fmt: skip
    assert [to for to, *_ in _mails()] == [person.email]
    token = _token_of_last_mail()
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
    assert _sign_in(client, person.email, NEW).status_code == 302


def test_case_19_reset_link_dies_of_age_of_a_newer_one_and_of_a_password_change(app, person, clock):
    client = app.test_client()

    def ask():
        client.post("/accounts/reset", data={"email": person.email})
        return _token_of_last_mail()

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
    _with_second_factor(person)
    elsewhere, client = browser_of(app, person), app.test_client()
    client.post("/accounts/reset", data={"email": person.email})
    token = _token_of_last_mail()
    answer = client.post(f"/accounts/reset/{token}", data={"password": NEW})
    assert answer.headers["Location"].endswith("/accounts/login")
    assert client.get("/account/").status_code == 302
    assert elsewhere.get("/account/").status_code == 302, "the sessions of before have ended"
    answer = _sign_in(client, person.email, NEW)
    assert "/accounts/second-factor" in answer.headers["Location"]
    assert client.get("/account/").status_code == 302


def test_case_21_password_length(app):
    client = app.test_client()
    words = "chim sâu bắt bọ trên lá "
    for length, is_good in {14: False, 15: True, 64: True, 200: True, 300: True}.items():
        password = (words * 20)[: length - 1] + "z"
        data = {"name": "Lê An", "email": f"dai{length}@vidu.example", "password": password}
        assert client.post("/accounts/register", data=data).status_code == (200 if is_good else 422), length
    started = time.perf_counter()
    for size in (5_000, 500_000):
        data = {"name": "Lê An", "email": "qua-dai@vidu.example", "password": "ă" * size}
        assert client.post("/accounts/register", data=data).status_code in (413, 422)
        assert _sign_in(client, UNKNOWN, "ă" * size).status_code in (413, 422)
    assert time.perf_counter() - started < 3


@pytest.mark.parametrize(
    ("password", "is_good"),
    [
        ("passwordpassword", False),
        ("matkhaumatkhaumatkhau", False),
        ("1234567890123456", False),
        ("aaaaaaaaaaaaaaaaaaaa", False),
        ("techmart2026techmart", False),
        ("congnghecongnghe2026", False),
        ("tranthibinh@vidu", False),
        ("Trần Thị Bình 123", False),
        ("tran.thi.binh.1990", False),
        ("chỉ toàn chữ thường thôi", True),
        ("không cần chữ số hay ký tự lạ", True),
        ("   khoảng trắng   cũng được   ", True),
        ("パスワードは十五文字以上必要です", True),
        ("🐃🐃 con trâu đi trước cái cày 🐃", True),
    ],
)
def test_case_22_which_passwords_are_refused(module_app, password, is_good):
    data = {"name": "Trần Thị Bình", "email": f"tran.thi.binh{abs(hash(password))}@vidu.example", "password": password}
    client = module_app.test_client()
    data["email"] = "tranthibinh@vidu.example"
    address = {"REMOTE_ADDR": f"192.0.2.{len(password) % 200}"}
    answer = client.post("/accounts/register", data=data, environ_overrides=address)
    assert answer.status_code == (200 if is_good else 422)


def test_case_22_composed_and_decomposed_are_one_password(app):
    person = make.user(password=unicodedata.normalize("NFC", PASSWORD))
    answer = _sign_in(app.test_client(), person.email.upper(), unicodedata.normalize("NFD", PASSWORD))
    assert answer.status_code == 302


def test_case_22_paste_is_allowed(app, client):
    page = client.get("/accounts/register").text
    field = re.search(r'<input[^>]*name="password"[^>]*>', page)[0]
    assert 'autocomplete="new-password"' in field
    assert "onpaste" not in page
    assert "maxlength" not in field or int(re.search(r'maxlength="(\d+)"', field)[1]) >= 64


def test_case_23_change_needs_the_present_password_and_sends_a_notice(app, person):
    client = browser_of(app, person)
    for current in ("", WRONG):
        answer = client.post("/account/password", data={"current": current, "new": NEW})
        assert answer.status_code == 422
    assert _mails() == []
    assert client.post("/account/password", data={"current": PASSWORD, "new": NEW}).status_code == 302
    assert [(to, template) for to, template, _facts in _mails()] == [(person.email, "password_changed")]


@pytest.mark.parametrize(
    ("address", "data"),
    [
        ("/account/password", {"current": WRONG, "new": NEW}),
        ("/account/email", {"email": "moi@vidu.example", "password": WRONG}),
    ],
)
def test_case_23_present_password_cannot_be_guessed_from_a_stolen_session(app, person, address, data):
    client = browser_of(app, person)
    answers = [client.post(address, data=data).status_code for _ in range(11)]
    assert answers == [422] * 10 + [429]


def test_case_23_new_address_is_confirmed_and_the_old_one_told(app, person):
    client, rival = browser_of(app, person), make.user()
    data = {"email": "dia-chi-moi@vidu.example", "password": PASSWORD}
    taken = client.post("/account/email", data={**data, "email": rival.email})
    _same(client.post("/account/email", data=data), taken, data["email"], rival.email)
    token = _token_of_last_mail()
    assert client.get(f"/accounts/change-email/{token}").status_code == 200
    db.session.refresh(person)
    old = person.email
    assert old != data["email"], "reading the mail changes nothing"
    assert client.post(f"/accounts/change-email/{token}").status_code == 302
    db.session.refresh(person)
    assert person.email == data["email"]
    assert (old, "email_changed") in [(to, template) for to, template, _facts in _mails()]
    assert client.post(f"/accounts/change-email/{token}").status_code == 404


def test_case_24_throttle_holds_across_processes(app, person):
    with sibling_of(app) as other:
        clients = [app.test_client(), other.test_client()]
        answers = [_sign_in(clients[number % 2], person.email, WRONG).status_code for number in range(10)]
        assert answers == [422] * 10
        for client in clients:
            refused = _sign_in(client, person.email)
            assert refused.status_code == 429
            assert 0 < int(refused.headers["Retry-After"]) <= 900
        assert _sign_in(clients[1], person.email.upper(), WRONG).status_code == 429
        assert _sign_in(clients[1], make.user(password=PASSWORD).email).status_code == 302


def test_case_24_unknown_addresses_are_throttled_alike(app, person):
    client = app.test_client()
    answers = [[_sign_in(client, email, WRONG).status_code for _ in range(12)] for email in (person.email, UNKNOWN)]
    assert answers[0] == answers[1] == [422] * 10 + [429] * 2


def test_case_24_throttle_ends_by_itself(app, person, clock):
    client = app.test_client()
    for _ in range(11):
        _sign_in(client, person.email, WRONG)
    assert _sign_in(client, person.email).status_code == 429
    clock.advance(minutes=16)
    assert _sign_in(client, person.email).status_code == 302


def test_case_25_nobody_can_be_locked_out(app, person):
    attacker, victim = app.test_client(), app.test_client()
    for _ in range(11):
        _sign_in(attacker, person.email, WRONG)
    assert _sign_in(victim, person.email).status_code == 429
    victim.post("/accounts/reset", data={"email": person.email})
    token = _token_of_last_mail()
    # Asking for more links makes the one that was mailed worthless only three times an hour.
    for _ in range(5):
        attacker.post("/accounts/reset", data={"email": person.email})
    assert _token_of_last_mail() != token
    answer = victim.post(f"/accounts/reset/{_token_of_last_mail()}", data={"password": NEW})
    assert answer.status_code == 302
    assert _sign_in(victim, person.email, NEW).status_code == 302


def test_case_26_a_code_works_once(app, person, clock):
    _with_second_factor(person)
    clock.advance(minutes=1)
    code = _code(person)
    first, second = app.test_client(), app.test_client()
    for client in (first, second):
        assert "/accounts/second-factor" in _sign_in(client, person.email).headers["Location"]
    assert first.post("/accounts/second-factor", data={"code": code}).status_code == 302
    assert second.post("/accounts/second-factor", data={"code": code}).status_code == 422
    clock.advance(seconds=30)
    earlier = pyotp.TOTP(person.totp_secret).at(int(utc_now().timestamp()) - 30)
    assert second.post("/accounts/second-factor", data={"code": earlier}).status_code == 422
    assert second.post("/accounts/second-factor", data={"code": _code(person)}).status_code == 302


def test_case_27_codes_cannot_be_guessed(app, person, clock):
    _with_second_factor(person)
    clock.advance(minutes=1)
    with sibling_of(app) as other:
        clients = [app.test_client(), other.test_client()]
        for client in clients:
            _sign_in(client, person.email)
        answers = [clients[number % 2].post("/accounts/second-factor", data={"code": "000000"}) for number in range(6)]
        assert [answer.status_code for answer in answers] == [422] * 5 + [429]
        fresh = app.test_client()
        _sign_in(fresh, person.email)
        assert fresh.post("/accounts/second-factor", data={"code": _code(person)}).status_code == 429


def test_case_27_recovery_codes_work_once_and_are_hashed(app, person):
    codes = _with_second_factor(person)
    assert len(set(codes)) == 10
    stored = {row.code_hash for row in db.session.query(RecoveryCode)}
    assert stored == {hash_secret(code) for code in codes}
    for expected in (302, 422):
        client = app.test_client()
        _sign_in(client, person.email)
        answer = client.post("/accounts/second-factor", data={"code": f" {codes[0].upper()} "})
        assert answer.status_code == expected
    other = make.user(password=PASSWORD)
    _with_second_factor(other)
    client = app.test_client()
    _sign_in(client, other.email)
    assert client.post("/accounts/second-factor", data={"code": codes[1]}).status_code == 422


def test_case_27_password_alone_waits_five_minutes(app, person, clock):
    _with_second_factor(person)
    client = app.test_client()
    _sign_in(client, person.email)
    assert db.session.query(UserSession).count() == 0
    clock.advance(minutes=6)
    answer = client.post("/accounts/second-factor", data={"code": _code(person)})
    assert "/accounts/login" in answer.headers["Location"]
    assert client.get("/account/").status_code == 302


def test_case_28_staff_pages_ask_for_the_second_factor(app):
    person = make.staff(password=PASSWORD)
    _with_second_factor(person)
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
