"""The words of a profile as weighted groups for the engine."""

from __future__ import annotations

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
#: A term in a group, with its texts and its share of what refers to it.
_BYTES_A_TERM = 300
#: See Snapshot.term_facts.
Facts = Mapping[str, tuple[int, float]]


@dataclass(frozen=True, eq=False)
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

    @property
    def size_bytes(self) -> int:
        """Roughly what it takes."""
        return _BYTES_A_TERM * sum(len(group.terms) for group in self.groups)


def profile_terms(snapshot: Snapshot, profile: Profile, glossary: Glossary | None) -> ProfileTerms:
    """Choose the terms that tell most: frequency in the profile (by field weight) times rarity in the index.

    Remembered as long as the snapshot lives: a page is looked at again, and a thing is compared with one after the other.
    """
    key = (glossary, profile.lang, tuple(profile.texts.items()))
    known: ProfileTerms | None = snapshot.prepared.get(key)
    if known is None:
        known = _chosen_terms(snapshot, profile, glossary)
        snapshot.prepared.put(key, known)
    return known


def _chosen_terms(snapshot: Snapshot, profile: Profile, glossary: Glossary | None) -> ProfileTerms:
    plans = {name: _plan(text, profile, glossary) for name, text in profile.texts.items()}
    frequencies: dict[Group, float] = {}
    for name, plan in plans.items():
        for group in plan.groups:
            frequencies[group] = frequencies.get(group, 0.0) + PROFILE_FIELDS.get(name, 1.0)
    is_long = sum(len(plan.words) for plan in plans.values()) > LONG_TEXT_WORDS
    k3 = K3_LONG if is_long else K3_SHORT
    chosen: list[tuple[float, float, Group]] = []
    facts = snapshot.term_facts([term.text for group in frequencies for term in group.terms])
    for group, frequency in frequencies.items():
        telling, rarity = _rarest(facts, group)
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
    meaning, is_translated = _meaning(facts, groups)
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


def _rarest(facts: Facts, group: Group) -> tuple[str, float]:
    """The term of the group that occurs and has the largest idf, a stand-in only where none of its own does, and that idf."""
    telling, rarity, is_own = "", 0.0, False
    for text, weight, stands_in in group.terms:
        count, value = facts[text]
        if not count or (stands_in and is_own):
            continue
        value *= weight
        if value > rarity or (value > 0 and not stands_in and not is_own):
            telling, rarity, is_own = text, value, not stands_in
    return telling, rarity


def _meaning(facts: Facts, groups: Iterable[Group]) -> tuple[dict[str, float], bool]:
    """What each term can earn, and whether translations earn most of it. As in a search, a stand-in counts as no rarer than
    the group's own terms."""
    meaning: dict[str, float] = {}
    earned = {True: 0.0, False: 0.0}
    for group in groups:
        ceiling = 0.0
        for text, _, stands_in in group.terms:
            count, value = facts[text]
            if count and not stands_in:
                ceiling = max(ceiling, value / channel_factor(text))
        for text, weight, stands_in in group.terms:
            count, value = facts[text]
            if not count:
                continue
            if stands_in and ceiling:
                value = min(value, ceiling * channel_factor(text))
            meaning[text] = meaning.get(text, 0.0) + weight * value
            earned[stands_in] += weight * value * group.counts
    return meaning, earned[True] > earned[False]


def _weighted(group: Group, weight: float) -> Group:
    terms = tuple(Term(text, own * weight, stands_in) for text, own, stands_in in group.terms)
    return group._replace(terms=terms)
