"""Which words a text holds side by side: what reasons and terms lacking are both found by."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from itertools import pairwise
from typing import Final

from techmart.search.analysis import pair_part, pair_term, word_terms
from techmart.search.glossary import normalised

# The same listings match one demand after the other.
_REMEMBERED: Final = 50_000


def holds(words: Sequence[str], terms: AbstractSet[str]) -> bool:
    """Whether a text of these index terms has all the words side by side; one without words has none."""
    if len(words) == 1:
        return any(term in terms for term in strict_terms(words[0]))
    return bool(words) and all(pair_of(left, right) in terms for left, right in pairwise(words))


def pairs_of(words: Sequence[str]) -> list[str]:
    """The terms of neighbours."""
    return [pair_of(left, right) for left, right in pairwise(words)]


@lru_cache(maxsize=_REMEMBERED)
def strict_terms(word: str) -> tuple[str, ...]:
    """Terms of a word as written or as its stem, not those of its folded form."""
    terms = dict.fromkeys((*word_terms(word, False), *word_terms(word, True)))
    return tuple(term for term in terms if term[0] in "xs")


@lru_cache(maxsize=_REMEMBERED)
def pair_of(left: str, right: str) -> str:
    """The term of two neighbours."""
    return pair_term(pair_part(normalised(left)), pair_part(normalised(right)))
