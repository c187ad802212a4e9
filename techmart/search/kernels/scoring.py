"""Finding and scoring documents, one segment at a time.

A segment's documents are scored in dense arrays that fit the nearest cache, so a posting costs about a nanosecond wherever
it falls, and nothing is decoded or kept between queries. Groups that must be met come first, the rarest ahead: the documents
of the first are the candidates, each further one leaves some of them, and what only adds to the score looks at the rest.
Without such a group every posting adds to the dense array, which is then looked through in blocks.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from techmart.search.kernels.candidates import (
    CODES,
    COUNT,
    DOCS,
    clear,
    codes_of,
    docs_of,
    find_place,
    score_candidates,
)
from techmart.search.kernels.compiler import (
    bytes_at,
    entry,
    integers_at,
    longs_at,
    part,
    prefetch,
    reals_at,
    shorts_at,
    signed_at,
    table_at,
)  # fmt: skip
from techmart.search.kernels.dense import BLOCK, look_through_met, look_through_scores, score_all
from techmart.search.kernels.heap import bare_floor, push, sort_best_first

#: A query's numbers: where its arrays lie and how long they are, how many groups must be met, and how many of the counted.
SEGMENTS, SEGMENT_COUNT, ROWS, ROW_COUNT, WEIGHTS, COUNTED, GROUP_COUNT, MUSTS, NEEDED = range(9)
#: A snapshot's: addresses of the deleted documents of each segment, the order among equals, the factors of scores.
DEAD, TIES, LIFTS, DOCUMENTS, LARGEST, VALUES = range(6)
#: A thread's: addresses of arrays with a place for each document of a segment, and of what is found.
SCORES, STAGES, MARKS, MET, FOUND, BEST_SCORES, BEST_DOCS, ALL_SCORES, ALL_DOCS = range(9)
#: Columns of a query's segments.
BASE, SIZE, FIRST_ROW, END_ROW, FIRST_DEAD, END_DEAD = range(6)
#: A share of the segment's documents (one in …) from which on postings are added to the dense array without a list of them.
_DENSE_FROM: Final = 20
_CODES: Final = 256


@part
def _take_row(
    row: Any, weight: Any, values: Any, dead: Any, base: Any, ties: Any, lifts: Any, lifts_at: Any, highest_lift: Any,
    best_scores: Any, best_docs: Any, filled: Any, all_docs: Any, all_scores: Any, total: Any,
) -> Any:  # fmt: skip
    """A segment that has one term of the query: its documents are the hits, and codes order like scores."""
    docs, codes = docs_of(row), codes_of(row)
    if all_docs.size > 0:
        for i in range(docs.size):
            if dead.size == 0 or find_place(dead, docs[i]) < 0:
                all_docs[total] = base + docs[i]
                all_scores[total] = weight * values[codes[i]]
                total += 1
    else:
        total += docs.size
        for i in range(dead.size):
            total -= find_place(docs, dead[i]) >= 0
    if best_scores.size == 0:
        return total, filled
    floor = bare_floor(best_scores, filled, highest_lift)
    if docs.size <= BLOCK:  # a rare word's factors: all are asked for at once
        for i in range(docs.size):
            prefetch(lifts_at + 4 * np.int64(docs[i]))
    for start in range(0, docs.size, BLOCK):
        end = min(start + BLOCK, docs.size)
        if filled == best_scores.size:
            highest = np.uint8(0)
            for i in range(start, end):
                highest = max(highest, codes[i])
            if weight * values[highest] < floor:
                continue
        for i in range(start, end):
            bare = weight * values[codes[i]]
            if bare < floor:
                continue
            score = bare * lifts[docs[i]]
            if (filled < best_scores.size or score >= best_scores[0]) and (
                dead.size == 0 or find_place(dead, docs[i]) < 0
            ):
                filled = push(best_scores, best_docs, filled, score, base + docs[i], ties)
                floor = bare_floor(best_scores, filled, highest_lift)
    return total, filled


@part
def _take_candidates(
    found: Any, count: Any, scores: Any, stages: Any, stage: Any, met: Any, needed: Any, lifts: Any, base: Any, ties: Any,
    best_scores: Any, best_docs: Any, filled: Any, all_docs: Any, all_scores: Any, total: Any,
) -> Any:  # fmt: skip
    """Take the candidates that met `stage` groups, and `needed` of the counted ones."""
    for i in range(count):
        doc = found[i]
        if stages[doc] == stage and (needed == 0 or met[doc] >= needed):
            if all_docs.size > 0:
                all_docs[total] = base + doc
                all_scores[total] = scores[doc]
            total += 1
            if best_scores.size > 0:
                score = scores[doc] * lifts[doc]
                if filled < best_scores.size or score >= best_scores[0]:
                    filled = push(best_scores, best_docs, filled, score, base + doc, ties)
    return total, filled


@entry("UniTuple(int64, 2)(int64, int64, int64, int64, boolean, float64)")
def find(query_at: Any, snapshot_at: Any, thread_at: Any, wanted: Any, collects: Any, lift: Any) -> Any:
    """Find and score. Returns how many documents were found, and how many of the best there are.

    query_at, snapshot_at, thread_at: addresses of the numbers named above (see prepared_query, Snapshot.numbers_at,
    matching_documents); an array as an argument would cost a tenth of a small query each.
    Segments are a table of int64, a row for each one that can hold a hit; rows are one (see candidates), a term in a
    segment each, ordered by group; weights, float32, what their values are multiplied by; counted, uint8, the groups that
    count towards `needed`. lift: no document's factor is above. The best `wanted` are written to the thread's
    BEST arrays, best first, lifted; where it `collects`, all that were found to its ALL arrays, not lifted, in no order.
    """
    query, snapshot, thread = longs_at(query_at, 9), longs_at(snapshot_at, 6), longs_at(thread_at, 9)
    musts, needed = query[MUSTS], query[NEEDED]
    segments = table_at(query[SEGMENTS], query[SEGMENT_COUNT], 6)
    all_rows = table_at(query[ROWS], query[ROW_COUNT], 4)
    all_weights = reals_at(query[WEIGHTS], query[ROW_COUNT])
    counted = bytes_at(query[COUNTED], query[GROUP_COUNT])
    ties, lifts = integers_at(snapshot[TIES], snapshot[DOCUMENTS]), reals_at(snapshot[LIFTS], snapshot[DOCUMENTS])
    values = reals_at(snapshot[VALUES], _CODES)
    places = (snapshot[LARGEST] + BLOCK - 1) // BLOCK * BLOCK
    scores, bits = reals_at(thread[SCORES], places), signed_at(thread[SCORES], places)
    stages, marks = bytes_at(thread[STAGES], places), shorts_at(thread[MARKS], places)
    met, found = shorts_at(thread[MET], places), shorts_at(thread[FOUND], places)
    room = snapshot[DOCUMENTS] + 1 if collects else 0
    all_scores, all_docs = reals_at(thread[ALL_SCORES], room), signed_at(thread[ALL_DOCS], room)
    best_scores, best_docs = reals_at(thread[BEST_SCORES], wanted), signed_at(thread[BEST_DOCS], wanted)
    # One place more than asked for, which holds the score a document must reach, to be read as bits.
    edge, edge_bits = reals_at(thread[BEST_SCORES], wanted + 1), signed_at(thread[BEST_SCORES], wanted + 1)
    highest_lift = np.float32(lift)
    total, filled = 0, 0
    for row in range(all_rows.shape[0]):  # a rare word costs mostly the wait for its pages, one after the other
        prefetch(all_rows[row, DOCS])
        prefetch(all_rows[row, CODES])
    for s in range(segments.shape[0]):
        base, size = segments[s, BASE], segments[s, SIZE]
        rows = all_rows[segments[s, FIRST_ROW] : segments[s, END_ROW]]
        weights = all_weights[segments[s, FIRST_ROW] : segments[s, END_ROW]]
        lifts_here = lifts[base : base + size]
        first_dead = segments[s, FIRST_DEAD]
        dead = shorts_at(snapshot[DEAD] + 2 * first_dead, segments[s, END_DEAD] - first_dead)
        if rows.shape[0] == 1 and needed == 0:
            total, filled = _take_row(
                rows[0], weights[0], values, dead, base, ties, lifts_here, snapshot[LIFTS] + 4 * base, highest_lift,
                best_scores, best_docs, filled, all_docs, all_scores, total,
            )  # fmt: skip
            continue
        postings = 0
        for row in range(rows.shape[0]):
            postings += rows[row, COUNT]
        if musts > 0 or (needed == 0 and postings * _DENSE_FROM < size):
            count, first, is_dirty = score_candidates(
                rows, weights, counted, musts, values, scores, stages, marks, met, found, size
            )
            for i in range(dead.size):
                stages[dead[i]] = 0
            total, filled = _take_candidates(
                found, count, scores, stages, max(musts, 1), met, needed, lifts_here, base, ties,
                best_scores, best_docs, filled, all_docs, all_scores, total,
            )  # fmt: skip
            if needed:
                for i in range(count):
                    marks[found[i]] = 0
                    met[found[i]] = 0
            clear(rows, first, is_dirty, scores, stages, size)
            continue
        score_all(rows, weights, counted, values, scores, marks, met)
        for i in range(dead.size):
            scores[dead[i]] = 0
            met[dead[i]] = 0
        if needed:
            total, filled = look_through_met(
                scores, met, needed, lifts_here, base, ties,
                best_scores, best_docs, filled, all_docs, all_scores, total,
            )  # fmt: skip
        else:
            total, filled = look_through_scores(
                scores, bits, lifts_here, base, ties, highest_lift, edge, edge_bits,
                best_scores, best_docs, filled, all_docs, all_scores, total,
            )  # fmt: skip
        scores[:size] = 0
        if needed:
            marks[:size] = 0
            met[:size] = 0
    sort_best_first(best_scores, best_docs, filled, ties)
    return total, filled
