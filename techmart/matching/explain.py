"""Why two things match, in words: phrases of the one that the other holds, and the fields they stand in on both sides.

A phrase is a run of neighbouring words that stand side by side in the other text too, or a term of the glossary whose
translation stands there. Single Vietnamese syllables are no phrase: `nước` or `máy` alone say nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from techmart.matching.profile import Profile
from techmart.matching.terms import ProfileTerms
from techmart.search.analysis import (
    analyse,
    is_vietnamese,
    normalise_word,
    pair_part,
    pair_term,
    split_words,
    word_terms,
)
from techmart.search.query_terms import Translation, stop_words
from techmart.search.vietnamese import fold, is_syllable

_SHOWN: Final = 8
_MAX_WORDS: Final = 6
_WORD: Final = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class SharedPhrase:
    """Words both sides use. `fields`: where they stand in the profile; `other_fields`: in the other; `weight` orders them.

    `through`: the other side's wording, where it was met through translation.
    """

    phrase: str
    fields: tuple[str, ...]
    other_fields: tuple[str, ...]
    through: str
    weight: float


def shared_phrases(terms: ProfileTerms, profile: Profile, other: Profile, *, limit: int = _SHOWN) -> list[SharedPhrase]:
    """The phrases that earned most of the text part, best first."""
    held = {name: frozenset(analyse(text, other.lang)) for name, text in other.texts.items()}
    found: dict[str, SharedPhrase] = {}
    for name, text in profile.texts.items():
        rows = [(words, "") for words in _common_runs(text, held)]
        rows += [
            (split_words(row.phrase), into)
            for row in terms.plans[name].translations
            if (into := _translated(row, held))
        ]
        for words, through in rows:
            phrase = " ".join(words).lower()
            others = tuple(field for field, present in held.items() if _holds(split_words(through) or words, present))
            weight = sum(_value(word, terms.values) for word in words)
            known = found.get(phrase)
            if weight > 0 and others:
                fields = tuple(dict.fromkeys((*(known.fields if known else ()), name)))
                found[phrase] = SharedPhrase(phrase, fields, others, known.through if known else through, weight)
    ranked = sorted(found.values(), key=lambda row: (-row.weight, row.phrase))
    return _without_parts(ranked)[:limit]


def _common_runs(text: str, held: Mapping[str, frozenset[str]]) -> Iterator[list[str]]:
    """Runs of words of `text` that stand side by side in one field of the other, without function words at their ends."""
    stops = stop_words("en") | (stop_words("vi_long") if is_vietnamese(text) else frozenset())
    words = list(_WORD.finditer(text))
    for present in held.values():
        run: list[str] = []
        for place, match in enumerate(words):
            joins = place > 0 and not text[words[place - 1].end() : match.start()].strip(" -–\u00a0")
            if run and len(run) < _MAX_WORDS and joins and _pair(run[-1], match[0]) in present:
                run.append(match[0])
                continue
            yield from _trimmed(run, stops)
            run = [match[0]] if _is_held(match[0], present) else []
        yield from _trimmed(run, stops)


def _trimmed(run: Sequence[str], stops: frozenset[str]) -> Iterator[list[str]]:
    words = list(run)
    # A lone letter or figure in front is the end of something else (the C of 5 °C).
    while words and (normalise_word(words[0]) in stops or words[0].isdigit() or len(words[0]) == 1):
        words.pop(0)
    while words and (normalise_word(words[-1]) in stops or len(words[-1]) == 1):
        words.pop()
    if len(words) > 1 or (words and len(words[0]) > 3 and not is_syllable(fold(words[0].lower()))):
        yield words


def _translated(row: Translation, held: Mapping[str, frozenset[str]]) -> str:
    """The translation of a phrase that the other side uses, or an empty text."""
    if len(row.phrase) < 4 or (len(split_words(row.phrase)) == 1 and is_syllable(fold(row.phrase.lower()))):
        return ""
    return next((into for into in row.into if any(_holds(split_words(into), present) for present in held.values())), "")


def _holds(words: Sequence[str], present: frozenset[str]) -> bool:
    """Whether all the words stand side by side in a field."""
    if len(words) == 1:
        return _is_held(words[0], present)
    return bool(words) and all(_pair(left, right) in present for left, right in pairwise(words))


def _is_held(word: str, present: frozenset[str]) -> bool:
    terms = {*word_terms(word, False), *word_terms(word, True)}
    strict = {term for term in terms if term[0] in "xs"}
    return bool(strict & present)


def _pair(left: str, right: str) -> str:
    return pair_term(pair_part(normalise_word(left)), pair_part(normalise_word(right)))


def _value(word: str, values: Mapping[str, float]) -> float:
    return max((values.get(term, 0.0) for term in (*word_terms(word, False), *word_terms(word, True))), default=0.0)


def _without_parts(rows: Sequence[SharedPhrase]) -> list[SharedPhrase]:
    """Leave out a phrase that is part of a better one, and one that says the same in the other language."""
    kept: list[SharedPhrase] = []
    for row in rows:
        if not any(f" {row.phrase} " in f" {other.phrase} " or row.phrase == other.through.lower() for other in kept):
            kept.append(row)
    return kept
