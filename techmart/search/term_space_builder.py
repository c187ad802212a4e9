"""Working out a term space (see term_space) from a snapshot, by a randomised decomposition (Halko, Martinsson & Tropp 2011)
of its documents' telling terms."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from techmart.search.array_file import write_arrays
from techmart.search.scoring import VALUES_OF_CODES, channel_factor
from techmart.search.snapshot import Snapshot

Array = NDArray[Any]
#: Fewer documents than this say nothing about words.
FEWEST_DOCUMENTS: Final = 200
_DIMENSIONS: Final = 100
_OVERSAMPLED: Final = 10
_ROUNDS: Final = 3
_SEED: Final = 7
#: Documents looked at, evenly spread; more change nothing but the time.
_MOST_DOCUMENTS: Final = 20_000
_MOST_TERMS: Final = 30_000
#: A term takes part that tells about so many documents at least, and about no more than this share of them.
_FEWEST_USES: Final = 2
_MOST_SHARE: Final = 0.25
#: Words whose topicality is kept (folded forms repeat the exact ones), from so many documents on.
_WORD_CHANNELS: Final = (b"s:", b"x:")
_FEWEST_OCCURRENCES: Final = 3
#: Documents of usual use that a term's topicality is evened out with.
_PRIOR_DOCUMENTS: Final = 10.0


def write_term_space(path: Path, snapshot: Snapshot) -> bool:
    """Work the space of a snapshot out and put it at `path` in one rename; False where there are too few documents."""
    documents = np.flatnonzero(snapshot.live)
    if len(documents) < FEWEST_DOCUMENTS:
        return False
    step = max(1, -(-len(documents) // _MOST_DOCUMENTS))
    terms, matrix = _telling_matrix(snapshot, documents[::step])
    if len(terms) <= _OVERSAMPLED:
        return False
    counts = snapshot.document_counts(terms).tolist()
    rarities = [channel_factor(term) * snapshot.rarity(term, count) for term, count in zip(terms, counts, strict=True)]
    words, topicalities = _topicalities(snapshot)
    arrays = {
        "terms": _joined(terms),
        "vectors": _right_vectors(matrix).astype(np.float16).ravel(),
        "rarities": np.array(rarities, dtype=np.float32),
        "words": _joined(words),
        "topicalities": topicalities.astype(np.float32),
    }
    fresh = path.with_name(f"{path.name}.new")
    write_arrays(fresh, arrays, {"documents": len(documents)})
    fresh.replace(path)
    return True


def _telling_matrix(snapshot: Snapshot, documents: Array) -> tuple[list[str], csr_array]:
    """The terms that take part, in order of their text, and documents × terms."""
    numbers: dict[str, int] = {}
    lengths, columns, values = [], [], []
    bounds = np.searchsorted(documents, snapshot.bases)
    for place, segment in enumerate(snapshot.segments):
        inside = documents[bounds[place] : bounds[place + 1]] - snapshot.bases[place]
        offsets, terms, strengths = segment.telling_arrays()
        entries, mine = _entries_of(offsets, inside)
        held, which = np.unique(terms[entries], return_inverse=True)
        texts = (segment.term_at(number).decode() for number in held.tolist())
        known = np.array([numbers.setdefault(text, len(numbers)) for text in texts], dtype=np.int32)
        lengths.append(mine)
        columns.append(known[which])
        values.append(strengths[entries].astype(np.float32))
    names = list(numbers)
    column = np.concatenate(columns)
    uses = np.bincount(column, minlength=len(names))
    chosen = np.flatnonzero((uses >= _FEWEST_USES) & (uses <= max(_MOST_SHARE * len(documents), _FEWEST_USES)))
    if len(chosen) > _MOST_TERMS:
        chosen = np.array(sorted(chosen.tolist(), key=lambda n: (-uses[n], names[n]))[:_MOST_TERMS])
    chosen = np.array(sorted(chosen.tolist(), key=names.__getitem__), dtype=np.int64)
    starts = np.concatenate(([0], np.cumsum(np.concatenate(lengths))))
    matrix = csr_array((np.concatenate(values), column, starts), shape=(len(documents), len(names)))
    return [names[number] for number in chosen], matrix[:, chosen] if len(chosen) else matrix


def _entries_of(offsets: Array, inside: Array) -> tuple[Array, Array]:
    """The places of the telling terms of a segment's documents, one document after the other, and how many each has."""
    starts, ends = offsets[inside].astype(np.int64), offsets[inside + 1].astype(np.int64)
    lengths = ends - starts
    entries: Array = np.arange(int(lengths.sum())) + np.repeat(starts - np.cumsum(lengths) + lengths, lengths)
    return entries, lengths


def _topicalities(snapshot: Snapshot) -> tuple[list[str], Array]:
    """Words that occur often enough to tell, and what they count on average where they occur, relative to all of them."""
    texts: set[str] = set()
    sums_of: list[Array] = []
    for segment in snapshot.segments:
        frequencies = np.diff(segment.posting_offsets.astype(np.int64))
        starts = segment.posting_offsets[:-1].astype(np.int64)
        sums_of.append(np.add.reduceat(VALUES_OF_CODES[segment.posting_codes], starts) if len(starts) else starts)
        for channel in _WORD_CHANNELS:
            first = segment.first_at_or_after(channel)
            end = segment.first_at_or_after(channel[:-1] + b";")
            often = np.flatnonzero(frequencies[first:end] >= min(_FEWEST_OCCURRENCES, 2)) + first
            texts.update(segment.term_at(number).decode() for number in often.tolist())
    words = sorted(texts)
    firsts, counts = snapshot.locate(words)
    sums = np.zeros(len(words))
    for place, segment in enumerate(snapshot.segments):
        held = np.flatnonzero(counts[:, place])
        sums[held] += sums_of[place][np.searchsorted(segment.posting_offsets, firsts[held, place])]
    totals = counts.sum(axis=1)
    kept = np.flatnonzero(totals >= _FEWEST_OCCURRENCES)
    usual = sums[kept].sum() / max(int(totals[kept].sum()), 1)
    values: Array = (sums[kept] / usual + _PRIOR_DOCUMENTS) / (totals[kept] + _PRIOR_DOCUMENTS)
    return [words[number] for number in kept], values


def _joined(texts: Sequence[str]) -> Array:
    return np.frombuffer("\n".join(texts).encode(), dtype=np.uint8)


def _right_vectors(matrix: csr_array) -> Array:
    """The leading right singular vectors, terms × dimensions. The same matrix gives the same vectors."""
    dimensions = max(2, min(_DIMENSIONS, min(matrix.shape) // 4))
    start = np.random.default_rng(_SEED).standard_normal((matrix.shape[1], dimensions + _OVERSAMPLED))
    sample = matrix @ start.astype(np.float32)
    transposed = matrix.T.tocsr()
    for _round in range(_ROUNDS):
        sample = matrix @ _orthonormal(transposed @ _orthonormal(sample))
    # The singular vectors of a long narrow matrix, by the small one of its columns' products.
    small = transposed @ _orthonormal(sample)
    return _orthonormal(small)[:, :dimensions]


def _orthonormal(columns: Array) -> Array:
    """The left singular vectors of a long narrow matrix, largest first, float32; zeros where there are fewer.

    Worked out from the products of the columns in double precision: an eighth of the work of QR and singular value
    decompositions, and as exact where, as here, no value that is wanted is ten thousand times smaller than another.
    """
    exact = columns.astype(np.float64)
    values, turns = np.linalg.eigh(exact.T @ exact)
    values, turns = values[::-1], turns[:, ::-1]
    is_there = values > values[0] * 1e-12
    scale = np.where(is_there, 1.0 / np.sqrt(np.where(is_there, values, 1.0)), 0.0)
    vectors: Array = (exact @ (turns * scale)).astype(np.float32)
    return vectors
