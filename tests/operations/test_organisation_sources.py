"""A company's suggestions also rest on what it says elsewhere, which nobody outside it may read off them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask

from techmart.db import db, unit_of_work
from techmart.matching.profile import profile_of
from techmart.models.account import User
from techmart.models.match import Match
from techmart.models.organisation import Membership
from techmart.models.saved_search import SavedSearch
from techmart.operations import alert as alerts
from techmart.operations import organisation as organisations
from techmart.operations import saved_search as saved_searches
from techmart.operations.match import list_matches
from techmart.operations.match_pair import matched_version, text_version
from techmart.operations.organisation_sources import sources_of
from techmart.rules.audience import PUBLIC_STATES
from techmart.rules.lifecycle import ListingState
from techmart.rules.matching import MatchState, Side
from tests import factories as make
from tests.operations.market import Market, alerts_of, open_market, settle
from tests.security.world import browser_of

#: What the member searches for, and what an institute has.
SEARCHED = "khử khuẩn bằng plasma lạnh"
PLASMA: dict[str, Any] = {
    "title": "Buồng khử khuẩn hạt giống bằng plasma lạnh ở áp suất thường",
    "summary": "Plasma lạnh khử khuẩn bề mặt hạt giống, không dùng hoá chất.",
    "problem": "Hạt giống mang nấm mốc.",
    "how_it_works": "Phóng điện rào cản sinh plasma lạnh.",
    "advantage": "Không tồn dư hoá chất.",
    "keywords": ["plasma lạnh", "khử khuẩn"],
    "sectors": ["agriculture"],
    "ipc": [],
}


@pytest.fixture
def market(app: Flask) -> Market:
    return open_market(is_suggestable=True, capability="Trại heo và hạt giống: khử khuẩn chuồng trại bằng vôi bột.")


def allow(market: Market, person: User, typed: str = SEARCHED, **values: Any) -> SavedSearch:
    return make.saved_search(person, parameters=[["q", typed]], organisation_id=market.farm.id, **values)


def company_matches(side: Side) -> list[Match]:
    db.session.rollback()
    rows = db.session.query(Match).filter(Match.organisation_id.is_not(None), Match.side == side, Match.score > 0)
    return rows.order_by(Match.id).all()


class TestWhatIsRead:
    @pytest.mark.parametrize("state", list(ListingState))
    def test_listings_that_are_public_and_open(self, market: Market, state: ListingState) -> None:
        make.demand(market.farm, state=state, title="Cần máy ấp trứng đà điểu")
        make.offer(market.farm, state=state, title="Chuồng đà điểu", ipc=["A01K 45/00"])
        is_read = state in PUBLIC_STATES and state != ListingState.TRANSFERRED
        said = sources_of(market.farm)
        assert set(said) == ({"own_demands", "own_offers", "ipc"} if is_read else set())
        assert "A01K 45/00" in profile_of(market.farm, said).facts.ipc or not is_read
        assert not profile_of(market.farm).facts.ipc

    def test_a_search_only_where_allowed(self, market: Market) -> None:
        make.saved_search(market.buyer)
        assert sources_of(market.farm) == {}
        allow(market, market.buyer)
        assert sources_of(market.farm) == {"saved_searches": [SEARCHED]}

    def test_nothing_of_those_who_left(self, market: Market) -> None:
        for number, loss in enumerate(("membership", "account", "address")):
            person = make.member(market.farm)
            allow(market, person, f"nấm rơm {number}")
            assert sources_of(market.farm)
            with unit_of_work() as session:
                if loss == "membership":
                    session.delete(session.query(Membership).filter_by(user_id=person.id).one())
                elif loss == "account":
                    session.get_one(User, person.id).disabled_at = person.created_at
                else:
                    session.get_one(User, person.id).email_confirmed_at = None
            assert sources_of(market.farm) == {}, loss

    def test_a_listing_says_all_of_itself(self, market: Market) -> None:
        assert sources_of(market.demand()) == {}

    def test_versions(self, market: Market) -> None:
        """Matched anew, but nothing that was put aside comes back for it."""
        before = text_version(market.farm), matched_version(market.farm)
        allow(market, market.buyer)
        assert text_version(market.farm) == before[0]
        assert matched_version(market.farm) != before[1]


class TestMatches:
    def test_both_ways_of_asking_and_taking_back(self, market: Market) -> None:
        market.offer(**PLASMA)
        settle()
        (before,) = [row.score for row in company_matches(Side.WANTED)] or [0]
        with unit_of_work():
            actor = make.actor(market.buyer)
            row = saved_searches.save_search(
                actor, name="Plasma", parameters=[["q", SEARCHED]], organisation_id=market.farm.id
            )
        settle()
        (allowed,) = company_matches(Side.WANTED)
        assert allowed.score > before
        with unit_of_work():
            saved_searches.change_saved(make.actor(market.buyer), row.id, name="Plasma", notify="none")
        settle()
        assert [row.score for row in company_matches(Side.WANTED)] == ([before] if before else [])

    def test_what_is_excluded_or_a_number_says_nothing(self, market: Market) -> None:
        allow(market, market.buyer, "-plasma")
        allow(market, market.buyer, "TRL 7+")
        allow(market, market.buyer, "1-2022-00001")
        market.offer(**PLASMA)
        settle()
        with_them = [row.score for row in company_matches(Side.WANTED)]
        with unit_of_work() as session:
            for row in session.query(SavedSearch):
                session.delete(row)
        settle()
        assert [row.score for row in company_matches(Side.WANTED)] == with_them

    def test_the_owner_of_the_technology_reads_none_of_it(self, market: Market, app: Flask) -> None:
        for person in (market.buyer, market.seller):
            with unit_of_work():
                alerts.change_setting(make.actor(person), mode="daily", threshold=30)
        market.offer(**PLASMA)
        settle()
        offered = {row.technology_id: row.score for row in company_matches(Side.OFFERED)}
        told = [alert.reasons for alert in alerts_of(market.seller)]
        page = _page(app, market.seller, f"/matches/{_code(market)}/{market.farm.slug}")
        allow(market, market.buyer)
        settle()
        assert {row.technology_id: row.score for row in company_matches(Side.OFFERED)} == offered
        assert [alert.reasons for alert in alerts_of(market.seller)] == told
        assert _page(app, market.seller, f"/matches/{_code(market)}/{market.farm.slug}") == page
        own = _page(app, market.buyer, f"/matches/{market.farm.slug}/{_code(market)}")
        assert "Tìm kiếm đã lưu" in own
        assert "plasma lạnh" in own

    def test_an_anonymous_demand_is_not_given_away(self, market: Market) -> None:
        market.offer()
        settle()
        offered = {row.technology_id: row.score for row in company_matches(Side.OFFERED)}
        market.demand(anonymous=True)
        settle()
        assert {row.technology_id: row.score for row in company_matches(Side.OFFERED)} == offered
        assert company_matches(Side.WANTED)

    def test_what_a_demand_is_matched_with_is_told_and_listed_once(self, market: Market) -> None:
        market.offer()
        market.demand()
        settle()
        assert company_matches(Side.WANTED), "the profile is matched as well"
        (alert,) = alerts_of(market.buyer)
        listed = list_matches(make.actor(market.buyer), states=list(MatchState)).pairs
        assert [row.id for row, _ in listed] == [alert.match_id]
        assert listed[0][0].demand_id is not None


class TestPages:
    def test_members_of_a_company_are_asked(self, market: Market, app: Flask) -> None:
        address = "/workspace/searches/new?q=plasma"
        assert market.farm.name_vi in _page(app, market.buyer, address)
        for other in (market.seller, make.user()):
            assert "organisation_id" not in _page(app, other, address)

    def test_allowed_and_taken_back(self, market: Market, app: Flask) -> None:
        browser = browser_of(app, market.buyer)
        data = {"name": "Plasma", "notify": "none", "organisation_id": str(market.farm.id)}
        assert browser.post("/workspace/searches/new?q=plasma", data=data).status_code == 302
        (row,) = db.session.query(SavedSearch).all()
        assert row.organisation_id == market.farm.id
        page = browser.get("/workspace/searches").get_data(as_text=True)
        assert "dùng để gợi ý cho doanh nghiệp" in page
        fields = {f"s{row.id}-name": "Plasma", f"s{row.id}-notify": "none", f"s{row.id}-organisation_id": ""}
        assert browser.post(f"/workspace/searches/{row.id}/edit", data=fields).status_code == 302
        db.session.rollback()
        assert db.session.query(SavedSearch).one().organisation_id is None

    @pytest.mark.parametrize("number", ["0", "999999", "-1", "x", "1e9"])
    def test_another_company_is_refused(self, market: Market, app: Flask, number: str) -> None:
        browser = browser_of(app, market.buyer)
        data = {"name": "Plasma", "notify": "none", "organisation_id": number}
        answer = browser.post("/workspace/searches/new?q=plasma", data=data)
        assert answer.status_code in (302, 422)
        assert [row.organisation_id for row in db.session.query(SavedSearch)] in ([], [None])


def _code(market: Market) -> str:
    (listing,) = organisations.list_public_listings(make.actor(market.seller), market.institute)
    return listing.code


def _page(app: Flask, person: User, address: str) -> str:
    """The page without the marks of its session."""
    answer = browser_of(app, person).get(address)
    assert answer.status_code == 200
    return re.sub(r'value="[^"]{60,}"', "", answer.get_data(as_text=True))
