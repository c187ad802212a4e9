"""BM25F as array operations over decoded postings.

A term's postings are (document numbers, saturated weights): wtf * (k1 + 1) / (k1 + wtf), see Robertson & Zaragoza 2009,
"The probabilistic relevance framework", 3.5. A query adds idf * channel * query weight times them into one dense array.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

# The compiled loop y += A x over a compressed column: numpy's `scores[docs] += weight * values` makes three passes and two
# temporaries of it. Not in SciPy's documented surface, but unchanged since 2008; `accumulate` has a test against numpy.
from scipy.sparse._sparsetools import csc_matvec

from techmart.search.weights import CHANNELS, K1

Array = NDArray[Any]
_ONE_COLUMN: Final = 1


def saturate(weights: Array) -> Array:
    """Field-weighted frequencies → what they count, float32."""
    return weights * np.float32(K1 + 1) / (weights + np.float32(K1))


def inverse_document_frequency(documents: int, occurrences: int) -> float:
    """ln(1 + (N − df + ½) / (df + ½)), never negative."""
    return math.log(1 + (documents - occurrences + 0.5) / (occurrences + 0.5)) if occurrences <= documents else 0.0


def channel_factor(term: str) -> float:
    """How much the term's channel counts (see weights)."""
    return CHANNELS.get(term[0], 0.0)


def accumulate(scores: Array, docs: Array, values: Array, weight: float) -> None:
    """scores[docs] += weight * values, in place. scores, values: float32; docs: ascending int32 without repeats."""
    bounds = np.array((0, len(docs)), dtype=np.int32)
    csc_matvec(len(scores), _ONE_COLUMN, bounds, docs, values, np.array((weight,), dtype=np.float32), scores)


def best(scores: Array, candidates: Array, ties: Array, count: int) -> Array:
    """The `count` candidates with the highest scores, best first; equal scores in the order of their ties."""
    if count <= 0 or not len(candidates):
        return candidates[:0]
    values = scores[candidates]
    if len(candidates) > 4 * count:
        edge = np.partition(values, len(values) - count)[len(values) - count]
        kept = values >= edge
        candidates, values = candidates[kept], values[kept]
    order = np.lexsort((ties[candidates], -values))
    return candidates[order[:count]]
