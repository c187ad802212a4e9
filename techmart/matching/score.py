"""Candidates from the index, and the score of a pair: a text part and fact parts that add up to at most 100."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from techmart.matching.calibration import points_for_texts
from techmart.matching.excluded import unaccepted_methods
from techmart.matching.facts import Finding, compare_facts, wanted_and_offered
from techmart.matching.profile import Profile
from techmart.matching.terms import ProfileTerms, profile_terms
from techmart.matching.weights import (
    CANDIDATES,
    CLOSENESS,
    CLOSENESS_ENOUGH,
    CLOSENESS_NEEDED,
    FULL_SHARE,
    PARTS,
    SHOWN_FROM,
    WORDS_NEEDED,
)
from techmart.search.closeness import closeness
from techmart.search.glossary import Glossary
from techmart.search.request import SearchRequest
from techmart.search.retrieval import answer
from techmart.search.snapshot import Snapshot

#: What each kind is matched with.
COUNTERPARTS: Mapping[str, tuple[str, ...]] = {
    "demand": ("offer", "patent"),
    "text": ("offer", "patent"),
    "organisation": ("offer", "patent"),
    "offer": ("demand",),
    "patent": ("demand",),
}
#: Kinds that are ranked together, so that one counterpart scores the same whichever of them is asked for.
FAMILIES: Mapping[str, tuple[str, ...]] = {"offer": ("offer", "patent"), "patent": ("offer", "patent")}


@dataclass(frozen=True)
class Candidate:
    """A document that shares words with a profile: the points for its words, and of `meaning_most` for its meaning."""

    key: str
    text_points: float
    meaning_points: float
    meaning_most: int

    @property
    def may_be_shown(self) -> bool:
        """Whether it could be, with the best of facts (see Score.is_shown)."""
        return _is_close(self.text_points, self.text_points + self.meaning_points, CLOSENESS_NEEDED)


@dataclass(frozen=True)
class Score:
    """Parts in the order of weights.PARTS as (name, points, most); they add up to `total`. `findings`: facts looked at."""

    total: float
    parts: tuple[tuple[str, float, int], ...]
    findings: tuple[Finding, ...]

    @property
    def percent(self) -> int:
        """The total as it is shown, halves up: 62.5 beside 62 % would look wrong to whoever adds up."""
        return int(self.total + 0.5)

    @property
    def is_shown(self) -> bool:
        """Whether the match is worth a reader's time (weights.SHOWN_FROM and after)."""
        points = {name: earned for name, earned, _ in self.parts}
        needed = CLOSENESS_NEEDED if self.total >= SHOWN_FROM else CLOSENESS_ENOUGH
        return _is_close(points["text"], points["text"] + points["meaning"], needed)


def _is_close(words: float, closeness: float, needed: float) -> bool:
    return words >= WORDS_NEEDED and closeness >= needed


def candidates(
    snapshot: Snapshot,
    profile: Profile,
    glossary: Glossary | None,
    *,
    kinds: Sequence[str] = (),
    limit: int = CANDIDATES,
) -> tuple[ProfileTerms, list[Candidate]]:
    """The documents closest in words, best first, and the terms they were found by. The profile's own document is left out."""
    terms = profile_terms(snapshot, profile, glossary)
    if not terms.groups:
        return terms, []
    wanted = tuple(kinds) or COUNTERPARTS[profile.kind]
    family = tuple(sorted({kind for name in wanted for kind in FAMILIES.get(name, (name,))}))
    request = SearchRequest(
        groups=terms.groups,
        filters={"kind": family},
        excluded_keys=(profile.key,) if profile.key else (),
        limit=max(limit, CANDIDATES),
        is_text=True,
    )
    found = answer(snapshot, request)
    hits, numbers = found.hits, found.numbers
    most = CLOSENESS - terms.meaning_most
    scores = [hit.score for hit in hits]
    points = points_for_texts(snapshot, numbers, scores, lang=profile.lang, kinds=family, ideal=terms.ideal, most=most)
    cosines = closeness(snapshot, terms.direction, numbers[:limit]).tolist()
    rows = []
    for place, (hit, cosine, text) in enumerate(zip(hits, cosines, points, strict=False)):
        meaning = terms.meaning_most * cosine
        # Ordered by what lies behind the points, which are rounded and have an upper end.
        order = most * hit.score / terms.ideal / FULL_SHARE + meaning
        if hit.kind in wanted:
            rows.append((-order, place, Candidate(hit.key, text, round(meaning, 1), terms.meaning_most)))
    return terms, [candidate for _, _, candidate in sorted(rows)]


def score_pair(
    profile: Profile,
    other: Profile,
    points_for_text: float,
    *,
    today: date,
    meaning: float = 0.0,
    meaning_most: int = 0,
) -> Score:
    """The score of a pair whose points for words and (of `meaning_most`) for meaning are known.

    Adding an agreeing fact never lowers it.
    """
    wanted, offered = wanted_and_offered(profile, other)
    findings = compare_facts(wanted.facts, offered.facts, today=today)
    if methods := unaccepted_methods(wanted, offered):
        findings.append(Finding("excluded", "unmet", 0.0, methods))
    points = {finding.part: round(finding.points, 1) for finding in findings}
    points |= {"text": points_for_text, "meaning": meaning}
    most = {**PARTS, "text": CLOSENESS - meaning_most, "meaning": meaning_most}
    parts = tuple((name, points.get(name, 0.0), most[name]) for name in PARTS)
    return Score(round(sum(row[1] for row in parts), 1), parts, tuple(findings))
