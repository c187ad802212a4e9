"""Staff's pages of supply and demand in the browser's eyes: numbers, lists, files, and what nobody may learn from them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from techmart.db import unit_of_work
from techmart.models.outbox import OutboxRow
from techmart.operations.match_pair import Pair, new_match
from techmart.rules.clock import utc_now
from techmart.rules.lifecycle import ListingState
from techmart.rules.matching import MatchState, Side
from tests import factories as make
from tests.operations.market import Market, open_market, settle

Login = Callable[..., FlaskClient]
DESK = "/moderation/supply-demand"
FIGURES = "/moderation/matches"
PAGES = (DESK, f"{DESK}/demands", f"{DESK}/technologies", f"{DESK}/pairs", FIGURES, f"{FIGURES}/list")
FILES = (f"{DESK}/demands/export", f"{DESK}/technologies/export", f"{DESK}/pairs/export", f"{FIGURES}/export")


@pytest.fixture
def desk(app: Flask, login: Login) -> FlaskClient:
    """A moderator's browser."""
    return login(make.staff())


@pytest.fixture
def market(app: Flask) -> Market:
    """A demand and an offer that match, matched."""
    market = open_market()
    market.demand(), market.offer()
    settle()
    return market


def sheet(desk: FlaskClient, address: str) -> list[dict[str, str]]:
    text = desk.get(f"{address}{'&' if '?' in address else '?'}format=csv").data.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


class TestPermission:
    @pytest.mark.parametrize("path", [*PAGES, *FILES])
    def test_staff_alone(self, path: str, login: Login, client: FlaskClient) -> None:
        assert client.get(path).status_code == 302
        assert login(make.member(make.organisation())).get(path).status_code == 403
        assert login(make.staff()).get(path).status_code == 200

    def test_running_too(self, login: Login, client: FlaskClient) -> None:
        assert "/accounts/login" in client.post(f"{DESK}/run").headers["Location"]
        assert login(make.member(make.organisation())).post(f"{DESK}/run").status_code == 403


class TestEmpty:
    @pytest.mark.parametrize("path", PAGES)
    def test_says_so(self, desk: FlaskClient, path: str) -> None:
        page = desk.get(path)
        assert page.status_code == 200
        assert ('class="empty"' in page.text) != ('class="rows"' in page.text)

    @pytest.mark.parametrize("path", FILES)
    def test_files_hold_the_heads(self, desk: FlaskClient, path: str) -> None:
        assert sheet(desk, path) == []
        assert desk.get(f"{path}?format=xlsx").data[:2] == b"PK"
        assert desk.get(f"{path}?format=ods").status_code == 404


class TestNumbers:
    def test_each_opens_a_list_of_that_length(self, desk: FlaskClient, market: Market) -> None:
        page = desk.get(DESK).text
        links = set(re.findall(r'<a class="(?:num|kpi)" href="([^"]+)"[^>]*>(?:<b>)?(\d+)<', page))
        assert len(links) >= 10
        for address, count in links:
            text = desk.get(address.replace("&amp;", "&")).text
            found = re.search(r'role="status">(\d+) ', text)
            assert (int(found[1]) if found else 0) == int(count), address

    def test_so_do_those_of_responses(self, desk: FlaskClient, market: Market) -> None:
        demand, offer = make.demand(), make.offer(market.institute)
        with unit_of_work():
            new_match(
                Pair(demand, offer, Side.WANTED), score=40, state=MatchState.DISMISSED, reason="price",
                reason_text="vượt ngân sách", decided_at=utc_now(), decided_by_id=market.buyer.id,
            )  # fmt: skip
        links = set(re.findall(r'<a class="num" href="([^"]+)"[^>]*>(\d+)<', desk.get(FIGURES).text))
        assert len(links) > 5
        for address, count in links:
            text = desk.get(address.replace("&amp;", "&")).text
            assert f'role="status">{count} ' in text, address
            assert market.buyer.name not in text
        (row,) = sheet(desk, f"{FIGURES}/export?reason=price")
        assert (row["Lý do bỏ qua"], row["Nói thêm"], row["Mã công nghệ"]) == (
            "Giá hoặc điều kiện không hợp",
            "vượt ngân sách",
            offer.code,
        )

    def test_cells_are_read_without_their_colour(self, desk: FlaskClient, market: Market) -> None:
        page = desk.get(DESK).text
        table = page[page.index('<table class="heat"') : page.index("</table>")]
        assert table.count('scope="row"') == 13
        assert 'aria-label="Cặp: cần Tài nguyên và môi trường, có Tài nguyên và môi trường: 1"' in table


class TestLists:
    def test_a_lacking_demand_names_its_best_technology(self, desk: FlaskClient, market: Market) -> None:
        page = desk.get(f"{DESK}/demands?threshold=90&standing=any").text
        assert "Cần xử lý nước thải chăn nuôi" in page
        assert "Xử lý nước thải chăn nuôi bằng màng lọc sinh học hiếu khí" in page

    @pytest.mark.parametrize(
        "asked",
        [
            "sector=nothing",
            "threshold=7",
            "days=x",
            "sort=name",
            "standing=new",
            "page=0",
            "page=99999999",
            "sector=%00",
        ],
    )
    def test_what_is_not_offered_counts_as_not_chosen(self, desk: FlaskClient, market: Market, asked: str) -> None:
        assert desk.get(f"{DESK}/demands?{asked}").status_code == 200
        assert desk.get(f"{DESK}/pairs?{asked.replace('sector', 'wanted')}").status_code == 200
        assert desk.get(f"{FIGURES}/list?{asked.replace('sort', 'step')}").status_code == 200

    def test_a_file_travels_without_the_name_behind_an_anonymous_demand(self, desk: FlaskClient) -> None:
        market = open_market()
        demand = market.demand(anonymous=True)
        market.offer()
        settle()
        for path in (f"{DESK}/demands/export?standing=any", f"{DESK}/pairs/export?threshold=30", f"{FIGURES}/export"):
            text = desk.get(f"{path}{'&' if '?' in path else '?'}format=csv").data.decode("utf-8-sig")
            assert demand.code in text
            assert market.farm.name_vi not in text

    def test_a_text_is_no_formula(self, desk: FlaskClient) -> None:
        make.demand(title="=HYPERLINK(1)")
        (row,) = sheet(desk, f"{DESK}/demands/export?standing=any")
        assert row["Tên"] == "'=HYPERLINK(1)"

    @pytest.mark.parametrize("state", [state for state in ListingState if state not in ("published", "due", "stale")])
    def test_what_is_not_public_is_in_no_page_and_no_file(self, desk: FlaskClient, state: ListingState) -> None:
        demand = make.demand(state=state, title="Cần thiết bị chưa ai được biết")
        for path in (f"{DESK}/demands?standing=any", f"{DESK}/demands/export?standing=any&format=csv", DESK):
            text = desk.get(path).text
            assert demand.code not in text
            assert "chưa ai được biết" not in text


class TestRun:
    def test_what_was_never_matched_is_queued_and_then_matched(self, desk: FlaskClient, market: Market) -> None:
        late = make.demand(title="Cần máy sấy xoài")
        with unit_of_work() as session:
            session.query(OutboxRow).delete()
        assert "So khớp những tin này" in desk.get(DESK).text
        desk.post(f"{DESK}/run")
        page = desk.get(DESK).text
        assert "Đã xếp hàng 1 tin" in page
        assert "Đang chờ so khớp: 1 tin" in page
        settle()
        page = desk.get(DESK).text
        assert "So khớp những tin này" not in page
        # Whether it has a good match hangs on the places of made-up organisations.
        assert late.code in desk.get(f"{DESK}/demands?standing=any").text
