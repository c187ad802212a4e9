"""Every number of a match on a page adds up to its score, on the panel, on the page of the pair, and in the API."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from techmart.jobs import drain_outbox
from tests import factories as make
from tests.operations.market import open_market

_PART = re.compile(r'<progress class="pb" value="([\d.]+)" max="(\d+)"')
_TOTAL = re.compile(r"Cộng lại: ([\d,]+) trên 100 điểm")
_PERCENT = re.compile(r"Khớp (\d+)%")


def _check(page: str) -> float:
    parts = [float(value) for value, _ in _PART.findall(page)]
    (total,) = (float(text.replace(",", ".")) for text in _TOTAL.findall(page))
    assert sum(parts) == pytest.approx(total, abs=1e-6)
    assert int(_PERCENT.findall(page)[0]) == round(total)
    assert sum(int(most) for _, most in _PART.findall(page)) == 100
    return total


def test_parts_on_pages_add_up(app: Flask, client: FlaskClient, login: Callable[..., FlaskClient]) -> None:
    market = open_market()
    demand = market.demand(budget_max_vnd=900_000_000, trl_min=6)
    for number in range(4):
        make.offer(
            market.institute, title=f"Màng lọc sinh học hiếu khí cho nước thải chăn nuôi kiểu {number}", trl=5 + number
        )
    drain_outbox()
    page = unescape(client.get(f"/demands/{demand.code}").text)
    panels = page.split('<details class="mt"')[1:]
    assert len(panels) >= 4
    totals = [_check(panel) for panel in panels]
    assert totals == sorted(totals, reverse=True)
    items = client.get(f"/api/v1/demands/{demand.code}/matches").get_json()["items"]
    assert [item["match_score"] for item in items][: len(totals)] == pytest.approx(totals)
    buyer = login(market.buyer)
    for item, total in zip(items, totals, strict=False):
        assert _check(unescape(buyer.get(f"/matches/{demand.code}/{item['code']}").text)) == total
