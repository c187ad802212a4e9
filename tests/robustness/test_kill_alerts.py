"""The worker is killed while it matches and while it sends; everybody is told of every match, and of none twice."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from techmart.db import db, unit_of_work
from techmart.models.account import User
from techmart.models.listing import Demand
from techmart.models.match import Match, MatchAlert
from techmart.models.outbox import TOPIC_INDEX, TOPIC_MAIL, TOPIC_MATCH, OutboxRow
from techmart.operations.alert import set_mode
from techmart.operations.code import next_code
from techmart.operations.listing_content import checked
from techmart.rules.audience import audience_of
from techmart.rules.clock import utc_now
from techmart.rules.lifecycle import ListingState
from techmart.rules.matching import AlertMode
from tests import factories as make
from tests.operations.market import FARM_DEMAND, Market, open_market, settle
from tests.robustness.processes import Site, kill, site_in, wait_until

DEMANDS = 24


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


def farms(count: int) -> list[User]:
    """The owners of as many farms, each of which needs what the institute of the market has; they are mailed at once."""
    owners = []
    for number in range(count):
        farm = make.organisation(kind="business", sectors=[])
        owners.append(make.member(farm))
        with unit_of_work() as session:
            set_mode(owners[-1].id, AlertMode.IMMEDIATE, 60)
            now = utc_now()
            content = make.CONTENT["demand"] | FARM_DEMAND | {"title": f"{FARM_DEMAND['title']}, trại số {number}"}
            session.add(
                Demand(
                    code=next_code(session, "demand"), organisation_id=farm.id, state=ListingState.PUBLISHED,
                    audience=audience_of(ListingState.PUBLISHED, farm.id), submitted_at=now, published_at=now,
                    **checked("demand", content),
                )
            )  # fmt: skip
    return owners


def waiting(*topics: str) -> int:
    db.session.rollback()
    open_rows = OutboxRow.topic.in_(topics), OutboxRow.done_at.is_(None)
    return db.session.scalar(select(func.count()).where(*open_rows)) or 0


def let_leases_lapse() -> None:
    """As if the time of the dead worker had run out."""
    with unit_of_work() as session:
        lapsed = utc_now() - timedelta(seconds=1)
        session.execute(update(OutboxRow).where(OutboxRow.leased_until.is_not(None)).values(leased_until=lapsed))


def assert_told_once(site: Site, market: Market, owners: list[User]) -> None:
    """Each pair is stored once a side; each farm got one alert and one mail that names the institute's offer."""
    db.session.rollback()
    alerts = db.session.scalars(select(MatchAlert)).all()
    assert Counter(alert.user_id for alert in alerts if alert.user_id != market.seller.id) == dict.fromkeys(
        (owner.id for owner in owners), 1
    )
    assert len({(alert.user_id, alert.match_id, alert.versions) for alert in alerts}) == len(alerts)
    pairs = Counter(
        (row.demand_id, row.organisation_id, row.technology_id, row.side) for row in db.session.scalars(select(Match))
    )
    assert set(pairs.values()) == {1}
    texts = [path.read_text(encoding="utf-8") for path in (site.directory / "var/mail").glob("*.txt")]
    to_farms = Counter(text.split("\n", 1)[0].removeprefix("To: ") for text in texts)
    assert to_farms == dict.fromkeys((owner.email for owner in owners), 1)
    assert all("/matches/NC-" in text for text in texts)


def test_a_worker_killed_while_it_matches(site: Site, chance: random.Random) -> None:
    market = open_market()
    market.offer()
    settle()
    owners = farms(DEMANDS)
    at_work = 0
    for left in (20, 15, 10, 5):  # early enough that a kill finds it at work
        worker = site.start_worker()
        wait_until(lambda left=left: waiting(TOPIC_MATCH) <= left, worker, seconds=60)  # type: ignore[misc]
        time.sleep(chance.uniform(0, 0.03))
        kill(worker)
        at_work += waiting(TOPIC_MATCH) > 0
        let_leases_lapse()
    worker = site.start_worker()
    wait_until(lambda: waiting(TOPIC_INDEX, TOPIC_MATCH, TOPIC_MAIL) == 0, worker, seconds=60)
    assert site.stop(worker) == 0
    assert_told_once(site, market, owners)
    assert at_work, "every kill came before or after the work"


def test_a_worker_killed_while_it_sends(site: Site, chance: random.Random) -> None:
    market = open_market()
    market.offer()
    owners = farms(DEMANDS)
    folder = site.directory / "var/mail"
    for enough in (2, 8, 14):
        worker = site.start_worker()
        wait_until(lambda enough=enough: len(list(folder.glob("*.txt"))) >= enough, worker, seconds=60)  # type: ignore[misc]
        time.sleep(chance.uniform(0, 0.1))
        kill(worker)
        let_leases_lapse()
    worker = site.start_worker()
    wait_until(lambda: waiting(TOPIC_INDEX, TOPIC_MATCH, TOPIC_MAIL) == 0, worker, seconds=60)
    assert site.stop(worker) == 0
    assert_told_once(site, market, owners)
