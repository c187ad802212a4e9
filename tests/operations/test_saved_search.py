"""Saved searches: kept once, for their owner alone, up to a limit; mails at their hour and never twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from techmart.db import db, unit_of_work
from techmart.errors import InvalidFields, NotAllowed, NotFound
from techmart.jobs.telling import tell_what_is_due
from techmart.models.account import User
from techmart.models.outbox import TOPIC_MAIL, OutboxRow
from techmart.models.saved_search import SavedSearch
from techmart.operations import saved_search as saved_searches
from techmart.operations.mail import deliver_mail
from techmart.rules.policy import ANONYMOUS
from techmart.rules.schedule import last_due
from techmart.search.service import current_engine, sync_lock_path
from techmart.search.sync import sync_index
from tests import factories as make
from tests.conftest import Clock

WATER = [["q", "nước thải"], ["kind", "offer"]]


def save(person: User, name: str = "Nước thải", *, parameters: list[list[str]] = WATER, notify: str = "none") -> int:
    with unit_of_work():
        return saved_searches.save_search(make.actor(person), name=name, parameters=parameters, notify=notify).id


def mails() -> list[dict[str, object]]:
    rows = db.session.query(OutboxRow).filter_by(topic=TOPIC_MAIL).order_by(OutboxRow.id).all()
    return [row.payload for row in rows]


def test_the_same_search_is_kept_once(app: Flask) -> None:
    person = make.user()
    first = save(person)
    again = save(person, "Nước thải, tên mới", parameters=WATER[::-1], notify="weekly")
    assert again == first
    row = saved_searches.find_saved(make.actor(person), first)
    assert (row.name, row.notify) == ("Nước thải, tên mới", "weekly")


def test_a_limit_for_each_person(app: Flask) -> None:
    person, other = make.user(), make.user()
    with unit_of_work() as session:
        for number in range(saved_searches.MAXIMUM_SEARCHES):
            session.add(SavedSearch(user_id=person.id, name="x", parameters=[["q", str(number)]]))
    with pytest.raises(InvalidFields) as refusal:
        save(person)
    assert refusal.value.problems == {"parameters": ["too_many"]}
    save(person, parameters=[["q", "7"]])
    assert save(other)
    assert saved_searches.count_saved(make.actor(person)) == saved_searches.MAXIMUM_SEARCHES


@pytest.mark.parametrize(
    ("name", "notify", "problems"),
    [
        (" \u200b ", "none", {"name": ["required"]}),
        ("a" * 121, "none", {"name": ["too_long"]}),
        ("Tên", "hourly", {"notify": ["unknown_value"]}),
    ],
)
def test_what_is_refused(name: str, notify: str, problems: dict[str, list[str]], app: Flask) -> None:
    person = make.user()
    kept = save(person)
    with pytest.raises(InvalidFields) as refusal:
        save(person, name, notify=notify)
    assert refusal.value.problems == problems
    with pytest.raises(InvalidFields), unit_of_work():
        saved_searches.change_saved(make.actor(person), kept, name=name, notify=notify)


def test_nobody_touches_those_of_others(app: Flask) -> None:
    kept, stranger = save(make.user()), make.actor(make.user())
    with pytest.raises(NotFound):
        saved_searches.change_saved(stranger, kept, name="Của tôi", notify="none")
    with pytest.raises(NotFound):
        saved_searches.delete_saved(stranger, kept)
    with pytest.raises(NotFound):
        saved_searches.mark_seen(stranger, kept)
    assert saved_searches.list_saved(stranger) == []
    with pytest.raises(NotAllowed):
        saved_searches.save_search(ANONYMOUS, name="Tên", parameters=WATER)


def test_they_go_with_the_account(app: Flask) -> None:
    person = make.user()
    save(person)
    with unit_of_work() as session:
        session.delete(session.get(User, person.id))
    assert db.session.query(SavedSearch).count() == 0


@pytest.mark.parametrize(
    ("rhythm", "now", "due"),
    [
        ("none", "2026-03-04 12:00", None),
        ("daily", "2026-03-04 07:00", "2026-03-04 07:00"),
        ("daily", "2026-03-04 06:59", "2026-03-03 07:00"),
        ("weekly", "2026-03-04 12:00", "2026-03-02 07:00"),  # a Wednesday, the Monday before it
        ("weekly", "2026-03-02 06:00", "2026-02-23 07:00"),
    ],
)
def test_when_mails_are_due(rhythm: str, now: str, due: str | None) -> None:
    def instant(text: str) -> datetime:
        return datetime.fromisoformat(f"{text}+07:00")

    found = last_due(rhythm, instant(now).astimezone(UTC))
    assert found == (instant(due) if due else None)


class TestMails:
    def test_one_mail_a_person_and_nothing_twice(self, app: Flask, clock: Clock) -> None:
        person, quiet = make.user(), make.user()
        kept = save(person, notify="daily")
        weekly = save(person, "Mọi tin", parameters=[["kind", "offer"]], notify="weekly")
        save(quiet)
        clock.advance(minutes=1)
        offer = make.offer(title="Xử lý nước thải in hoa", summary="In hoa.")
        sync_index(current_engine(), sync_lock_path())
        clock.advance(hours=2)
        tell_what_is_due()
        assert mails() == []  # Monday's seven o'clock was before they were saved
        clock.advance(days=1)
        tell_what_is_due()
        tell_what_is_due()
        assert len(mails()) == 1
        assert mails()[0]["facts"] == {
            "user_id": person.id,
            "alert_ids": [],
            "at": clock.now.isoformat(),
            "searches": [{"id": kept, "count": 1, "keys": [offer.key]}],
        }
        clock.advance(days=1)
        tell_what_is_due()
        assert len(mails()) == 1  # nothing new since
        clock.advance(days=5)
        tell_what_is_due()
        assert [line["id"] for line in mails()[1]["facts"]["searches"]] == [weekly]  # type: ignore[index]

    def test_hidden_things_and_closed_accounts(self, app: Flask, clock: Clock) -> None:
        person, gone = make.user(), make.user()
        save(person, notify="daily")
        save(gone, notify="daily")
        with unit_of_work():
            gone.disabled_at = clock.now
        clock.advance(minutes=1)
        make.offer(state="submitted", title="Xử lý nước thải còn chờ duyệt")
        assert [row.user_id for row in saved_searches.list_due(clock.now + timedelta(days=1))] == [person.id]
        sync_index(current_engine(), sync_lock_path())
        clock.advance(days=1)
        tell_what_is_due()
        assert mails() == []

    def test_the_mail_in_both_languages(self, app: Flask, clock: Clock) -> None:
        for locale in ("vi", "en"):
            save(make.user(locale=locale), notify="daily")
        clock.advance(minutes=1)
        make.offer(title="Xử lý nước thải in hoa", title_en="Treating print works effluent")
        sync_index(current_engine(), sync_lock_path())
        clock.advance(days=1)
        tell_what_is_due()
        assert deliver_mail() == 2
        texts = [path.read_text() for path in sorted(app.config["SETTINGS"].mail_dir.glob("*.txt"))]
        assert sum("Treating print works effluent" in text for text in texts) == 1
        assert all("http://localhost/workspace/searches" in text for text in texts)
