"""Matches of one thing, scored and explained. The same input on the same index gives the same result."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from techmart.matching.explain import SharedPhrase, shared_phrases
from techmart.matching.profile import Profile, profile_of
from techmart.matching.score import Score, candidates, score_pair
from techmart.matching.weights import SHOWN_FROM, TEXT_NEEDED
from techmart.models.listing import Listing
from techmart.models.organisation import Organisation
from techmart.search.glossary import Glossary
from techmart.search.snapshot import Snapshot

Thing = Listing | Organisation
#: Key → row, for those of the keys that the reader may see.
Loader = Callable[[Sequence[str]], Mapping[str, Thing]]

_LOADED: Final = 40


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
    kinds: Sequence[str] = (),
) -> list[Match]:  # fmt: skip
    """The best matches of a profile among what `load` lets through, highest score first, ties by key."""
    terms, close = candidates(snapshot, profile, glossary, kinds=kinds)
    rows = load([candidate.key for candidate in close[:_LOADED]])
    scored = []
    for candidate in close[:_LOADED]:
        if (row := rows.get(candidate.key)) is not None:
            other = profile_of(row)
            score = score_pair(profile, other, candidate.text_points, today=today)
            if score.total >= SHOWN_FROM and candidate.text_points >= TEXT_NEEDED:
                scored.append((score, candidate.key, row, other))
    scored.sort(key=lambda item: (-item[0].total, item[1]))
    return [Match(row, score, tuple(shared_phrases(terms, profile, other))) for score, _, row, other in scored[:limit]]
