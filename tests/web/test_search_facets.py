"""Every facet from the row to the page: indexed, counted, filtered by, shown as a chip, and given by the API."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient

from techmart.db import unit_of_work
from techmart.models.listing import Attachment
from techmart.rules.clock import utc_now
from techmart.rules.lifecycle import ListingState
from techmart.search.query import FACETS
from techmart.search.search_args import parameter_of
from techmart.search.service import current_engine, sync_lock_path
from techmart.search.sync import sync_index
from techmart.web.search_view import FACET_NAMES
from tests import factories as make

WORD = "quasarit"
#: facet → (code, its name, which listings have it)
CASES = {
    "kind": ("patent", "Sáng chế", {"second"}),
    "sector": ("health", "Y tế", {"second"}),
    "trl": ("4", "TRL 4", {"second"}),
    "province": ("01", "Hà Nội", {"second"}),
    "transfer_form": ("franchise", "Nhượng quyền thương mại", {"second"}),
    "transfer_right": ("exclusive_use", "Quyền sử dụng độc quyền", {"second", "third"}),
    "ip_status": ("lapsed", "Đã chấm dứt hiệu lực", {"second"}),
    "ipc_section": ("A", "A · Nhu cầu đời sống con người", {"second", "third"}),
    "ipc_class": ("A61", "A61 · ", {"second"}),
    "organisation_kind": ("university", "Trường đại học", {"second"}),
    "verified": ("yes", "Tổ chức đã thẩm định", {"second"}),
    "lang": ("en", "Tiếng Anh", {"third"}),
    "freshness": ("stale", "Lâu chưa xác nhận", {"third"}),
    "has_attachment": ("yes", "Có tệp đính kèm", {"first"}),
}


@pytest.fixture(scope="module")
def codes(module_app: Flask) -> dict[str, str]:
    """Name → listing code; all say WORD. What is not public says it as well."""
    checker = make.staff()
    university = make.organisation(
        kind="university",
        verified_at=utc_now(),
        verified_by_id=checker.id,
        verification_evidence="Quyết định thành lập",
    )
    rows = {
        "first": make.offer(title=f"Máy {WORD} một", price_min_vnd=10**9, price_max_vnd=2 * 10**9, trl=8),
        "second": make.patent(
            university, title=f"Máy {WORD} hai", sectors=["health"], trl=4, province_code="01", ipc=["A61K 9/20"],
            transfer_forms=["franchise"], transfer_right="exclusive_use", ip_status="lapsed",
        ),
        "third": make.demand(
            make.organisation(), "stale", title=f"A {WORD} machine", lang="en", ipc=["A01G 31/02"], wanted_right="exclusive_use",
            budget_min_vnd=10**8, budget_max_vnd=2 * 10**8,
        ),
    }  # fmt: skip
    for state in ListingState:
        if state not in ("published", "due", "stale", "transferred"):
            make.offer(
                make.organisation(),
                state,
                title=f"Máy {WORD} kín {state}",
                sectors=["urban"],
                province_code="04",
                trl=1,
            )
    with unit_of_work() as session:
        session.add(
            Attachment(
                listing_id=rows["first"].id,
                filename="so-lieu.csv",
                media_type="text/csv",
                size_bytes=3,
                sha256="0" * 64,
            )
        )
        session.get(type(rows["first"]), rows["first"].id).published_at = utc_now() - timedelta(days=200)
    named = {name: row.code for name, row in rows.items()}
    sync_index(current_engine(), sync_lock_path())
    return named


@pytest.fixture
def browser(module_app: Flask, codes: dict[str, str]) -> FlaskClient:
    return module_app.test_client()


def ask(browser: FlaskClient, **chosen: object):
    """(codes found, facets as {name: {code: count}})."""
    answer = browser.get(f"/api/v1/search?{urlencode({'q': WORD, **chosen}, doseq=True)}").json
    facets = {name: {row["code"]: row["count"] for row in rows} for name, rows in answer["facets"].items()}
    return {item["code"] for item in answer["items"]}, facets


def test_every_facet_is_tried_and_named() -> None:
    assert set(CASES) == set(FACETS) == set(FACET_NAMES)


@pytest.mark.parametrize("facet", CASES)
def test_a_facet_counts_filters_and_shows(browser: FlaskClient, codes: dict[str, str], facet: str) -> None:
    code, name, having = CASES[facet]
    parameter = parameter_of(facet)
    wanted = {codes[one] for one in having}
    assert ask(browser)[1][facet][code] == len(having)
    assert ask(browser, **{parameter: code})[0] == wanted
    page = browser.get(f"/search?{urlencode({'q': WORD, parameter: code})}").text
    assert {code for code in codes.values() if code in page} == wanted
    box = re.search(rf'name="{parameter}" value="{code}" checked>(.*?)<output>(\d+)</output>', page, re.DOTALL)
    assert box is not None
    assert name in box[1]
    assert box[2] == str(len(having))
    chip = re.search(rf'<li class="chip">{re.escape(name)}[^<]*<a href="([^"]*)"', page)
    assert chip is not None
    assert chip[1] == f"/search?q={WORD}"


def test_a_facet_is_counted_without_its_own_choice_and_with_the_others(browser: FlaskClient) -> None:
    found, facets = ask(browser, kind=["patent", "demand"])
    assert len(found) == 2
    assert facets["kind"] == {"offer": 1, "patent": 1, "demand": 1}
    assert facets["sector"] == {"health": 1, "agriculture": 1}
    _, facets = ask(browser, kind="patent", sector="environment")
    assert facets["kind"] == {"offer": 1}
    assert facets["sector"] == {"health": 1}


def test_a_chosen_value_stays_though_nothing_has_it(browser: FlaskClient) -> None:
    page = browser.get(f"/search?q={WORD}&kind=demand&sector=health").text
    assert re.search(r'name="sector" value="health" checked>.*?<output>0</output>', page, re.DOTALL)
    assert 'value="energy"' not in page


def test_what_is_not_public_is_counted_nowhere(browser: FlaskClient) -> None:
    found, facets = ask(browser)
    assert len(found) == 3
    assert not {"urban"} & set(facets["sector"])
    assert not {"04"} & set(facets["province"])
    assert not {"1"} & set(facets["trl"])
    assert set(facets["freshness"]) == {"published", "stale"}


@pytest.mark.parametrize(
    ("chosen", "having"),
    [
        ({"trl_from": "5"}, {"first"}),
        ({"trl_to": "5"}, {"second"}),
        ({"trl_from": "4", "trl_to": "8"}, {"first", "second"}),
        ({"trl_from": "8", "trl_to": "4"}, set()),
        ({"price_from": "500"}, {"first"}),
        ({"price_to": "150"}, {"third"}),
        ({"since": "90"}, {"second", "third"}),
        ({"since": "365"}, {"first", "second", "third"}),
        ({"since": "91"}, {"first", "second", "third"}),
        ({"trl_from": "x", "trl_to": "10", "since": "-30"}, {"first", "second", "third"}),
    ],
)
def test_bounds(browser: FlaskClient, codes: dict[str, str], chosen: dict[str, str], having: set[str]) -> None:
    assert ask(browser, **chosen)[0] == {codes[name] for name in having}


def test_bounds_are_chips_and_narrow_what_was_typed(browser: FlaskClient, codes: dict[str, str]) -> None:
    assert ask(browser, q=f"{WORD} TRL 3+", trl_to="6")[0] == {codes["second"]}
    page = browser.get(f"/search?q={WORD}&trl_from=2&trl_to=6&since=30").text
    assert "TRL 2–6" in page
    assert "Đăng trong 30 ngày qua" in page
    assert f'href="/search?q={WORD}&amp;since=30"' in page
    assert '<option value="6" selected>' in page


def test_a_province_says_which_former_ones_it_holds(browser: FlaskClient) -> None:
    assert "gồm Bình Dương, Bà Rịa – Vũng Tàu cũ" in browser.get(f"/search?q={WORD}").text
    page = browser.get("/search?q=ở Bình Dương").text
    assert "Bình Dương cũ, nay thuộc Hồ Chí Minh" in page
    assert "Hồ Chí Minh, gồm cả Bình Dương, Bà Rịa – Vũng Tàu cũ" in browser.get("/search?q=ở Hồ Chí Minh").text


@pytest.mark.parametrize(
    ("typed", "left"),
    [
        ("máy TRL 7+ -sơn", ["máy -sơn", "máy TRL 7+"]),
        ('"nước thải" "dệt nhuộm"', ['nước thải "dệt nhuộm"', '"nước thải" dệt nhuộm']),
        ("máy sấy giá dưới 500 triệu", ["máy sấy"]),
    ],
)
def test_taking_a_chip_away_takes_that_condition_alone(browser: FlaskClient, typed: str, left: list[str]) -> None:
    page = browser.get(f"/search?{urlencode({'q': typed})}").text
    chips = re.search(r'<div class="understood">.*?</ul>', page, re.DOTALL)
    assert chips is not None
    assert re.findall(r'href="/search\?([^"]*)"', chips[0]) == [urlencode({"q": text}) for text in left]


@pytest.mark.parametrize(
    ("sort", "order"), [("price", ["third", "first"]), ("price_desc", ["first", "third"]), ("trl", ["first", "second"])]
)
def test_sorted_by_price_and_level(browser: FlaskClient, codes: dict[str, str], sort: str, order: list[str]) -> None:
    page = browser.get(f"/search?q={WORD}&sort={sort}").text
    places = [page.index(codes[name]) for name in order]
    assert places == sorted(places)
    assert f'<option value="{sort}" selected>' in page
