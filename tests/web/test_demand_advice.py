"""Beside the editor of a demand: matches, look-alikes and hints of public things, from text that is not stored."""

from __future__ import annotations

from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from techmart.db import db
from techmart.jobs import drain_outbox
from techmart.models.listing import Listing
from techmart.models.match import Match
from techmart.models.organisation import Organisation
from techmart.rules.lifecycle import ListingState
from tests import factories as make

TYPED = {
    "title": "Sấy xoài bằng bơm nhiệt",
    "problem": "Xoài sấy điện trở tốn điện, sấy xoài mất 20 giờ mỗi mẻ.",
    "lang": "vi",
}


@pytest.fixture
def business(app: Flask, client: FlaskClient, login) -> Organisation:
    organisation = make.organisation(kind="business")
    login(make.member(organisation), client=client)
    return organisation


def ask(client: FlaskClient, code: str = "", **typed: object) -> str:
    response = client.post(f"/demands/advice?code={code}", data={**TYPED, **typed})
    assert response.status_code == 200
    return unescape(response.text)


def test_strangers_are_sent_to_sign_in(app: Flask, client: FlaskClient):
    response = client.post("/demands/advice", data=TYPED)
    assert response.status_code == 302
    assert "/accounts/login" in response.headers["Location"]


@pytest.mark.parametrize("state", list(ListingState))
def test_only_public_technologies_are_shown(
    app: Flask, client: FlaskClient, business: Organisation, state: ListingState
):
    offer = make.offer(make.organisation(), state=state, title="Dây chuyền sấy xoài bằng bơm nhiệt")
    drain_outbox()
    assert (offer.title in ask(client)) == offer.is_public


def test_more_text_means_more_points_and_a_fuller_meter(app: Flask, client: FlaskClient, business: Organisation):
    make.offer(
        make.organisation(), title="Dây chuyền sấy xoài bằng bơm nhiệt", problem="Sấy xoài lát dày 8 mm còn 14 % ẩm"
    )
    drain_outbox()
    page = ask(client, efficacy_target="Ẩm độ xoài lát xuống 14 % trong 10 giờ", sectors="agriculture")
    assert "Xem trước: 1 công nghệ khớp" in page
    assert "Đủ 1 trên 5 yếu tố" in page
    assert "ví dụ" in page.lower()


def test_nothing_is_stored(app: Flask, client: FlaskClient, business: Organisation):
    make.offer(make.organisation(), title="Dây chuyền sấy xoài bằng bơm nhiệt")
    drain_outbox()
    before = db.session.query(Listing).count(), db.session.query(Match).count()
    ask(client)
    db.session.rollback()
    assert (db.session.query(Listing).count(), db.session.query(Match).count()) == before


def test_ones_own_technology_is_no_match(app: Flask, client: FlaskClient, business: Organisation):
    offer = make.offer(business, title="Dây chuyền sấy xoài bằng bơm nhiệt")
    drain_outbox()
    assert offer.title not in ask(client)


def test_a_demand_that_asks_the_same_is_named_but_not_itself(app: Flask, client: FlaskClient, business: Organisation):
    other = make.demand(make.organisation(kind="business"), **TYPED)
    drain_outbox()
    assert "Có thể đã có nhu cầu này" in ask(client)
    assert "Có thể đã có nhu cầu này" not in ask(client, code=other.code)


@pytest.mark.parametrize("state", list(ListingState))
def test_ones_own_draft_of_the_same_is_named(
    app: Flask, client: FlaskClient, business: Organisation, state: ListingState
):
    draft = make.demand(business, state, title="Say xoai bang bơm nhiệt")
    drain_outbox()
    link = f'href="/demands/{draft.code}"'
    assert ask(client).count(link) == 1
    assert link not in ask(client, code=draft.code)
    if not draft.is_public:
        assert link not in ask(client, title="Khử màu nước thải nhuộm hoạt tính")


def test_an_anonymous_demand_names_nobody(app: Flask, client: FlaskClient, business: Organisation):
    hidden = make.organisation(kind="business", name_vi="Công ty Giấu Tên Thật")
    make.demand(hidden, anonymous=True, **TYPED)
    drain_outbox()
    page = ask(client)
    assert "Có thể đã có nhu cầu này" in page
    assert "Giấu Tên" not in page


@pytest.mark.parametrize("state", [state for state in ListingState if state is not ListingState.PUBLISHED])
def test_hidden_demands_of_others_are_not_told(
    app: Flask, client: FlaskClient, business: Organisation, state: ListingState
):
    other = make.demand(make.organisation(kind="business"), state=state, **TYPED)
    drain_outbox()
    assert ("Có thể đã có nhu cầu này" in ask(client)) == other.is_public


def test_what_similar_demands_state_besides(app: Flask, client: FlaskClient, business: Organisation):
    for number in range(3):
        make.demand(make.organisation(kind="business"), excluded_methods=f"Không phơi nắng quá {number} giờ", **TYPED)
    drain_outbox()
    page = ask(client)
    assert "Nhu cầu tương tự còn nêu" in page
    assert 'href="#excluded_methods"' in page
    assert "3 trên 3 tin" in page
    assert 'href="#excluded_methods"' not in ask(client, excluded_methods="Không phơi nắng")


@pytest.mark.parametrize(
    "typed",
    [
        {"title": "x" * 5000},
        {"problem": "\x00\ud7ff" + "sấy " * 20_000},
        {"budget_max_vnd": "tầm 2 tới 3 tỏi", "trl_min": "99", "deadline_on": "31/02/2027", "sectors": "nothing"},
        {"ipc": "không phải mã", "lang": "xx", "wanted_forms": "?"},
        {"title": "<script>alert(1)</script> sấy xoài bơm nhiệt"},
        {"title": "", "problem": ""},
    ],
)
def test_whatever_is_typed_is_answered(app: Flask, client: FlaskClient, business: Organisation, typed: dict[str, str]):
    page = client.post("/demands/advice", data={**TYPED, **typed})
    assert page.status_code == 200
    assert "<script>alert" not in page.text


def test_the_editor_shows_it_without_a_script(app: Flask, client: FlaskClient, business: Organisation):
    make.offer(make.organisation(), title="Dây chuyền sấy xoài bằng bơm nhiệt")
    draft = make.demand(business, state=ListingState.DRAFT, **TYPED)
    drain_outbox()
    assert "Xem trước: 1 công nghệ khớp" in unescape(client.get(f"/demands/{draft.code}/edit").text)
    assert "Viết tên nhu cầu và vướng mắc" in unescape(client.get("/demands/new").text)
