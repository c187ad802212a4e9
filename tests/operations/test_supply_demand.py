"""Supply against demand: what lacks a counterpart, which sectors meet, what became of matches; and what never counts."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from flask import Flask

from techmart.db import db, unit_of_work
from techmart.errors import NotAllowed
from techmart.models.listing import Listing
from techmart.models.match import Match, MatchedText
from techmart.models.organisation import Organisation
from techmart.models.outbox import TOPIC_MATCH_BULK, OutboxRow
from techmart.operations.market_pairs import NO_SECTOR, list_pairs, table_sectors
from techmart.operations.match_figures import MatchFilter, count_reasons, count_states, list_counted
from techmart.operations.match_pair import Pair, new_match
from techmart.operations.match_queue import enqueue_unmatched
from techmart.operations.supply_demand import Part, Standing, StandingFilter, balance_of, list_standings
from techmart.rules.audience import PUBLIC_STATES
from techmart.rules.clock import utc_now
from techmart.rules.lifecycle import ListingState
from techmart.rules.matching import MatchState, Side
from techmart.rules.policy import ANONYMOUS, SYSTEM, Actor, MemberRole
from tests import factories as make
from tests.conftest import Clock


@pytest.fixture
def staff(app: Flask) -> Actor:
    return make.actor(make.staff())


def matched(*things: Listing) -> None:
    """Say that matching has looked at them."""
    with unit_of_work() as session:
        for thing in things:
            session.merge(MatchedText(key=thing.key, version="1", matched_at=utc_now()))


def pair(need: Listing | Organisation, technology: Listing, score: int, *sides: Side, **values: Any) -> list[Match]:
    """A stored match, as the given sides see it (both unless told)."""
    with unit_of_work() as session:
        rows = [new_match(Pair(need, technology, side), score=score, **values) for side in sides or tuple(Side)]  # type: ignore[arg-type]
        session.flush()
    return rows


def put(listing: Listing, state: ListingState) -> None:
    with unit_of_work():
        listing.audience = "public" if state in PUBLIC_STATES else f"org:{listing.organisation_id}+staff"
        listing.state, listing.published_at = state, utc_now()


def codes(actor: Actor, part: Part = Part.DEMANDS, **values: Any) -> list[str]:
    return [row.listing.code for row in list_standings(actor, StandingFilter(part, **values)).rows]


class TestStandings:
    @pytest.mark.parametrize(
        ("score", "is_matched", "standing"),
        [
            (60, True, Standing.MET),
            (60, False, Standing.MET),
            (59, True, Standing.LACKING),
            (59, False, Standing.UNMATCHED),
            (0, True, Standing.LACKING),
            (0, False, Standing.UNMATCHED),
        ],
    )
    @pytest.mark.parametrize("part", list(Part))
    def test_each_has_exactly_one(
        self, staff: Actor, part: Part, score: int, is_matched: bool, standing: Standing
    ) -> None:
        demand, offer = make.demand(), make.offer()
        if score:
            pair(demand, offer, score)
        if is_matched:
            matched(demand, offer)
        own, other = (demand, offer) if part is Part.DEMANDS else (offer, demand)
        for asked in Standing:
            assert codes(staff, part, standing=asked) == ([own.code] if asked == standing else [])
        (row,) = list_standings(staff, StandingFilter(part, standing="")).rows
        assert (row.standing, row.score, row.best) == (standing, score, other if score else None)
        balance = balance_of(staff, 60)
        assert [balance.count(part, "", each) for each in Standing] == [each == standing for each in Standing]
        assert balance.count(part) == 1

    def test_the_best_counterpart_by_the_better_side(self, staff: Actor) -> None:
        demand, weak, strong = make.demand(), make.offer(), make.patent()
        pair(demand, weak, 50)
        pair(demand, strong, 40, Side.WANTED)
        pair(demand, strong, 55, Side.OFFERED)
        (row,) = list_standings(staff, StandingFilter(standing="")).rows
        assert (row.best, row.score) == (strong, 55)

    @pytest.mark.parametrize("side", list(Side))
    def test_a_pair_either_side_put_aside_is_none(self, staff: Actor, side: Side) -> None:
        demand, offer = make.demand(), make.offer()
        rows = pair(demand, offer, 90)
        matched(demand, offer)
        with unit_of_work():
            row = next(row for row in rows if row.side == side)
            row.state, row.reason = MatchState.DISMISSED, "price"
        assert codes(staff) == [demand.code]
        assert codes(staff, Part.TECHNOLOGIES) == [offer.code]
        assert balance_of(staff, 60).pairs == 0

    def test_sectors_age_order_and_pages(self, staff: Actor, clock: Clock) -> None:
        old = make.demand(sectors=["energy", "agriculture"])
        clock.advance(days=40)
        new, bare = make.demand(sectors=["agriculture"]), make.demand(sectors=["a_digital"])
        pair(new, make.offer(), 30)
        matched(old, new, bare)
        assert codes(staff, sector="agriculture", sort="weakest") == [old.code, new.code]
        assert codes(staff, sector=NO_SECTOR) == [bare.code]
        assert codes(staff, days=30) == [old.code]
        assert codes(staff, sort="oldest") == [old.code, new.code, bare.code]
        assert codes(staff, sort="newest") == [bare.code, new.code, old.code]
        last = list_standings(staff, StandingFilter(sort="oldest"), page=99, size=2)
        assert (last.page, last.pages, last.total, [row.listing for row in last.rows]) == (2, 2, 3, [bare])
        balance = balance_of(staff, 60)
        assert [balance.count("demands", code) for code in ("agriculture", "energy", NO_SECTOR, "")] == [2, 1, 1, 3]


class TestCells:
    def test_every_number_is_as_long_as_its_list(self, staff: Actor) -> None:
        needs = [make.demand(sectors=sectors) for sectors in (["energy"], ["energy", "health"], [])]
        haves = [make.offer(sectors=["health"]), make.patent(sectors=["energy", "agriculture"])]
        for score, (need, have) in zip((90, 80, 70, 61, 60, 59), product(needs, haves), strict=True):
            pair(need, have, score)
        matched(*needs, *haves)
        balance = balance_of(staff, 60)
        assert balance.pairs == list_pairs(staff, threshold=60).total == 5
        for row, column in product(table_sectors(), repeat=2):
            found = list_pairs(staff, wanted=row, offered=column, threshold=60)
            assert len(found.pairs) == found.total == balance.cells.get((row, column), 0)
        assert balance.cells["energy", "health"] == 2
        assert balance.cells[NO_SECTOR, "health"] == 1
        for part, sector, standing in product(Part, ("", *table_sectors()), ("", *Standing)):
            wanted = StandingFilter(part, standing=standing, sector=sector)
            assert list_standings(staff, wanted).total == balance.count(part, sector, standing)

    @pytest.mark.parametrize("state", list(ListingState))
    @pytest.mark.parametrize("which", ["demand", "offer"])
    def test_only_what_is_public_and_to_be_had_counts(self, staff: Actor, state: ListingState, which: str) -> None:
        demand, offer = make.demand(), make.offer()
        rows = pair(demand, offer, 90, state=MatchState.DISMISSED, reason="price", decided_at=utc_now())
        pair(make.demand(sectors=["energy"]), offer, 70)
        pair(demand, make.patent(sectors=["energy"]), 70)
        matched(demand, offer)
        put(demand if which == "demand" else offer, state)
        is_there = state in PUBLIC_STATES and state != ListingState.TRANSFERRED
        listing = demand if which == "demand" else offer
        part = Part.DEMANDS if which == "demand" else Part.TECHNOLOGIES
        assert (listing.code in codes(staff, part, standing="")) == is_there
        assert balance_of(staff, 60).count(part) == 1 + is_there
        assert balance_of(staff, 60).pairs == 1 + is_there
        assert (listing in [row.best for row in _all(staff)]) == is_there
        shown = state in PUBLIC_STATES
        assert {row.id for row, _ in list_counted(staff, MatchFilter(reason="price")).rows} == (
            {row.id for row in rows} if shown else set()
        )
        assert bool(count_reasons(staff)) == shown
        assert sum(count_states(staff).values()) == 4 + 2 * shown - 2 * (not shown)


def _all(staff: Actor) -> list[Any]:
    return [row for part in Part for row in list_standings(staff, StandingFilter(part, standing="")).rows]


class TestReasons:
    def test_counts_of_late_and_by_sector(self, staff: Actor, clock: Clock) -> None:
        demand = make.demand()
        for days, sectors in ((70, ["energy"]), (21, ["energy", "health"]), (10, [])):
            clock.advance(days=days)
            pair(
                demand, make.offer(sectors=sectors), 50, Side.WANTED,
                state=MatchState.DISMISSED, reason="price", decided_at=utc_now(),
            )  # fmt: skip
        row = count_reasons(staff)["price"]
        assert (row.total, row.recent, row.before) == (3, 2, 1)
        assert row.by_sector == {"energy": 2, "health": 1, NO_SECTOR: 1}
        clock.advance(days=25)
        row = count_reasons(staff)["price"]
        assert (row.total, row.recent, row.before) == (3, 1, 2)
        for wanted, count in (
            (MatchFilter(reason="price"), 3),
            (MatchFilter(reason="price", days=30), 1),
            (MatchFilter(reason="price", days=60, until=30), 2),
            (MatchFilter(reason="price", sector="energy"), 2),
            (MatchFilter(reason="other"), 0),
            (MatchFilter(origin="staff"), 0),
            (MatchFilter(side="offered"), 0),
            (MatchFilter(states=(MatchState.NEW,)), 0),
        ):
            assert list_counted(staff, wanted).total == count, wanted

    def test_a_company_counts_as_a_side_that_needs(self, staff: Actor) -> None:
        company, offer = make.organisation(kind="business"), make.offer()
        pair(company, offer, 80)
        assert sum(count_states(staff).values()) == 1  # the offerer may not know of it
        with unit_of_work():
            company.is_suggestable = True
        assert sum(count_states(staff).values()) == 2
        assert balance_of(staff, 60).pairs == 0


class TestRun:
    def test_queues_what_was_never_matched_once(self, staff: Actor) -> None:
        seen, fresh, hidden = make.demand(), make.offer(), make.offer(state="hidden")
        matched(seen)
        with unit_of_work() as session:
            session.query(OutboxRow).delete()
        for expected in (1, 0):
            with unit_of_work():
                assert enqueue_unmatched(staff) == expected
        assert db.session.scalars(db.select(OutboxRow.key).where(OutboxRow.topic == TOPIC_MATCH_BULK)).all() == [
            fresh.key
        ]
        assert not hidden.is_public


ASKED: dict[str, Callable[[Actor], object]] = {
    "balance": lambda actor: balance_of(actor, 60),
    "listings": lambda actor: list_standings(actor, StandingFilter()),
    "pairs": lambda actor: list_pairs(actor, threshold=60),
    "states": count_states,
    "reasons": count_reasons,
    "matches": lambda actor: list_counted(actor, MatchFilter()),
    "run": enqueue_unmatched,
}


@pytest.mark.parametrize("asked", list(ASKED))
def test_staff_only(app: Flask, asked: str) -> None:
    owner = make.actor(make.member(make.organisation(), MemberRole.OWNER))
    for actor in (ANONYMOUS, owner, SYSTEM):
        with pytest.raises(NotAllowed):
            ASKED[asked](actor)
    ASKED[asked](make.actor(make.staff()))
