"""What every engine must do, run against the embedded one in a temporary folder."""

from __future__ import annotations

import random

import numpy as np
import pytest

from techmart.search.analysis import analyse
from techmart.search.document import SearchDocument
from techmart.search.request import Group, NumberRange, SearchRequest, Term
from techmart.search.whoosh_engine import WhooshEngine

WORDS = "nước thải xử lý dệt nhuộm màng lọc sấy bún điện nhiệt pin mặt trời cao su gỗ robot camera sensor filter water".split()


def document(
    number: int, text: str, *, kind: str = "offer", version: int = 1, **facets: tuple[str, ...]
) -> SearchDocument:
    numbers = {"published_at": 1000 + number} | ({"trl": number % 9 + 1} if number % 3 else {})
    return SearchDocument(
        f"{kind}:{number}", kind, number, version, "vi", {"title": text, "body": text * (number % 3)},
        (f"code:cn-{number}",), {"kind": (kind,), **facets}, numbers,
    )  # fmt: skip


def corpus(count: int, seed: int = 7) -> list[SearchDocument]:
    chance = random.Random(seed)
    rows = []
    for number in range(count):
        text = " ".join(chance.choices(WORDS, k=12)) + " "
        sectors = tuple(chance.sample(("energy", "health", "urban"), chance.randrange(1, 3)))
        rows.append(
            document(
                number,
                text,
                kind=("offer", "demand")[number % 2],
                sector=sectors,
                verified=("yes",) if number % 4 else (),
            )
        )
    return rows


@pytest.fixture
def engine(tmp_path) -> WhooshEngine:
    return WhooshEngine(tmp_path / "index", cache_mb=16)


def ask(*words: str, needed: int = 1, **more: object) -> SearchRequest:
    groups = tuple(Group(tuple(Term(form) for form in word.split("|"))) for word in words)
    return SearchRequest(groups=groups, minimum_should_match=needed, limit=1000, **more)


def keys(engine: WhooshEngine, request: SearchRequest) -> list[str]:
    return [hit.key for hit in engine.search(request).hits]


def test_an_index_that_was_never_made_finds_nothing(engine: WhooshEngine):
    assert engine.search(ask("x:nước")).total == 0
    assert list(engine.versions()) == []
    assert engine.status()["documents"] == 0


def test_added_changed_and_deleted_documents(engine: WhooshEngine):
    engine.apply([], [document(1, "nước thải"), document(2, "nước sạch")])
    assert set(keys(engine, ask("x:nước"))) == {"offer:1", "offer:2"}
    engine.apply(["offer:1"], [document(1, "gỗ", version=2)])
    assert keys(engine, ask("x:thải")) == []
    assert keys(engine, ask("x:gỗ")) == ["offer:1"]
    assert dict(engine.versions()) == {"offer:1": 2, "offer:2": 1}
    engine.apply(["offer:2"], [])
    assert keys(engine, ask("x:nước")) == []


def test_another_process_sees_a_commit(engine: WhooshEngine, tmp_path):
    other = WhooshEngine(tmp_path / "index", cache_mb=16)
    assert other.search(ask("x:nước")).total == 0
    engine.apply([], [document(1, "nước")])
    other.refresh()
    assert keys(other, ask("x:nước")) == ["offer:1"]


def test_many_small_commits_are_merged_and_lose_nothing(engine: WhooshEngine):
    rows = corpus(60)
    for row in rows:
        engine.apply([row.key], [row])
    engine.apply([rows[0].key], [])
    assert engine.status()["segments"] <= 13
    assert dict(engine.versions()) == {row.key: 1 for row in rows[1:]}
    alone = WhooshEngine(engine._directory.parent / "alone", cache_mb=16)
    alone.apply([], rows[1:])
    for word in ("x:nước", "s:robot", "f:nuoc", "i:code:cn-17"):
        assert sorted(keys(engine, ask(word))) == sorted(keys(alone, ask(word)))
    request = ask("x:nước", facets=("sector", "kind"))
    assert engine.search(request).facets == alone.search(request).facets


def test_order_does_not_depend_on_the_order_of_adding(engine: WhooshEngine, tmp_path):
    rows = corpus(80)
    engine.apply([], rows)
    other = WhooshEngine(tmp_path / "other", cache_mb=16)
    other.apply([], rows[::-1])
    request = ask("x:nước", "s:robot", "x:lọc")
    first, second = engine.search(request), other.search(request)
    assert [hit.key for hit in first.hits] == [hit.key for hit in second.hits]
    assert np.allclose([hit.score for hit in first.hits], [hit.score for hit in second.hits], rtol=1e-3)


@pytest.mark.parametrize("needed", [1, 2, 3])
def test_found_and_scored_as_a_plain_loop_would(engine: WhooshEngine, needed: int):
    """Both ways of finding (intersection, dense array) against a loop over the documents."""
    rows = corpus(120)
    engine.apply([], rows)
    words = ("x:nước|f:nuoc", "s:robot", "x:nhuộm|f:nhuom")
    held = {row.key: set(analyse(" ".join(row.text.values()), "vi")) for row in rows}
    expected = {
        key for key, terms in held.items() if sum(bool(terms & set(word.split("|"))) for word in words) >= needed
    }
    result = engine.search(ask(*words, needed=needed))
    assert {hit.key for hit in result.hits} == expected
    assert result.total == len(expected)
    full = {hit.key: hit.score for hit in engine.search(ask(*words, needed=1)).hits}
    for hit in result.hits:
        assert hit.score == pytest.approx(full[hit.key], rel=1e-5)


def test_required_excluded_any_of_and_ranges(engine: WhooshEngine):
    rows = corpus(90)
    engine.apply([], rows)
    held = {row.key: set(analyse(" ".join(row.text.values()), "vi")) for row in rows}
    request = ask("s:robot", required=(Group((Term("x:pin"),)),), excluded=("x:gỗ",))
    assert set(keys(engine, request)) <= {
        key for key, terms in held.items() if "x:pin" in terms and "x:gỗ" not in terms
    }
    assert keys(engine, SearchRequest(any_of=("i:code:cn-5",), limit=5)) == ["demand:5"]
    found = engine.search(SearchRequest(ranges={"trl": NumberRange(8, 9)}, limit=1000))
    assert {hit.id for hit in found.hits} == {row.id for row in rows if row.numbers.get("trl", 0) >= 8}


def test_facets_are_counted_without_their_own_choice(engine: WhooshEngine):
    rows = corpus(100)
    engine.apply([], rows)
    result = engine.search(
        SearchRequest(filters={"kind": ("offer",), "sector": ("energy",)}, facets=("kind", "sector"), limit=5)
    )
    by_kind = {
        kind: sum(row.kind == kind and "energy" in row.facets["sector"] for row in rows) for kind in ("offer", "demand")
    }
    by_sector = {
        code: sum(row.kind == "offer" and code in row.facets["sector"] for row in rows)
        for code in ("energy", "health", "urban")
    }
    assert dict(result.facets["kind"]) == by_kind
    assert dict(result.facets["sector"]) == by_sector
    assert result.total == by_kind["offer"]


def test_sorting_by_a_number_puts_the_unknown_last_both_ways(engine: WhooshEngine):
    engine.apply([], corpus(30))
    for sort in ("trl", "-trl"):
        hits = engine.search(SearchRequest(sort=sort, limit=100)).hits
        known = [hit.id % 9 + 1 for hit in hits if hit.id % 3]
        assert known == sorted(known, reverse=sort.startswith("-"))
        assert all(hit.id % 3 == 0 for hit in hits[len(known) :])


def test_pages_cut_the_same_list(engine: WhooshEngine):
    engine.apply([], corpus(50))
    whole = keys(engine, ask("x:nước"))
    request = SearchRequest(groups=(Group((Term("x:nước"),)),), offset=5, limit=7)
    assert keys(engine, request) == whole[5:12]


def test_a_rebuild_replaces_everything_while_the_old_one_answers(engine: WhooshEngine):
    engine.apply([], corpus(20))
    seen = []

    def documents():
        for row in corpus(25, seed=9):
            seen.append(engine.search(ask("x:nước")).total)
            yield row

    before = engine.search(ask("x:nước")).total
    engine.rebuild(documents())
    assert set(seen) == {before}
    assert len(dict(engine.versions())) == 25
    assert len(list(engine._directory.glob("g??????"))) == 2


def test_memory_for_prepared_queries_is_bounded(tmp_path):
    engine = WhooshEngine(tmp_path / "index", cache_mb=16)
    engine.apply([], corpus(200))
    engine._cache_bytes = 20_000
    engine.rebuild(corpus(200))
    for word in WORDS:
        engine.search(ask(f"x:{word}"))
    assert engine.snapshot().prepared.used_bytes <= 20_000


def test_vocabulary_and_counts(engine: WhooshEngine):
    engine.apply([], [document(1, "nước thải"), document(2, "nước sạch")])
    assert engine.vocabulary("x:n", 5)[0] == ("x:nước", 2)
    assert list(engine.document_counts(["x:nước", "x:thải", "x:không có"])) == [2, 1, 0]
