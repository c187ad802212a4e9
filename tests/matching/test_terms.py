"""Which words of a profile count: what it begins with, what goes with the rest, and not bare numbers."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest

from techmart.matching.profile import text_profile
from techmart.matching.terms import ProfileTerms, profile_terms
from techmart.matching.weights import LONG_TEXT_WORDS, MEANING_BY_GLOSSARY
from techmart.search.array_file import write_arrays
from techmart.search.coherence import UNKNOWN, coherences
from techmart.search.document import SearchDocument
from techmart.search.glossary import Entry, Glossary
from techmart.search.term_space import TermSpace
from techmart.search.whoosh_engine import WhooshEngine

WATER = "Membrane and filter for sewage, aeration of sludge"
SUBJECTS = (
    "membrane filter sewage aeration sludge wastewater turbidity effluent".split(),
    "aircraft wing turbine thrust pilot runway altitude cockpit".split(),
    "tumour biopsy antibody vaccine surgeon clinic dosage plasma".split(),
)


@pytest.fixture(scope="module")
def engine(tmp_path_factory) -> WhooshEngine:
    """Offers on three subjects, each in some words of its own and some of the market's many others."""
    chance = random.Random(5)
    others = [f"{left}{right}" for left in "pole rasp quin dorf brel".split() for right in "mak tov zig lun".split()]
    rows = []
    for number in range(600):
        words = [*chance.sample(SUBJECTS[number % 3], 4), chance.choice([*others, "2030"])]
        # A word a field, so that there are no pairs.
        text = dict(zip(("title", "summary", "body", "keywords", "organisation"), words, strict=True))
        facets = {"kind": ("offer",)}
        rows.append(SearchDocument(f"offer:{number}", "offer", number, 1, "en", text, facets=facets))
    made = WhooshEngine(tmp_path_factory.mktemp("index"), cache_mb=16)
    made.rebuild(rows)
    return made


def weights(terms: ProfileTerms) -> dict[str, float]:
    return {term.text: term.weight for group in terms.groups if group.counts for term in group.terms}


@pytest.fixture
def space(tmp_path) -> TermSpace:
    """Two subjects, each a direction: water (membrane, filter, sludge) and flight (cockpit); pump lies between them."""
    vectors = {"s:cockpit": (0, 1), "s:filter": (2, 0), "s:membran": (1, 0), "s:pump": (1, 1), "s:sludg": (3, 0)}
    texts = np.frombuffer("\n".join(vectors).encode(), dtype=np.uint8)
    ones = np.ones(len(vectors), dtype=np.float32)
    arrays = {"terms": texts, "vectors": np.array([*vectors.values()], dtype=np.float16).ravel(), "rarities": ones}
    write_arrays(tmp_path / "space", arrays | {"words": texts, "topicalities": ones}, {"documents": 300})
    return TermSpace(tmp_path / "space")


def test_a_word_of_another_subject_does_not_go_with_the_rest(space: TermSpace):
    words = [[(f"s:{stem}", 1.0)] for stem in ("membran", "cockpit", "filter", "never-seen", "pump")]
    membrane, cockpit, filters, unknown, pump = coherences(space, words)
    assert membrane == pytest.approx(3 / math.hypot(3, 2))
    assert filters == pytest.approx(2 / math.hypot(2, 2))
    assert cockpit == pytest.approx(1 / math.hypot(4, 1))
    assert pump == pytest.approx(4 / (math.hypot(1, 1) * math.hypot(3, 1)))
    # A word that the space does not know goes with the text as its usual word does.
    assert unknown == pytest.approx((filters + membrane) / 2)


def test_coherence_takes_all_terms_of_a_word_together(space: TermSpace):
    words = [[("s:nowhere", 5.0), ("s:membran", 1.0), ("s:sludg", 0.1)], [("s:filter", 1.0)], []]
    assert coherences(space, words) == pytest.approx([1.0, 1.0, 1.0])


def test_without_a_space_every_word_is_as_coherent_as_usual():
    assert coherences(None, [[("s:membran", 1.0)], []]) == [UNKNOWN, UNKNOWN]


def test_a_word_that_goes_with_the_rest_weighs_more(engine: WhooshEngine):
    weighed = weights(profile_terms(engine.snapshot(), text_profile(f"{WATER} cockpit", "", "en"), None))
    assert weighed["s:membran"] > 1.1 * weighed["s:cockpit"]


def test_a_short_text_without_a_title_says_first_what_it_is_about(engine: WhooshEngine):
    def membrane_and_filter(title: str, body: str) -> tuple[float, float]:
        weighed = weights(profile_terms(engine.snapshot(), text_profile(title, body, "en"), None))
        return weighed["s:membran"], weighed["s:filter"]

    speech = "system method novel improved " * 25
    first, last = membrane_and_filter("", f"Membrane {speech} filter")
    in_title_first, in_title_last = membrane_and_filter(f"Membrane {speech} filter", "")
    assert first / last > 1.2 * in_title_first / in_title_last
    # Where there is a title, that says it: the body must not outweigh it by its beginning.
    titled_first, titled_last = membrane_and_filter("Pump", f"Membrane {speech} filter")
    assert titled_first / titled_last == pytest.approx(in_title_first / in_title_last, rel=0.05)
    # A long text puts off what it is about.
    speech = " ".join(f"{speech} {number}" for number in range(4))
    assert len(speech.split()) > LONG_TEXT_WORDS
    first, last = membrane_and_filter("", f"Membrane {speech} filter")
    in_title_first, in_title_last = membrane_and_filter(f"Membrane {speech} filter", "")
    assert first / last == pytest.approx(in_title_first / in_title_last)


def test_bare_numbers_count_little(engine: WhooshEngine):
    weighed = weights(profile_terms(engine.snapshot(), text_profile("", "Cockpit 2030", "en"), None))
    assert weighed["s:2030"] < 0.5 * weighed["s:cockpit"]


def test_a_text_met_through_translations_is_never_weighed_like_a_long_one(engine: WhooshEngine):
    # The rarity of a translation says little: weighed by it, a Vietnamese demand lost a third of its relevance.
    glossary = Glossary([Entry("màng", "membrane"), Entry("bùn", "sludge")])
    speech = "chúng tôi đang gặp vấn đề này "
    long = text_profile("", "Màng và bùn. " + speech * LONG_TEXT_WORDS, "vi")
    assert len(profile_terms(engine.snapshot(), long, glossary).plans["problem"].words) > LONG_TEXT_WORDS
    terms = profile_terms(engine.snapshot(), long, glossary)
    assert terms.meaning_most == MEANING_BY_GLOSSARY
    assert set(weights(terms)) >= {"s:membran", "s:sludg"}
    short = weights(profile_terms(engine.snapshot(), text_profile("", "Màng và bùn.", "vi"), glossary))
    assert weights(terms)["s:membran"] == pytest.approx(short["s:membran"], rel=0.05)
