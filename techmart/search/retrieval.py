"""Answering one request from one snapshot: find, restrict, filter, order, count."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from itertools import repeat
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from techmart.search.feedback import feedback_groups
from techmart.search.kernels.listing import keep, pick_by_number, pick_by_score
from techmart.search.matching_documents import Found, find_best, find_documents
from techmart.search.request import Hit, NumberRange, SearchRequest, SearchResult
from techmart.search.reranking import RERANKED, in_order_of_meaning
from techmart.search.segment import UNKNOWN
from techmart.search.snapshot import Snapshot

Array = NDArray[Any]
_HIGHEST: Final = np.iinfo(np.int64).max


def answer(snapshot: Snapshot, request: SearchRequest) -> SearchResult:
    """Deterministic: the same request on the same documents gives the same result."""
    started = time.perf_counter()
    if request.direction is not None and request.sort == "score":
        deep = request._replace(offset=0, limit=max(request.offset + request.limit, RERANKED), direction=None)
        ranked = in_order_of_meaning(snapshot, answer(snapshot, deep), request)
        return ranked._replace(took_ms=(time.perf_counter() - started) * 1000)
    if request.feedback:
        request = request._replace(groups=(*request.groups, *feedback_groups(snapshot, request.groups)))
    if _is_plain(request):
        total, docs, scores, relaxed = find_best(snapshot, request, request.offset + request.limit)
        facets: Mapping[str, tuple[tuple[str, int], ...]] = {}
    else:
        everything = find_documents(snapshot, request, request.offset + request.limit if request.sort == "score" else 0)
        found = _restricted(snapshot, request, everything)
        masks = {name: snapshot.facets.mask(name, codes, found.docs) for name, codes in request.filters.items()}
        chosen = _under(found, masks)
        facets = _facets(snapshot, request, found, masks, chosen)
        is_all = chosen is everything and request.sort == "score" and (request.groups or request.required)
        docs, scores = everything.best if is_all else _best(snapshot, request, chosen)
        total, relaxed = len(chosen.docs), found.relaxed
    hits = tuple(map(_new, repeat(Hit), zip(map(snapshot.keys.__getitem__, docs), scores, strict=True)))
    if request.offset:
        hits, docs = hits[request.offset :], docs[request.offset :]
    return SearchResult(total, hits, facets, relaxed, (time.perf_counter() - started) * 1000, tuple(docs))


#: Makes a Hit of a pair, without a call of Python's for each.
_new: Final[Callable[[type[Hit], tuple[str, float]], Hit]] = tuple.__new__


def _is_plain(request: SearchRequest) -> bool:
    """Whether the best documents are wanted and nothing else, which needs no list of all that were found."""
    return not (
        request.facets or request.filters or request.ranges or request.any_of or request.excluded or request.excluded_keys
        or request.sort != "score" or not (request.groups or request.required)
    )  # fmt: skip


def _facets(
    snapshot: Snapshot, request: SearchRequest, found: Found, masks: Mapping[str, Array], chosen: Found
) -> dict[str, tuple[tuple[str, int], ...]]:
    """A facet is counted without its own choice; those without one are counted together."""
    if not request.facets:
        return {}
    free = [name for name in request.facets if name not in masks]
    counted = snapshot.facets.tally(free, chosen.docs)
    for name in request.facets:
        if name in masks:
            counted |= snapshot.facets.tally([name], _under(found, masks, but=name).docs)
    return {name: counted[name] for name in request.facets}


def _restricted(snapshot: Snapshot, request: SearchRequest, found: Found) -> Found:
    """What is left before the facet filters are applied."""
    marks: Array | None = None

    def narrow(mask: Array) -> None:
        nonlocal marks
        marks = mask if marks is None else marks & mask

    if request.any_of:
        narrow(_held(snapshot, found.docs, request.any_of))
    if request.excluded:
        narrow(~_held(snapshot, found.docs, request.excluded))
    for name, bounds in request.ranges.items():
        narrow(_within(snapshot.number(name)[found.docs], bounds))
    numbers = [number for key in request.excluded_keys if (number := snapshot.number_of(key)) is not None]
    if numbers:
        narrow(~np.isin(found.docs, numbers))
    return _kept(found, marks)


def _kept(found: Found, marks: Array | None) -> Found:
    """The marked documents; all where there are no marks."""
    if marks is None:
        return found
    docs, scores = np.empty(len(marks) + 1, dtype=np.int32), np.empty(len(marks) + 1, dtype=np.float32)
    count = keep(found.docs, found.scores, marks, docs, scores)
    return Found(docs[:count], scores[:count], found.lifts, found.relaxed)


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
    marks: Array | None = None
    for name, mask in masks.items():
        if name != but:
            marks = mask if marks is None else marks & mask
    return _kept(found, marks)


def _best(snapshot: Snapshot, request: SearchRequest, found: Found) -> tuple[list[int], list[float]]:
    """The documents of the pages so far, in the order asked for, and their scores."""
    room = min(request.offset + request.limit, len(found.docs))
    scores, docs = np.empty(room, dtype=np.float32), np.empty(room, dtype=np.int32)
    if request.sort == "score":
        pick_by_score(found.docs, found.scores, found.lifts.factors, snapshot.ties, scores, docs)
    else:
        numbers = snapshot.number(request.sort.removeprefix("-"))
        best = np.empty(room, dtype=np.int64)
        is_descending = request.sort.startswith("-")
        pick_by_number(found.docs, found.scores, numbers, is_descending, snapshot.ties, best, docs, scores)
    return docs.tolist(), scores.tolist()
