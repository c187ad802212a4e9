"""Hits come with the numbers of their documents, whichever way they were found and from whichever page on."""

from __future__ import annotations

import pytest

from techmart.search.document import SearchDocument
from techmart.search.request import Group, SearchRequest, Term
from techmart.search.retrieval import answer
from techmart.search.whoosh_engine import WhooshEngine


@pytest.mark.parametrize("filters", [{}, {"kind": ("offer",)}])
@pytest.mark.parametrize("offset", [0, 3])
def test_numbers_are_those_of_the_hits(tmp_path, filters, offset):
    engine = WhooshEngine(tmp_path / "index", cache_mb=16)
    rows = [
        SearchDocument(
            f"offer:{number}",
            "offer",
            number,
            1,
            "en",
            {"title": "filter " * (number % 4)},
            facets={"kind": ("offer",)},
        )
        for number in range(1, 13)
    ]
    engine.rebuild(rows[:7])
    engine.apply([], rows[7:])
    snapshot = engine.snapshot()
    request = SearchRequest(groups=(Group((Term("s:filter"),)),), filters=filters, offset=offset, limit=5)
    result = answer(snapshot, request)
    assert len(result.hits) == 5
    assert [snapshot.key_at(number) for number in result.numbers] == [hit.key for hit in result.hits]
