"""Suggestions while typing: what is found from which spelling, in which order; nothing hidden or deleted shows."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from techmart.db import unit_of_work
from techmart.models.listing import Listing
from techmart.rules.audience import audience_of
from techmart.rules.lifecycle import ListingState
from techmart.search.service import current_engine, sync_lock_path
from techmart.search.sync import rebuild_index
from techmart.search.telex import from_keystrokes
from techmart.search.whoosh_engine import WhooshEngine
from tests import factories as make
from tests.search.engines import document, engine_with

TITLES = (
    "Xử lý nước thải dệt nhuộm bằng màng lọc",
    "Xử lý nước thải chăn nuôi quy mô trang trại",
    "Hệ thống xử lý nước cấp nông thôn",
    "Máy sấy lạnh nông sản",
    "Thiết bị sấy bơm nhiệt cho xoài \nHeat pump dryer for mango",
    "Bảo quản thóc giống",
    "Báo cháy không dây IoT/LoRa",
    "Lyophilised probiotic powder",
    "Thuỷ canh rau ăn lá",
    "Khử mặn bằng điện thẩm tách",
    "Thu hồi CO₂ từ lò vôi",
)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> WhooshEngine:
    organisations = [
        document(90, "Viện Kỹ thuật Nước Sông Trà", kind="organisation", verified=True),
        document(91, "Công ty Sấy Đồi Mây", kind="organisation"),
    ]
    titles = [document(number, title) for number, title in enumerate(TITLES)]
    numbered = document(50, "Cụm màng lọc tự rửa", kind="patent", identifiers=["num:1202101234", "num:sc20260050"])
    return engine_with(tmp_path_factory.mktemp("index"), [*titles, *organisations, numbered])


def texts(engine: WhooshEngine, typed: str) -> list[str]:
    return [row.text for row in engine.suggest(typed, 8)]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("xử lý nước thải d", TITLES[0]),
        ("xu ly nuoc thai d", TITLES[0]),
        ("xử ly nuoc thai d", TITLES[0]),
        ("xử lí nước", TITLES[0]),
        ("XU LY NUOC", TITLES[0]),
        ("xu\u031b\u0309 ly\u0301 nuo", TITLES[0]),  # NFD
        ("nuoc ca", TITLES[2]),
        ("say l", TITLES[3]),
        ("heat pu", "Heat pump dryer for mango"),
        ("dryer f", "Heat pump dryer for mango"),
        ("iot", TITLES[6]),
        ("lora", TITLES[6]),
        ("lyo", TITLES[7]),
        ("thuỷ c", TITLES[8]),
        ("thủy c", TITLES[8]),
        ("dien tham", TITLES[9]),
        ("đien", TITLES[9]),
        ("co2", TITLES[10]),
        ("CO₂ t", TITLES[10]),
        ("thai nhuom", TITLES[0]),  # words apart
        ("xuwr lys nuwowc", TITLES[0]),  # Telex with the input method off
        ("xu73 ly1 nu7o7c1", TITLES[0]),  # VNI
        ("viện kỹ", "Viện Kỹ thuật Nước Sông Trà"),
        ("song tra", "Viện Kỹ thuật Nước Sông Trà"),
    ],
)
def test_a_beginning_in_any_spelling_finds_the_title(engine: WhooshEngine, typed: str, expected: str):
    assert expected in texts(engine, typed)


@pytest.mark.parametrize("typed", ["", " ", "\u200b", "zzzz", "%", "…", "ly\u0301nh", "\ud800"])
def test_what_nothing_begins_with_gives_nothing(engine: WhooshEngine, typed: str):
    assert texts(engine, typed) == []


def test_accents_that_were_typed_come_first(engine: WhooshEngine):
    assert next(text for text in texts(engine, "bảo") if text in TITLES) == TITLES[5]
    assert next(text for text in texts(engine, "báo") if text in TITLES) == TITLES[6]


def test_a_title_that_begins_so_comes_before_one_that_says_it_inside(engine: WhooshEngine):
    found = [text for text in texts(engine, "xu ly nuoc") if text in TITLES]
    assert found[-1] == TITLES[2]
    assert set(found) == set(TITLES[:3])


def test_phrases_shared_by_titles_are_offered_with_their_accents(engine: WhooshEngine):
    assert engine.suggest("xu ly nu", 8)[0].kind == "term"
    assert "xử lý nước thải" in texts(engine, "xu ly nu")
    assert "xử lý nước thải" not in texts(engine, "xử lý nước thải")  # nothing new
    assert all(row.kind != "term" for row in engine.suggest("may say", 8))  # said once


def test_a_finished_word_is_not_a_beginning(engine: WhooshEngine):
    assert TITLES[7] in texts(engine, "lyophilised p")
    assert texts(engine, "lyophil ") == []


def test_verified_and_fresh_come_first_among_equals(tmp_path: Path):
    rows = [
        document(1, "Lò đốt rác cũ", published_at=1_600_000_000),
        document(2, "Lò đốt rác mới", published_at=1_700_000_000),
        document(3, "Lò đốt rác đã thẩm định", published_at=1_700_000_000, verified=True),
    ]
    found = [row.key for row in engine_with(tmp_path, rows).suggest("lò đốt rác ", 8) if row.key]
    assert found == ["offer:3", "offer:2", "offer:1"]


def test_numbers_lead_to_their_thing(engine: WhooshEngine):
    for typed in ("1-2021-012", "1202101234", "SC-2026-00", "sc 2026"):
        assert [(row.kind, row.key) for row in engine.suggest(typed, 8)] == [("identifier", "patent:50")]


def test_one_title_is_offered_once(tmp_path: Path):
    engine = engine_with(tmp_path, ["Máy gieo hạt", "Máy gieo hạt", "máy gieo hạt \nSeed drill"])
    assert [text.lower() for text in texts(engine, "may gieo h")] == ["máy gieo hạt"]


def test_what_is_deleted_leaves_titles_and_phrases(tmp_path: Path):
    engine = engine_with(tmp_path, ["Lò đốt trấu A", "Lò đốt trấu B", "Máy gặt lúa"])
    assert "lò đốt trấu" in texts(engine, "lo do")
    engine.apply(["offer:0"], [])
    assert texts(engine, "lo do") == ["Lò đốt trấu B"]
    engine.apply(["offer:1"], [])
    assert texts(engine, "lo do") == []
    assert texts(engine, "do tr") == []
    assert texts(engine, "may") == ["Máy gặt lúa"]


def test_merged_segments_suggest_the_same(tmp_path: Path):
    engine = engine_with(tmp_path, [])
    for number in range(30):
        engine.apply([], [document(number, f"Bơm màng loại {number} \nDiaphragm pump type {number}")])
    engine.apply(["offer:7"], [])
    assert len(engine.snapshot().segments) < 30
    assert texts(engine, "bom mang loai 29") == ["Bơm màng loại 29"]
    assert texts(engine, "pump type 2")[:1] != []
    assert texts(engine, "bom mang loai 7") == []
    assert texts(engine, "bom")[:2] == ["bơm", "bơm màng"]


@pytest.mark.parametrize(
    ("keys", "meant"),
    [
        ("nuwowcs", "nước"), ("nuowcs", "nước"), ("thari", "thải"), ("thair", "thải"), ("ddieenj", "điện"),
        ("dduwowngf", "đường"), ("hoaf", "hòa"), ("quyr", "quỷ"), ("giaf", "già"), ("nu7o7c1", "nước"),
        ("d9ie65n", "điện"), ("tieens", "tiến"), ("nuoc", None), ("water", None), ("filter", None), ("", None),
    ],
)  # fmt: skip
def test_keystrokes_are_read_as_the_syllable_they_meant(keys: str, meant: str | None):
    assert from_keystrokes(keys) == meant


@settings(max_examples=2_000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed=st.one_of(st.text(max_size=60), st.text("xửlýnước bảo-đ 12/\"'%", max_size=40)))
def test_no_text_raises_or_takes_long(engine: WhooshEngine, typed: str):
    def seconds() -> float:
        started = time.thread_time()
        assert len(engine.suggest(typed, 8)) <= 8
        return time.thread_time() - started

    # A collection of all the garbage of a test run may fall into one call; a slow text is slow again.
    assert seconds() < 0.1 or seconds() < 0.1


def test_the_address_gives_what_an_anonymous_reader_may_see(client: FlaskClient):
    institute = make.organisation(name_vi="Viện Nước Bàu Sen")
    code = make.listing("offer", institute, title="Lọc nước phèn bằng cát mangan").code
    make.listing("offer", institute, title="Lọc nước mặn bí mật", state=ListingState.SUBMITTED)
    patent = make.listing("patent", institute).code
    rebuild_index(current_engine(), sync_lock_path())
    rows = client.get("/suggest?q=loc nuoc").get_json()
    assert [(row["text"], row["kind"], row["url"]) for row in rows] == [
        ("Lọc nước phèn bằng cát mangan", "offer", f"/offers/{code}")
    ]
    assert client.get("/suggest", query_string={"q": patent[:9]}).get_json()[0]["url"] == f"/patents/{patent}"
    by_number = client.get("/suggest?q=1-2021-0123").get_json()
    assert [(row["note"], row["kind"], row["url"]) for row in by_number] == [
        ("1-2021-01234", "patent", f"/patents/{patent}")
    ]
    assert client.get("/suggest?q=bau sen").get_json()[0]["kind"] == "organisation"
    for text in ("", "\x00", "%", "😀" * 400, "' or 1=1 --", "<script>", "a" * 5000):
        answer = client.get("/suggest", query_string={"q": text})
        assert answer.status_code == 200
        assert isinstance(answer.get_json(), list)


def test_what_was_hidden_since_the_last_commit_is_not_shown(client: FlaskClient):
    number = make.listing("offer", title="Sấy thăng hoa cho trái nhàu").id
    rebuild_index(current_engine(), sync_lock_path())
    assert client.get("/suggest?q=say thang").get_json()
    with unit_of_work() as session:
        listing = session.get_one(Listing, number)
        listing.state = ListingState.HIDDEN
        listing.audience = audience_of(ListingState.HIDDEN, listing.organisation_id)
    assert client.get("/suggest?q=say thang").get_json() == []
