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
# temporaries of it. Not in SciPy's documented surface, but unchanged since 2008; tests compare these with numpy. The merge walks two sorted lists once, which numpy cannot.
from scipy.sparse._sparsetools import csc_matvec, csr_plus_csr

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
    """scores[docs] += weight * values, in place. scores, values: float32; docs: ascending intp without repeats."""
    bounds = np.array((0, len(docs)), dtype=np.intp)
    csc_matvec(len(scores), _ONE_COLUMN, bounds, docs, values, np.array((weight,), dtype=np.float32), scores)


def merged(docs: Array, scores: Array, other_docs: Array, other_scores: Array) -> tuple[Array, Array]:
    """The union of two posting lists with their scores added: ascending intp documents, float32 scores above zero."""
    size = len(docs) + len(other_docs)
    bounds, other_bounds = np.array((0, len(docs)), dtype=np.intp), np.array((0, len(other_docs)), dtype=np.intp)
    out_bounds, out_docs, out_scores = (
        np.zeros(2, dtype=np.intp),
        np.empty(size, dtype=np.intp),
        np.empty(size, dtype=np.float32),
    )
    # One row; the number of columns is only asked for lists that are out of order.
    csr_plus_csr(1, 1, bounds, docs, scores, other_bounds, other_docs, other_scores, out_bounds, out_docs, out_scores)
    return out_docs[: out_bounds[1]], out_scores[: out_bounds[1]]


def best(values: Array, ties: Array, docs: Array, count: int) -> Array:
    """The places of the `count` highest values, best first; equal ones in the order of their documents' ties."""
    places = np.arange(len(values))
    if count <= 0 or not len(values):
        return places[:0]
    if len(values) > 4 * count:
        edge = np.partition(values, len(values) - count)[len(values) - count]
        places = np.flatnonzero(values >= edge)
    order = np.lexsort((ties[docs[places]], -values[places]))
    return places[order[:count]]
