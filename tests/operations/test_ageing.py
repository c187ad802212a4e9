"""What the daily run does to listings nobody confirms."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from techmart.db import db, unit_of_work
from techmart.errors import NotAllowed
from techmart.models.event import Event, Notification
from techmart.models.outbox import TOPIC_MAIL, OutboxRow
from techmart.operations.ageing import age_listings
from techmart.operations.lifecycle import perform
from techmart.operations.mail import deliver_mail
from techmart.rules.clock import local_today
from techmart.rules.lifecycle import Action
from tests import factories as make

NOTHING = {"due": 0, "stale": 0, "hidden": 0}


def age() -> dict[str, int]:
    with unit_of_work():
        return age_listings()


def test_a_listing_nobody_confirms_is_asked_about_then_stale_then_hidden(app: Flask, clock):
    owner = make.user()
    listing = make.offer(make.organisation(owner))
    clock.advance(days=90)
    assert age() == NOTHING, "the day itself still counts"
    for days, state in ((1, "due"), (14, "stale"), (30, "hidden")):
        clock.advance(days=days - 1)
        assert age() == NOTHING
        clock.advance(days=1)
        assert age() == {**NOTHING, state: 1}
        assert listing.state == state
        assert age() == NOTHING, "a second run the same day does nothing"
    assert not listing.is_public
    events = db.session.scalars(select(Event).where(Event.subject_kind == "listing").order_by(Event.id)).all()
    assert [(e.action, e.actor_id, e.reason) for e in events] == [
        ("listing:mark_due", None, None), ("listing:mark_stale", None, None), ("listing:hide", None, "not_confirmed"),
    ]  # fmt: skip
    notes = db.session.scalars(select(Notification.kind).order_by(Notification.id)).all()
    assert notes == ["listing_due", "listing_hidden"]
    mails = db.session.scalars(select(OutboxRow).where(OutboxRow.topic == TOPIC_MAIL).order_by(OutboxRow.id)).all()
    assert [(mail.payload["to"], mail.payload["template"]) for mail in mails] == [
        (owner.email, "listing_due"), (owner.email, "listing_hidden"),
    ]  # fmt: skip


def test_a_confirmation_starts_the_time_anew(app: Flask, clock):
    owner = make.user()
    listing = make.offer(make.organisation(owner))
    clock.advance(days=95)
    age()
    with unit_of_work():
        perform(make.actor(owner), listing, Action.CONFIRM)
    clock.advance(days=90)
    assert age() == NOTHING
    clock.advance(days=1)
    assert age() == {**NOTHING, "due": 1}
    clock.advance(days=13)
    assert age() == NOTHING, "the earlier time as due does not count"


def test_a_worker_that_was_off_for_months_moves_one_step_at_a_time(app: Flask, clock):
    listing = make.demand()
    clock.advance(days=400)
    assert age() == {**NOTHING, "due": 1}
    assert age() == NOTHING
    assert listing.state == "due"


def test_a_listing_that_came_as_due_counts_from_the_day_it_was_due(app: Flask, clock):
    make.offer(state="due", confirm_due_on=local_today() - timedelta(days=14))
    make.offer(state="due", confirm_due_on=local_today() - timedelta(days=13))
    make.offer(state="hidden", confirm_due_on=local_today() - timedelta(days=400))
    assert age() == {**NOTHING, "stale": 1}


def test_only_the_system_and_staff_age_listings(app: Flask):
    with pytest.raises(NotAllowed):
        age_listings(make.actor(make.member(make.organisation())))


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_all_mails_about_listings_can_be_written(app: Flask, locale: str):
    owner, moderator = make.user(locale=locale), make.staff()
    house, actor = make.organisation(owner), make.actor(moderator)
    for state, action in (
        ("submitted", Action.APPROVE), ("submitted", Action.REQUEST_CHANGES), ("submitted", Action.REJECT),
        ("published", Action.MARK_DUE), ("published", Action.HIDE),
    ):  # fmt: skip
        listing = make.offer(house, state)
        with unit_of_work():
            perform(actor, listing, action, reason="Thiếu bằng chứng & số liệu <đo>")
    assert deliver_mail() == 5
    mails = [path.read_text(encoding="utf-8") for path in sorted(app.config["SETTINGS"].mail_dir.iterdir())]
    assert all(make.OFFER["title"] in " ".join(mail.split()) and "/offers/CN-" in mail for mail in mails)
    assert sum("Thiếu bằng chứng & số liệu <đo>" in mail for mail in mails) == 3, "no markup escapes in plain text"
