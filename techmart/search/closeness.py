"""How close documents are to a text in meaning: the cosine of their directions (see meaning)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from techmart.search.snapshot import Snapshot
from techmart.search.word_vectors import DIMENSIONS

Array = NDArray[Any]
#: The cosine of two technical texts that have nothing to do with each other: 0.19 to 0.33 in the median of six sets.
_UNRELATED: Final = 0.25


def closeness(snapshot: Snapshot, direction: Array | None, documents: Sequence[int]) -> Array:
    """How close each document is, float32: 0 for what has nothing to do with the text or has no direction, 1 for the same."""
    if direction is None or not len(documents):
        return np.zeros(len(documents), dtype=np.float32)
    vectors = _vectors(snapshot, documents)
    cosines = (vectors @ direction) / np.maximum(np.linalg.norm(vectors, axis=1), 1e-9)
    close: Array = np.clip((cosines - _UNRELATED) / (1 - _UNRELATED), 0.0, 1.0).astype(np.float32)
    return close


def _vectors(snapshot: Snapshot, documents: Sequence[int]) -> Array:
    numbers = np.asarray(documents, dtype=np.int64)
    places = np.searchsorted(snapshot.bases, numbers, side="right") - 1
    vectors = np.empty((len(numbers), DIMENSIONS), dtype=np.float32)
    for place in np.unique(places).tolist():
        mine = places == place
        vectors[mine] = snapshot.segments[place].meanings[numbers[mine] - snapshot.bases[place]]
    return vectors
