"""Which documents meet a request's groups, and their scores."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from techmart.search.kernels.dense import BLOCK
from techmart.search.kernels.scoring import ALL_SCORES, BEST_SCORES, SCORES, find
from techmart.search.prepared_query import prepare
from techmart.search.request import SearchRequest
from techmart.search.snapshot import Lifts, Snapshot

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Found:
    """Document numbers (int32) and their scores (float32) in the same order, which is no order in particular; `lifts`: what
    these are still to be multiplied by; `best` are those asked for, best first, with their scores as they are shown."""

    docs: Array
    scores: Array
    lifts: Lifts
    relaxed: bool = False
    best: tuple[list[int], list[float]] = ([], [])


class _Room:
    """Arrays of one thread, kept because making them costs more than a query. `address`: where their addresses lie (see
    kernels.scoring); those with a place for each document of a segment are zeros between queries."""

    def __init__(self) -> None:
        self._numbers = np.zeros(9, dtype=np.int64)
        self.address: int = self._numbers.ctypes.data
        self.largest = self.wanted = self.documents = -1

    def fit(self, largest: int, wanted: int) -> None:
        """Make room for segments of so many documents and for so many of the best."""
        if largest > self.largest:
            self.largest = largest
            kinds = (np.float32, np.uint8, np.uint16, np.uint16, np.uint16)
            self._places = [np.zeros(largest + 2 * BLOCK, dtype=kind) for kind in kinds]
            self._numbers[SCORES:BEST_SCORES] = [array.ctypes.data for array in self._places]
        if wanted > self.wanted:
            self.wanted = wanted
            self.best_scores, self.best_docs = np.empty(wanted + 1, np.float32), np.empty(wanted + 1, np.int32)
            self._numbers[BEST_SCORES:ALL_SCORES] = self.best_scores.ctypes.data, self.best_docs.ctypes.data

    def fit_all(self, documents: int) -> None:
        """Make room for all documents found."""
        if documents > self.documents:
            self.documents = documents
            self.all_scores, self.all_docs = np.empty(documents + 1, np.float32), np.empty(documents + 1, np.int32)
            self._numbers[ALL_SCORES:] = self.all_scores.ctypes.data, self.all_docs.ctypes.data


class _Rooms(threading.local):
    """The room of each thread."""

    def __init__(self) -> None:
        self.mine = _Room()


_rooms = _Rooms()


def find_best(snapshot: Snapshot, request: SearchRequest, count: int) -> tuple[int, list[int], list[float], bool]:
    """How many live documents meet the request's groups, the best `count` with their scores, and whether fewer words had to do."""
    room = _rooms.mine
    total, filled, relaxed, _ = _relaxing(room, snapshot, request, count, False)
    return total, room.best_docs[:filled].tolist(), room.best_scores[:filled].tolist(), relaxed


def find_documents(snapshot: Snapshot, request: SearchRequest, count: int = 0) -> Found:
    """The live documents that meet the groups, and the best `count`; all live ones, unscored, without any group. The arrays
    are good until the thread's next call."""
    if not request.groups and not request.required:
        docs = np.flatnonzero(snapshot.live).astype(np.int32)
        return Found(docs, np.zeros(len(docs), dtype=np.float32), snapshot.lifts)
    room = _rooms.mine
    room.fit_all(snapshot.count)
    total, filled, relaxed, lifts = _relaxing(room, snapshot, request, count, True)
    best = room.best_docs[:filled].tolist(), room.best_scores[:filled].tolist()
    return Found(room.all_docs[:total], room.all_scores[:total], lifts, relaxed, best)


def _relaxing(
    room: _Room, snapshot: Snapshot, request: SearchRequest, wanted: int, collects: bool
) -> tuple[int, int, bool, Lifts]:
    """(found, best there are, whether fewer words had to do, what scores are multiplied by)."""
    counting = 0
    for group in request.groups:
        counting += group.counts
    needed = min(request.minimum_should_match, counting)
    if snapshot.largest > room.largest or wanted > room.wanted:
        room.fit(snapshot.largest, wanted)
    query = prepare(snapshot, request, needed)
    total, filled = find(query.address, query.lifts.numbers_at, room.address, wanted, collects, query.lifts.highest)
    if needed > 1 and total < request.relax_below:
        before = total
        fewer = prepare(snapshot, request, min(request.relaxed_minimum, needed))
        total, filled = find(fewer.address, fewer.lifts.numbers_at, room.address, wanted, collects, fewer.lifts.highest)
        return total, filled, total > before, fewer.lifts
    return total, filled, False, query.lifts
