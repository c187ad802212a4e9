"""The words of a profile as weighted groups for the engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import exp

from techmart.matching.profile import Profile
from techmart.matching.weights import (
    IDEAL_WORDS,
    IDEAL_WORDS_LONG,
    K3_LONG,
    K3_SHORT,
    LEAD_GAIN,
    LEAD_WORDS,
    LONG_TEXT_WORDS,
    MEANING_BY_GLOSSARY,
    MEANING_LONG,
    MEANING_SHORT,
    NUMBER_FACTOR,
    PAIR_FACTOR,
    PAIRS_ASKED,
    PROFILE_FIELDS,
    RARITY_POWER_LONG,
    TITLES,
    TOPICALITY_POWER,
    WORDS_ASKED,
)
from techmart.search.analysis import is_vietnamese
from techmart.search.coherence import coherences
from techmart.search.glossary import Glossary
from techmart.search.meaning import Array, direction_of
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

    `values`: a word's own term → what it can earn, for ordering explanations. `about`: every term asked for, translations
    included → how much the profile is about it. `direction`: where it lies in meaning; `meaning_most`: the points that
    closeness to it can give.
    """

    groups: tuple[Group, ...]
    plans: Mapping[str, WordPlan]
    ideal: float
    values: Mapping[str, float]
    about: Mapping[str, float]
    direction: Array | None
    meaning_most: int

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
    distinct = dict.fromkeys(group for plan in plans.values() for group in plan.groups)
    facts = snapshot.term_facts([term.text for group in distinct for term in group.terms])
    telling = {group: _rarest(facts, group) for group in distinct}
    is_translated = _is_translated(telling)
    # How rare a translation is says little about the word it stands for, however long the text.
    is_long = not is_translated and sum(len(plan.words) for plan in plans.values()) > LONG_TEXT_WORDS
    k3 = K3_LONG if is_long else K3_SHORT
    rows: list[tuple[float, Group]] = []
    lead = 0.0 if is_long or is_translated or not TITLES.isdisjoint(plans) else LEAD_GAIN
    for group, frequency in _frequencies(plans, lead).items():
        text, rarity, _ = telling[group]
        if rarity <= 0:
            continue
        weight = frequency * (k3 + 1) / (frequency + k3)
        if not group.counts:
            weight *= PAIR_FACTOR
        elif _is_number(group):
            weight *= NUMBER_FACTOR
        if is_long:
            weight *= rarity**RARITY_POWER_LONG
        if snapshot.space is not None:
            weight *= snapshot.space.topicality(text) ** TOPICALITY_POWER
        rows.append((weight, group))
    coherent = coherences(snapshot.space, [_pulls(facts, group, weight) for weight, group in rows])
    chosen: list[tuple[float, float, Group]] = []
    for (weight, group), coherence in zip(rows, coherent, strict=True):
        weight *= 1 + coherence
        chosen.append((weight * telling[group][1], weight, group))
    # The sort is stable and the fields come in reading order, so equal terms always come out the same way.
    chosen.sort(key=lambda row: -row[0])
    words = [row for row in chosen if row[2].counts][:WORDS_ASKED]
    pairs = [row for row in chosen if not row[2].counts][:PAIRS_ASKED]
    ideal = sum(value for value, _, _ in words[: IDEAL_WORDS_LONG if is_long else IDEAL_WORDS]) * _USUAL_SATURATION
    values = {term.text: value for value, _, group in words for term in group.terms if not term.stands_in}
    groups = tuple(_weighted(group, weight) for _, weight, group in (*words, *pairs))
    lacks_accents = {plan.lang for plan in plans.values()} == {"plain"}
    direction = direction_of(profile.texts.values(), lacks_accents=lacks_accents)
    return ProfileTerms(
        groups=groups,
        plans=plans,
        ideal=ideal,
        values=values,
        about=_about(facts, groups),
        direction=direction,
        meaning_most=0 if direction is None else _meaning_most(plans, is_translated, is_long),
    )


def _meaning_most(plans: Mapping[str, WordPlan], is_translated: bool, is_long: bool) -> int:
    if is_translated or any(plan.lang != "en" for plan in plans.values()):
        return MEANING_BY_GLOSSARY
    return MEANING_LONG if is_long else MEANING_SHORT


def _frequencies(plans: Mapping[str, WordPlan], lead: float) -> dict[Group, float]:
    """How often each group stands in the fields, by their weights; the first words count up to 1 + `lead`."""
    frequencies: dict[Group, float] = {}
    before = 0
    for name, plan in plans.items():
        words = pairs = before
        for group in plan.groups:
            place = words if group.counts else pairs
            words, pairs = words + group.counts, pairs + (not group.counts)
            gain = lead * exp(-place / LEAD_WORDS) if lead else 0.0
            frequencies[group] = frequencies.get(group, 0.0) + PROFILE_FIELDS.get(name, 1.0) * (1 + gain)
        before = words
    return frequencies


def _is_number(group: Group) -> bool:
    return group.terms[0].text[2:].isdigit()


def _is_translated(telling: Mapping[Group, tuple[str, float, bool]]) -> bool:
    """Whether most of what the words can earn is earned by translations."""
    earned = {True: 0.0, False: 0.0}
    for group, (_, rarity, is_own) in telling.items():
        if group.counts:
            earned[is_own] += rarity
    return earned[False] > earned[True]


def _pulls(facts: Facts, group: Group, weight: float) -> list[tuple[str, float]]:
    """The terms of a group that occur, with what they can earn."""
    return [(text, own * weight * facts[text][1]) for text, own, _ in group.terms if facts[text][0]]


def _plan(text: str, profile: Profile, glossary: Glossary | None) -> WordPlan:
    lang = "vi" if is_vietnamese(text) else "en" if profile.lang == "en" else None
    return plan_words(text, glossary, lang=lang, is_long=True)


def _rarest(facts: Facts, group: Group) -> tuple[str, float, bool]:
    """The term of the group that occurs and has the largest idf, a stand-in only where none of its own does; that idf; and
    whether it is the group's own."""
    telling, rarity, is_own = "", 0.0, False
    for text, weight, stands_in in group.terms:
        count, value = facts[text]
        if not count or (stands_in and is_own):
            continue
        value *= weight
        if value > rarity or (value > 0 and not stands_in and not is_own):
            telling, rarity, is_own = text, value, not stands_in
    return telling, rarity, is_own


def _about(facts: Facts, groups: Iterable[Group]) -> dict[str, float]:
    """What each term can earn. As in a search, a stand-in counts as no rarer than the group's own terms."""
    about: dict[str, float] = {}
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
            about[text] = about.get(text, 0.0) + weight * value
    return about


def _weighted(group: Group, weight: float) -> Group:
    terms = tuple(Term(text, own * weight, stands_in) for text, own, stands_in in group.terms)
    return group._replace(terms=terms)
