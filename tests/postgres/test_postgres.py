"""The main journey on PostgreSQL, and what only a server with several writers at once can break."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from types import SimpleNamespace
from typing import TypeVar

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import delete, func, insert, select, update

from techmart.db import db, unit_of_work
from techmart.errors import StaleVersion
from techmart.models.account import User
from techmart.models.listing import CodeCounter, Listing, ListingRevision
from techmart.models.organisation import Organisation
from techmart.models.outbox import TOPIC_INDEX, TOPIC_MAIL, OutboxRow
from techmart.operations import mail, review
from techmart.operations.listing import create_listing, edit_state, find_listing, save_listing, submit_listing
from techmart.rules.lifecycle import Action, RevisionState
from techmart.rules.policy import ANONYMOUS, Actor, StaffRole
from techmart.search.glossary_store import current_glossary
from techmart.search.query import Query, run_query
from techmart.search.service import current_engine, sync_lock_path
from techmart.search.sync import rebuild_index, sync_index, verify_index
from tests import factories as make
from tests.conftest import app_in
from tests.databases import needs_postgres, postgres_database

pytestmark = needs_postgres

T = TypeVar("T")
_PATIENCE_SECONDS = 20


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application on a PostgreSQL database of this module."""
    with (
        postgres_database() as url,
        app_in(tmp_path_factory.mktemp("postgres"), None, database_url=url) as made,
    ):
        upgrade()
        yield made


@pytest.fixture
def house(app: Flask) -> SimpleNamespace:
    """An institute with an owner, and a moderator."""
    institute = make.organisation()
    owner = make.actor(make.member(institute))
    return SimpleNamespace(id=institute.id, owner=owner, moderator=make.actor(make.staff()))


def at_once(app: Flask, count: int, work: Callable[[int], T]) -> list[T]:
    """`work(0)` … `work(count - 1)` in as many threads, each with a database session of its own."""

    def run(number: int) -> T:
        with app.app_context():
            try:
                return work(number)
            finally:
                db.session.remove()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count), timeout=_PATIENCE_SECONDS))


def decide(moderator: Actor, code: str, action: Action, reason: str | None = None) -> None:
    shown = review.load_review(moderator, code)
    with unit_of_work():
        review.decide(moderator, code, action, reason, shown.version, revision_number=shown.revision_number)


def found(words: str) -> list[str]:
    """The keys of the listings that a visitor finds."""
    sync_index(current_engine(), sync_lock_path())
    hits = run_query(current_engine(), current_glossary(), Query(words)).result.hits
    return [hit.key for hit in hits if hit.kind != "organisation"]


def test_the_way_of_an_offer_from_draft_to_search_and_through_a_revision(house: SimpleNamespace):
    with unit_of_work():
        offer = create_listing(house.owner, "offer", house.id, make.CONTENT["offer"] | {"title": "Lò nung gạch xốp"})
        submit_listing(house.owner, offer)
    code, key = offer.code, offer.key
    assert key not in found("lò nung gạch xốp")
    decide(house.moderator, code, Action.APPROVE)
    assert found("lo nung gach xop")[0] == key
    assert find_listing(ANONYMOUS, "offer", code).title == "Lò nung gạch xốp"

    with unit_of_work():
        save_listing(house.owner, offer, {"title": "Lò nung gạch gốm mỏng"}, version=edit_state(offer).version)
        submit_listing(house.owner, offer)
    assert key not in found('"gạch gốm mỏng"')
    decide(house.moderator, code, Action.APPROVE)
    assert found('"gạch gốm mỏng"') == [key]
    assert [row.state for row in offer.revisions] == [RevisionState.APPROVED]
    assert not verify_index(current_engine())


def test_an_older_form_is_told_apart(house: SimpleNamespace):
    with unit_of_work():
        offer = create_listing(house.owner, "offer", house.id, make.CONTENT["offer"])
    version = edit_state(offer).version
    with unit_of_work():
        save_listing(house.owner, offer, {"title": "Tên thứ hai"}, version=version)
    with pytest.raises(StaleVersion), unit_of_work():
        save_listing(house.owner, offer, {"title": "Tên thứ ba"}, version=version)
    assert db.session.get(Listing, offer.id).title == "Tên thứ hai"


@pytest.mark.parametrize("state", ["draft", "published"])
def test_of_many_savers_at_once_one_wins_and_the_others_are_told(app: Flask, house: SimpleNamespace, state: str):
    """The others must get StaleVersion, which keeps what they typed, not an error of the database."""
    offer = make.offer(db.session.get_one(Organisation, house.id), state)
    offer_id, version = offer.id, edit_state(offer).version
    db.session.rollback()
    together = threading.Barrier(4)

    def save(number: int) -> str:
        with unit_of_work() as session:
            listing = session.get_one(Listing, offer_id)
            together.wait(_PATIENCE_SECONDS)
            try:
                save_listing(house.owner, listing, {"title": f"Tên của người {number}"}, version=version)
            except StaleVersion:
                return "stale"
        return "saved"

    assert sorted(at_once(app, 4, save)) == ["saved", "stale", "stale", "stale"]
    revisions = db.session.scalars(select(ListingRevision.number).where(ListingRevision.listing_id == offer_id)).all()
    assert revisions == ([1] if state == "published" else [])


def test_codes_given_out_at_once_are_all_different_from_the_first_of_a_year_on(app: Flask, house: SimpleNamespace):
    with unit_of_work() as session:
        session.execute(delete(CodeCounter).where(CodeCounter.prefix.startswith("NC-")))
    together = threading.Barrier(6)

    def draft(number: int) -> str:
        together.wait(_PATIENCE_SECONDS)
        with unit_of_work():
            return create_listing(house.owner, "demand", house.id, make.CONTENT["demand"]).code

    codes = at_once(app, 6, draft)
    assert sorted(code[-4:] for code in codes) == [f"000{number}" for number in range(1, 7)]


def test_two_workers_share_the_mail_and_send_each_message_once(app: Flask, monkeypatch: pytest.MonkeyPatch):
    with unit_of_work() as session:
        session.execute(delete(OutboxRow).where(OutboxRow.topic == TOPIC_MAIL))
        for number in range(30):
            mail.send_mail(f"nguoi{number}@vidu.example", "password_changed", name="Lê Hoài An")
    sent: list[tuple[int, str]] = []
    both_hold_one = threading.Barrier(2)

    def deliver(number: int) -> None:
        mail.deliver_mail()

    def send(message: EmailMessage) -> None:
        me = threading.get_ident()
        is_first = me not in {thread for thread, _ in sent}
        sent.append((me, message["To"]))
        if is_first:
            both_hold_one.wait(_PATIENCE_SECONDS)  # neither is done before the other has leased

    monkeypatch.setattr(mail, "_send", send)
    at_once(app, 2, deliver)
    assert sorted(to for _, to in sent) == sorted(f"nguoi{number}@vidu.example" for number in range(30))
    waiting = select(func.count()).where(OutboxRow.topic == TOPIC_MAIL, OutboxRow.done_at.is_(None))
    assert db.session.scalar(waiting) == 0


def test_a_rebuild_does_not_forget_a_change_that_commits_meanwhile(app: Flask, house: SimpleNamespace):
    """On a server a lower row number may commit after a higher one was seen."""
    institute = db.session.get_one(Organisation, house.id)
    offer = make.offer(institute)
    late_id, late_key = offer.id, offer.key
    sync_index(current_engine(), sync_lock_path())
    with db.engine.connect() as other:
        other.execute(insert(OutboxRow).values(topic=TOPIC_INDEX, key=late_key, payload={}))
        other.execute(update(Listing.__table__).where(Listing.id == late_id).values(title="Muộn", version=2))
        make.offer(institute)

        def commit_after_reading(done: int, total: int) -> None:
            if done == total:  # all is read, and the rows are not deleted yet
                other.commit()

        rebuild_index(current_engine(), sync_lock_path(), progress=commit_after_reading)
    sync_index(current_engine(), sync_lock_path())
    assert not verify_index(current_engine())


def test_every_page_without_parameters_answers(app: Flask, house: SimpleNamespace, login: Callable[..., FlaskClient]):
    """What only PostgreSQL refuses (grouping by JSON, comparing unlike types) shows here."""
    make.listing("demand", db.session.get_one(Organisation, house.id))
    make.listing("offer", db.session.get_one(Organisation, house.id), "submitted")
    readers = {
        "anyone": app.test_client(),
        "owner": login(db.session.get_one(User, house.owner.user_id)),
        "moderator": login(db.session.get_one(User, house.moderator.user_id)),
        "administrator": login(make.staff(StaffRole.ADMINISTRATOR)),
    }
    rules = [rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments]
    addresses = sorted({*rules, "/search?q=màng+lọc&kind=offer&sort=newest", "/api/v1/search?q=xoài"} - {"/readyz"})
    broken = {
        (reader, address): status
        for reader, client in readers.items()
        for address in addresses
        if (status := client.get(address).status_code) >= 500
    }
    assert not broken
