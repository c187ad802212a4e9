"""The words of a profile as weighted groups for the engine."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from techmart.matching.profile import Profile
from techmart.matching.weights import (
    IDEAL_WORDS,
    IDEAL_WORDS_LONG,
    K3_LONG,
    K3_SHORT,
    LATENT_LONG,
    LATENT_SHORT,
    LONG_TEXT_WORDS,
    PAIR_FACTOR,
    PAIRS_ASKED,
    PROFILE_FIELDS,
    RARITY_POWER_LONG,
    TOPICALITY_POWER,
    WORDS_ASKED,
)
from techmart.search.analysis import is_vietnamese
from techmart.search.glossary import Glossary
from techmart.search.query_terms import WordPlan, plan_words
from techmart.search.request import Group, Term
from techmart.search.scoring import channel_factor
from techmart.search.snapshot import Snapshot

#: What a listing would reach that holds every asked word about twice in a field of usual length; see scoring.saturate.
_USUAL_SATURATION = 1.375


@dataclass(frozen=True)
class ProfileTerms:
    """Groups to ask for, the plans of the fields they came from, and the score that counts as saying it all.

    `values`: a word's own term → what it can earn, for ordering explanations. `meaning`: every term asked for, translations
    included → how much the profile is about it. `latent_most`: the points that closeness in meaning can give.
    """

    groups: tuple[Group, ...]
    plans: Mapping[str, WordPlan]
    ideal: float
    values: Mapping[str, float]
    meaning: Mapping[str, float]
    latent_most: int


def profile_terms(snapshot: Snapshot, profile: Profile, glossary: Glossary | None) -> ProfileTerms:
    """Choose the terms that tell most: frequency in the profile (by field weight) times rarity in the index."""
    plans = {name: _plan(text, profile, glossary) for name, text in profile.texts.items()}
    frequencies: dict[Group, float] = {}
    for name, plan in plans.items():
        for group in plan.groups:
            frequencies[group] = frequencies.get(group, 0.0) + PROFILE_FIELDS.get(name, 1.0)
    is_long = sum(len(plan.words) for plan in plans.values()) > LONG_TEXT_WORDS
    k3 = K3_LONG if is_long else K3_SHORT
    chosen: list[tuple[float, float, Group]] = []
    counts = _document_counts(snapshot, frequencies)
    for group, frequency in frequencies.items():
        telling, rarity = _rarest(snapshot, counts, group)
        if rarity <= 0:
            continue
        weight = frequency * (k3 + 1) / (frequency + k3)
        if not group.counts:
            weight *= PAIR_FACTOR
        if is_long:
            weight *= rarity**RARITY_POWER_LONG
        if snapshot.space is not None:
            weight *= snapshot.space.topicality(telling) ** TOPICALITY_POWER
        chosen.append((weight * rarity, weight, group))
    # The sort is stable and the fields come in reading order, so equal terms always come out the same way.
    chosen.sort(key=lambda row: -row[0])
    words = [row for row in chosen if row[2].counts][:WORDS_ASKED]
    pairs = [row for row in chosen if not row[2].counts][:PAIRS_ASKED]
    ideal = sum(value for value, _, _ in words[: IDEAL_WORDS_LONG if is_long else IDEAL_WORDS]) * _USUAL_SATURATION
    values = {term.text: value for value, _, group in words for term in group.terms if not term.stands_in}
    groups = tuple(_weighted(group, weight) for _, weight, group in (*words, *pairs))
    meaning, is_translated = _meaning(snapshot, counts, groups)
    return ProfileTerms(
        groups=groups,
        plans=plans,
        ideal=ideal,
        values=values,
        meaning=meaning,
        latent_most=0 if snapshot.space is None or is_translated else LATENT_LONG if is_long else LATENT_SHORT,
    )


def _plan(text: str, profile: Profile, glossary: Glossary | None) -> WordPlan:
    lang = "vi" if is_vietnamese(text) else "en" if profile.lang == "en" else None
    return plan_words(text, glossary, lang=lang, is_long=True)


def _document_counts(snapshot: Snapshot, groups: Iterable[Group]) -> dict[str, int]:
    texts = list(dict.fromkeys(term.text for group in groups for term in group.terms))
    return dict(zip(texts, snapshot.document_counts(texts).tolist(), strict=True))


def _rarest(snapshot: Snapshot, counts: Mapping[str, int], group: Group) -> tuple[str, float]:
    """The term of the group that occurs and has the largest idf, a stand-in only where none of its own does, and that idf."""
    own = stand_in = ("", 0.0)
    for term in group.terms:
        if count := counts[term.text]:
            value = term.weight * channel_factor(term.text) * snapshot.rarity(term.text, count)
            if term.stands_in:
                stand_in = max(stand_in, (term.text, value), key=_second)
            else:
                own = max(own, (term.text, value), key=_second)
    return own if own[1] else stand_in


def _second(row: tuple[str, float]) -> float:
    return row[1]


def _meaning(snapshot: Snapshot, counts: Mapping[str, int], groups: Iterable[Group]) -> tuple[dict[str, float], bool]:
    """What each term can earn, and whether translations earn most of it. As in a search, a stand-in counts as no rarer than
    the group's own terms."""
    meaning: dict[str, float] = {}
    earned = {True: 0.0, False: 0.0}
    for group in groups:
        rarities = {
            term.text: snapshot.rarity(term.text, count) for term in group.terms if (count := counts[term.text])
        }
        ceiling = max(
            (rarities[t.text] for t in group.terms if t.text in rarities and not t.stands_in), default=math.inf
        )
        for term in group.terms:
            if term.text in rarities:
                rarity = min(rarities[term.text], ceiling) if term.stands_in else rarities[term.text]
                value = term.weight * channel_factor(term.text) * rarity
                meaning[term.text] = meaning.get(term.text, 0.0) + value
                earned[term.stands_in] += value * group.counts
    return meaning, earned[True] > earned[False]


def _weighted(group: Group, weight: float) -> Group:
    terms = tuple(Term(term.text, term.weight * weight, term.stands_in) for term in group.terms)
    return group._replace(terms=terms)
