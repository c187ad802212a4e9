"""The best documents so far, in two arrays kept as a heap whose first place is the worst of them.

Better is a higher score; equal scores are ordered by their documents' ties, then by number.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from techmart.search.kernels.compiler import part

#: So that rounding never leaves out a document that would have been among the best.
_A_LITTLE_LESS: Final = np.float32(0.9999)


@part
def is_worse(score: Any, doc: Any, other_score: Any, other_doc: Any, ties: Any) -> Any:
    """Whether a document comes after another."""
    if score != other_score:
        return score < other_score
    if ties[doc] != ties[other_doc]:
        return ties[doc] > ties[other_doc]
    return doc > other_doc


@part
def _sift_down(scores: Any, docs: Any, size: Any, ties: Any) -> None:
    """Move the first place down to where it belongs."""
    score, doc = scores[0], docs[0]
    place = 0
    while True:
        child = 2 * place + 1
        if child >= size:
            break
        if child + 1 < size and is_worse(scores[child + 1], docs[child + 1], scores[child], docs[child], ties):
            child += 1
        if not is_worse(scores[child], docs[child], score, doc, ties):
            break
        scores[place], docs[place] = scores[child], docs[child]
        place = child
    scores[place], docs[place] = score, doc


@part
def push(scores: Any, docs: Any, filled: Any, score: Any, doc: Any, ties: Any) -> Any:
    """Add a document if it is among the best `scores.size`; returns how many places are filled."""
    if filled == scores.size:
        if filled and is_worse(scores[0], docs[0], score, doc, ties):
            scores[0], docs[0] = score, doc
            _sift_down(scores, docs, filled, ties)
        return filled
    place = filled
    while place > 0:
        parent = (place - 1) >> 1
        if not is_worse(score, doc, scores[parent], docs[parent], ties):
            break
        scores[place], docs[place] = scores[parent], docs[parent]
        place = parent
    scores[place], docs[place] = score, doc
    return filled + 1


@part
def bare_floor(scores: Any, filled: Any, highest_lift: Any) -> Any:
    """What a score must have before it is multiplied by a factor that is at most `highest_lift`, to be among the best."""
    if filled < scores.size or filled == 0:
        return np.float32(-1)
    return scores[0] / highest_lift * _A_LITTLE_LESS


@part
def sort_best_first(scores: Any, docs: Any, filled: Any, ties: Any) -> None:
    """Order the filled places, best first."""
    for size in range(filled - 1, 0, -1):
        scores[0], scores[size] = scores[size], scores[0]
        docs[0], docs[size] = docs[size], docs[0]
        _sift_down(scores, docs, size, ties)
