"""From a typed query and chosen filters to a request, and back to an answer that says how the query was understood."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from techmart.search.analysis import normalise_word, pair_part, pair_term, split_words, word_terms
from techmart.search.engine import SearchEngine
from techmart.search.feedback import FROM_WORDS
from techmart.search.glossary import Glossary
from techmart.search.meaning import direction_of
from techmart.search.query_terms import WordPlan, plan_words
from techmart.search.request import Group, NumberRange, SearchRequest, SearchResult, Term
from techmart.search.understanding import Understanding, understand
from techmart.search.weights import MEANING_FROM_WORDS, MEANING_SHARES

FACETS: Final = (
    "kind", "sector", "trl", "province", "transfer_form", "transfer_right", "ip_status", "ipc_section", "ipc_class",
    "organisation_kind", "verified", "lang", "freshness", "has_attachment",
)  # fmt: skip
SORTS: Final[Mapping[str, str]] = {
    "fit": "score",
    "newest": "-published_at",
    "price": "price_low",
    "price_desc": "-price_high",
    "trl": "-trl",
}
#: Fewer hits than this, and a quarter of the words is enough.
_RELAX_BELOW: Final = 20


@dataclass(frozen=True, slots=True)
class Query:
    """What a page or the API asks. `filters`: facet → codes; `off`: kinds of understanding switched off, and `translation`;
    `published_after`: only what was published later, in seconds of the epoch."""

    text: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    price_low: int | None = None
    price_high: int | None = None
    trl_low: int | None = None
    trl_high: int | None = None
    published_after: int | None = None
    off: tuple[str, ...] = ()
    sort: str = "fit"
    offset: int = 0
    limit: int = 10


@dataclass(frozen=True, slots=True)
class Answer:
    """A result with the understanding and word plan that led to it."""

    result: SearchResult
    understanding: Understanding
    plan: WordPlan


def run_query(
    engine: SearchEngine, glossary: Glossary | None, query: Query, *, facets: Sequence[str] = FACETS
) -> Answer:
    """Search. What may be an identifier but is nobody's is searched as words instead."""
    understanding = understand(query.text, off=query.off)
    if identifiers := understanding.of("identifier"):
        known = [
            term
            for term, count in zip(identifiers[0].values, engine.document_counts(identifiers[0].values), strict=True)
            if count
        ]
        if known or identifiers[0].is_certain:
            plan = WordPlan((), (), (), "plain")
            asked = tuple(known) or identifiers[0].values
            request = _with_choices(SearchRequest(groups=_identifier_groups(asked), any_of=asked), query, facets)
            return Answer(engine.search(request), understanding, plan)
        understanding = understand(query.text, off=(*query.off, "identifier"))
    plan = plan_words(understanding.words, None if "translation" in query.off else glossary)
    request = plan_request(understanding, plan)
    return Answer(engine.search(_with_choices(request, query, facets)), understanding, plan)


def offer_spelling(engine: SearchEngine, answer: Answer) -> str:
    """The query with words that nothing has corrected, or an empty text. What was understood or translated is no mistake."""
    if answer.understanding.of("identifier"):
        return ""
    known = [piece.text for piece in answer.understanding.pieces if piece.kind not in ("phrase", "excluded")]
    known += [row.phrase for row in answer.plan.translations]
    return engine.did_you_mean(
        answer.understanding.text, frozenset(word for text in known for word in split_words(text))
    )


def plan_request(understanding: Understanding, plan: WordPlan) -> SearchRequest:
    """The request of an understood query, without a page's own filters."""
    filters: dict[str, tuple[str, ...]] = {}
    ranges: dict[str, NumberRange] = {}
    required = [group for piece in understanding.of("phrase") for group in phrase_groups(piece.values[0])]
    required += [
        _named_group(f"i:place:{code}", typed) for code, _, typed in (p.values for p in understanding.of("place"))
    ]
    excluded = [text for piece in understanding.of("excluded") for text in _excluded_terms(piece.values[0])]
    for piece in understanding.of("sector"):
        if piece.text == understanding.words:  # the query is a sector's name: what is in it, or says it
            required.append(_named_group(f"i:sector:{piece.values[0]}", piece.text))
        else:
            filters["sector"] = (*filters.get("sector", ()), *piece.values)
    for piece in understanding.of("trl"):
        ranges["trl"] = NumberRange(piece.low, piece.high)
    for piece in understanding.of("price"):
        ranges |= _price_ranges(piece.low, piece.high)
    phrases = [group._replace(counts=False) for group in required]
    is_name = any(piece.text == understanding.words for piece in understanding.of("sector"))
    words = [group._replace(counts=group.counts and not is_name) for group in plan.groups]
    counting = sum(group.counts for group in words)
    meaning_share = MEANING_SHARES.get(plan.lang, 0.0) if counting >= MEANING_FROM_WORDS else 0.0
    return SearchRequest(
        groups=(*words, *phrases),
        required=tuple(required),
        excluded=tuple(excluded),
        minimum_should_match=minimum_should_match(counting),
        relaxed_minimum=max(1, math.ceil(counting / 4)),
        relax_below=_RELAX_BELOW,
        filters=filters,
        ranges=ranges,
        feedback=plan.lang == "en" and counting >= FROM_WORDS,
        direction=direction_of((understanding.words,), lacks_accents=plan.lang == "plain") if meaning_share else None,
        meaning_share=meaning_share,
    )


def minimum_should_match(words: int) -> int:
    """How many of a query's words a hit must hold: all of up to four, most of five or six; a longer text is a question,
    where any demand of this kind lost relevance on dev (docs/search-and-matching.md)."""
    if words <= 4:
        return words
    return math.ceil(words * 0.6) if words <= 6 else 1


def phrase_groups(text: str) -> list[Group]:
    """Groups that all must be met for the words to stand side by side (pairs), or for a single word to occur."""
    words = split_words(text)
    parts = [pair_part(normalise_word(word)) for word in words]
    if len(words) == 1:
        return [Group(tuple(Term(text) for text in _strict_forms(words[0])))]
    singles = [Group(tuple(Term(text) for text in _strict_forms(word))) for word in words]
    pairs = [Group((Term(pair_term(left, right)),)) for left, right in pairwise(parts)]
    return singles + pairs


def _strict_forms(word: str) -> list[str]:
    """The forms that mean this word: as written when it has accents, else folded or stemmed."""
    terms = word_terms(word, False)
    exact = [text for text in terms if text[0] == "x" and not text.isascii()]
    return exact or [text for text in terms if text[0] in "fs"] or list(terms)


def _excluded_terms(text: str) -> list[str]:
    words = split_words(text)
    if len(words) == 1:
        return _strict_forms(words[0])
    parts = [pair_part(normalise_word(word)) for word in words]
    return [pair_term(left, right) for left, right in pairwise(parts)][:1]


def _named_group(identifier: str, typed: str) -> Group:
    """What lies in the province or sector, or says the name that was typed (of a place often the former one)."""
    return Group((Term(identifier), *(Term(text) for text in _excluded_terms(typed))))


def _identifier_groups(known: Sequence[str]) -> tuple[Group, ...]:
    """The exact symbol before its parents."""
    return tuple(Group((Term(text, 1.0 / (1 + place)),)) for place, text in enumerate(known))


def _price_ranges(low: int | None, high: int | None) -> dict[str, NumberRange]:
    """Prices overlap the wanted span: the lowest price is not above it, the highest not below it."""
    ranges: dict[str, NumberRange] = {}
    if high is not None:
        ranges["price_low"] = NumberRange(high=high)
    if low is not None:
        ranges["price_high"] = NumberRange(low=low)
    return ranges


def _narrower(typed: NumberRange | None, chosen: NumberRange) -> NumberRange:
    """What lies within both."""
    if typed is None:
        return chosen
    lows = [low for low in (typed.low, chosen.low) if low is not None]
    highs = [high for high in (typed.high, chosen.high) if high is not None]
    return NumberRange(max(lows, default=None), min(highs, default=None))


def _with_choices(request: SearchRequest, query: Query, facets: Sequence[str]) -> SearchRequest:
    filters = {**request.filters, **{name: codes for name, codes in query.filters.items() if codes}}
    ranges = dict(request.ranges)
    for name, chosen in _price_ranges(query.price_low, query.price_high).items():
        ranges[name] = _narrower(ranges.get(name), chosen)
    if query.trl_low is not None or query.trl_high is not None:
        ranges["trl"] = _narrower(ranges.get("trl"), NumberRange(query.trl_low, query.trl_high))
    if query.published_after is not None:
        ranges["published_at"] = NumberRange(low=query.published_after + 1)
    sort = SORTS.get(query.sort, "score")
    if sort == "score" and not request.groups:
        sort = "-published_at"
    return request._replace(
        filters=filters, ranges=ranges, facets=tuple(facets), sort=sort, offset=query.offset, limit=query.limit
    )
