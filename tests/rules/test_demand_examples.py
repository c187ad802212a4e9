"""The examples beside the editor of a demand: every sector has one for each element, in both languages."""

from __future__ import annotations

import re

import pytest

from techmart.rules.completeness import ELEMENTS
from techmart.rules.vocabulary import demand_examples, sectors


@pytest.mark.parametrize("code", list(sectors()))
@pytest.mark.parametrize("locale", ["vi", "en"])
def test_every_sector_has_its_own_words(code: str, locale: str):
    examples = demand_examples([code], locale)
    assert list(examples) == [element.name for element in ELEMENTS]
    assert all(20 <= len(text) <= 160 for text in examples.values())
    assert re.search(r"\d", examples["efficacy_target"]), "an efficacy is a figure"


def test_no_text_stands_twice():
    texts = [text for code in sectors() for locale in ("vi", "en") for text in demand_examples([code], locale).values()]
    assert len(set(texts)) == len(texts)


def test_the_first_known_sector_speaks():
    assert demand_examples(["nothing", "energy", "health"]) == demand_examples(["energy"])
    assert demand_examples([]) == {}
