"""What came by the thousand: matched in processes as one by one, behind single changes, companies last; a process that dies."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from threading import Event

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from techmart.db import db, unit_of_work
from techmart.jobs import drain_outbox, match_bulk, stopping
from techmart.jobs.match_workers import Finder
from techmart.jobs.matching import match_waiting
from techmart.models.match import Match, MatchAlert, MatchedText
from techmart.models.outbox import TOPIC_MATCH, TOPIC_MATCH_BULK, OutboxRow, enqueue
from techmart.operations.alert import set_mode
from techmart.operations.match_batch import Outcome
from techmart.operations.match_queue import count_queue, next_in_bulk
from techmart.rules.matching import LOWEST_THRESHOLD, AlertMode
from tests.operations.market import Market, alerts_of, open_market, settle

Outcomes = list[Outcome]


@pytest.fixture
def market(app: Flask) -> Market:
    made = open_market()
    with unit_of_work():
        set_mode(made.buyer.id, AlertMode.IMMEDIATE, LOWEST_THRESHOLD)
    return made


def import_offers(market: Market, count: int = 3) -> list[str]:
    """Keys of as many offers that wait to be matched in bulk, after their institute's."""
    offers = [market.offer(title=f"Xử lý nước thải chăn nuôi bằng màng lọc sinh học, kiểu {n}") for n in range(count)]
    drain_outbox()
    with unit_of_work() as session:
        session.execute(update(OutboxRow).where(OutboxRow.topic == TOPIC_MATCH).values(topic=TOPIC_MATCH_BULK))
    return [offer.key for offer in offers]


class Pool:
    """Stands in for the processes: what is asked for waits until the test lets it be found."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, on_submit: Callable[[], object] = lambda: None) -> None:
        self.asked: list[tuple[Future[Outcomes], Sequence[str]]] = []
        self._on_submit = on_submit
        monkeypatch.setattr(match_bulk, "open_pool", self._open)
        monkeypatch.setattr(match_bulk, "_LOOK_EVERY", 0.01)

    @contextmanager
    def _open(self, _count: int, _priority: int) -> Iterator[Pool]:
        yield self

    def submit(self, _find: object, keys: Sequence[str]) -> Future[Outcomes]:
        self.asked.append((Future(), keys))
        self._on_submit()
        return self.asked[-1][0]

    def answer(self) -> None:
        for future, keys in self.asked:
            if not future.done():
                future.set_result(Finder().find_both_sides(keys))


def pairs() -> list[tuple[object, ...]]:
    db.session.rollback()
    rows = db.session.scalars(select(Match)).all()
    return sorted((row.technology.title, row.side, row.score) for row in rows)


def test_processes_find_and_tell_what_one_by_one_does(market: Market) -> None:
    market.demand()
    settle()
    keys = import_offers(market)
    matched: list[tuple[object, ...]] = []
    for match in (match_bulk.match_many, match_waiting):
        assert match() >= 3
        assert count_queue() == {"single": 0, "bulk": 0, "put_aside": 0}
        told = [(alert.mode, alert.reasons) for alert in alerts_of(market.buyer)]
        assert [mode for mode, _ in told] == ["daily"] * 3
        matched.append((pairs(), told))
        with unit_of_work() as session:
            for table in (MatchAlert, Match, MatchedText):
                session.execute(delete(table))
            for key in keys:
                enqueue(session, TOPIC_MATCH_BULK, key)
    assert matched[0] == matched[1]


def test_single_changes_go_first(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = import_offers(market)
    order: list[str] = []
    pool = Pool(monkeypatch, on_submit=lambda: publish() if len(pool.asked) == 1 else pool.answer())
    match = match_bulk.match_work

    def publish() -> None:
        order.append(f"publish {market.demand().key}")
        drain_outbox()

    def watch(work, find=None) -> None:
        order.append(work.key)
        match(work, find)
        pool.answer()

    monkeypatch.setattr(match_bulk, "match_work", watch)
    match_bulk.match_many()
    assert order[0] == f"publish {order[1]}"
    assert order[1].startswith("demand:")
    assert [key for key in order if key in keys] == keys
    assert len(alerts_of(market.buyer)) == 3


def test_companies_come_last_and_not_beside_listings(market: Market) -> None:
    keys = import_offers(market)
    first = next_in_bulk(16, ())
    assert [work.key for work in first][-3:] == keys
    assert all(work.is_bulk and work.row_ids for work in first)
    listings = {work.key for work in first}
    assert not any(key.startswith("organisation:") for key in listings)
    assert next_in_bulk(16, listings) == [], "the companies' demands are being matched"
    with unit_of_work() as session:
        session.execute(OutboxRow.__table__.delete().where(OutboxRow.key.in_(listings)))
    companies = next_in_bulk(2, ())
    assert {work.key.partition(":")[0] for work in companies} == {"organisation"}
    assert not {work.key for work in next_in_bulk(16, {work.key for work in companies})} & {w.key for w in companies}


def test_a_process_that_dies_loses_nothing(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    market.demand()
    settle()
    keys = import_offers(market)
    pool = Pool(monkeypatch, on_submit=lambda: pool.asked[-1][0].set_exception(BrokenProcessPool("killed")))
    match_bulk.match_many()
    db.session.rollback()
    rows = db.session.scalars(select(OutboxRow).where(OutboxRow.key.in_(keys))).all()
    assert [row.attempts for row in rows] == [1, 1, 1]
    assert alerts_of(market.buyer) == []
    with unit_of_work() as session:
        session.execute(update(OutboxRow).values(leased_until=None))
    monkeypatch.undo()
    match_waiting()
    assert len(alerts_of(market.buyer)) == 3


@pytest.mark.parametrize("in_processes", [False, True])
def test_asked_to_stop_it_leaves_the_rest_in_the_outbox(
    market: Market, monkeypatch: pytest.MonkeyPatch, in_processes: bool
) -> None:
    market.demand()
    settle()
    import_offers(market)
    waiting = count_queue()["bulk"]
    flag = Event()
    monkeypatch.setattr(stopping, "_asked", flag)
    if in_processes:
        pool = Pool(monkeypatch, on_submit=flag.set)
        assert match_bulk.match_many() == 0
        assert pool.asked
    else:
        flag.set()
        assert match_waiting() == 0
    assert count_queue()["bulk"] == waiting
    flag.clear()
    assert match_waiting() > 0
    assert count_queue()["bulk"] == 0
