"""The pages of help with a demand, from asking to the text taken over."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask import Flask

from techmart.db import db
from techmart.models.listing import Demand
from techmart.rules.lifecycle import ListingState
from tests import factories as make


@pytest.fixture
def people(app: Flask, login):
    business = make.organisation(kind="business")
    demand = make.demand(business, state=ListingState.DRAFT, title="Sấy xoài lát", method="")
    return demand, login(make.member(business)), login(make.staff())


def test_the_whole_way(app: Flask, people):
    demand, owner, staff = people
    page = unescape(owner.get(f"/demands/{demand.code}/edit").text)
    assert 'name="act" value="help"' in page
    assert staff.get(f"/moderation/help/{demand.code}").status_code == 404
    owner.post(f"/demands/{demand.code}/help/ask", data={"question": "Chưa biết viết <b>chỉ tiêu</b>"})
    asked = owner.get(f"/demands/{demand.code}/help")
    assert "Bản nháp đang ở chỗ cán bộ sàn" in unescape(asked.text)
    assert "<b>chỉ tiêu" not in asked.text
    assert "Sấy xoài lát" in unescape(staff.get("/moderation/help").text)
    form = unescape(staff.get(f"/moderation/help/{demand.code}").text)
    assert "Chưa biết viết" in form
    typed = {
        "title": "Sấy xoài lát",
        "method": "Muốn sấy bơm nhiệt",
        "lang": "vi",
        "origin": "domestic",
        "note": "Thêm cách làm.",
    }
    for field in (
        "summary",
        "problem",
        "material",
        "excluded_methods",
        "efficacy_target",
        "product",
        "application",
        "constraints",
    ):
        typed[field] = getattr(demand, field)
    typed |= {"sectors": demand.sectors, "version": str(demand.version), "request_version": "1"}
    assert staff.post(f"/moderation/help/{demand.code}", data={**typed, "version": "999"}).status_code == 409
    assert staff.post(f"/moderation/help/{demand.code}", data=typed).status_code == 302
    page = unescape(owner.get(f"/demands/{demand.code}/help").text)
    assert "Thêm cách làm." in page
    assert "<ins>" in page
    assert "Muốn sấy bơm nhiệt" in page
    version = db.session.get(Demand, demand.id).version
    stale = owner.post(
        f"/demands/{demand.code}/help/decide",
        data={"act": "accept", "version": str(version + 1), "request_version": "2"},
    )
    assert stale.status_code == 409
    done = owner.post(
        f"/demands/{demand.code}/help/decide", data={"act": "accept", "version": str(version), "request_version": "2"}
    )
    assert done.status_code == 302
    done = owner.get(f"/demands/{demand.code}/edit")
    assert "Muốn sấy bơm nhiệt" in unescape(done.text)
    assert staff.get(f"/moderation/help/{demand.code}").status_code == 404


def test_what_was_typed_too_long_is_still_there(app: Flask, people):
    demand, owner, _staff = people
    page = owner.post(f"/demands/{demand.code}/help/ask", data={"question": "a" * 1001})
    assert page.status_code == 422
    assert "a" * 1001 in page.text


@pytest.mark.parametrize("path", ["help", "help/ask", "help/withdraw", "help/decide"])
def test_strangers_find_nothing(app: Flask, people, login, path: str):
    demand = people[0]
    stranger = login(make.member(make.organisation()))
    answer = (
        stranger.get(f"/demands/{demand.code}/{path}")
        if path == "help"
        else stranger.post(f"/demands/{demand.code}/{path}")
    )
    assert answer.status_code == 404


def test_nothing_to_take_back_or_decide(app: Flask, people):
    demand, owner, _staff = people
    for path in ("withdraw", "decide"):
        assert owner.post(f"/demands/{demand.code}/help/{path}", data={"act": "accept"}).status_code == 404


@pytest.mark.parametrize("typed", ["²", "9" * 5000, "-1", "", "x"])
def test_a_version_that_is_none_is_an_old_one(app: Flask, people, typed: str):
    demand, owner, staff = people
    owner.post(f"/demands/{demand.code}/help/ask", data={})
    data = {"lang": "vi", "origin": "domestic", "title": "Sấy xoài dẻo", "version": typed, "request_version": typed}
    answer = staff.post(f"/moderation/help/{demand.code}", data=data)
    assert answer.status_code == 409
    assert "Sấy xoài dẻo" in unescape(answer.text)
    page = unescape(staff.get(f"/moderation/help/{demand.code}").text)
    versions = dict(re.findall(r'name="((?:request_)?version)" type="hidden" value="(\d+)"', page))
    assert staff.post(f"/moderation/help/{demand.code}", data={**data, **versions}).status_code == 302
    refused = owner.post(f"/demands/{demand.code}/help/decide", data={"act": "accept", "version": typed})
    assert refused.status_code == 409


def test_the_button_saves_what_was_typed_first(app: Flask, people):
    demand, owner, _staff = people
    typed = {"lang": "vi", "origin": "domestic", "title": "Sấy xoài dẻo", "version": str(demand.version), "act": "help"}
    answer = owner.post(f"/demands/{demand.code}/edit", data=typed)
    assert answer.headers["Location"] == f"/demands/{demand.code}/help"
    db.session.expire_all()
    assert db.session.get(Demand, demand.id).title == "Sấy xoài dẻo"
    assert 'value="help"' in owner.get("/demands/new").text
