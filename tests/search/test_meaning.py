"""What texts mean: related ones lie closer than unrelated ones, in both languages, whenever and however they were indexed."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from techmart.search import meaning
from techmart.search.closeness import closeness
from techmart.search.document import SearchDocument
from techmart.search.meaning import direction_of, packed
from techmart.search.whoosh_engine import WhooshEngine
from techmart.search.word_vectors import DIMENSIONS, vector_of

TEXTS = {
    "water": ("en", "Membrane bioreactor", "Removes ammonia from municipal sewage by aerated sludge."),
    "nuoc": ("vi", "Bể phản ứng màng", "Khử amoni trong nước thải sinh hoạt bằng bùn hoạt tính sục khí."),
    "flight": ("en", "Wing flap actuator", "Moves control surfaces of an aircraft in flight."),
    "bay": ("vi", "Cơ cấu chấp hành cánh tà", "Điều khiển bề mặt lái của máy bay khi đang bay."),
    "both": ("vi", "Xử lý nước thải \nWastewater treatment", "Lọc nước. \nFilters water."),
    "numbers": ("en", "", ""),
}


def documents() -> list[SearchDocument]:
    return [
        SearchDocument(
            f"offer:{number}", "offer", number, 1, lang, {"title": title, "body": body}, facets={"kind": ("offer",)}
        )
        for number, (lang, title, body) in enumerate(TEXTS.values())
    ]


@pytest.fixture
def engine(tmp_path) -> WhooshEngine:
    made = WhooshEngine(tmp_path / "index", cache_mb=16)
    made.rebuild(documents())
    return made


def close_to(engine: WhooshEngine, *texts: str) -> dict[str, float]:
    snapshot = engine.snapshot()
    keys = dict(zip(TEXTS, (f"offer:{number}" for number in range(len(TEXTS))), strict=True))
    numbers = {name: snapshot.number_of(key) for name, key in keys.items()}
    found = {name: number for name, number in numbers.items() if number is not None}
    values = closeness(snapshot, direction_of(texts), list(found.values()))
    return dict(zip(found, values.tolist(), strict=True))


def test_words_alike_in_use_lie_in_one_direction():
    def cosine(one: str, other: str) -> float:
        left, right = vector_of(one), vector_of(other)
        return float(left @ right / np.linalg.norm(left) / np.linalg.norm(right))

    assert cosine("sewage", "wastewater") > 0.3
    assert cosine("sewage", "wastewater") > 2 * cosine("sewage", "aircraft")
    assert vector_of("sewage").shape == (DIMENSIONS,)


@pytest.mark.parametrize(
    "text",
    [
        "Ammonia in town effluents is taken out by activated sludge and a membrane.",
        "Xử lý nước thải sinh hoạt: loại bỏ amoni bằng bùn hoạt tính và màng lọc.",
        "XỬ LÝ NƯỚC THẢI SINH HOẠT: LOẠI BỎ AMONI BẰNG BÙN HOẠT TÍNH VÀ MÀNG LỌC",
    ],
)
def test_the_subject_is_closest_in_both_languages(engine: WhooshEngine, text: str):
    close = close_to(engine, text)
    assert min(close["water"], close["nuoc"]) > max(close["flight"], close["bay"]) + 0.2
    assert all(0 <= value <= 1 for value in close.values())


def test_without_accents_a_text_means_about_the_same():
    written = "xử lý nước thải sinh hoạt bằng bùn hoạt tính"
    typed = direction_of(["xu ly nuoc thai sinh hoat bang bun hoat tinh"], lacks_accents=True)
    assert float(typed @ direction_of([written])) > 0.9
    # A lone syllable may be many words: "ban" is a table, a friend and to sell.
    assert direction_of(["ban"], lacks_accents=True) is None


def test_a_text_is_as_close_to_itself_as_can_be(engine: WhooshEngine):
    for name in ("water", "bay", "both"):
        _, title, body = TEXTS[name]
        assert close_to(engine, title, body)[name] == pytest.approx(1.0, abs=0.01)


def test_nothing_known_is_close_to_nothing(engine: WhooshEngine):
    assert direction_of(["the of và của", ""]) is None
    assert direction_of([]) is None
    assert set(close_to(engine, "của và the").values()) == {0.0}
    assert close_to(engine, "sewage")["numbers"] == 0.0
    assert packed(None).tolist() == [0] * DIMENSIONS


def test_segments_are_joined_with_their_directions_and_what_comes_later_has_its_own(engine: WhooshEngine):
    before = close_to(engine, "municipal sewage")
    first = documents()[0]
    engine.apply(["offer:0"], [])
    assert "water" not in close_to(engine, "municipal sewage")
    for number in range(12):  # enough small commits for segments to be merged
        engine.apply([], [SearchDocument(f"offer:{100 + number}", "offer", 100 + number, 1, "en", {"title": "x"})])
    engine.apply([], [first])
    assert len(engine.snapshot().segments) < 12
    assert close_to(engine, "municipal sewage") == pytest.approx(before)


def test_memory_stays_bounded_and_changes_nothing(monkeypatch):
    texts = [text for _, *pair in TEXTS.values() for text in pair if text]
    expected = [direction_of([text]) for text in texts]
    monkeypatch.setattr(meaning, "_VECTORS", meaning._Vectors(meaning._make_vector, 40))
    for _ in range(3):
        for text, direction in zip(texts, expected, strict=True):
            assert direction_of([text]) == pytest.approx(direction, abs=1e-6)


def test_threads_that_meet_new_words_at_once_agree():
    alone = {name: vector_of(name) for name in (f"word{number}" for number in range(60))}

    def slowly(name: str) -> np.ndarray:
        time.sleep(0.001)  # the others' turn
        return alone[name]

    vectors = meaning._Vectors(slowly, 1_000)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(vectors.sum_of, ([name] for name in alone)))
    for name, vector in zip(alone, found, strict=True):
        assert vector == pytest.approx(alone[name])
        assert vectors.sum_of([name]) == pytest.approx(alone[name])


@settings(max_examples=400, deadline=None)
@given(st.text(max_size=200), st.booleans())
def test_any_text_has_a_direction_or_none(text: str, lacks_accents: bool):
    direction = direction_of([text], lacks_accents=lacks_accents)
    assert direction is None or float(np.linalg.norm(direction)) == pytest.approx(1.0, abs=1e-5)
    assert packed(direction).shape == (DIMENSIONS,)


def test_a_word_without_end_takes_no_longer_than_its_beginning():
    started = time.process_time()
    assert direction_of(["ab" * 500_000]) == pytest.approx(direction_of(["ab" * 20]))
    assert time.process_time() - started < 5


def test_a_long_text_counts_by_its_beginning():
    start = "membrane sewage sludge " * 100
    assert direction_of([start]) == pytest.approx(direction_of([start + "aircraft wing " * 2_000]))
