"""What an engine is asked and what it answers. Requests hold index terms, never the words a person typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


class Term(NamedTuple):
    """An index term (see analysis) and what a hit of it counts.

    A stand-in (a translation) never counts as rarer than the group's own terms: a rare foreign word must not outweigh the
    common one it stands for.
    """

    text: str
    weight: float = 1.0
    stands_in: bool = False


class Group(NamedTuple):
    """The forms of one word or phrase. A document meets the group when it holds any of them; their scores add up.

    `counts`: whether the group takes part in minimum_should_match (pairs and feedback terms only add to the score).
    `lang`: the language its own terms (those that are no stand-ins) are words of; empty where that says nothing.
    """

    terms: tuple[Term, ...]
    counts: bool = True
    lang: str = ""


@dataclass(frozen=True, slots=True)
class NumberRange:
    """Inclusive bounds on a number; a document without the number is outside unless `keeps_unknown`."""

    low: int | None = None
    high: int | None = None
    keeps_unknown: bool = False


class SearchRequest(NamedTuple):
    """One question to the engine.

    required: groups a document must meet (phrases). excluded: terms it must not hold. filters: facet → codes, any of which
    will do. ranges: number → bounds. any_of: index terms of which one must occur (identifiers). facets: names to count,
    each without its own filter. sort: `score`, or a number's name with `-` in front for descending.
    minimum_should_match: how many counting groups a hit needs; where fewer than `relax_below` documents do,
    `relaxed_minimum` are enough. feedback: ask for what the best hits share as well (see feedback). is_text: the groups are those of a
    whole description (see language_reach). direction: where the text lies in meaning, meaning_share: what closeness to it
    counts among the best by score (see reranking).
    """

    groups: tuple[Group, ...] = ()
    required: tuple[Group, ...] = ()
    excluded: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    minimum_should_match: int = 1
    relaxed_minimum: int = 1
    relax_below: int = 0
    filters: Mapping[str, tuple[str, ...]] = _NOTHING
    ranges: Mapping[str, NumberRange] = _NOTHING
    facets: tuple[str, ...] = ()
    excluded_keys: tuple[str, ...] = ()
    sort: str = "score"
    offset: int = 0
    limit: int = 10
    feedback: bool = False
    is_text: bool = False
    direction: NDArray[np.float32] | None = None
    meaning_share: float = 0.0


class Hit(NamedTuple):
    """A document found: its key `kind:id`, and its score (0 where nothing was scored)."""

    key: str
    score: float

    @property
    def kind(self) -> str:
        return self.key.partition(":")[0]

    @property
    def id(self) -> int:
        """Its number in the database."""
        number = self.key.partition(":")[2]
        return int(number) if number.isdigit() else 0


class SearchResult(NamedTuple):
    """`total` counts all hits; `facets`: name → ((code, count), …) with the largest first; `relaxed`: see SearchRequest.

    `numbers`: of the hits' documents in the snapshot that was asked.
    """

    total: int
    hits: tuple[Hit, ...]
    facets: Mapping[str, tuple[tuple[str, int], ...]] = _NOTHING
    relaxed: bool = False
    took_ms: float = 0.0
    numbers: tuple[int, ...] = ()
