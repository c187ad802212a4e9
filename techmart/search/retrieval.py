"""Answering one request from one snapshot: filters as masks, scores as one dense array, facets as counts."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from techmart.search.request import Group, Hit, NumberRange, SearchRequest, SearchResult
from techmart.search.scoring import accumulate, best, channel_factor, inverse_document_frequency
from techmart.search.segment import UNKNOWN
from techmart.search.snapshot import Snapshot
from techmart.search.weights import PRIOR_OF_VERIFIED

Array = NDArray[Any]
_HIGHEST: Final = np.iinfo(np.int64).max


def answer(snapshot: Snapshot, request: SearchRequest) -> SearchResult:
    """Find, order, cut and count. Deterministic: the same request on the same documents gives the same result."""
    started = time.perf_counter()
    scores = np.zeros(snapshot.count, dtype=np.float32)
    met, relaxed = _scored(snapshot, request, scores)
    restricted = _restriction(snapshot, request, met)
    # Without filters of its own to leave out, every facet counts the same documents.
    masks = {name: _filter_mask(snapshot, name, request) for name in request.filters}
    mask = restricted.copy() if masks else restricted
    for one in masks.values():
        mask &= one
    found = np.flatnonzero(mask)
    facets = {name: _facet(snapshot, name, restricted, masks, mask, found) for name in request.facets}
    page = _page(snapshot, request, scores, found)
    hits = tuple(_hit(snapshot, int(number), float(scores[number])) for number in page)
    took_ms = (time.perf_counter() - started) * 1000
    return SearchResult(len(found), hits, facets, relaxed, took_ms)


def _scored(snapshot: Snapshot, request: SearchRequest, scores: Array) -> tuple[Array, bool]:
    """Fill `scores`; which documents met enough groups, and whether that had to be relaxed."""
    counting = [group for group in request.groups if group.counts]
    needed = min(request.minimum_should_match, len(counting))
    counts = np.zeros(snapshot.count, dtype=np.uint16) if needed > 1 else None
    for group in request.groups:
        marks = _score_group(snapshot, group, scores, wants_marks=counts is not None and group.counts)
        if counts is not None and marks is not None:
            counts += marks
    if not counting:  # what only adds to the score does not decide who is found
        return snapshot.live.copy(), False
    if counts is None:
        return (scores > 0) & snapshot.live, False
    met = (counts >= needed) & snapshot.live
    if request.relax_below and int(np.count_nonzero(met)) < request.relax_below:
        return (counts >= request.relaxed_minimum) & snapshot.live, True
    return met, False


def _score_group(snapshot: Snapshot, group: Group, scores: Array, *, wants_marks: bool) -> Array | None:
    """Add the group's scores; which documents hold any of its terms, when asked."""
    marks = np.zeros(snapshot.count, dtype=bool) if wants_marks else None
    postings = [(term, *snapshot.postings(term.text)) for term in group.terms]
    rarity = {term.text: inverse_document_frequency(snapshot.live_count, len(docs)) for term, docs, _ in postings}
    own = [rarity[term.text] for term, docs, _ in postings if len(docs) and not term.stands_in]
    ceiling = max(own, default=math.inf)
    for term, docs, values in postings:
        if not len(docs):
            continue
        idf = min(rarity[term.text], ceiling) if term.stands_in else rarity[term.text]
        weight = term.weight * channel_factor(term.text) * idf
        if weight > 0:
            accumulate(scores, docs, values, weight)
        if marks is not None:
            marks[docs] = True
    return marks


def _restriction(snapshot: Snapshot, request: SearchRequest, met: Array) -> Array:
    """What is found before the facet filters are applied."""
    for group in request.required:
        met &= _union(snapshot, (term.text for term in group.terms))
    if request.any_of:
        met &= _union(snapshot, request.any_of)
    for text in request.excluded:
        met[snapshot.postings(text)[0]] = False
    for name, bounds in request.ranges.items():
        met &= _within(snapshot.number(name), bounds)
    for key in request.excluded_keys:
        if (number := snapshot.number_of(key)) is not None:
            met[number] = False
    return met


def _union(snapshot: Snapshot, texts: Iterable[str]) -> Array:
    mask = np.zeros(snapshot.count, dtype=bool)
    for text in texts:
        mask[snapshot.postings(text)[0]] = True
    return mask


def _within(values: Array, bounds: NumberRange) -> Array:
    low = bounds.low if bounds.low is not None else UNKNOWN + 1
    high = bounds.high if bounds.high is not None else _HIGHEST
    inside = (values >= low) & (values <= high)
    return inside | (values == UNKNOWN) if bounds.keeps_unknown else inside


def _filter_mask(snapshot: Snapshot, name: str, request: SearchRequest) -> Array:
    return snapshot.facet(name).mask(request.filters[name], snapshot.count)


def _facet(
    snapshot: Snapshot, name: str, restricted: Array, masks: dict[str, Array], mask: Array, found: Array
) -> tuple[tuple[str, int], ...]:
    """Counts of one facet under all filters but its own."""
    if name in masks:
        mask = restricted.copy()
        for other, one in masks.items():
            if other != name:
                mask &= one
        found = np.flatnonzero(mask)
    return tuple(snapshot.facet(name).tally(mask, found))


def _page(snapshot: Snapshot, request: SearchRequest, scores: Array, found: Array) -> Sequence[int]:
    end = request.offset + request.limit
    if request.sort == "score":
        if request.groups:
            _lift_verified(snapshot, scores, found)
            return best(scores, found, snapshot.ties, end)[request.offset :]
        return found[np.argsort(snapshot.ties[found], kind="stable")][request.offset : end]
    name = request.sort.removeprefix("-")
    values = snapshot.number(name)[found]
    # Whoever has no such number comes last, in either direction.
    order = np.where(values == UNKNOWN, _HIGHEST, -values if request.sort.startswith("-") else values)
    return found[np.lexsort((snapshot.ties[found], order))][request.offset : end]


def _lift_verified(snapshot: Snapshot, scores: Array, found: Array) -> None:
    """A small prior for things of verified organisations: it decides between near equals only."""
    facet = snapshot.facet("verified")
    if facet.single is None or not facet.names or PRIOR_OF_VERIFIED == 1.0:
        return
    verified = found[facet.single[found] == 0]
    scores[verified] *= np.float32(PRIOR_OF_VERIFIED)


def _hit(snapshot: Snapshot, number: int, score: float) -> Hit:
    key = snapshot.key_at(number)
    kind, _, identifier = key.partition(":")
    return Hit(key, kind, int(identifier) if identifier.isdigit() else 0, score)
