"""Which passwords are taken, and changing them (security matrix 21 to 23)."""

from __future__ import annotations

import re
import time
import unicodedata

import pytest

from techmart.db import db
from tests import factories as make
from tests.security.accounts import (
    NEW,
    UNKNOWN,
    WRONG,
    check_same,
    queued_mails,
    sign_in_by_form,
    token_of_last_mail,
)
from tests.security.world import PASSWORD, browser_of


@pytest.fixture
def person(app):
    return make.user(password=PASSWORD)


def test_case_21_password_length(app):
    client = app.test_client()
    words = "chim sâu bắt bọ trên lá "
    for length, is_good in {14: False, 15: True, 64: True, 200: True, 300: True}.items():
        password = (words * 20)[: length - 1] + "z"
        data = {"name": "Lê An", "email": f"dai{length}@vidu.example", "password": password}
        assert client.post("/accounts/register", data=data).status_code == (200 if is_good else 422), length
    started = time.thread_time()
    for size in (5_000, 500_000):
        data = {"name": "Lê An", "email": "qua-dai@vidu.example", "password": "ă" * size}
        assert client.post("/accounts/register", data=data).status_code in (413, 422)
        assert sign_in_by_form(client, UNKNOWN, "ă" * size).status_code in (413, 422)
    assert time.thread_time() - started < 3


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
    answer = sign_in_by_form(app.test_client(), person.email.upper(), unicodedata.normalize("NFD", PASSWORD))
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
    assert queued_mails() == []
    assert client.post("/account/password", data={"current": PASSWORD, "new": NEW}).status_code == 302
    assert [(to, template) for to, template, _facts in queued_mails()] == [(person.email, "password_changed")]


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
    check_same(client.post("/account/email", data=data), taken, data["email"], rival.email)
    token = token_of_last_mail()
    assert client.get(f"/accounts/change-email/{token}").status_code == 200
    db.session.refresh(person)
    old = person.email
    assert old != data["email"], "reading the mail changes nothing"
    assert client.post(f"/accounts/change-email/{token}").status_code == 302
    db.session.refresh(person)
    assert person.email == data["email"]
    assert (old, "email_changed") in [(to, template) for to, template, _facts in queued_mails()]
    assert client.post(f"/accounts/change-email/{token}").status_code == 404
