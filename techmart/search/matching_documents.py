"""Which documents meet a request's groups, and their scores."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from techmart.search.kernels.candidates import BLOCK
from techmart.search.kernels.scoring import find
from techmart.search.prepared_query import prepare
from techmart.search.request import SearchRequest
from techmart.search.snapshot import Snapshot
from techmart.search.weights import PRIOR_OF_VERIFIED

Array = NDArray[Any]
_NO_DOCS: Final = np.zeros(0, dtype=np.int32)
_NO_SCORES: Final = np.zeros(0, dtype=np.float32)
_LIFT: Final = np.float32(PRIOR_OF_VERIFIED)


@dataclass(frozen=True, slots=True)
class Found:
    """Document numbers (int32) and their scores (float32) in the same order, which is no order in particular."""

    docs: Array
    scores: Array
    relaxed: bool = False


class _Scratch(threading.local):
    """Arrays of one thread, kept because making them costs more than a query. Those of `numbers` (see kernels.scoring) have
    a place for each document of a segment and are zeros between queries; the others hold all that was found."""

    size = documents = -1

    def fit(self, snapshot: Snapshot) -> Array:
        """The numbers, for segments as large as this snapshot's."""
        if snapshot.largest > self.size:
            self.size = snapshot.largest
            kinds = (np.float32, np.uint16, np.uint16, np.uint16, np.uint16)
            self._arrays = [np.zeros(self.size + 2 * BLOCK, dtype=kind) for kind in kinds]
            self.numbers = np.array([array.ctypes.data for array in self._arrays], dtype=np.int64)
        return self.numbers

    def fit_all(self, snapshot: Snapshot) -> _Scratch:
        if snapshot.count > self.documents:
            self.documents = snapshot.count
            self.docs = np.empty(self.documents, dtype=np.int32)
            self.scores = np.empty(self.documents, dtype=np.float32)
        return self


_scratch = _Scratch()


def find_best(snapshot: Snapshot, request: SearchRequest, count: int) -> tuple[int, list[int], list[float], bool]:
    """How many live documents meet the request's groups, the best `count` with their scores, and whether fewer words had to do."""
    best_scores, best_docs = np.empty(count, dtype=np.float32), np.empty(count, dtype=np.int32)
    total, filled, relaxed = _relaxing(snapshot, request, best_scores, best_docs, _NO_DOCS, _NO_SCORES)
    return total, best_docs[:filled].tolist(), best_scores[:filled].tolist(), relaxed


def find_documents(snapshot: Snapshot, request: SearchRequest) -> Found:
    """The live documents that meet the groups; all live ones, unscored, without any group. The arrays are good until the
    thread's next call."""
    if not request.groups and not request.required:
        docs = np.flatnonzero(snapshot.live).astype(np.int32)
        return Found(docs, np.zeros(len(docs), dtype=np.float32))
    room = _scratch.fit_all(snapshot)
    total, _, relaxed = _relaxing(snapshot, request, _NO_SCORES, _NO_DOCS, room.docs, room.scores)
    return Found(room.docs[:total], room.scores[:total], relaxed)


def _relaxing(
    snapshot: Snapshot, request: SearchRequest, best_scores: Array, best_docs: Array, docs: Array, scores: Array
) -> tuple[int, int, bool]:
    counting = 0
    for group in request.groups:
        counting += group.counts
    needed = min(request.minimum_should_match, counting)
    total, filled = _find(snapshot, request, needed, best_scores, best_docs, docs, scores)
    if needed > 1 and total < request.relax_below:
        before = total
        fewer = min(request.relaxed_minimum, needed)
        total, filled = _find(snapshot, request, fewer, best_scores, best_docs, docs, scores)
        return total, filled, total > before
    return total, filled, False


def _find(
    snapshot: Snapshot,
    request: SearchRequest,
    minimum: int,
    best_scores: Array,
    best_docs: Array,
    docs: Array,
    scores: Array,
) -> tuple[int, int]:
    query = prepare(snapshot, request, minimum)
    numbers, own = snapshot.numbers_for_find, _scratch.fit(snapshot)
    found: tuple[int, int] = find(query.numbers, numbers, own, _LIFT, best_scores, best_docs, docs, scores)
    return found
