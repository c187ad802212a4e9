"""The feed of a search: well-formed whatever is asked or written, newest first, absolute addresses, nothing hidden."""

from __future__ import annotations

import random

import pytest
from defusedxml.ElementTree import fromstring
from flask import Flask
from flask.testing import FlaskClient

from techmart.db import unit_of_work
from techmart.models.listing import Listing
from techmart.rules.audience import audience_of
from techmart.rules.lifecycle import ListingState
from techmart.search.service import current_engine, sync_lock_path
from techmart.search.sync import sync_index
from techmart.web.search_feed import FEED_ITEMS, xml_text
from tests import factories as make
from tests.conftest import Clock


def indexed(*listings: Listing) -> None:
    """Bring the index up to date with what was made."""
    sync_index(current_engine(), sync_lock_path())


def titles_of(client: FlaskClient, address: str) -> list[str | None]:
    response = client.get(address)
    assert response.status_code == 200
    assert response.mimetype == "application/rss+xml"
    return [item.findtext("title") for item in fromstring(response.data).iter("item")]


def test_newest_first_with_absolute_addresses(app: Flask, client: FlaskClient, clock: Clock) -> None:
    institute = make.organisation()
    old = make.offer(institute, title="Máy sấy bơm nhiệt cũ")
    clock.advance(days=2)
    new = make.offer(institute, title="Máy sấy bơm nhiệt mới")
    other = make.offer(institute, title="Lò nung gốm", summary="Gốm.", keywords=[])
    indexed(old, new, other)
    feed = fromstring(client.get("/search.rss?q=may+say+bom+nhiet&kind=offer&sort=price&page=3").data)
    titles = [item.findtext("title") for item in feed.iter("item")]
    assert titles.index(new.title) < titles.index(old.title)
    assert all((link.text or "").startswith("http://localhost/") for link in feed.iter("link"))
    assert feed.findtext("channel/link") == "http://localhost/search?q=may+say+bom+nhiet&kind=offer&sort=newest"
    assert "02 Mar 2026" in (feed.find("channel/item[last()]/pubDate").text or "")  # type: ignore[union-attr]


def test_the_host_header_is_not_believed(app: Flask, client: FlaskClient) -> None:
    indexed(make.offer())
    assert b"evil.example" not in client.get("/search.rss", headers={"Host": "evil.example"}).data


def test_it_is_cut_and_can_be_asked_again_cheaply(app: Flask, client: FlaskClient) -> None:
    institute = make.organisation()
    for number in range(FEED_ITEMS + 3):
        make.offer(institute, title=f"Thiết bị đo số {number}")
    indexed()
    assert len(titles_of(client, "/search.rss?kind=offer")) == FEED_ITEMS
    first = client.get("/search.rss?kind=offer")
    again = client.get("/search.rss?kind=offer", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_nothing_hidden_and_no_anonymous_owner(app: Flask, client: FlaskClient) -> None:
    owner = make.organisation(name_vi="Công ty Giấu Tên")
    indexed(make.demand(owner, anonymous=True), make.offer(owner, "draft", title="Bản nháp kín"))
    page = client.get("/search.rss?kind=demand&kind=offer").text
    assert "Giấu Tên" not in page
    assert "Bản nháp kín" not in page
    gone = make.offer(title="Vừa bị ẩn")
    indexed()
    with unit_of_work():
        gone.audience, gone.state = audience_of(ListingState.HIDDEN, gone.organisation_id), ListingState.HIDDEN
    assert "Vừa bị ẩn" not in client.get("/search.rss?kind=offer").text


@pytest.mark.parametrize("text", ["]]>", "<script>", "a\x00b\x0bc", "\ufffe\uffff", "\ud800", "&amp;", "'\"", "𝔸 😀"])
def test_any_text_is_well_formed(text: str, app: Flask, client: FlaskClient) -> None:
    listing = make.offer()
    with unit_of_work():
        listing.title = f"Máy {text.encode(errors='ignore').decode()}"
    indexed()
    titles = titles_of(client, "/search.rss?kind=offer")
    assert titles == [xml_text(f"Máy {text.encode(errors='ignore').decode()}")]


def test_any_query_is_well_formed(app: Flask, client: FlaskClient) -> None:
    indexed(make.offer())
    numbers = random.Random(7)
    for _ in range(60):
        letters = (numbers.choice((numbers.randrange(128), numbers.randrange(0xD800))) for _ in range(12))
        query = "".join(map(chr, letters))
        response = client.get("/search.rss", query_string={"q": query})
        assert response.status_code == 200
        fromstring(response.data)


def test_the_results_page_names_its_feed(app: Flask, client: FlaskClient) -> None:
    page = client.get("/search?q=m%C3%A0ng+l%E1%BB%8Dc&sector=environment&page=1").text
    address = "/search.rss?q=m%C3%A0ng+l%E1%BB%8Dc&amp;sector=environment"
    assert f'type="application/rss+xml" title="màng lọc – Techmart ảo" href="{address}"' in page
    assert page.count(f'href="{address}"') == 2
