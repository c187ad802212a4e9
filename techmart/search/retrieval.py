"""Answering one request from one snapshot: find, restrict, filter, order, count."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from techmart.search.feedback import feedback_groups
from techmart.search.matching_documents import Found, find_documents
from techmart.search.request import Hit, NumberRange, SearchRequest, SearchResult
from techmart.search.scoring import best
from techmart.search.segment import UNKNOWN
from techmart.search.snapshot import Snapshot
from techmart.search.weights import PRIOR_OF_VERIFIED

Array = NDArray[Any]
_HIGHEST: Final = np.iinfo(np.int64).max


def answer(snapshot: Snapshot, request: SearchRequest) -> SearchResult:
    """Deterministic: the same request on the same documents gives the same result."""
    started = time.perf_counter()
    if request.feedback:
        request = replace(request, groups=(*request.groups, *feedback_groups(snapshot, request.groups)))
    found = _restricted(snapshot, request, find_documents(snapshot, request))
    masks = {name: snapshot.facet(name).mask(codes, found.docs) for name, codes in request.filters.items()}
    chosen = _under(found, masks)
    facets = {name: tuple(snapshot.facet(name).tally(_under(found, masks, but=name).docs)) for name in request.facets}
    page = _page(snapshot, request, chosen)
    hits = tuple(_hit(snapshot, number, score) for number, score in page)
    took_ms = (time.perf_counter() - started) * 1000
    return SearchResult(len(chosen.docs), hits, facets, found.relaxed, took_ms)


def _restricted(snapshot: Snapshot, request: SearchRequest, found: Found) -> Found:
    """What is left before the facet filters are applied."""
    keep: Array | None = None

    def narrow(mask: Array) -> None:
        nonlocal keep
        keep = mask if keep is None else keep & mask

    if request.any_of:
        narrow(_held(snapshot, found.docs, request.any_of))
    if request.excluded:
        narrow(~_held(snapshot, found.docs, request.excluded))
    for name, bounds in request.ranges.items():
        narrow(_within(snapshot.number(name)[found.docs], bounds))
    numbers = [number for key in request.excluded_keys if (number := snapshot.number_of(key)) is not None]
    if numbers:
        narrow(~np.isin(found.docs, numbers))
    return found if keep is None else Found(found.docs[keep], found.scores[keep], found.relaxed)


def _held(snapshot: Snapshot, docs: Array, texts: Sequence[str]) -> Array:
    """Which of `docs` hold any of the terms."""
    held = np.zeros(len(docs), dtype=bool)
    for text in texts:
        postings = snapshot.postings(text)[0]
        if len(postings):
            places = np.searchsorted(postings, docs)
            places[places == len(postings)] = 0
            held |= postings[places] == docs
    return held


def _within(values: Array, bounds: NumberRange) -> Array:
    low = bounds.low if bounds.low is not None else UNKNOWN + 1
    high = bounds.high if bounds.high is not None else _HIGHEST
    inside: Array = (values >= low) & (values <= high)
    return inside | (values == UNKNOWN) if bounds.keeps_unknown else inside


def _under(found: Found, masks: Mapping[str, Array], *, but: str = "") -> Found:
    """What passes all filters, `but` one: a facet is counted without its own choice."""
    keep: Array | None = None
    for name, mask in masks.items():
        if name != but:
            keep = mask if keep is None else keep & mask
    return found if keep is None else Found(found.docs[keep], found.scores[keep])


def _page(snapshot: Snapshot, request: SearchRequest, found: Found) -> list[tuple[int, float]]:
    end = request.offset + request.limit
    if request.sort == "score":
        return _best_scored(snapshot, found, end)[request.offset :]
    values = snapshot.number(request.sort.removeprefix("-"))[found.docs]
    # Whoever has no such number comes last, in either direction.
    order = np.where(values == UNKNOWN, _HIGHEST, -values if request.sort.startswith("-") else values)
    places = best(-order, snapshot.ties, found.docs, end)[request.offset :]
    return [(int(found.docs[place]), float(found.scores[place])) for place in places]


def _best_scored(snapshot: Snapshot, found: Found, end: int) -> list[tuple[int, float]]:
    """The best by score, things of verified organisations lifted a little: it decides between near equals only."""
    docs, scores = found.docs, found.scores
    if len(scores) > 4 * end > 0:
        edge = np.partition(scores, len(scores) - end)[len(scores) - end]
        near = np.flatnonzero(scores >= edge / np.float32(PRIOR_OF_VERIFIED))
        docs, scores = docs[near], scores[near]
    facet = snapshot.facet("verified")
    if facet.single is not None and facet.names:
        scores = np.where(facet.single[docs] == 0, scores * np.float32(PRIOR_OF_VERIFIED), scores)
    return [(int(docs[place]), float(scores[place])) for place in best(scores, snapshot.ties, docs, end)]


def _hit(snapshot: Snapshot, number: int, score: float) -> Hit:
    key = snapshot.key_at(number)
    kind, _, identifier = key.partition(":")
    return Hit(key, kind, int(identifier) if identifier.isdigit() else 0, score)
