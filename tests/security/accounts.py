"""What the tests of accounts share: signing in by the form, mails as queued, codes of the second factor."""

from __future__ import annotations

import re

import pyotp

from techmart.db import db, unit_of_work
from techmart.models.account import User
from techmart.models.outbox import TOPIC_MAIL, OutboxRow
from techmart.operations.second_factor import begin_enrolment, confirm_enrolment
from techmart.rules.clock import utc_now
from tests.security.world import PASSWORD

WRONG = "không phải mật khẩu này"
UNKNOWN = "khong-co-ai@vidu.example"
NEW = "trời xanh mây trắng nắng vàng"
_TOKEN = re.compile('(?<=name="csrf_token" )value="[^"]+"')


def sign_in_by_form(client, email, password=PASSWORD):
    return client.post("/accounts/login", data={"email": email, "password": password})


def queued_mails():
    rows = db.session.query(OutboxRow).filter_by(topic=TOPIC_MAIL).order_by(OutboxRow.id)
    return [(row.payload["to"], row.payload["template"], row.payload["facts"]) for row in rows]


def token_of_last_mail():
    return queued_mails()[-1][2]["path"].rsplit("/", 1)[1]


def check_same(first, second, *words):
    """The two answers, the words that differ by nature taken out, are one. A form's token holds the second it was made in."""
    pages = [_TOKEN.sub("", response.text) for response in (first, second)]
    for number, page in enumerate(pages):
        for word in words:
            page = page.replace(word, "*")
        pages[number] = page
    assert first.status_code == second.status_code
    assert pages[0] == pages[1]


def enrol(person):
    """The recovery codes; the secret lies in `person.totp_secret`."""
    with unit_of_work():
        user = db.session.get(User, person.id)
        begin_enrolment(user)
        codes = confirm_enrolment(user, pyotp.TOTP(user.totp_secret).at(int(utc_now().timestamp())))
    return codes


def code_now(person):
    db.session.refresh(person)
    return pyotp.TOTP(person.totp_secret).at(int(utc_now().timestamp()))
