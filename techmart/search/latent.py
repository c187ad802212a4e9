"""How close texts are in meaning by the company their words keep: places in the index's own space of terms.

A text lies in the direction its weighted terms pull it (folding-in, Deerwester et al. 1990, 3.3); closeness is the cosine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from techmart.search.kernels.folding import pull_together
from techmart.search.scoring import VALUES_OF_CODES
from techmart.search.segment import SegmentReader
from techmart.search.snapshot import Snapshot
from techmart.search.term_space import TermSpace

Array = NDArray[Any]
#: The telling terms of a smaller segment were chosen by too few documents; its postings are read instead.
_SMALL_SEGMENT: Final = 500
#: What is worked out once a segment and space: rows of terms, or, of a small segment, the vectors of its documents.
_PREPARED: Final[WeakKeyDictionary[SegmentReader, tuple[TermSpace, Array]]] = WeakKeyDictionary()


def direction(space: TermSpace | None, weights: Mapping[str, float]) -> Array | None:
    """Where a text lies: a unit vector, float32; None where the index has no space, or none of its terms a place.

    `weights`: index term → how much the text is about it.
    """
    found = [(row, weight) for term, weight in weights.items() if space and (row := space.row(term)) is not None]
    if space is None or not found:
        return None
    rows, strengths = (np.array(column) for column in zip(*found, strict=True))
    unit: Array = _unit((strengths @ space.vectors[rows])[np.newaxis])[0]
    return unit


def closeness(snapshot: Snapshot, text: Array | None, documents: Sequence[int]) -> Array:
    """The cosine (0 to 1, float32) of a text and each document; zeros for a text without a `direction`."""
    if snapshot.space is None or text is None or not len(documents):
        return np.zeros(len(documents), dtype=np.float32)
    cosines: Array = np.clip(document_vectors(snapshot, snapshot.space, documents) @ text, 0.0, 1.0).astype(np.float32)
    return cosines


def document_vectors(snapshot: Snapshot, space: TermSpace, documents: Sequence[int]) -> Array:
    """Where documents lie: unit vectors, float32, documents × dimensions; zeros for one without known terms."""
    numbers = np.asarray(documents, dtype=np.int64)
    places = np.searchsorted(snapshot.bases, numbers, side="right") - 1
    vectors = np.zeros((len(numbers), space.vectors.shape[1]), dtype=np.float32)
    for place in np.unique(places).tolist():
        mine = places == place
        inside = numbers[mine] - snapshot.bases[place]
        vectors[mine] = _vectors_in(snapshot, space, place, inside)
    return _unit(vectors)


def _vectors_in(snapshot: Snapshot, space: TermSpace, place: int, inside: Array) -> Array:
    segment = snapshot.segments[place]
    is_small = segment.count < _SMALL_SEGMENT
    known = _PREPARED.get(segment)
    if known is None or known[0] is not space:
        known = space, (_from_postings if is_small else _rows_of_terms)(snapshot, space, place)
        _PREPARED[segment] = known
    if is_small:
        vectors: Array = known[1][inside]
        return vectors
    return _from_telling_terms(segment, space, known[1], inside)


def _from_telling_terms(segment: SegmentReader, space: TermSpace, rows_of_terms: Array, inside: Array) -> Array:
    offsets, terms, values = segment.telling_arrays()
    entries, lengths = entries_of(offsets, inside)
    vectors = np.zeros((len(inside), space.vectors.shape[1]), dtype=np.float32)
    pull_together(space.vectors, rows_of_terms[terms[entries]], values[entries].astype(np.float32), lengths, vectors)
    return vectors


def entries_of(offsets: Array, inside: Array) -> tuple[Array, Array]:
    """The places of the telling terms of a segment's documents, one document after the other, and how many each has."""
    starts, ends = offsets[inside].astype(np.int64), offsets[inside + 1].astype(np.int64)
    lengths = ends - starts
    entries: Array = np.arange(int(lengths.sum())) + np.repeat(starts - np.cumsum(lengths) + lengths, lengths)
    return entries, lengths


def _rows_of_terms(snapshot: Snapshot, space: TermSpace, place: int) -> Array:
    """Number of a term in the segment → its row in the space, -1 for none."""
    segment = snapshot.segments[place]
    firsts, counts = snapshot.locate(space.terms, place)
    held = np.flatnonzero(counts)
    rows = np.full(segment.term_count, -1, dtype=np.int32)
    rows[np.searchsorted(segment.posting_offsets, firsts[held, 0])] = held
    return rows


def _from_postings(snapshot: Snapshot, space: TermSpace, place: int) -> Array:
    """The vectors of all documents of a segment."""
    segment = snapshot.segments[place]
    firsts, counts = snapshot.locate(space.terms, place)
    vectors = np.zeros((segment.count, space.vectors.shape[1]), dtype=np.float32)
    for row in np.flatnonzero(counts).tolist():
        span = slice(int(firsts[row, 0]), int(firsts[row, 0] + counts[row, 0]))
        strengths = VALUES_OF_CODES[segment.posting_codes[span]] * space.rarities[row]
        vectors[segment.posting_docs[span]] += strengths[:, np.newaxis] * space.vectors[row]
    return vectors


def _unit(vectors: Array) -> Array:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Array = (vectors / np.maximum(lengths, 1e-9)).astype(np.float32)
    return unit
