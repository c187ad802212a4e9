"""Questions are ordered by words and meaning: the same hits, page by page, and nothing else about them changes."""

from __future__ import annotations

import pytest

from techmart.search.document import SearchDocument
from techmart.search.query import Query, run_query
from techmart.search.reranking import RERANKED
from techmart.search.whoosh_engine import WhooshEngine

QUESTION = "how can ammonia be removed from municipal sewage with activated sludge"
SUBJECTS = ("wastewater treatment plant effluent", "aircraft wing flap control", "vaccine antibody dosage clinic")
COUNT = 180


def documents() -> list[SearchDocument]:
    """All hold some of the question's words, so that words alone hardly tell them apart."""
    return [
        SearchDocument(
            f"offer:{number}", "offer", number, 1, "en",
            {"title": f"Removed ammonia {number}", "body": f"Activated {SUBJECTS[number % 3]}. Municipal."},
            facets={"kind": ("offer",), "sector": (str(number % 2),)}, numbers={"published_at": number},
        )
        for number in range(COUNT)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def engine(tmp_path_factory) -> WhooshEngine:
    made = WhooshEngine(tmp_path_factory.mktemp("reranking") / "index", cache_mb=16)
    made.rebuild(documents())
    return made


def found(engine: WhooshEngine, text: str = QUESTION, **more: object) -> list[tuple[str, float]]:
    hits = run_query(engine, None, Query(text, **more), facets=()).result.hits
    return [(hit.key, hit.score) for hit in hits]


def by_words(engine: WhooshEngine, monkeypatch, text: str = QUESTION, **more: object) -> list[tuple[str, float]]:
    with monkeypatch.context() as patch:
        patch.setattr("techmart.search.query.MEANING_SHARES", {})
        return found(engine, text, **more)


def test_what_means_the_same_comes_first(engine: WhooshEngine, monkeypatch):
    first = [int(key.split(":")[1]) % 3 for key, _ in found(engine, limit=25)]
    assert set(first) == {0}
    assert {int(key.split(":")[1]) % 3 for key, _ in by_words(engine, monkeypatch, limit=25)} != {0}


@pytest.mark.parametrize("size", [7, 10, 50, 150])
def test_pages_are_parts_of_one_order(engine: WhooshEngine, size: int):
    whole = found(engine, limit=COUNT)
    pages = [row for start in range(0, COUNT, size) for row in found(engine, offset=start, limit=size)]
    assert pages == whole
    assert len({key for key, _ in whole}) == len(whole) == COUNT
    scores = [score for _, score in whole]
    assert scores == sorted(scores, reverse=True)


def test_the_hits_are_those_of_the_words(engine: WhooshEngine, monkeypatch):
    words, meaning = by_words(engine, monkeypatch, limit=COUNT), found(engine, limit=COUNT)
    assert {key for key, _ in words[:RERANKED]} == {key for key, _ in meaning[:RERANKED]}
    assert words[RERANKED:] == meaning[RERANKED:]
    filters = {"filters": {"sector": ("1",)}}
    assert {key for key, _ in found(engine, limit=COUNT, **filters)} == {
        key for key, _ in by_words(engine, monkeypatch, limit=COUNT, **filters)
    }
    asked = Query(QUESTION, limit=5)
    with_facets, without = (run_query(engine, None, asked, facets=names).result for names in (("sector",), ()))
    assert with_facets.hits == without.hits
    assert with_facets.total == without.total == COUNT
    assert len(with_facets.numbers) == 5


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("ammonia municipal sewage", {}),  # names what it wants
        (QUESTION, {"sort": "newest"}),
    ],
)
def test_other_orders_are_left_alone(engine: WhooshEngine, monkeypatch, text: str, more: dict[str, object]):
    assert found(engine, text, limit=COUNT, **more) == by_words(engine, monkeypatch, text, limit=COUNT, **more)


def test_nothing_found_is_nothing(engine: WhooshEngine):
    assert found(engine, "zzzz yyyy xxxx wwww vvvv uuuu") == []
