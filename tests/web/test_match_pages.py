"""Every number of a match on a page adds up to its score, on the panel, on the page of the pair, and in the API."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from techmart.db import unit_of_work
from techmart.jobs import drain_outbox
from techmart.jobs.telling import tell_what_is_due
from techmart.models.account import User
from techmart.operations.alert import change_setting
from techmart.operations.mail import deliver_mail
from tests import factories as make
from tests.conftest import Clock
from tests.operations.market import open_market, settle

_PART = re.compile(r'<progress class="pb" value="([\d.]+)" max="(\d+)"')
_TOTAL = re.compile(r"Cộng lại: ([\d,]+) trên 100 điểm")
_PERCENT = re.compile(r"Khớp (\d+)%")


def _check(page: str) -> float:
    parts = [float(value) for value, _ in _PART.findall(page)]
    (total,) = (float(text.replace(",", ".")) for text in _TOTAL.findall(page))
    assert sum(parts) == pytest.approx(total, abs=1e-6)
    assert int(_PERCENT.findall(page)[0]) == int(total + 0.5)
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


def test_one_pair_has_one_percentage_everywhere(
    app: Flask, client: FlaskClient, login: Callable[..., FlaskClient], clock: Clock
) -> None:
    """On its page, in panels and lists, news, mails, the API and the command line; later too, on a market that has grown."""
    market = open_market()
    by_digest = make.member(market.farm)
    with unit_of_work():
        change_setting(make.actor(market.buyer), mode="immediate", threshold=30)
    offer, demand = market.offer(trl=7), market.demand(trl_min=5)
    settle()
    staff = login(make.staff())

    def pages() -> dict[str, set[int]]:
        buyer = login(market.buyer)
        pair = f"/matches/{demand.code}/{offer.code}"
        row = next(part for part in unescape(buyer.get("/matches").text).split("<li") if offer.title in part)
        panel = unescape(client.get(f"/demands/{demand.code}").text).partition('id="khop"')[2]
        panel = next(part for part in panel.split("<details") if offer.title in part)
        items = client.get(f"/api/v1/demands/{demand.code}/matches").get_json()["items"]
        explained = app.test_cli_runner().invoke(args=["match", "explain", demand.code, offer.code]).output
        return {
            "page": set(map(int, _PERCENT.findall(unescape(buyer.get(pair).text)))),
            "list": set(map(int, _PERCENT.findall(row))),
            "panel": set(map(int, _PERCENT.findall(panel))),
            "api": {int(item["match_score"] + 0.5) for item in items if item["code"] == offer.code},
            "command": {int(float(explained.split(": ")[1].split(" of 100")[0]) + 0.5)},
        }

    def mail_to(person: User) -> set[int]:
        deliver_mail()
        folder = app.config["SETTINGS"].mail_dir
        texts = [path.read_text() for path in folder.glob("*.txt") if f"To: {person.email}\n" in path.read_text()]
        return {int(found) for text in texts for found in re.findall(rf"(\d+)%:? +{re.escape(offer.title)}", text)}

    at_once = pages() | {
        "news": set(map(int, _PERCENT.findall(unescape(login(market.buyer).get("/notifications").text)))),
        "mail": mail_to(market.buyer),
        "file of staff": {
            int(line.split(",")[0])
            for line in staff.get("/moderation/matches/export?format=csv&side=wanted").text.splitlines()[1:]
        },
    }
    (percent,) = at_once["page"]
    assert at_once == {place: {percent} for place in at_once}

    others = make.organisation()
    for number in range(12):
        make.offer(others, title=f"Màng lọc kiểu {number}", summary="Lọc nước thải chăn nuôi.", keywords=["nước thải"])
    settle()
    clock.advance(days=1)
    tell_what_is_due()
    later = pages() | {"digest": mail_to(by_digest)}
    (grown,) = later["page"]
    assert later == {place: {grown} for place in later}
    assert grown != percent, "else nothing of this could fail"
