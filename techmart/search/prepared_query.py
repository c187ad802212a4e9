"""A request's words made ready for the inner loops: where their postings lie, what they weigh, in which order they are met.

That is planning, not an answer: a query that comes again is searched again. Kept while its snapshot lives.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from techmart.search.kernels.lookup import POSTING_CODES, POSTING_DOCS
from techmart.search.language_reach import language_factors
from techmart.search.request import Group, SearchRequest
from techmart.search.scoring import channel_factor
from techmart.search.snapshot import Lifts, Snapshot

Array = NDArray[Any]
#: The loops count them in a byte. A quoted text of more words than this is held to its rarest.
_MOST_MUSTS: Final = 250
_ROUGH_OVERHEAD_BYTES: Final = 1_000
_BYTES_A_TERM: Final = 200


@dataclass(frozen=True, slots=True)
class PreparedQuery:
    """`address`: of the numbers kernels.scoring.find asks for, the last of `arrays`, which hold the addresses of the others.
    `lifts`: what documents' scores are multiplied by."""

    address: int
    arrays: tuple[Array, ...]
    lifts: Lifts
    size_bytes: int


@dataclass(slots=True)
class _Part:
    """A group with the part it takes."""

    group: Group
    is_must: bool
    is_counted: bool
    scores: bool
    documents: int = 0


def prepare(snapshot: Snapshot, request: SearchRequest, minimum: int) -> PreparedQuery:
    """The request's groups for this snapshot, where `minimum` of the counting ones must be met."""
    key = (request.groups, request.required, minimum, request.is_text)
    known: PreparedQuery | None = snapshot.prepared.get(key)
    if known is None:
        known = _prepared(snapshot, request, minimum)
        snapshot.prepared.put(key, known)
    return known


def _prepared(snapshot: Snapshot, request: SearchRequest, minimum: int) -> PreparedQuery:
    counting = sum(group.counts for group in request.groups)
    all_needed = 0 < counting == minimum
    parts = _parts(request, all_needed)
    terms = [term for part in parts for term in part.group.terms]
    number_of = {text: number for number, text in enumerate(dict.fromkeys(term.text for term in terms))}
    numbers_of_terms = np.array([number_of[term.text] for term in terms], dtype=np.int64)
    firsts, counts = (array[numbers_of_terms] for array in snapshot.locate(list(number_of)))
    totals = counts.sum(axis=1).tolist()
    weights: list[float] = []
    for part in parts:
        mine = totals[len(weights) : len(weights) + len(part.group.terms)]
        part.documents = sum(mine)
        weights += _weights(snapshot, part.group, mine) if part.scores else [0.0] * len(mine)
    earned = [weight if total else 0.0 for weight, total in zip(weights, totals, strict=True)]
    factors = language_factors(snapshot, [part.group for part in parts], earned, is_text=request.is_text)
    lifts = snapshot.lifts_by_language(factors)
    if len(parts) == 1 and all(weight > 0 for weight in weights):
        parts[0].is_must = False  # a single word: whatever scores has it
    musts = sum(part.is_must for part in parts)
    if musts > _MOST_MUSTS:
        rarest = sorted((part for part in parts if part.is_must), key=lambda part: part.documents)
        for part in rarest[_MOST_MUSTS:]:
            part.is_must = False
        musts = _MOST_MUSTS
    # Where nothing must be met and one word is enough, whatever scores is found: no need to count.
    needed = 0 if all_needed or not counting or (not musts and minimum <= 1) else max(minimum, 1)
    # Musts first, rarest ahead: the order in which kernels.scoring takes them.
    order = sorted(range(len(parts)), key=lambda n: (not parts[n].is_must, parts[n].documents * parts[n].is_must, n))
    place = {number: at for at, number in enumerate(order)}
    group_of_term = [place[number] for number, part in enumerate(parts) for _ in part.group.terms]
    useful = [
        weight > 0 or part.is_must or (part.is_counted and needed > 0)
        for part, weight in zip((part for part in parts for _ in part.group.terms), weights, strict=True)
    ]
    if not musts and not needed:
        _add_up(weights, useful, numbers_of_terms.tolist())
    by_group = np.array(
        sorted((n for n in range(len(terms)) if useful[n]), key=group_of_term.__getitem__), dtype=np.int64
    )
    rows, row_weights, segments = _rows(
        snapshot, by_group, firsts, counts, np.array(group_of_term), np.array(weights), musts
    )
    counted = np.array([parts[number].is_counted and needed > 0 for number in order], dtype=np.uint8)
    numbers = np.array(
        [
            segments.ctypes.data, len(segments), rows.ctypes.data, len(rows), row_weights.ctypes.data,
            counted.ctypes.data, len(counted), musts, needed,
        ],
        dtype=np.int64,
    )  # fmt: skip
    size = rows.nbytes + row_weights.nbytes + segments.nbytes + _BYTES_A_TERM * len(terms) + _ROUGH_OVERHEAD_BYTES
    return PreparedQuery(numbers.ctypes.data, (segments, rows, row_weights, counted, numbers), lifts, size)


def _add_up(weights: list[float], useful: list[bool], numbers: Sequence[int]) -> None:
    """Where groups only add to the score, a term of several (a translation, mostly) is read once, with all its weight."""
    first_of: dict[int, int] = {}
    for place, number in enumerate(numbers):
        if useful[place] and (first := first_of.setdefault(number, place)) != place:
            weights[first] += weights[place]
            useful[place] = False


def _parts(request: SearchRequest, all_needed: bool) -> list[_Part]:
    """A phrase is required and scores as well: its groups are taken once."""
    parts = [_Part(group, all_needed and group.counts, group.counts, scores=True) for group in request.groups]
    free = {part.group.terms: part for part in reversed(parts) if not part.is_must and not part.is_counted}
    for group in request.required:
        if (same := free.pop(group.terms, None)) is not None:
            same.is_must = True
        else:
            parts.append(_Part(group, is_must=True, is_counted=False, scores=False))
    return parts


def _weights(snapshot: Snapshot, group: Group, counts: Sequence[int]) -> list[float]:
    """What each term's values are multiplied by. A stand-in's idf is at most that of the group's own terms."""
    rarities = [snapshot.rarity(term.text, count) for term, count in zip(group.terms, counts, strict=True)]
    own = [
        rarity
        for term, rarity, count in zip(group.terms, rarities, counts, strict=True)
        if count and not term.stands_in
    ]
    ceiling = max(own, default=math.inf)
    return [
        term.weight * channel_factor(term.text) * (min(rarity, ceiling) if term.stands_in else rarity)
        for term, rarity in zip(group.terms, rarities, strict=True)
    ]


def _rows(
    snapshot: Snapshot, order: Array, firsts: Array, counts: Array, groups: Array, weights: Array, musts: int
) -> tuple[Array, Array, Array]:
    """Rows, their weights, and segments (see kernels.scoring), of segments that have all groups that must be met."""
    held = counts[order].T > 0
    segment_of, place = np.nonzero(held)
    term = order[place]
    n = counts[term, segment_of]
    first = firsts[term, segment_of]
    rows = np.empty((len(term), 4), dtype=np.int64)
    rows[:, 0] = snapshot.table[segment_of, POSTING_DOCS] + 2 * first
    rows[:, 1] = snapshot.table[segment_of, POSTING_CODES] + first
    rows[:, 2] = n
    rows[:, 3] = groups[term] if len(term) else 0
    bounds = np.searchsorted(segment_of, np.arange(len(snapshot.segments) + 1)).tolist()
    segments = [
        (
            snapshot.bases[s], snapshot.bases[s + 1] - snapshot.bases[s], bounds[s], bounds[s + 1],
            snapshot.dead_starts[s], snapshot.dead_starts[s + 1],
        )
        for s in range(len(snapshot.segments))
        if bounds[s] < bounds[s + 1] and _has_all(rows[bounds[s] : bounds[s + 1], 3], musts)
    ]  # fmt: skip
    return rows, weights[term].astype(np.float32), np.array(segments, dtype=np.int64).reshape(-1, 6)


def _has_all(groups: Array, musts: int) -> bool:
    return not musts or len({group for group in groups.tolist() if group < musts}) == musts
