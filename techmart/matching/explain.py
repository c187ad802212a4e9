"""Why two things match, in words: phrases of the one that the other holds, and the fields they stand in on both sides.

A phrase is a run of neighbouring words that stand side by side in the other text too, or a term of the glossary whose
translation stands there. Single Vietnamese syllables are no phrase: `nước` or `máy` alone say nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Final

from techmart.matching.phrases import is_everyday
from techmart.matching.profile import Profile
from techmart.matching.side_by_side import holds, pair_of, strict_terms
from techmart.matching.terms import ProfileTerms
from techmart.search.analysis import analyse, is_vietnamese, split_words, word_terms
from techmart.search.glossary import normalised
from techmart.search.query_terms import Translation, stop_words
from techmart.search.vietnamese import fold, is_syllable

_SHOWN: Final = 8
#: Words of everyday speech (yêu cầu, treat) are no reason where so many others are.
_ENOUGH: Final = 3
_MAX_WORDS: Final = 6
# Forms of words and the terms of texts are remembered: the same listings match one demand after the other. Some 40 MB.
_REMEMBERED: Final = 50_000
_TEXTS_REMEMBERED: Final = 2_048
#: Long texts of profiles take some 200 kB each.
_PROFILES_REMEMBERED: Final = 128
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


#: What is left of a run of words (see _trimmed), and its phrase.
_Run = tuple[Sequence[str], str]


@dataclass(frozen=True)
class _Text:
    """One field of a profile: words with the terms that meet each, and pair with the word before → its places."""

    words: Sequence[str]
    stops: frozenset[str]
    terms: Sequence[frozenset[str]]
    pairs: Mapping[str, Sequence[int]]
    #: (first, end) of a run → what is left of it; filled as runs are met.
    runs: dict[tuple[int, int], _Run]

    def run(self, first: int, end: int) -> _Run:
        """What is left of the words from `first` on."""
        known = self.runs.get((first, end))
        if known is None:
            words = _trimmed(self.words[first:end], self.stops)
            known = self.runs[first, end] = words, " ".join(words).lower()
        return known


@dataclass(frozen=True)
class _Field:
    """A text as one profile reads it. `telling`: places of words that earn something; runs without one are no reasons.

    `lone`: a term → the telling words it meets that say something by themselves, once each: their places and runs.
    """

    text: _Text
    telling: AbstractSet[int]
    lone: Mapping[str, Sequence[tuple[AbstractSet[int], _Run]]]


class Explainer:
    """What all explanations of one profile's matches share."""

    def __init__(self, terms: ProfileTerms, texts: Mapping[str, str]) -> None:
        self._values = terms.values
        self._worths: dict[str, float] = {}
        self._fields = {name: self._field(_text(text)) for name, text in texts.items()}
        #: Term that has to be there → (order, field, phrase, its translations).
        self._triggers: dict[str, list[tuple[int, str, Translation]]] = {}
        order = 0
        for name in texts:
            for row in dict.fromkeys(terms.plans[name].translations):
                order += 1
                for trigger in {trigger for into in _usable(row) for trigger in _triggers(into)}:
                    self._triggers.setdefault(trigger, []).append((order, name, row))

    def shared_phrases(self, other: Profile, *, limit: int = _SHOWN) -> list[SharedPhrase]:
        """The phrases that earned most of the text part, best first."""
        held = {name: _terms_of(text, other.lang) for name, text in other.texts.items()}
        fields: dict[str, dict[str, None]] = {}
        written: dict[str, tuple[Sequence[str], str]] = {}
        for name, phrase, words, through in self._rows(held):
            fields.setdefault(phrase, {})[name] = None
            written.setdefault(phrase, (words, through))
        weights = {phrase: sum(map(self._worth, words)) for phrase, (words, _) in written.items()}
        kept: list[SharedPhrase] = []
        best_first = sorted((phrase for phrase in weights if weights[phrase] > 0), key=lambda p: (-weights[p], p))
        for phrase in sorted(best_first, key=_is_everyday):
            if len(kept) >= _ENOUGH and _is_everyday(phrase):
                break
            words, through = written[phrase]
            others = tuple(field for field, present in held.items() if holds(split_words(through) or words, present))
            if others and not _is_said(phrase, through, kept):
                kept.append(SharedPhrase(phrase, tuple(fields[phrase]), others, through, weights[phrase]))
                if len(kept) == limit:
                    break
        return kept

    def _rows(self, held: Mapping[str, frozenset[str]]) -> Iterator[tuple[str, str, Sequence[str], str]]:
        """(field, phrase, its words, the other side's wording where it is a translation)."""
        for name, field in self._fields.items():
            for present in held.values():
                for words, phrase in _common_runs(field, present):
                    yield name, phrase, words, ""
        union = frozenset[str]().union(*held.values())
        met = {row for trigger in self._triggers.keys() & union for row in self._triggers[trigger]}
        for _order, name, translation in sorted(met, key=lambda row: row[0]):
            if into := _translated(translation, held):
                words = split_words(translation.phrase)
                yield name, " ".join(words).lower(), words, into

    def _field(self, text: _Text) -> _Field:
        telling = {place for place, word in enumerate(text.words) if self._worth(word) > 0}
        lone: dict[str, dict[str, tuple[set[int], _Run]]] = {}
        for place in sorted(telling):
            run = text.run(place, place + 1)
            if run[0]:
                for term in text.terms[place]:
                    lone.setdefault(term, {}).setdefault(run[1], (set(), run))[0].add(place)
        return _Field(text, telling, {term: list(words.values()) for term, words in lone.items()})

    def _worth(self, word: str) -> float:
        """What a word earns."""
        known = self._worths.get(word)
        if known is None:
            terms = (*word_terms(word, False), *word_terms(word, True))
            known = self._worths[word] = max((self._values.get(term, 0.0) for term in terms), default=0.0)
        return known


def explainer_of(terms: ProfileTerms, profile: Profile) -> Explainer:
    """The explainer of a profile, remembered like its terms."""
    return _explainer(terms, tuple(profile.texts.items()))


@lru_cache(maxsize=_PROFILES_REMEMBERED)
def _explainer(terms: ProfileTerms, texts: tuple[tuple[str, str], ...]) -> Explainer:
    return Explainer(terms, dict(texts))


@lru_cache(maxsize=_PROFILES_REMEMBERED)
def _text(text: str) -> _Text:
    words = list(_WORD.finditer(text))
    pairs: dict[str, list[int]] = {}
    for place, match in enumerate(words):
        if place and not text[words[place - 1].end() : match.start()].strip(" -–\u00a0"):
            pairs.setdefault(pair_of(words[place - 1][0], match[0]), []).append(place)
    stops = stop_words("en") | (stop_words("vi_long") if is_vietnamese(text) else frozenset())
    return _Text([match[0] for match in words], stops, [_terms_meeting(match[0]) for match in words], pairs, {})


def _common_runs(field: _Field, present: frozenset[str]) -> Iterator[_Run]:
    """Runs of words that stand side by side in the other text too, without function words at their ends."""
    pairs, terms = field.text.pairs, field.text.terms
    joined = set(chain.from_iterable(map(pairs.__getitem__, pairs.keys() & present)))
    chained = joined | {place - 1 for place in joined}
    for first in sorted(joined):
        if first - 1 in joined:
            continue
        last = first
        while last + 1 in joined:
            last += 1
        # The first pair's first word belongs to it, unless the pair only looks like one of the other text's.
        start = first if terms[first - 1].isdisjoint(present) else first - 1
        if not field.telling.isdisjoint(range(start, last + 1)):
            yield from _cut(field, start, last, present)
    for term in field.lone.keys() & present:
        for places, run in field.lone[term]:
            if not places <= chained:
                yield run


def _cut(field: _Field, first: int, last: int, present: frozenset[str]) -> Iterator[_Run]:
    """A chain of words in runs of at most _MAX_WORDS, each beginning with a word that is in the other text as such."""
    while first <= last:
        if field.text.terms[first].isdisjoint(present):
            first += 1
            continue
        end = min(first + _MAX_WORDS, last + 1)
        if not field.telling.isdisjoint(range(first, end)) and (run := field.text.run(first, end))[0]:
            yield run
        first = end


def _trimmed(run: Sequence[str], stops: frozenset[str]) -> Sequence[str]:
    """A run without function words at its ends; empty where what is left says nothing."""
    words = list(run)
    # A lone letter or figure in front is the end of something else (the C of 5 °C).
    while words and (normalised(words[0]) in stops or words[0].isdigit() or len(words[0]) == 1):
        words.pop(0)
    while words and (normalised(words[-1]) in stops or len(words[-1]) == 1):
        words.pop()
    if len(words) > 1 or (words and len(words[0]) > 3 and not is_syllable(fold(words[0].lower()))):
        return words
    return ()


def _usable(row: Translation) -> Sequence[str]:
    """The translations of a phrase that says something by itself."""
    if len(row.phrase) < 4 or (len(split_words(row.phrase)) == 1 and is_syllable(fold(row.phrase.lower()))):
        return ()
    return row.into


def _translated(row: Translation, held: Mapping[str, frozenset[str]]) -> str:
    """The translation of a phrase that the other side uses, or an empty text."""
    return next((into for into in row.into if any(holds(split_words(into), present) for present in held.values())), "")


@lru_cache(maxsize=_REMEMBERED)
def _triggers(phrase: str) -> tuple[str, ...]:
    """Terms one of which a text has to hold, or it cannot hold the phrase."""
    words = split_words(phrase)
    if len(words) < 2:
        return strict_terms(words[0]) if words else ()
    return (pair_of(words[0], words[1]),)


@lru_cache(maxsize=_TEXTS_REMEMBERED)
def _terms_of(text: str, lang: str) -> frozenset[str]:
    return frozenset(analyse(text, lang))


@lru_cache(maxsize=_REMEMBERED)
def _terms_meeting(word: str) -> frozenset[str]:
    return frozenset(strict_terms(word))


@lru_cache(maxsize=_REMEMBERED)
def _is_everyday(phrase: str) -> bool:
    return is_everyday(phrase.split(), "vi" if is_vietnamese(phrase) else "en")


def _is_said(phrase: str, through: str, kept: Sequence[SharedPhrase]) -> bool:
    """Whether it is part of a better phrase, or the other side's words for it are, in whatever form (reuse, reused)."""
    if any(f" {phrase} " in f" {other.phrase} " for other in kept):
        return True
    words = split_words(through or phrase)
    return any(
        all(not _terms_meeting(word).isdisjoint(said) for word in words)
        for said in (_all_terms(other.through or other.phrase) for other in kept)
    )


@lru_cache(maxsize=_REMEMBERED)
def _all_terms(phrase: str) -> frozenset[str]:
    return frozenset[str]().union(*map(_terms_meeting, split_words(phrase)))
