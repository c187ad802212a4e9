"""What is not public is in no match: neither by name nor by number, on any page that shows matches, whoever reads it.

Each thing was public and matched before, so that rows about it are stored; then it goes into every state.
"""

from __future__ import annotations

from collections.abc import Callable
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from techmart.db import db, unit_of_work
from techmart.models.listing import Listing
from techmart.models.match import Match
from techmart.models.outbox import TOPIC_INDEX, enqueue
from techmart.rules.audience import PUBLIC_STATES, audience_of
from techmart.rules.lifecycle import ListingState
from tests import factories as make
from tests.operations.market import FARM_DEMAND, Market, open_market, settle

MARK = "Kvaxtrum"
PAGES = (
    "/workspace",
    "/matches",
    "/matches?state=new",
    f"/search?q={MARK}",
    f"/suggest?q={MARK}",
    f"/search.rss?q={MARK}",
)


def _move(listing: Listing, state: ListingState) -> None:
    with unit_of_work() as session:
        row = session.get(Listing, listing.id)
        row.state, row.audience = state, audience_of(state, row.organisation_id)
        enqueue(session, TOPIC_INDEX, row.key)
    settle()


def _market(which: str, **values: object) -> tuple[Market, Listing, Listing]:
    """The market, the thing that is to be hidden, and its counterpart; both matched and told of."""
    market = open_market(capability="Chăn nuôi heo, cần màng lọc sinh học xử lý nước thải", is_suggestable=True)
    offer = market.offer(**({"title": f"Màng lọc sinh học {MARK}", **values} if which == "offer" else {}))
    demand = market.demand(**({"title": f"{FARM_DEMAND['title']} {MARK}", **values} if which == "demand" else {}))
    settle()
    assert db.session.query(Match).filter(Match.demand_id == demand.id).count() == 2
    return market, *((offer, demand) if which == "offer" else (demand, offer))


@pytest.mark.parametrize("state", list(ListingState))
@pytest.mark.parametrize("which", ["offer", "demand"])
def test_nothing_hidden_is_matched_or_counted(
    app: Flask, client: FlaskClient, login: Callable[..., FlaskClient], which: str, state: ListingState
) -> None:
    market, hidden, other = _market(which)
    _move(hidden, state)
    is_public = state in PUBLIC_STATES
    reader = market.buyer if which == "offer" else market.seller
    mine = login(reader)
    readers = {"stranger": client, "counterpart": mine, "somebody": login(make.member(make.organisation()))}
    own_page = f"/{other.kind}s/{other.code}"
    paths = (
        *PAGES,
        own_page,
        f"/api/v1{own_page}/matches",
        f"/organisations/{market.farm.slug}",
        f"/organisations/{market.institute.slug}",
    )
    told = {name: [path for path in paths if _says(browser, path)] for name, browser in readers.items()}
    if not is_public:
        assert told == {name: [] for name in readers}
        assert mine.get(f"/matches/{other.code}/{hidden.code}").status_code == 404
        assert "(0)" in unescape(mine.get("/matches").text) or "Chưa có" in unescape(mine.get("/matches").text)
    else:
        assert "không còn đăng" not in unescape(mine.get("/notifications").text)
        assert own_page in told["stranger"]
        assert f"/api/v1{own_page}/matches" in told["stranger"]


def _says(browser: FlaskClient, path: str) -> bool:
    """Whether an answer names the hidden thing otherwise than by repeating what was asked."""
    text = unescape(browser.get(path).text)
    return f"học {MARK}" in text if MARK in path else MARK in text


def test_an_anonymous_demand_names_its_organisation_nowhere(
    app: Flask, client: FlaskClient, login: Callable[..., FlaskClient]
) -> None:
    market, demand, offer = _market("demand", anonymous=True)
    name = market.farm.name_vi
    seller = login(market.seller)
    for browser in (client, seller):
        for path in (
            f"/offers/{offer.code}",
            f"/api/v1/offers/{offer.code}/matches",
            "/matches",
            "/workspace",
            f"/demands/{demand.code}",
        ):
            panel = unescape(browser.get(path).text)
            if path == f"/offers/{offer.code}" and browser is seller:
                # The company itself may be suggested by its profile, in a section of its own: never beside its demand.
                panel = panel.partition('id="doanh-nghiep"')[0]
            elif path in ("/matches", "/workspace") and browser is seller:
                panel = "\n".join(part for part in panel.split("<li") if demand.code in part)
            assert name not in panel, path
    shown = seller.get(f"/matches/{offer.code}/{demand.code}")
    assert shown.status_code == 200
    assert name not in unescape(shown.text)


def test_a_company_that_takes_its_agreement_back_is_suggested_to_nobody(
    app: Flask, client: FlaskClient, login: Callable[..., FlaskClient]
) -> None:
    market, offer, _demand = _market("offer")
    seller = login(market.seller)
    assert db.session.query(Match).filter(Match.organisation_id == market.farm.id).count() > 0
    before = unescape(seller.get(f"/offers/{offer.code}").text)
    assert market.farm.name_vi in before.partition('id="doanh-nghiep"')[2]
    with unit_of_work() as session:
        session.merge(market.farm).is_suggestable = False
        enqueue(session, TOPIC_INDEX, market.farm.key)
    settle()
    after = unescape(seller.get(f"/offers/{offer.code}").text)
    assert market.farm.name_vi not in after.partition('id="doanh-nghiep"')[2]
    assert seller.get(f"/matches/{offer.code}/{market.farm.slug}").status_code == 404
    assert client.get(f"/api/v1/offers/{offer.code}/matches").status_code == 200
