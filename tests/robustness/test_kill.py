"""The worker and index commands are killed without warning at any moment; what was promised is kept."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from techmart.db import db, unit_of_work
from techmart.models.listing import Listing, Offer
from techmart.models.outbox import TOPIC_INDEX, TOPIC_MAIL, OutboxRow
from techmart.operations.code import next_code
from techmart.operations.listing_content import checked
from techmart.operations.mail import send_mail
from techmart.rules.audience import audience_of
from techmart.rules.clock import utc_now
from techmart.rules.lifecycle import ListingState
from techmart.search.engine import SearchEngine
from techmart.search.query import Query, run_query
from techmart.search.service import current_engine, open_engine
from tests import factories as make
from tests.robustness.processes import Site, kill, site_in, wait_until

LISTINGS = 400
MESSAGES = 200
KILLS = 3


@pytest.fixture
def site(app: Flask, tmp_path: Path) -> Iterator[Site]:
    with site_in(tmp_path) as made:
        yield made


@pytest.fixture
def chance() -> random.Random:
    """Moments differ from run to run; a failure shows the seed."""
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")
    return random.Random(seed)


def publish(count: int) -> list[int]:
    """That many public offers in one transaction; their numbers."""
    institute = make.organisation()
    with unit_of_work() as session:
        now = utc_now()
        rows = [
            Offer(
                code=next_code(session, "offer"), organisation_id=institute.id, state=ListingState.PUBLISHED,
                audience=audience_of(ListingState.PUBLISHED, institute.id), submitted_at=now, published_at=now,
                **checked("offer", make.CONTENT["offer"] | {"title": f"Màng lọc nước mẫu số {number}"}),
            )
            for number in range(count)
        ]  # fmt: skip
        session.add_all(rows)
        session.flush()
        return [row.id for row in rows]


def change_some(chance: random.Random, ids: list[int]) -> None:
    """New titles for fifty listings, and ten of them are hidden."""
    with unit_of_work() as session:
        for place, row in enumerate(session.scalars(select(Listing).where(Listing.id.in_(chance.sample(ids, 50))))):
            row.title = f"Tên mới {chance.random()}"
            if place < 10:
                row.state = ListingState.HIDDEN
                row.audience = audience_of(ListingState.HIDDEN, row.organisation_id)


def waiting(topic: str) -> int:
    db.session.rollback()
    statement = select(func.count()).where(OutboxRow.topic == topic, OutboxRow.done_at.is_(None))
    return db.session.scalar(statement) or 0


def has_files(folder: Path, count: int) -> bool:
    return len(list(folder.glob("*.txt"))) >= count


def has_other_folders(folder: Path, known: set[Path]) -> bool:
    return not set(folder.glob("g*")) <= known


def assert_each_is_found_once(engine: SearchEngine) -> None:
    """Every public listing by its code, alone; and as many documents as public things."""
    db.session.rollback()
    public = db.session.scalars(select(Listing).where(Listing.audience == "public")).all()
    keys = [key for key, _ in engine.versions() if not key.startswith("organisation:")]
    assert sorted(keys) == sorted(row.key for row in public)
    for row in public:
        result = run_query(engine, None, Query(row.code)).result
        assert [hit.key for hit in result.hits] == [row.key], row.code


def test_a_worker_killed_while_it_indexes_loses_and_doubles_nothing(site: Site, chance: random.Random):
    ids = publish(LISTINGS)
    for _ in range(KILLS):
        worker = site.start_worker()
        time.sleep(chance.uniform(0, 0.7))
        kill(worker)
        change_some(chance, ids)
    worker = site.start_worker()
    wait_until(lambda: waiting(TOPIC_INDEX) == 0, worker)
    assert site.stop(worker) == 0
    assert site.run("search", "verify") == 0
    assert_each_is_found_once(current_engine())


def test_a_worker_killed_while_it_delivers_sends_each_message_once(site: Site, chance: random.Random):
    with unit_of_work():
        for number in range(MESSAGES):
            send_mail(f"nguoi{number}@vidu.example", "password_changed", name=f"Người thứ {number}")
    folder = site.directory / "var/mail"
    for enough in (10, 40, 70):  # early enough that every kill finds it at work
        worker = site.start_worker()
        wait_until(partial(has_files, folder, enough), worker)
        time.sleep(chance.uniform(0, 0.1))
        kill(worker)
        assert waiting(TOPIC_MAIL) > 0
        with unit_of_work() as session:  # as if the leases of the dead worker had run out
            lapsed = utc_now() - timedelta(seconds=1)
            session.execute(update(OutboxRow).where(OutboxRow.leased_until.is_not(None)).values(leased_until=lapsed))
    worker = site.start_worker()
    wait_until(lambda: waiting(TOPIC_MAIL) == 0, worker)
    assert site.stop(worker) == 0
    texts = [path.read_text(encoding="utf-8") for path in folder.iterdir()]
    receivers = sorted(text.split("\n", 1)[0] for text in texts)
    assert receivers == sorted(f"To: nguoi{number}@vidu.example" for number in range(MESSAGES))
    assert all(text.rstrip().endswith("http://127.0.0.1:8000") for text in texts), "a message is cut off"
    repeated = db.session.scalar(select(func.count()).where(OutboxRow.topic == TOPIC_MAIL, OutboxRow.attempts > 1))
    assert repeated <= 3 * KILLS, "a killed worker holds up one message a thread"


def test_a_rebuild_killed_in_the_middle_leaves_the_old_index_serving(site: Site, chance: random.Random):
    ids = publish(LISTINGS)
    assert site.run("search", "rebuild") == 0
    folder = site.directory / "search_index"
    in_the_middle = 0
    for _attempt in range(2 * KILLS):
        before, folders = (folder / "CURRENT").read_text(), set(folder.glob("g*"))
        rebuild = site.flask("search", "rebuild")
        wait_until(partial(has_other_folders, folder, folders), rebuild)
        time.sleep(chance.uniform(0, 0.02))
        kill(rebuild)
        in_the_middle += (folder / "CURRENT").read_text() == before
        assert_each_is_found_once(open_engine(folder, cache_mb=16))
        if in_the_middle == KILLS:
            break
    assert in_the_middle, "every rebuild was done before it could be killed"
    last = (folder / "CURRENT").read_text()
    change_some(chance, ids)
    assert site.run("search", "rebuild") == 0
    assert site.run("search", "verify") == 0
    assert_each_is_found_once(open_engine(folder, cache_mb=16))
    newest = (folder / "CURRENT").read_text()
    assert sorted(path.name for path in folder.iterdir()) == sorted(["CURRENT", last, newest])
