"""The best documents exactly, from all that were found: where languages differ in what scores are multiplied by, among equals, with
deletions, over several segments, for more than there are, in each of the ways the compiled loops take."""

from __future__ import annotations

import random

import numpy as np
import pytest

from techmart.search.document import SearchDocument
from techmart.search.matching_documents import find_best, find_documents
from techmart.search.prepared_query import prepare
from techmart.search.request import Group, SearchRequest, Term
from techmart.search.retrieval import answer
from techmart.search.snapshot import Snapshot
from techmart.search.whoosh_engine import WhooshEngine

#: Vietnamese words and what they are called in English: held by nearly all, many, some and few documents.
WORDS = ["nước", "thải", "nhà", "máy"]
ENGLISH = ["water", "wast", "hous", "machin"]
OFTEN = (0.9, 0.5, 0.1, 0.01)


def _documents(chance: random.Random, first: int, count: int, *, alike: bool) -> list[SearchDocument]:
    documents = []
    for number in range(first, first + count):
        lang = "en" if chance.random() < 0.4 else "vi"
        words = ENGLISH if lang == "en" else WORDS
        held = [word for word, share in zip(words, OFTEN, strict=True) if chance.random() < share]
        body = held if alike else held * chance.randrange(1, 4) + ["lorem"] * chance.randrange(9)
        facets = {"lang": (lang,), "verified": ("yes",) if chance.random() < 0.3 else (), "trl": (str(number % 9 + 1),)}
        text = {"title": "x", "body": " ".join(body)}
        documents.append(SearchDocument(f"offer:{number}", "offer", number, 1, lang, text, facets=facets))
    return documents


@pytest.fixture(scope="module", params=[False, True], ids=["various weights", "one weight"])
def snapshot(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """Segments of sizes that are and are not whole numbers of blocks, and deletions in each."""
    chance = random.Random(19)
    engine = WhooshEngine(tmp_path_factory.mktemp("best") / "index", cache_mb=16)
    first = 0
    for count in (1501, 640, 63, 1):
        engine.apply([], _documents(chance, first, count, alike=request.param))
        first += count
    engine.apply([f"offer:{number}" for number in chance.sample(range(first), 70)], [])
    return engine.snapshot()


def _group(place: int, *, translated: bool) -> Group:
    own = (Term(f"x:{WORDS[place]}"),)
    return Group((*own, Term(f"s:{ENGLISH[place]}", 0.3, stands_in=True)) if translated else own, lang="vi")


def _requests() -> list[SearchRequest]:
    """One word with and without its translation, several of which one, two or all must be met, and one that must be met."""
    single = [(_group(place, translated=translated),) for place in range(4) for translated in (False, True)]
    several = [
        tuple(_group(place, translated=True) for place in places)
        for places in ((0, 1), (1, 2, 3), (0, 1, 2, 3), (3, 2))
    ]
    several.append((_group(1, translated=False), _group(2, translated=True)))
    requests = [SearchRequest(groups=groups) for groups in (*single, *several)]
    requests += [SearchRequest(groups=groups, minimum_should_match=needed) for groups in several for needed in (2, 4)]
    return [*requests, *(SearchRequest(groups=groups, required=groups[:1]) for groups in several)]


@pytest.mark.parametrize("number", range(len(_requests())))
def test_the_best_are_the_best_of_all_that_were_found(snapshot: Snapshot, number: int):
    request = _requests()[number]
    everything = find_documents(snapshot, request)
    docs, lifted = everything.docs.copy(), everything.scores * everything.lifts.factors[everything.docs]
    assert lifted.dtype == np.float32
    order = np.lexsort((docs, snapshot.ties[docs], -lifted))
    for count in (0, 1, 2, 10, 65, len(docs), len(docs) + 7):
        expected = docs[order[:count]].tolist(), lifted[order[:count]].tolist()
        assert find_best(snapshot, request, count)[:3] == (len(docs), *expected)
        again = find_documents(snapshot, request, count)
        assert again.best == expected
        assert sorted(zip(again.docs.tolist(), again.scores.tolist(), strict=True)) == sorted(
            zip(docs.tolist(), everything.scores.tolist(), strict=True)
        )
    filtered = answer(snapshot, request._replace(filters={"trl": ("3", "4")}, limit=10))
    wanted = snapshot.facets.mask("trl", ("3", "4"), docs[order].astype(np.int32))
    assert filtered.numbers == tuple(docs[order][wanted][:10].tolist())
    assert [hit.score for hit in filtered.hits] == lifted[order][wanted][:10].tolist()


def test_scores_are_multiplied_by_what_languages_count(snapshot: Snapshot):
    """Otherwise the requests above would not test what they are there for."""
    highest = [prepare(snapshot, request, 1).lifts.highest for request in _requests()]
    assert sum(lift > 1.5 for lift in highest) > len(highest) / 2


def test_requests_take_every_way(snapshot: Snapshot):
    """One list in a segment, several of which one is enough, sparse and dense, some to be met, all to be met."""
    kinds = set()
    for request in _requests():
        query = prepare(snapshot, request, min(request.minimum_should_match, len(request.groups)))
        segments, rows, *_, numbers = query.arrays
        first, end = segments[0, 2:4]
        postings = rows[first:end, 2].sum()
        kinds.add((end - first == 1, bool(numbers[-2]), bool(numbers[-1]), bool(postings * 20 < segments[0, 1])))
    must_none = {kind[0::3] for kind in kinds if not kind[1] and not kind[2]}
    assert {(True, False), (False, False), (False, True)} <= must_none
    assert any(kind[1] for kind in kinds)
    assert any(kind[2] for kind in kinds)
