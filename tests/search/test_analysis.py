"""Text typed any way meets text written any way."""

from __future__ import annotations

import unicodedata

import pytest

from techmart.search.analysis import analyse
from techmart.search.english_spelling import american
from techmart.search.glossary import shipped_glossary
from techmart.search.query import Query, run_query
from techmart.search.query_terms import plan_words
from techmart.search.whoosh_engine import WhooshEngine
from tests.search.test_engine_contract import document


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("xử lý nước thải", "xử lý nước thải"),
        ("xu ly nuoc thai", "Xử Lý Nước Thải"),
        ("xử ly nuoc thải", "xử lý nước thải"),
        ("hoà tan", "hòa tan"),
        ("thủy sản", "thuỷ sản"),
        ("kĩ thuật", "kỹ thuật"),
        ("lí thuyết", "lý thuyết"),
        (unicodedata.normalize("NFD", "xử lý nước"), "xử lý nước"),
        ("dien mat troi", "điện mặt trời"),
        ("ĐIỆN GIÓ", "điện gió"),
        ("IoT", "I.O.T. nông nghiệp"),
        ("ssd", "ổ cứng SSD/HDD"),
        ("CO2", "khí CO₂"),
        ("5g", "mạng 5G"),
        ("m3/ngày", "200 m³/ngày"),
        ("10 mg", "10mg"),
        ("filters", "a filter"),
        ("glass fibre", "Filters of glass fiber"),
        ("optimization", "Optimisation of pumps"),
        ("behavioural analysis", "An analysis of behavior"),
        ("aluminum", "nhôm (aluminium)"),
    ],
)
def test_found_however_it_is_typed(tmp_path, typed: str, written: str):
    engine = WhooshEngine(tmp_path / "index", cache_mb=16)
    engine.apply([], [document(1, written), document(2, "một câu khác hẳn về bánh tráng")])
    hits = run_query(engine, None, Query(typed)).result.hits
    assert [hit.id for hit in hits][:1] == [1]


@pytest.mark.parametrize(
    "word", ["precise", "comprise", "noise", "likewise", "advertising", "source", "contour", "acre"]
)
def test_words_of_one_spelling_keep_it(word: str):
    assert american(word) == word


@pytest.mark.parametrize(
    ("british", "expected"),
    [
        ("incentivising", "incentivizing"),
        ("criticise", "criticize"),
        ("kilometres", "kilometers"),
        ("centred", "centered"),
        ("refuelling", "refueling"),
        ("manoeuvres", "maneuvers"),
        ("manoeuvring", "maneuvering"),
        ("anaemia", "anemia"),
        ("paediatric", "pediatric"),
        ("defences", "defenses"),
        ("programme", "programme"),
    ],
)
def test_british_words_become_american(british: str, expected: str):
    assert american(british) == expected


def test_accented_hits_rank_above_folded_ones(tmp_path):
    engine = WhooshEngine(tmp_path / "index", cache_mb=16)
    engine.apply([], [document(1, "thái nước khác chữ"), document(4, "thải nước khác chữ")])
    hits = run_query(engine, None, Query("thải")).result.hits
    assert hits[0].id == 4


def test_vietnamese_words_find_english_text_and_the_other_way_round(tmp_path):
    engine = WhooshEngine(tmp_path / "index", cache_mb=16)
    engine.apply(
        [], [document(1, "Membrane bioreactor for wastewater treatment"), document(2, "máy sấy bún bằng bơm nhiệt")]
    )
    glossary = shipped_glossary()
    assert [hit.id for hit in run_query(engine, glossary, Query("xử lý nước thải")).result.hits] == [1]
    assert [hit.id for hit in run_query(engine, glossary, Query("xu ly nuoc thai")).result.hits] == [1]
    assert [hit.id for hit in run_query(engine, glossary, Query("heat pump")).result.hits][:1] == [2]
    assert run_query(engine, glossary, Query("xử lý nước thải", off=("translation",))).result.total == 0


def test_a_translation_never_counts_as_rarer_than_its_word():
    plan = plan_words("nước thải", shipped_glossary())
    stand_ins = [term for group in plan.groups for term in group.terms if term.stands_in]
    assert stand_ins
    assert all(term.text[0] in "sp" for term in stand_ins)


def test_pairs_are_hashed_and_ordered():
    assert [t for t in analyse("nước thải", "vi") if t[0] == "p"] != [
        t for t in analyse("thải nước", "vi") if t[0] == "p"
    ]
