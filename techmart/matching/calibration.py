"""From what a text earns in the index to points that mean the same for every profile, on every index, in both languages.

A raw score says little by itself: any two Vietnamese texts share syllables, a long listing holds some of any hundred words,
and on a small market the words of a subject are hardly rarer than those of speech. What unrelated counterparts reach is the
background, and points are given for standing out of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isqrt

import numpy as np

from techmart.matching.weights import (
    CANDIDATES,
    FULL_SHARE,
    FULL_TIMES,
    LEAST_SHARE,
    PARTS,
    TRANSLATED_SHARE,
    USUAL_SHARE,
    USUAL_WEIGHT,
)
from techmart.search.language_reach import OTHER_LANGUAGE
from techmart.search.snapshot import Snapshot


def points_for_texts(
    snapshot: Snapshot, numbers: Sequence[int], scores: Sequence[float], *, lang: str, kinds: Sequence[str], ideal: float,
    most: int,
) -> list[float]:  # fmt: skip
    """The text parts of the closest documents, best first, of at most `most` points.

    `numbers`, `scores`: of the CANDIDATES closest among `kinds`. The background of a document is that of all counterparts,
    or of those in its language where that is higher. `lang`: of the profile; what is met through translations alone is less
    sure to be meant.
    """
    documents, raw = np.array(numbers, dtype=np.int32), np.array(scores)
    family = tuple(kinds)
    backgrounds = np.full(len(raw), background_score(scores, snapshot.count_of(kind=family), ideal))
    mosts = np.full(len(raw), float(most))
    for code, other in OTHER_LANGUAGE.items():
        mine = snapshot.facets.mask("lang", (code,), documents)
        counterparts = snapshot.count_of(kind=family, lang=(code,))
        own = background_score(raw[mine].tolist(), counterparts, ideal)
        backgrounds[mine] = np.maximum(backgrounds[mine], own)
        if lang == other:
            mosts[mine] *= TRANSLATED_SHARE
    rows = zip(raw.tolist(), backgrounds.tolist(), mosts.tolist(), strict=True)
    return [text_points(score, background, ideal, at_most) for score, background, at_most in rows]


def background_score(scores: Sequence[float], counterparts: int, ideal: float) -> float:
    """What unrelated counterparts share with a profile (see weights). `scores`: of the closest, best first."""
    rank = min(isqrt(counterparts), CANDIDATES - 1)
    measured = scores[rank] if rank < len(scores) else 0.0
    trust = counterparts / (counterparts + USUAL_WEIGHT)
    return max(LEAST_SHARE * ideal, trust * measured + (1 - trust) * USUAL_SHARE * ideal)


def text_points(raw: float, background: float, ideal: float, most: float = PARTS["text"]) -> float:
    """The text part by how far a score stands out of the background; comparable among profiles, indexes and languages."""
    full = max(FULL_TIMES * background, FULL_SHARE * ideal)
    share = (raw - background) / (full - background) if ideal > 0 else 0.0
    return round(most * min(1.0, max(0.0, share)), 1)
