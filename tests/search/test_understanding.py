"""What is read out of a typed query, and that nothing typed can hurt."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from techmart.search.glossary import shipped_glossary
from techmart.search.highlight import highlight, passage, wanted_terms
from techmart.search.query import Query, run_query
from techmart.search.query_terms import plan_words
from techmart.search.understanding import understand
from techmart.search.whoosh_engine import WhooshEngine
from tests.search.test_engine_contract import corpus


@pytest.mark.parametrize(
    ("typed", "words", "kind", "facts"),
    [
        ('"nước thải" dệt', "dệt", "phrase", {"values": ("nước thải",)}),
        ("sơn -mạ", "sơn", "excluded", {"values": ("mạ",)}),
        ("pin TRL 7+", "pin", "trl", {"low": 7, "high": None}),
        ("pin trl 5-7", "pin", "trl", {"low": 5, "high": 7}),
        ("pin trl từ 6", "pin", "trl", {"low": 6, "high": None}),
        ("TRL 4", "", "trl", {"low": 4, "high": 4}),
        ("TRL7+", "", "trl", {"low": 7, "high": None}),
        ("TRL ≥ 7", "", "trl", {"low": 7, "high": None}),
        ("TRL>6", "", "trl", {"low": 7, "high": None}),
        ("trên TRL 6", "", "trl", {"low": 7, "high": None}),
        ("TRL 7 trở lên", "", "trl", {"low": 7, "high": None}),
        ("TRL 4 đến 6", "", "trl", {"low": 4, "high": 6}),
        ("TRL 7-5", "", "trl", {"low": 5, "high": 7}),
        ("dưới TRL 5", "", "trl", {"low": None, "high": 4}),
        ("TRL tối đa 4", "", "trl", {"low": None, "high": 4}),
        ("máy sấy dưới 500 triệu", "máy sấy", "price", {"low": None, "high": 500_000_000}),
        ("may say duoi 500 trieu", "may say", "price", {"low": None, "high": 500_000_000}),
        ("từ 1 đến 2 tỷ", "", "price", {"low": 10**9, "high": 2 * 10**9}),
        ("robot 3-5 tỷ đồng", "robot", "price", {"low": 3 * 10**9, "high": 5 * 10**9}),
        ("robot under 2 billion", "robot", "price", {"low": None, "high": 2 * 10**9}),
        ("trên 2 tỷ", "", "price", {"low": 2 * 10**9, "high": None}),
        ("hơn 2 tỉ", "", "price", {"low": 2 * 10**9, "high": None}),
        ("2 tỷ trở lên", "", "price", {"low": 2 * 10**9, "high": None}),
        ("ít hơn 1,5 tỷ", "", "price", {"low": None, "high": 15 * 10**8}),
        ("500 triệu trở xuống", "", "price", {"low": None, "high": 5 * 10**8}),
        ("dưới 500.000.000 đồng", "", "price", {"low": None, "high": 5 * 10**8}),
        ("dưới 500000000", "", "price", {"low": None, "high": 5 * 10**8}),
        ("máy sấy giá dưới 500tr", "máy sấy", "price", {"low": None, "high": 5 * 10**8}),
        ("từ 500 triệu đến 1,2 tỷ", "", "price", {"low": 5 * 10**8, "high": 12 * 10**8}),
        ("từ 500 đến 1 tỷ", "", "price", {"low": 5 * 10**8, "high": 10**9}),
        ("từ 2 đến 1 tỷ", "", "price", {"low": 10**9, "high": 2 * 10**9}),
        ("nước thải tại Bình Dương", "nước thải", "place", {"values": ("79", "Bình Dương", "Bình Dương")}),
        ("nuoc thai binh duong", "nuoc thai", "place", {"values": ("79", "Bình Dương", "binh duong")}),
        ("lĩnh vực y tế robot", "robot", "sector", {"values": ("health",)}),
        ("1-2022-04417", "1-2022-04417", "identifier", {}),
        ("cn 2026 12", "cn 2026 12", "identifier", {}),
        ("A01G 31/02", "A01G 31/02", "identifier", {}),
    ],
)
def test_pieces(typed: str, words: str, kind: str, facts: dict[str, object]):
    understood = understand(typed)
    assert understood.words == words
    (piece,) = understood.of(kind)
    for name, value in facts.items():
        assert getattr(piece, name) == value
    assert understand(typed, off=(kind,)).of(kind) == []


@pytest.mark.parametrize(
    "typed",
    [
        "hoà bình thế giới là gì và vì sao lại cần đến nó",
        "B12",
        "trl:* OR (",
        "-",
        '- " "',
        "kind:offer",
        "*:*",
        "TRL 10",
        "trl 0",
        "công suất từ 1 đến 2 triệu tấn",
        "trên 3 triệu con giống",
    ],
)
def test_left_as_words(typed: str):
    assert [piece for piece in understand(typed).pieces if piece.kind != "sector"] == []


@pytest.fixture(scope="module")
def engine(tmp_path_factory) -> WhooshEngine:
    engine = WhooshEngine(tmp_path_factory.mktemp("fuzz") / "index", cache_mb=16)
    engine.apply([], corpus(200))
    return engine


_TYPED = st.text(max_size=120) | st.text(
    alphabet='aăâxửlýnướcthải 0123456789"“”-+()[]{}*?:/\\~^!&|<>=.,;₂\u0301\u202e\x00', max_size=200
)


@settings(max_examples=2000, deadline=None)
@given(typed=_TYPED)
def test_no_text_raises_or_takes_long(engine: WhooshEngine, typed: str):
    started = time.thread_time()
    answer = run_query(engine, shipped_glossary(), Query(typed))
    highlight(typed, wanted_terms(answer.plan))
    assert answer.result.total <= 200
    # Processor time, and generous: a hang, not a slow machine or a collection of garbage, is what this is about.
    assert time.thread_time() - started < 5.0


@pytest.mark.parametrize(
    "typed", ["(" * 500, "a " * 500, '"' * 999, "trl " * 200, "-a " * 300, "từ 1 đến " * 120, "x" * 5000]
)
def test_long_and_nested_texts(engine: WhooshEngine, typed: str):
    run_query(engine, shipped_glossary(), Query(typed))


def marked(text: str, typed: str) -> list[str]:
    return [
        fragment.text
        for fragment in highlight(text, wanted_terms(plan_words(typed, shipped_glossary())))
        if fragment.hit
    ]


def test_highlights_without_accents_and_through_translation():
    assert marked("Hệ xử lý nước thải dệt nhuộm", "xu ly nuoc thai") == ["xử lý nước thải"]
    assert marked("Hệ xử lý nước thải và nước Thái", "nước thải") == ["nước thải", "nước"]
    assert marked("A plant for wastewater treatment", "xử lý nước thải") == ["wastewater treatment"]


def test_a_passage_shows_where_the_hits_are():
    text = "Mở đầu dài dòng. " * 40 + "Cột lọc than hoạt tính khử màu nước nhuộm. " + "Kết thúc. " * 40
    shown = passage(text, wanted_terms(plan_words("khử màu nước nhuộm", None)))
    assert any(fragment.hit and "khử màu" in fragment.text for fragment in shown)
    assert sum(len(fragment.text) for fragment in shown) < 320
