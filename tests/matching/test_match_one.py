"""One pair scored as the list of matches scores it, however often it is asked for."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import date

import pytest

from techmart.matching import match as matching
from techmart.matching.match import find_matches, score_one
from techmart.matching.profile import text_profile
from techmart.models.listing import Offer
from techmart.search.document import SearchDocument
from techmart.search.snapshot import Snapshot
from techmart.search.whoosh_engine import WhooshEngine

TODAY = date(2026, 11, 23)
SUBJECT = "membrane filter sewage aeration sludge turbidity effluent coagulant".split()
OTHERS = [
    f"{start}{end}" for start in "aircraft wing turbine thrust tumour biopsy".split() for end in "abcdefghijklmnop"
]


def offer(number: int, text: str) -> Offer:
    return Offer(
        id=number, kind="offer", lang="en", title=text, problem="", title_en="", summary="", summary_en="",
        how_it_works="", advantage="", partner_sought="", keywords=[], ipc=[], sectors=[], transfer_forms=[],
    )  # fmt: skip


@pytest.fixture
def offers() -> dict[str, Offer]:
    chance = random.Random(5)
    texts = [chance.sample(SUBJECT, 5) if number < 12 else chance.sample(OTHERS, 5) for number in range(300)]
    return {f"offer:{number}": offer(number, " ".join(text)) for number, text in enumerate(texts, start=1)}


@pytest.fixture
def snapshot(tmp_path, offers: Mapping[str, Offer]) -> Snapshot:
    engine = WhooshEngine(tmp_path / "index", cache_mb=16)
    engine.rebuild(
        SearchDocument(key, "offer", row.id, 1, "en", {"title": row.title}, facets={"kind": ("offer",)})
        for key, row in offers.items()
    )
    return engine.snapshot()


def test_a_pair_scores_as_in_the_list(snapshot: Snapshot, offers: Mapping[str, Offer]):
    profile = text_profile("sewage filter", "membrane sludge turbidity", "en")

    def load(keys: Sequence[str]) -> Mapping[str, Offer]:
        return {key: offers[key] for key in keys}

    listed = find_matches(snapshot, profile, load, None, today=TODAY, limit=150, loaded=150, explained=False)
    assert listed
    for _turn in range(2):
        for row in listed:
            assert score_one(snapshot, profile, row.thing, None, today=TODAY) == row.score
    assert score_one(snapshot, profile, offers["offer:100"], None, today=TODAY).total == 0


def test_many_pairs_of_one_demand_are_ranked_once(snapshot: Snapshot, offers: Mapping[str, Offer], monkeypatch):
    asked = []
    rank = matching.candidates
    monkeypatch.setattr(matching, "candidates", lambda *args, **more: asked.append(more) or rank(*args, **more))
    profile = text_profile("sewage filter", "membrane sludge", "en")
    for row in offers.values():
        score_one(snapshot, profile, row, None, today=TODAY)
    assert len(asked) == 1
    score_one(snapshot, text_profile("aircraft wing", "turbine", "en"), offers["offer:1"], None, today=TODAY)
    assert len(asked) == 2
