"""Why two things match, in words: phrases of the one that the other holds, and the fields they stand in on both sides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from techmart.matching.profile import Profile
from techmart.matching.terms import ProfileTerms
from techmart.search.analysis import is_vietnamese, split_words, word_terms
from techmart.search.query_terms import WordPlan
from techmart.search.request import Group

_MAX_PHRASE_WORDS: Final = 5
_SHOWN: Final = 8


@dataclass(frozen=True)
class SharedPhrase:
    """Words both sides use. `fields`: where they stand in the profile; `other_fields`: in the other; `weight` orders them.

    `through`: the other side's wording where it was met through translation.
    """

    phrase: str
    fields: tuple[str, ...]
    other_fields: tuple[str, ...]
    through: tuple[str, ...]
    weight: float


def shared_phrases(terms: ProfileTerms, other: Profile, *, limit: int = _SHOWN) -> list[SharedPhrase]:
    """The phrases that earned most of the text part, best first."""
    weights = _weights(terms.groups)
    held = {name: _word_terms_of(text, other.lang) for name, text in other.texts.items()}
    anywhere = frozenset().union(*held.values()) if held else frozenset()
    found: dict[str, SharedPhrase] = {}
    for name, plan in terms.plans.items():
        for words, needed in _runs(plan, weights, anywhere):
            phrase = " ".join(words).lower()
            others = tuple(field for field, present in held.items() if all(forms & present for forms, _ in needed))
            if not others:
                others = tuple(field for field, present in held.items() if any(forms & present for forms, _ in needed))
            weight = sum(value for _, value in needed)
            known = found.get(phrase)
            fields = (*known.fields, name) if known and name not in known.fields else known.fields if known else (name,)
            through = _through(plan, words, anywhere)
            found[phrase] = SharedPhrase(phrase, fields, others, through, max(weight, known.weight if known else 0.0))
    ranked = sorted(found.values(), key=lambda row: (-row.weight, row.phrase))
    return _without_parts(ranked)[:limit]


def _weights(groups: Sequence[Group]) -> Mapping[frozenset[str], float]:
    """Forms of a word → what it counted in the profile."""
    return {frozenset(term.text for term in group.terms): max(t.weight for t in group.terms) for group in groups if group.counts}


def _word_terms_of(text: str, lang: str) -> frozenset[str]:
    english = lang == "en" and not is_vietnamese(text)
    return frozenset(term for word in split_words(text) for term in word_terms(word, english) if term[0] != "p")


Needed = list[tuple[frozenset[str], float]]


def _runs(plan: WordPlan, weights: Mapping[frozenset[str], float], anywhere: frozenset[str]) -> list[tuple[list[str], Needed]]:
    """Neighbouring words of a field that the other side has, as phrases."""
    runs: list[tuple[list[str], Needed]] = []
    words: list[str] = []
    needed: Needed = []
    groups = iter([group for group in plan.groups if group.counts])
    for word, group in zip(plan.words, groups, strict=False):
        strict = frozenset(term.text for term in group.terms if not (term.text[0] == "f" and plan.lang == "vi"))
        weight = weights.get(frozenset(term.text for term in group.terms), 0.0)
        if weight > 0 and strict & anywhere and len(words) < _MAX_PHRASE_WORDS:
            words.append(word)
            needed.append((strict, weight))
            continue
        if words:
            runs.append((words, needed))
        words, needed = ([word], [(strict, weight)]) if weight > 0 and strict & anywhere else ([], [])
    if words:
        runs.append((words, needed))
    return [run for run in runs if len(run[0]) > 1 or plan.lang == "en" or not _is_lone_syllable(run[0][0])]


def _is_lone_syllable(word: str) -> bool:
    """One Vietnamese syllable says little by itself (`nước`, `máy`); figures and foreign words do."""
    return len(word) < 3 or (word.isalpha() and len(word) <= 7 and any(term[0] == "f" for term in word_terms(word, False)))


def _through(plan: WordPlan, words: Sequence[str], anywhere: frozenset[str]) -> tuple[str, ...]:
    """Translations of phrases inside these words whose words the other side has."""
    inside = f" {' '.join(words).lower()} "
    found = [
        into
        for row in plan.translations
        if f" {row.phrase.lower()} " in inside
        for into in row.into
        if all(anywhere.intersection(word_terms(word, True)) or anywhere.intersection(word_terms(word, False)) for word in split_words(into))
    ]
    return tuple(dict.fromkeys(found))[:2]


def _without_parts(rows: Sequence[SharedPhrase]) -> list[SharedPhrase]:
    """Leave out a phrase that is part of a better one."""
    kept: list[SharedPhrase] = []
    for row in rows:
        if not any(f" {row.phrase} " in f" {other.phrase} " for other in kept):
            kept.append(row)
    return kept
