"""The broker's desk in the browser's eyes: three steps to a proposal, refusals beside their cause, taking back, the panels."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from techmart.db import db, unit_of_work
from techmart.models.listing import Listing
from techmart.models.match import Match
from techmart.rules.lifecycle import ListingState
from techmart.rules.policy import MemberRole
from tests import factories as make
from tests.operations.market import Market, open_market, settle

Login = Callable[..., FlaskClient]
DESK = "/moderation/proposals"
NOTE = "Nên gặp nhau ở hội chợ tháng tư."


@pytest.fixture
def desk(app: Flask, login: Login) -> FlaskClient:
    """A moderator's browser."""
    return login(make.staff())


@pytest.fixture
def market(app: Flask) -> Market:
    return open_market()


@pytest.fixture
def strangers(market: Market) -> tuple[Listing, Listing]:
    """A demand and an offer that matching would never bring together."""
    demand, offer = make.demand(market.farm), market.offer()
    settle()
    return demand, offer


def new(one: Listing, other: Listing | None = None) -> str:
    return f"{DESK}/new?one={one.code}" + (f"&other={other.code}" if other else "")


class TestSteps:
    def test_a_code_or_words_lead_to_the_next_step(self, desk: FlaskClient, strangers: tuple[Listing, Listing]) -> None:
        demand, offer = strangers
        assert "Bước 1" in desk.get(f"{DESK}/new").text
        found = desk.get(f"{DESK}/new?one={quote('sấy xoài')}").text
        assert f"/new?one={demand.code}" in found
        second = desk.get(new(demand)).text
        assert "Bước 2" in second
        found = desk.get(new(demand) + "&other=nuoc+thai").text
        assert f"one={demand.code}&amp;other={offer.code}" in found
        assert f"other={demand.code}" not in found
        third = desk.get(new(demand, offer)).text
        assert "Bước 3" in third
        assert "Bên cần công nghệ: 1 người; Bên có công nghệ: 1 người" in third

    def test_suggests_what_matching_found(self, desk: FlaskClient, market: Market) -> None:
        demand, offer = market.demand(), market.offer()
        settle()
        assert f"other={offer.code}" in desk.get(new(demand)).text
        assert f"other={demand.code}" in desk.get(new(offer)).text

    @pytest.mark.parametrize("typed", ["zzz", "%00", "NC-1999-0001", "'; drop", "a" * 300, '"', "-x"])
    def test_nothing_found(self, desk: FlaskClient, strangers: tuple[Listing, Listing], typed: str) -> None:
        for address in (f"{DESK}/new?one={typed}", f"{new(strangers[0])}&other={typed}"):
            assert desk.get(address).status_code == 200

    def test_hidden_things_are_not_found(self, desk: FlaskClient, market: Market) -> None:
        hidden = [make.demand(state=state, title="Cần xưởng bí mật") for state in ListingState if state != "published"]
        settle()
        page = desk.get(f"{DESK}/new?one={quote('xưởng bí mật')}").text
        shown = {row.code for row in hidden if f"one={row.code}" in page}
        assert shown == {row.code for row in hidden if row.is_public}


class TestSending:
    def test_reaches_both_sides_panels(
        self, desk: FlaskClient, login: Login, market: Market, strangers: tuple[Listing, Listing]
    ) -> None:
        demand, offer = strangers
        assert desk.post(new(demand, offer), data={"note": NOTE}).headers["Location"] == DESK
        assert NOTE in desk.get(DESK).text
        assert NOTE in desk.get("/moderation/matches/export?origin=staff&format=csv").data.decode()
        for person, own, other in ((market.buyer, demand, offer), (market.seller, offer, demand)):
            browser = login(person)
            panel = browser.get(f"/{own.kind}s/{own.code}").text
            assert f"Cán bộ sàn đề xuất: {NOTE}" in panel
            assert "cán bộ sàn đề xuất</small>" in panel
            assert other.title in panel
            assert NOTE in browser.get("/matches").text
            assert f"Lời nhắn: {NOTE}" in browser.get("/notifications").text
            assert NOTE in browser.get(f"/matches/{own.code}/{other.code}").text
        for browser in (login(make.user()), login(make.member(make.organisation()))):
            assert NOTE not in browser.get(f"/demands/{demand.code}").text
        assert "Đã có bên xem" in desk.get(DESK).text

    def test_a_declined_one_leaves_the_panel(
        self, desk: FlaskClient, login: Login, market: Market, strangers: tuple[Listing, Listing]
    ) -> None:
        demand, offer = strangers
        desk.post(new(demand, offer), data={"note": NOTE})
        buyer = login(market.buyer)
        buyer.post(f"/matches/{demand.code}/{offer.code}", data={"decision": "dismiss", "reason": "price"})
        assert NOTE not in buyer.get(f"/demands/{demand.code}").text
        assert "Một bên đã bỏ qua cặp này" in desk.get(new(demand, offer)).text
        assert desk.post(new(demand, offer), data={"note": NOTE}).status_code == 422
        assert "Không phù hợp" in desk.get(DESK).text

    @pytest.mark.parametrize("note", ["", "   ", "a" * 501])
    def test_the_note_is_kept_when_refused(
        self, desk: FlaskClient, strangers: tuple[Listing, Listing], note: str
    ) -> None:
        answer = desk.post(new(*strangers), data={"note": note})
        assert answer.status_code == 422
        assert 'aria-invalid="true"' in answer.text
        assert note.strip() in answer.text
        assert db.session.query(Match).filter_by(origin="staff").count() == 0

    @pytest.mark.parametrize("role", list(MemberRole))
    def test_no_conflict_of_interest(
        self, login: Login, market: Market, strangers: tuple[Listing, Listing], role: MemberRole
    ) -> None:
        person = make.staff()
        make.member(market.farm, role, person)
        desk = login(person)
        for one, other in (strangers, strangers[::-1]):
            page = desk.get(new(one, other))
            assert "Bạn thuộc tổ chức của một bên" in page.text
            assert desk.post(new(one, other), data={"note": NOTE}).status_code == 422
        assert db.session.query(Match).filter_by(origin="staff").count() == 0
        assert "Đề xuất một cặp" not in desk.get(f"/demands/{strangers[0].code}").text

    def test_what_happened_while_the_page_was_open(
        self, desk: FlaskClient, login: Login, strangers: tuple[Listing, Listing]
    ) -> None:
        login(make.staff()).post(new(*strangers), data={"note": "Trước một bước"})
        answer = desk.post(new(*strangers), data={"note": NOTE})
        assert answer.status_code == 422
        assert "đã được cán bộ sàn đề xuất rồi" in answer.text

    def test_an_anonymous_demand_stays_so_for_the_other_side(
        self, desk: FlaskClient, login: Login, market: Market
    ) -> None:
        demand, offer = make.demand(market.farm, anonymous=True), market.offer()
        settle()
        assert market.farm.name_vi in desk.get(new(demand, offer)).text
        desk.post(new(demand, offer), data={"note": NOTE})
        seller = login(market.seller)
        for path in (f"/offers/{offer.code}", "/matches", "/notifications", f"/matches/{offer.code}/{demand.code}"):
            assert market.farm.name_vi not in seller.get(path).text


class TestTakingBack:
    def test_until_a_side_has_seen_it(
        self, desk: FlaskClient, login: Login, market: Market, strangers: tuple[Listing, Listing]
    ) -> None:
        desk.post(new(*strangers), data={"note": NOTE})
        (address,) = re.findall(rf'action="({DESK}/\d+/withdraw)"', desk.get(DESK).text)
        desk.post(address)
        page = desk.get(DESK).text
        assert "Đã rút đề xuất" in page
        assert "Chưa có đề xuất nào" in page
        assert NOTE not in login(market.buyer).get("/notifications").text
        desk.post(new(*strangers), data={"note": NOTE})
        login(market.seller).get(f"/matches/{strangers[1].code}/{strangers[0].code}")
        number = db.session.query(Match).filter_by(origin="staff").first().id  # type: ignore[union-attr]  # as above
        desk.post(f"{DESK}/{number}/withdraw")
        assert "Không rút được" in desk.get(DESK).text
        assert db.session.query(Match).filter_by(origin="staff").count() == 2

    def test_not_by_staff_of_a_side(
        self, desk: FlaskClient, login: Login, market: Market, strangers: tuple[Listing, Listing]
    ) -> None:
        desk.post(new(*strangers), data={"note": NOTE})
        person = make.staff()
        make.member(market.farm, MemberRole.VIEWER, person)
        number = db.session.query(Match).filter_by(origin="staff").first().id  # type: ignore[union-attr]  # there is one
        assert login(person).post(f"{DESK}/{number}/withdraw").status_code == 403


def test_hidden_things_leave_the_desk(desk: FlaskClient, strangers: tuple[Listing, Listing]) -> None:
    desk.post(new(*strangers), data={"note": NOTE})
    with unit_of_work():
        offer = strangers[1]
        offer.state, offer.audience = ListingState.HIDDEN, f"org:{offer.organisation_id}+staff"
    assert offer.code not in desk.get(DESK).text
