"""What an owner could say to be matched better is told to his organisation and to staff, and comes from public listings."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from techmart.db import unit_of_work
from techmart.jobs import drain_outbox
from techmart.models.listing import Demand, Listing, Offer
from techmart.models.outbox import TOPIC_INDEX, enqueue
from techmart.rules.audience import audience_of
from techmart.rules.lifecycle import ListingState
from techmart.rules.matching import DeclineReason
from techmart.rules.policy import MemberRole
from tests import factories as make
from tests.operations.market import Market, open_market

HEADING = "Để được ghép tốt hơn"
TERM = "than hoạt tính"


@pytest.fixture
def stalls(app: Flask) -> tuple[Market, Demand, list[Offer]]:
    """A demand and the three offers that share a term it lacks."""
    market = open_market()
    demand = market.demand(trl_min=None)
    offers = [market.offer(title=f"Màng lọc sinh học hiếu khí kèm {TERM}, kiểu {number}") for number in range(3)]
    drain_outbox()
    return market, demand, offers


def _block(browser: FlaskClient, path: str) -> str:
    _, heading, rest = unescape(browser.get(path).text).partition(HEADING)
    return rest.partition("</section>")[0] if heading else ""


def test_members_and_staff_are_told_and_nobody_else(
    client: FlaskClient, login: Callable[..., FlaskClient], stalls: tuple[Market, Demand, list[Offer]]
) -> None:
    market, demand, _offers = stalls
    path = f"/demands/{demand.code}"
    own = _block(login(market.buyer), path)
    assert TERM in own
    assert "3 trên 3 tin" in own
    assert f"{path}/edit#trl_min" in own
    viewer = _block(login(make.member(market.farm, MemberRole.VIEWER)), path)
    assert TERM in viewer
    assert "/edit" not in viewer
    assert TERM in _block(login(make.staff()), path)
    for stranger in (client, login(market.seller), login(make.user())):
        assert unescape(stranger.get(path).text).count(HEADING) == 0
    assert TERM not in unescape(client.get(f"/api/v1{path}/matches").text)


def test_a_pair_names_the_terms_that_its_counterpart_holds(
    login: Callable[..., FlaskClient], stalls: tuple[Market, Demand, list[Offer]]
) -> None:
    market, demand, offers = stalls
    another = market.offer(title="Màng lọc sinh học hiếu khí loại thường")
    drain_outbox()
    buyer = login(market.buyer)
    assert TERM in _block(buyer, f"/matches/{demand.code}/{offers[0].code}")
    assert TERM not in _block(buyer, f"/matches/{demand.code}/{another.code}")


@pytest.mark.parametrize("state", [ListingState.HIDDEN, ListingState.WITHDRAWN, ListingState.REJECTED])
def test_what_is_not_public_is_no_counterpart(
    login: Callable[..., FlaskClient], stalls: tuple[Market, Demand, list[Offer]], state: ListingState
) -> None:
    """Neither before the index knows of it nor after; staff, who may read it, are told no more."""
    market, demand, offers = stalls
    with unit_of_work() as session:
        row = session.get(Listing, offers[0].id)
        row.state, row.audience = state, audience_of(state, row.organisation_id)
    readers = login(market.buyer), login(make.staff())
    for reader in readers:
        assert TERM not in _block(reader, f"/demands/{demand.code}")
    with unit_of_work() as session:
        enqueue(session, TOPIC_INDEX, offers[0].key)
    drain_outbox()
    for reader in readers:
        assert TERM not in _block(reader, f"/demands/{demand.code}")


def test_what_the_owner_put_aside_and_his_own_things_are_no_counterparts(
    login: Callable[..., FlaskClient], stalls: tuple[Market, Demand, list[Offer]]
) -> None:
    market, demand, offers = stalls
    make.offer(market.farm, title=f"Màng lọc sinh học hiếu khí kèm {TERM}, kiểu 9")
    drain_outbox()
    buyer = login(market.buyer)
    assert "3 trên 3 tin" in _block(buyer, f"/demands/{demand.code}")
    form = {"decision": "dismiss", "reason": DeclineReason.PRICE}
    assert buyer.post(f"/matches/{demand.code}/{offers[0].code}", data=form).status_code == 302
    assert TERM not in _block(buyer, f"/demands/{demand.code}")
