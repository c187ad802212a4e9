"""The few terms that tell most about each document, kept beside the postings: what feedback reads without the text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from techmart.search.scoring import saturate
from techmart.search.weights import CHANNELS

Array = NDArray[Any]
TERMS_KEPT: Final = 32
#: Folded forms say what the exact ones say already.
_CHANNELS_KEPT: Final = frozenset(b"xsp")


def telling_terms(terms: Sequence[bytes], matrix: csr_array) -> dict[str, Array]:
    """Arrays of a segment: for each document up to TERMS_KEPT terms by saturated weight × idf, as a unit vector.

    `matrix`: terms × documents, field-weighted frequencies. A term of one document alone tells nothing about others.
    """
    documents = matrix.shape[1]
    frequencies = np.diff(matrix.indptr)
    rarity = np.log1p((documents - frequencies + 0.5) / (frequencies + 0.5))
    channel = np.array([CHANNELS.get(chr(term[0]), 0.0) if term[0] in _CHANNELS_KEPT else 0.0 for term in terms])
    factor = np.where(frequencies > 1, rarity * channel, 0.0) if len(terms) else np.zeros(0)
    columns = matrix.tocsc()
    values = (saturate(columns.data) * factor[columns.indices]).astype(np.float32)
    kept_terms: list[Array] = []
    kept_values: list[Array] = []
    lengths = np.zeros(documents, dtype=np.int64)
    for number in range(documents):
        start, end = columns.indptr[number], columns.indptr[number + 1]
        mine = values[start:end]
        best = np.argpartition(mine, -TERMS_KEPT)[-TERMS_KEPT:] if len(mine) > TERMS_KEPT else np.arange(len(mine))
        best = best[mine[best] > 0]
        chosen = mine[best]
        kept_terms.append(columns.indices[start:end][best])
        kept_values.append(chosen / max(float(np.sqrt((chosen**2).sum())), 1e-9))
        lengths[number] = len(best)
    empty = np.zeros(0)
    return {
        "telling_offsets": np.concatenate(([0], np.cumsum(lengths))).astype(np.uint32),
        "telling_terms": np.concatenate(kept_terms or [empty]).astype(np.uint32),
        "telling_values": np.concatenate(kept_values or [empty]).astype(np.float16),
    }
