"""Matches of one thing, scored and explained. The same input on the same index gives the same result."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from techmart.matching.explain import SharedPhrase, explainer_of
from techmart.matching.profile import Profile, profile_of
from techmart.matching.score import Candidate, Score, candidates, score_pair
from techmart.matching.terms import profile_terms
from techmart.models.listing import Listing
from techmart.models.organisation import Organisation
from techmart.search.glossary import Glossary
from techmart.search.snapshot import Snapshot

Thing = Listing | Organisation
#: Key → row, for those of the keys that the reader may see.
Loader = Callable[[Sequence[str]], Mapping[str, Thing]]

#: Of the documents closest in words, so many are scored with their facts.
LOADED: Final = 40
_BYTES_A_CANDIDATE: Final = 300


@dataclass(frozen=True)
class Match:
    """A counterpart with its score and the reasons."""

    thing: Thing
    score: Score
    phrases: tuple[SharedPhrase, ...]

    @property
    def percent(self) -> int:
        return self.score.percent


def find_matches(
    snapshot: Snapshot, profile: Profile, load: Loader, glossary: Glossary | None, *, today: date, limit: int = 5,
    kinds: Sequence[str] = (), loaded: int = LOADED, explained: bool = True,
) -> list[Match]:  # fmt: skip
    """The best matches of a profile among what `load` lets through, highest score first, ties by key.

    `loaded`: how many of the closest are looked at; more where `load` lets few through. Not `explained`: without phrases,
    which take longer to find than the matches.
    """
    terms, close = candidates(snapshot, profile, glossary, kinds=kinds)
    close = [candidate for candidate in close if candidate.may_be_shown]
    rows = load([candidate.key for candidate in close[:loaded]])
    scored = []
    for candidate in close[:loaded]:
        if (row := rows.get(candidate.key)) is not None:
            other = profile_of(row)
            score = _score(profile, other, candidate, today)
            if score.is_shown:
                scored.append((score, candidate.key, row, other))
    scored.sort(key=lambda item: (-item[0].total, item[1]))
    if not scored or not explained:
        return [Match(row, score, ()) for score, _, row, _ in scored[:limit]]
    explainer = explainer_of(terms, profile)
    return [Match(row, score, tuple(explainer.shared_phrases(other))) for score, _, row, other in scored[:limit]]


def match_one(snapshot: Snapshot, profile: Profile, thing: Thing, glossary: Glossary | None, *, today: date) -> Match:
    """One counterpart as `find_matches` would score it, whatever its points; words count where it is among the closest."""
    other = profile_of(thing)
    score = _score_one(snapshot, profile, other, glossary, today)
    explainer = explainer_of(profile_terms(snapshot, profile, glossary), profile)
    return Match(thing, score, tuple(explainer.shared_phrases(other)))


def score_one(snapshot: Snapshot, profile: Profile, thing: Thing, glossary: Glossary | None, *, today: date) -> Score:
    """The score alone of `match_one`, for half its time."""
    return _score_one(snapshot, profile, profile_of(thing), glossary, today)


def _score_one(snapshot: Snapshot, profile: Profile, other: Profile, glossary: Glossary | None, today: date) -> Score:
    ranked = _ranked(snapshot, profile, glossary, other.kind)
    nothing = Candidate(other.key, 0.0, 0.0, ranked.meaning_most)
    return _score(profile, other, ranked.candidates.get(other.key, nothing), today)


@dataclass(frozen=True)
class _Ranked:
    """The documents closest to a profile, by key, and what meaning can give it."""

    candidates: Mapping[str, Candidate]
    meaning_most: int

    @property
    def size_bytes(self) -> int:
        return _BYTES_A_CANDIDATE * (len(self.candidates) + 1)


def _ranked(snapshot: Snapshot, profile: Profile, glossary: Glossary | None, kind: str) -> _Ranked:
    """What is closest to a profile among one kind.

    Remembered as long as the snapshot lives: after an import one demand is compared with thousands of offers.
    """
    key = (glossary, profile.lang, tuple(profile.texts.items()), profile.key, profile.kind, kind)
    known: _Ranked | None = snapshot.rankings.get(key)
    if known is None:
        terms, close = candidates(snapshot, profile, glossary, kinds=(kind,))
        known = _Ranked({candidate.key: candidate for candidate in close}, terms.meaning_most)
        snapshot.rankings.put(key, known)
    return known


def _score(profile: Profile, other: Profile, found: Candidate, today: date) -> Score:
    return score_pair(
        profile, other, found.text_points, today=today, meaning=found.meaning_points, meaning_most=found.meaning_most
    )
