"""The settings of alerts, the list of matches with what is new, and the words of the mail in both languages."""

from __future__ import annotations

import pytest
from flask import Flask

from techmart.db import db, unit_of_work
from techmart.jobs.telling import tell_what_is_due
from techmart.operations.alert import setting_of
from techmart.operations.mail import deliver_mail
from tests import factories as make
from tests.conftest import Clock
from tests.operations.market import Market, open_market, settle, stored


@pytest.fixture
def market(app: Flask, clock: Clock) -> Market:
    market = open_market()
    market.offer()
    market.demand()
    settle()
    return market


def test_settings_show_what_each_choice_would_let_through(market: Market, login) -> None:
    browser = login(market.buyer)
    page = browser.get("/account/alerts").text
    assert "hiện có 1 kết quả khớp" in page
    assert "Từ 60%: 1 trong số đó" in page
    assert browser.post("/account/alerts", data={"mode": "weekly", "threshold": "80"}).status_code == 302
    setting = setting_of(market.buyer.id)
    assert (setting.mode, setting.threshold) == ("weekly", 80)


@pytest.mark.parametrize(
    "data",
    [{"mode": "hourly", "threshold": "60"}, {"mode": "daily", "threshold": "1"}, {"mode": "daily", "threshold": "ạ"}],
)
def test_settings_that_are_refused(app: Flask, login, data: dict[str, str]) -> None:
    person = make.user()
    assert login(person).post("/account/alerts", data=data).status_code == 422
    assert setting_of(person.id).mode == "daily"


def test_new_ones_are_counted_until_seen(market: Market, login) -> None:
    browser = login(market.buyer)
    for path in ("/workspace", "/matches"):
        assert "1 mới" in browser.get(path).text
    assert browser.post("/matches/seen").status_code == 302
    for path in ("/workspace", "/matches"):
        assert "1 mới" not in browser.get(path).text
    assert [row.state for row in (*stored("wanted"), *stored("offered"))] == ["seen", "new"]


def test_a_notification_leads_to_the_pair(market: Market, login) -> None:
    browser = login(market.buyer)
    assert "Khớp " in browser.get("/notifications").text
    pair = f"/matches/{stored('wanted')[0].demand.code}/{stored('wanted')[0].technology.code}"
    assert pair in browser.get("/notifications").text
    assert browser.get(pair).status_code == 200
    assert login(make.user()).get(pair).status_code in (403, 404)


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("vi", ("Khớp ", "khớp với tin của bạn:", "cùng nói đến “", "Cùng lĩnh vực:", "Ngừng nhận thư này")),
        ("en", ("% match:", "matches your listing:", "both speak of “", "Same sector:", "Stop these mails")),
    ],
)
def test_the_mail_says_what_and_why(
    market: Market, client, clock: Clock, app: Flask, locale: str, words: tuple[str, ...]
) -> None:
    with unit_of_work() as session:
        session.merge(market.buyer).locale = locale
    clock.advance(days=1)
    tell_what_is_due()
    deliver_mail()
    (text,) = (
        text
        for path in app.config["SETTINGS"].mail_dir.glob("*.txt")
        if market.buyer.email in (text := path.read_text())
    )
    for word in words:
        assert word in text, text
    row = stored("wanted")[0]
    assert f"{row.score}%" in text
    assert f"http://localhost/matches/{row.demand.code}/{row.technology.code}" in text
    header = next(line for line in text.split("\n") if line.startswith("List-Unsubscribe:"))
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in text
    path = header.split("<http://localhost")[1].rstrip(">")
    assert client.post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    db.session.rollback()
    assert setting_of(market.buyer.id).mode == "off"


def test_saved_searches_and_matches_share_a_mail(market: Market, clock: Clock, app: Flask) -> None:
    clock.advance(minutes=1)
    make.saved_search(market.buyer, name="Màng lọc", parameters=[["q", "màng lọc"]], notify="daily")
    clock.advance(minutes=1)
    make.offer(title="Màng lọc gốm mới")
    settle()
    clock.advance(days=1)
    tell_what_is_due()
    deliver_mail()
    texts = [
        text
        for path in app.config["SETTINGS"].mail_dir.glob("*.txt")
        if market.buyer.email in (text := path.read_text())
    ]
    assert len(texts) == 1
    assert "khớp với tin của bạn:" in texts[0]
    assert "Màng lọc gốm mới" in texts[0]
    assert texts[0].count("/unsubscribe/") == 4, "header, the search, matches, everything"
