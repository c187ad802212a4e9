"""The space of terms: there when there is enough to tell, the same every time, and worked out anew as the index grows."""

from __future__ import annotations

import random

import numpy as np
import pytest

from techmart.search.analysis import stem
from techmart.search.coherence import coherences
from techmart.search.document import SearchDocument
from techmart.search.term_space import SPACE_NAME
from techmart.search.term_space_builder import FEWEST_DOCUMENTS
from techmart.search.whoosh_engine import WhooshEngine

SUBJECTS = {
    "water": "membrane filter sewage aeration sludge wastewater turbidity effluent".split(),
    "flight": "aircraft wing turbine thrust pilot runway altitude cockpit".split(),
    "health": "tumour biopsy antibody vaccine surgeon clinic dosage plasma".split(),
}


def documents(count: int, *, start: int = 0, subject: str = "") -> list[SearchDocument]:
    chance = random.Random(start + 1)
    rows = []
    for number in range(start, start + count):
        name = subject or list(SUBJECTS)[number % 3]
        text = " ".join([*chance.sample(SUBJECTS[name], 4), *chance.sample("system method novel improved".split(), 2)])
        rows.append(
            SearchDocument(f"offer:{number}", "offer", number, 1, "en", {"title": text}, facets={"kind": ("offer",)})
        )
    return rows


@pytest.fixture
def engine(tmp_path) -> WhooshEngine:
    made = WhooshEngine(tmp_path / "index", cache_mb=16)
    made.rebuild(documents(600))
    return made


def test_words_that_keep_the_same_company_lie_together(engine: WhooshEngine):
    space = engine.snapshot().space

    def with_rest(subject: str, rest: str) -> float:
        one, other = (
            [(f"s:{stem(word)}", 1.0) for word in words] for words in (SUBJECTS[subject][:4], SUBJECTS[rest][4:])
        )
        return coherences(space, [one, other])[0]

    for subject in SUBJECTS:
        others = [with_rest(subject, rest) for rest in SUBJECTS if rest != subject]
        assert with_rest(subject, subject) > max(others) + 0.05
    assert space.row("s:never-seen") is None


def test_the_same_documents_give_the_same_space(tmp_path):
    spaces = []
    for name in ("one", "two"):
        engine = WhooshEngine(tmp_path / name, cache_mb=16)
        engine.rebuild(documents(300))
        spaces.append(engine.snapshot().space)
    assert spaces[0].terms == spaces[1].terms
    assert np.array_equal(spaces[0].vectors, spaces[1].vectors)


def test_too_few_documents_have_no_space(tmp_path):
    engine = WhooshEngine(tmp_path / "index", cache_mb=16)
    engine.rebuild(documents(FEWEST_DOCUMENTS - 1))
    assert engine.snapshot().space is None


def test_a_growing_index_gets_a_space_and_a_new_one_when_it_has_outgrown_it(tmp_path):
    engine = WhooshEngine(tmp_path / "index", cache_mb=16)
    engine.apply([], documents(FEWEST_DOCUMENTS))
    first = engine.snapshot().space
    engine.apply([], documents(20, start=FEWEST_DOCUMENTS))
    assert engine.snapshot().space is first
    engine.apply([], documents(FEWEST_DOCUMENTS, start=1000))
    second = engine.snapshot().space
    assert second.documents == 2 * FEWEST_DOCUMENTS + 20
    assert second is not first


def test_a_damaged_space_is_left_out(engine: WhooshEngine, tmp_path):
    path = next((tmp_path / "index").glob(f"g*/{SPACE_NAME}"))
    path.write_bytes(b"something else")
    other = WhooshEngine(tmp_path / "index", cache_mb=16)
    assert other.snapshot().space is None
    assert other.snapshot().live_count == 600


def test_words_of_a_subject_are_more_topical_than_words_of_speech(tmp_path):
    rows = [
        SearchDocument(
            f"offer:{n}", "offer", n, 1, "en",
            {"title": "Membrane filter", "body": f"However membrane and filter {'membrane ' * 3} number{n % 40}"},
        )
        for n in range(300)
    ]  # fmt: skip
    engine = WhooshEngine(tmp_path / "index", cache_mb=16)
    engine.rebuild(rows)
    space = engine.snapshot().space
    assert space.topicality("s:membran") > space.topicality("s:howev")
    assert space.topicality("s:never-seen") == 1.0
