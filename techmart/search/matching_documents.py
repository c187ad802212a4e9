"""Which documents meet a request's groups, and their scores: by intersection where every word is asked for, else by one
dense array. Both give the same scores; the first touches only what can be found."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from techmart.search.request import Group, SearchRequest
from techmart.search.scoring import accumulate, channel_factor, inverse_document_frequency, merged
from techmart.search.snapshot import Snapshot

Array = NDArray[Any]
#: Looking candidates up by bisection beats marking a whole list from about here on.
_BISECT_FROM: Final = 64
_SHORT_QUERY_GROUPS: Final = 12


@dataclass(frozen=True, slots=True)
class Found:
    """Document numbers, ascending, and their scores in the same order."""

    docs: Array
    scores: Array
    relaxed: bool = False


@dataclass(frozen=True, slots=True)
class _Weighted:
    """One term's postings and what its values are multiplied by."""

    docs: Array
    values: Array
    weight: float


Groups = Sequence[list[_Weighted]]


class _Scratch(threading.local):
    """Arrays as long as the index, kept by each thread and always left as zeros: allocating them costs more than a query."""

    size = -1

    def fit(self, size: int) -> _Scratch:
        if self.size != size:
            self.size = size
            self.scores = np.zeros(size, dtype=np.float32)
            self.marks = np.zeros(size, dtype=bool)
            self.counts = np.zeros(size, dtype=np.uint8)
        return self


_scratch = _Scratch()


def find_documents(snapshot: Snapshot, request: SearchRequest) -> Found:
    """The live documents that meet the required groups and enough of the others; all live ones, unscored, without any group."""
    if not request.groups and not request.required:
        docs = np.flatnonzero(snapshot.live)
        return Found(docs, np.zeros(len(docs), dtype=np.float32))
    required = [_weighted(snapshot, group) for group in request.required]
    # The few words of a typed query come again and again; those of a long text do not, and would only fill the cache.
    look_up = _as_one if len(request.groups) <= _SHORT_QUERY_GROUPS else _weighted
    groups = [(group, look_up(snapshot, group)) for group in request.groups]
    counting = [terms for group, terms in groups if group.counts]
    scoring = [terms for _, terms in groups]
    scratch = _scratch.fit(snapshot.count)
    needed = min(request.minimum_should_match, len(counting))
    found = _live(snapshot, _find(scratch, required, counting, scoring, needed))
    if needed > 1 and len(found.docs) < request.relax_below:
        fewer = min(request.relaxed_minimum, needed)
        relaxed = _live(snapshot, _find(scratch, required, counting, scoring, fewer))
        return Found(relaxed.docs, relaxed.scores, len(relaxed.docs) > len(found.docs))
    return found


def _as_one(snapshot: Snapshot, group: Group) -> list[_Weighted]:
    """The group's terms as one list of documents with their scores added up, kept for the next query with this word."""
    if (known := snapshot.group_cache.get(group)) is not None:
        docs, values = known[1]
    else:
        terms = [term for term in _weighted(snapshot, group) if term.weight > 0]
        if len(terms) < 2:
            return _weighted(snapshot, group)
        docs, values = terms[0].docs, terms[0].values * np.float32(terms[0].weight)
        for term in terms[1:]:
            docs, values = merged(docs, values, term.docs, term.values * np.float32(term.weight))
        snapshot.group_cache.put(group, 0, (docs.copy(), values.copy()))
    return [_Weighted(docs, values, 1.0)]


def _find(scratch: _Scratch, required: Groups, counting: Groups, scoring: Groups, needed: int) -> Found:
    all_needed = bool(counting) and needed == len(counting)
    if not required and not all_needed:
        return _accumulate(scratch, counting, scoring, needed)
    docs = _intersection(scratch, [*required, *(counting if all_needed else ())])
    if not all_needed and counting and len(docs):
        met = sum((_member_of_any(docs, terms).astype(np.uint8) for terms in counting), np.zeros(len(docs), np.uint8))
        docs = docs[met >= max(needed, 1)]
    return Found(docs, _scores_at(scratch, docs, scoring))


def _live(snapshot: Snapshot, found: Found) -> Found:
    if snapshot.live_count == snapshot.count:
        return found
    keep = snapshot.live[found.docs]
    return Found(found.docs[keep], found.scores[keep])


def _weighted(snapshot: Snapshot, group: Group) -> list[_Weighted]:
    """The group's terms that occur. A stand-in's idf is at most that of the group's own terms."""
    postings = [(term, *snapshot.postings(term.text)) for term in group.terms]
    total = snapshot.live_count
    own = [
        inverse_document_frequency(total, len(docs)) for term, docs, _ in postings if len(docs) and not term.stands_in
    ]
    ceiling = max(own, default=math.inf)
    rows = []
    for term, docs, values in postings:
        if len(docs):
            rarity = inverse_document_frequency(total, len(docs))
            rarity = min(rarity, ceiling) if term.stands_in else rarity
            rows.append(_Weighted(docs, values, term.weight * channel_factor(term.text) * rarity))
    return rows


def _intersection(scratch: _Scratch, groups: Groups) -> Array:
    """Documents that meet every group, rarest group first."""
    ordered = sorted(groups, key=lambda terms: sum(len(term.docs) for term in terms))
    docs = _union(ordered[0])
    for terms in ordered[1:]:
        if len(docs) * _BISECT_FROM < sum(len(term.docs) for term in terms):
            docs = docs[_member_of_any(docs, terms)]
        else:
            others = _union(terms)
            scratch.marks[docs] = True
            both = others[scratch.marks[others]]
            scratch.marks[docs] = False
            docs = both
    return docs


def _scores_at(scratch: _Scratch, docs: Array, scoring: Groups) -> Array:
    """What the terms add up to at `docs`."""
    scores = np.zeros(len(docs), dtype=np.float32)
    if not len(docs):
        return scores
    used_scratch = False
    for terms in scoring:
        for term in terms:
            if term.weight <= 0:
                continue
            if len(docs) * _BISECT_FROM < len(term.docs):
                places = np.searchsorted(term.docs, docs)
                places[places == len(term.docs)] = 0
                hits = term.docs[places] == docs
                scores[hits] += np.float32(term.weight) * term.values[places[hits]]
            else:
                accumulate(scratch.scores, term.docs, term.values, term.weight)
                used_scratch = True
    if used_scratch:
        scores += scratch.scores[docs]
        scratch.scores.fill(0)
    return scores


def _union(terms: Sequence[_Weighted]) -> Array:
    """Documents of any of the terms."""
    if not terms:
        return np.zeros(0, dtype=np.intp)
    docs, values = terms[0].docs, terms[0].values
    for term in terms[1:]:
        docs, values = merged(docs, values, term.docs, term.values)
    return docs


def _member_of_any(docs: Array, terms: Sequence[_Weighted]) -> Array:
    member = np.zeros(len(docs), dtype=bool)
    for term in terms:
        places = np.searchsorted(term.docs, docs)
        places[places == len(term.docs)] = 0
        member |= term.docs[places] == docs
    return member


def _accumulate(scratch: _Scratch, counting: Groups, scoring: Groups, needed: int) -> Found:
    """Documents that meet at least `needed` counting groups (that score at all, where one is enough)."""
    for terms in scoring:
        for term in terms:
            if term.weight > 0:
                accumulate(scratch.scores, term.docs, term.values, term.weight)
    if needed > 1:
        for terms in counting:
            if len(terms) == 1:
                scratch.counts[terms[0].docs] += 1
            elif terms:
                scratch.counts[_union(terms)] += 1
        docs = np.flatnonzero(scratch.counts >= needed)
        scratch.counts.fill(0)
    else:
        docs = np.flatnonzero(scratch.scores > 0)
    scores = scratch.scores[docs]
    scratch.scores.fill(0)
    return Found(docs, scores)
