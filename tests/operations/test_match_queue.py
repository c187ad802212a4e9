"""What waits to be matched: after its index, once, single changes before what came in bulk, failures again and then aside."""

from __future__ import annotations

from threading import Event, Thread

import pytest
from flask import Flask
from sqlalchemy import select, update

from techmart.db import db, mark_bulk, unit_of_work
from techmart.jobs import drain_outbox
from techmart.jobs import matching as matching_job
from techmart.jobs.matching import match_waiting
from techmart.models.listing import Listing
from techmart.models.match import Match, MatchedText
from techmart.models.outbox import TOPIC_MATCH, TOPIC_MATCH_BULK, OutboxRow, enqueue
from techmart.operations.mail import deliver_mail
from techmart.operations.match_queue import MAXIMUM_ATTEMPTS, count_queue, list_put_aside, next_work, retry_put_aside
from techmart.rules.matching import Side
from techmart.search.sync import file_lock
from tests import factories as make
from tests.conftest import Clock
from tests.operations.market import Market, alerts_of, change, choose, open_market, settle, told


@pytest.fixture
def market(app: Flask) -> Market:
    return open_market()


def test_a_thing_waits_for_its_index(market: Market) -> None:
    offer = market.offer()
    assert next_work() is None
    assert count_queue()["single"] > 0
    drain_outbox()
    assert next_work() is not None
    assert match_waiting() >= 1
    assert count_queue() == {"single": 0, "bulk": 0, "put_aside": 0}
    assert db.session.get(MatchedText, offer.key) is not None


def test_an_import_is_bulk_and_asks_for_no_hurry(market: Market) -> None:
    settle()
    with unit_of_work() as session:
        mark_bulk(session)
        session.merge(market.farm).capability = "Nuôi heo"
    with unit_of_work() as session:
        session.merge(market.institute).capability = "Màng lọc"
    rows = db.session.execute(select(OutboxRow.key, OutboxRow.topic).where(OutboxRow.topic != "index"))
    assert {row.key: row.topic for row in rows} == {
        market.farm.key: TOPIC_MATCH_BULK,
        market.institute.key: TOPIC_MATCH,
    }


def test_rows_of_bulk_wait(market: Market) -> None:
    offer, demand = market.offer(), market.demand()
    drain_outbox()
    with unit_of_work() as session:
        session.execute(update(OutboxRow).where(OutboxRow.key == offer.key).values(topic=TOPIC_MATCH_BULK))
    work = next_work()
    assert work is not None
    assert not work.is_bulk
    while (work := next_work()) is not None and not work.is_bulk:
        matching_job.match_work(work)
    assert work is not None
    assert (work.key, work.is_bulk) == (offer.key, True)
    with unit_of_work() as session:
        enqueue(session, "index", demand.key)
    assert next_work() is None, "something is to be indexed"
    drain_outbox()
    assert next_work() == work


def test_ten_changes_are_matched_once(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    settle()
    offer = market.offer()
    for number in range(9):
        change(offer, advantage=f"Lần sửa {number}")
    asked: list[str] = []
    monkeypatch.setattr(matching_job, "find_pairs", lambda thing: asked.append(thing.key) or [])
    settle()
    assert asked == [offer.key]


def test_what_fails_is_tried_again_then_put_aside(
    market: Market, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle()
    offer = market.offer()
    find = matching_job.find_pairs

    def fail_for_offers(thing: Listing) -> object:
        if thing.key == offer.key:
            raise ValueError("cannot")
        return find(thing)

    monkeypatch.setattr(matching_job, "find_pairs", fail_for_offers)
    market.demand()
    for _ in range(MAXIMUM_ATTEMPTS + 2):
        settle()
        clock.advance(hours=1)
    assert count_queue() == {"single": 0, "bulk": 0, "put_aside": 1}
    assert list_put_aside() == [(offer.key, "ValueError('cannot')")]
    assert len(alerts_of(market.buyer)) == 1, "the demand was matched all the same"
    monkeypatch.undo()
    with unit_of_work() as session:
        assert retry_put_aside(session) == 1
    settle()
    assert count_queue()["put_aside"] == 0


def test_bulk_is_told_gently(market: Market, app: Flask) -> None:
    """One notification for all, and no single mails even to those who want them."""
    choose(market.buyer)
    market.demand()
    settle()
    for number in range(4):
        market.offer(title=f"Xử lý nước thải chăn nuôi bằng màng lọc sinh học, kiểu {number}")
    with unit_of_work() as session:
        session.execute(update(OutboxRow).where(OutboxRow.topic == TOPIC_MATCH).values(topic=TOPIC_MATCH_BULK))
    settle()
    assert [alert.mode for alert in alerts_of(market.buyer)] == ["daily"] * 4
    (line,) = told(market.buyer)
    assert line.payload["count"] == 4
    assert deliver_mail() == 0


def test_one_in_bulk_is_named(market: Market) -> None:
    market.demand()
    settle()
    offers = [market.offer(title="Xử lý nước thải chăn nuôi bằng màng lọc sinh học")]
    for _ in range(2):
        with unit_of_work() as session:
            session.execute(update(OutboxRow).where(OutboxRow.topic == TOPIC_MATCH).values(topic=TOPIC_MATCH_BULK))
        settle()
        (line,) = told(market.buyer)
        assert line.payload["count"] == len(offers)
        assert line.payload.get("title") == (offers[0].title if len(offers) == 1 else None)
        offers.append(market.offer(title="Xử lý nước thải chăn nuôi bằng màng lọc sinh học, kiểu hai"))


def test_sides_nobody_acts_for_are_not_scored(market: Market) -> None:
    make.offer()
    settle()
    market.demand()
    settle()
    assert {row.side for row in db.session.query(Match)} == {Side.WANTED}


@pytest.mark.parametrize(("held_for", "is_matched"), [(0.2, True), (None, False)])
def test_a_publication_waits_out_a_batch_of_a_run_and_not_another_worker(
    market: Market, monkeypatch: pytest.MonkeyPatch, held_for: float | None, is_matched: bool
) -> None:
    market.offer()
    drain_outbox()
    monkeypatch.setattr(matching_job, "_PATIENCE", 5.0 if is_matched else 0.1)
    ready = Event()
    let_go = Event()

    def hold() -> None:
        with file_lock(lock, wait=True):
            ready.set()
            let_go.wait(held_for or 30)

    lock = matching_job._lock_path()
    holder = Thread(target=hold)
    holder.start()
    assert ready.wait(10)
    assert (match_waiting() > 0) is is_matched
    let_go.set()
    holder.join(10)
    assert match_waiting() == 0 if is_matched else match_waiting() > 0
