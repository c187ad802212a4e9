"""Matches as JSON: points that add up, public things alone, whoever asks."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from techmart.jobs import drain_outbox
from techmart.rules.lifecycle import ListingState
from tests import factories as make


def test_points_add_up_and_reasons_are_given(app: Flask, client: FlaskClient) -> None:
    demand = make.demand(make.organisation(kind="business"))
    offer = make.offer(make.organisation(), title="Dây chuyền sấy xoài bằng bơm nhiệt", trl=8)
    drain_outbox()
    answer = client.get(f"/api/v1/demands/{demand.code}/matches").get_json()
    (item,) = answer["items"]
    assert (answer["code"], item["code"]) == (demand.code, offer.code)
    assert sum(row["points"] for row in item["parts"]) == pytest.approx(item["match_score"], abs=0.05)
    assert item["phrases"]
    assert client.get(f"/api/v1/offers/{offer.code}/matches").status_code == 200
    assert client.get(f"/api/v1/patents/{offer.code}/matches").status_code == 404
    assert client.get("/api/v1/offers/CN-1999-0001/matches").status_code == 404


@pytest.mark.parametrize("state", list(ListingState))
def test_only_public_things_are_matched(app: Flask, client: FlaskClient, state: ListingState) -> None:
    demand = make.demand(make.organisation(kind="business"))
    offer = make.offer(make.organisation(), state=state, title="Dây chuyền sấy xoài bằng bơm nhiệt", trl=8)
    drain_outbox()
    answer = client.get(f"/api/v1/demands/{demand.code}/matches")
    assert [item["code"] for item in answer.get_json()["items"]] == ([offer.code] if offer.is_public else [])
    assert (offer.code in answer.text) == offer.is_public
    assert client.get(f"/api/v1/offers/{offer.code}/matches").status_code == (200 if offer.is_public else 404)


def test_an_anonymous_demand_names_nobody(app: Flask, client: FlaskClient) -> None:
    business = make.organisation(kind="business", name_vi="Công ty Giấu Tên Thật")
    make.demand(business, anonymous=True)
    offer = make.offer(make.organisation(), title="Dây chuyền sấy xoài bằng bơm nhiệt, giữ màu", trl=8)
    drain_outbox()
    assert "Giấu Tên" not in client.get(f"/api/v1/offers/{offer.code}/matches").text
