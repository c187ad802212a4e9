"""Candidates from the index, and the score of a pair: a text part and fact parts that add up to at most 100."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from techmart.matching.excluded import unaccepted_methods
from techmart.matching.facts import Finding, compare_facts, wanted_and_offered
from techmart.matching.profile import Profile
from techmart.matching.terms import ProfileTerms, profile_terms
from techmart.matching.weights import CANDIDATES, CLOSENESS, FULL_TEXT_SHARE, NO_TEXT_SHARE, PARTS
from techmart.search.glossary import Glossary
from techmart.search.latent import closeness
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


@dataclass(frozen=True)
class Candidate:
    """A document that shares words with a profile: the points for its words, and of `latent_most` for its meaning."""

    key: str
    text_points: float
    latent_points: float
    latent_most: int


@dataclass(frozen=True)
class Score:
    """Parts in the order of weights.PARTS as (name, points, most); they add up to `total`. `findings`: facts looked at."""

    total: float
    parts: tuple[tuple[str, float, int], ...]
    findings: tuple[Finding, ...]

    @property
    def percent(self) -> int:
        return round(self.total)


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
    request = SearchRequest(
        groups=terms.groups,
        filters={"kind": tuple(kinds) or COUNTERPARTS[profile.kind]},
        excluded_keys=(profile.key,) if profile.key else (),
        limit=limit,
        is_text=True,
    )
    hits = answer(snapshot, request).hits
    numbers = [number for hit in hits if (number := snapshot.number_of(hit.key)) is not None]
    cosines = closeness(snapshot, terms.meaning, numbers).tolist()
    most = CLOSENESS - terms.latent_most
    rows = []
    for place, (hit, cosine) in enumerate(zip(hits, cosines, strict=True)):
        latent = terms.latent_most * cosine
        # Ordered by what lies behind the points, which are rounded and have an upper end.
        order = most * hit.score / terms.ideal / (FULL_TEXT_SHARE - NO_TEXT_SHARE) + latent
        points = text_points(hit.score, terms.ideal, most)
        rows.append((-order, place, Candidate(hit.key, points, round(latent, 1), terms.latent_most)))
    return terms, [candidate for _, _, candidate in sorted(rows)]


def text_points(raw: float, ideal: float, most: int = PARTS["text"]) -> float:
    """The text part by the share of the ideal score, from NO_TEXT_SHARE to FULL_TEXT_SHARE; comparable among profiles."""
    share = (raw / ideal - NO_TEXT_SHARE) / (FULL_TEXT_SHARE - NO_TEXT_SHARE) if ideal > 0 else 0.0
    return round(most * min(1.0, max(0.0, share)), 1)


def score_pair(
    profile: Profile, other: Profile, points_for_text: float, *, today: date, latent: float = 0.0, latent_most: int = 0
) -> Score:
    """The score of a pair whose points for words and (of `latent_most`) for meaning are known.

    Adding an agreeing fact never lowers it.
    """
    wanted, offered = wanted_and_offered(profile, other)
    findings = compare_facts(wanted.facts, offered.facts, today=today)
    if methods := unaccepted_methods(wanted, offered):
        findings.append(Finding("excluded", "unmet", 0.0, methods))
    points = {finding.part: round(finding.points, 1) for finding in findings}
    points |= {"text": points_for_text, "latent": latent}
    most = {**PARTS, "text": CLOSENESS - latent_most, "latent": latent_most}
    parts = tuple((name, points.get(name, 0.0), most[name]) for name in PARTS)
    return Score(round(sum(row[1] for row in parts), 1), parts, tuple(findings))
