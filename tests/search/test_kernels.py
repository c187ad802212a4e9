"""The compiled loops against plain ones: random documents in several segments, some deleted, and random requests."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from techmart.search.document import SearchDocument
from techmart.search.matching_documents import find_best, find_documents
from techmart.search.request import Group, SearchRequest, Term
from techmart.search.scoring import (
    VALUES_OF_CODES,
    WEIGHTS_OF_CODES,
    channel_factor,
    codes_of,
    inverse_document_frequency,
    saturate,
)
from techmart.search.snapshot import Snapshot
from techmart.search.weights import PRIOR_OF_VERIFIED
from techmart.search.whoosh_engine import WhooshEngine

WORDS = [f"w{chr(97 + n)}{chr(97 + n)}q" for n in range(24)]


def _documents(chance: random.Random, first: int, count: int) -> list[SearchDocument]:
    weights = [1 / (rank + 1) for rank in range(len(WORDS))]
    return [
        SearchDocument(
            key=f"offer:{number}",
            kind="offer",
            id=number,
            version=1,
            lang="en",
            text={"title": " ".join(chance.choices(WORDS, weights, k=2)), "body": " ".join(chance.choices(WORDS, weights, k=chance.randrange(1, 14)))},
            facets={"verified": ("yes",) if chance.random() < 0.3 else ()},
        )
        for number in range(first, first + count)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory) -> Snapshot:
    """One large segment, so that sparse and dense ways and bisection are all taken, and three small ones; 60 deletions."""
    chance = random.Random(7)
    engine = WhooshEngine(tmp_path_factory.mktemp("kernels") / "index", cache_mb=16)
    first = 0
    for count in (1500, 200, 90, 1):
        engine.apply([], _documents(chance, first, count))
        first += count
    engine.apply([f"offer:{number}" for number in chance.sample(range(first), 60)], [])
    return engine.snapshot()


def _plain(snapshot: Snapshot, request: SearchRequest, needed: int) -> dict[int, float]:
    """Document → score by dictionaries alone."""
    postings = {
        term.text: dict(zip(*(array.tolist() for array in snapshot.postings(term.text)), strict=True))
        for group in (*request.groups, *request.required)
        for term in group.terms
    }
    scores: dict[int, float] = {}
    for group in request.groups:
        rarity = {
            term.text: inverse_document_frequency(snapshot.live_count, len(postings[term.text])) for term in group.terms
        }
        own = [rarity[term.text] for term in group.terms if postings[term.text] and not term.stands_in]
        for term in group.terms:
            idf = min(rarity[term.text], max(own)) if term.stands_in and own else rarity[term.text]
            for doc, value in postings[term.text].items():
                scores[doc] = scores.get(doc, 0.0) + term.weight * channel_factor(term.text) * idf * value

    def meets(doc: int, group: Group) -> bool:
        return any(doc in postings[term.text] for term in group.terms)

    counting = [group for group in request.groups if group.counts]
    found = {}
    for doc in range(snapshot.count):
        score = scores.get(doc, 0.0)
        met = sum(meets(doc, group) for group in counting)
        is_met = all(meets(doc, group) for group in request.required)
        if not request.required and needed <= 1 and not (counting and needed == len(counting)):
            enough = score > 0  # one word is enough, and what only adds to the score is one as well
        else:
            enough = met >= max(needed, 1) if counting else True
        if snapshot.live[doc] and is_met and enough:
            found[doc] = score
    return found


def _random_request(chance: random.Random) -> SearchRequest:
    def group(counts: bool) -> Group:
        words = chance.sample([*WORDS, "unknown"], chance.randrange(1, 4))
        terms = (Term(f"s:{word}", chance.choice((0.2, 1.0)), chance.random() < 0.3) for word in words)
        return Group(tuple(terms), counts)

    groups = tuple(group(chance.random() < 0.7) for _ in range(chance.randrange(1, 6)))
    required = tuple(group(True) for _ in range(chance.choice((0, 0, 1, 2))))
    if chance.random() < 0.3:
        required += tuple(g for g in groups if not g.counts)[:1]
    return SearchRequest(groups=groups, required=required, minimum_should_match=chance.randrange(1, 5))


@pytest.mark.parametrize("seed", range(60))
def test_found_and_scored_as_plain_loops_do(snapshot: Snapshot, seed: int):
    chance = random.Random(seed)
    for _ in range(5):
        request = _random_request(chance)
        counting = sum(group.counts for group in request.groups)
        expected = _plain(snapshot, request, min(request.minimum_should_match, counting))
        found = find_documents(snapshot, request)
        assert dict(zip(found.docs.tolist(), found.scores.tolist(), strict=True)) == pytest.approx(expected, rel=1e-4)
        lifted = {doc: score * float(snapshot.lifts.factors[doc]) for doc, score in zip(found.docs.tolist(), found.scores.tolist(), strict=True)}  # fmt: skip
        count = chance.choice((1, 10, 400))
        total, docs, scores, _ = find_best(snapshot, request, count)
        assert total == len(expected)
        order = sorted(lifted, key=lambda doc: (-np.float32(lifted[doc]), snapshot.ties[doc], doc))
        assert scores == pytest.approx([lifted[doc] for doc in order[:count]], rel=1e-5)
        assert len(set(docs)) == len(docs) == min(count, total)
        assert [lifted[doc] for doc in docs] == pytest.approx(scores, rel=1e-5)


def test_nothing_of_one_query_is_left_for_the_next(snapshot: Snapshot):
    """The arrays are shared by all queries of a thread: what a query leaves behind would show in another's scores."""
    chance = random.Random(3)
    request = SearchRequest(
        groups=(Group((Term(f"s:{WORDS[0]}"), Term(f"s:{WORDS[9]}"))), Group((Term(f"s:{WORDS[3]}"),)))
    )
    before = find_best(snapshot, request, 50)
    for _ in range(50):
        find_best(snapshot, _random_request(chance), 10)
    assert find_best(snapshot, request, 50) == before


def test_verified_things_lead_among_equals_only(snapshot: Snapshot):
    lifts = snapshot.lifts.factors
    assert set(np.unique(lifts).tolist()) == {1.0, float(np.float32(PRIOR_OF_VERIFIED))}


def test_fewer_words_do_where_hardly_anything_has_all(snapshot: Snapshot):
    groups = tuple(Group((Term(f"s:{word}"),)) for word in WORDS[14:19])
    request = SearchRequest(groups=groups, minimum_should_match=5, relaxed_minimum=2, relax_below=20)
    total, _, _, relaxed = find_best(snapshot, request, 10)
    assert relaxed
    assert total == find_best(snapshot, request._replace(minimum_should_match=2), 10)[0]


def test_codes_stand_for_what_weights_count():
    weights = np.geomspace(0.01, 300, 5000).astype(np.float32)
    assert np.abs(VALUES_OF_CODES[codes_of(weights)] - saturate(weights)).max() < 0.005
    assert (codes_of(WEIGHTS_OF_CODES)[1:] == np.arange(1, 256)).all()  # so merging segments changes nothing
    assert codes_of(np.array([1e-6, 1e6], dtype=np.float32)).tolist() == [1, 255]


def test_threads_do_not_disturb_each_other(snapshot: Snapshot):
    """The loops hold no lock, so queries of one web process do run at the same time."""
    chance = random.Random(11)
    requests = [_random_request(chance) for _ in range(120)]
    expected = [find_best(snapshot, request, 20) for request in requests]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(3):
            assert list(pool.map(lambda request: find_best(snapshot, request, 20), requests)) == expected
