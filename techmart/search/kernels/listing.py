"""Work on a list of documents found: filtering, counting facets, choosing the best by a number."""

from __future__ import annotations

from typing import Any

import numpy as np

from techmart.search.kernels.compiler import entry, part
from techmart.search.kernels.heap import push, sort_best_first

_UNKNOWN = np.iinfo(np.int64).min


@part
def _rank(number: Any, is_descending: Any) -> Any:
    return number if is_descending or number == _UNKNOWN else -number


@entry("void(int32[::1], uint16[:, ::1], int64, int64, boolean[::1], boolean[::1])")
def mark_holders(docs: Any, columns: Any, first: Any, end: Any, wanted: Any, marks: Any) -> None:
    """marks[i] says whether docs[i] has a wanted code in the columns (columns × documents) from `first` to `end`."""
    marks[:] = False
    for c in range(first, end):
        codes = columns[c]
        for i in range(docs.size):
            marks[i] |= wanted[codes[docs[i]]]


@entry("void(int32[::1], uint16[:, ::1], int64, int64, int64[::1])")
def tally(docs: Any, table: Any, first: Any, end: Any, counts: Any) -> None:
    """Add to `counts`, by code, how many of the documents have it in the columns from `first` to `end`."""
    for i in range(docs.size):
        for column in range(first, end):
            counts[table[docs[i], column]] += 1


@entry("int64(int32[::1], float32[::1], boolean[::1], int32[::1], float32[::1])")
def keep(docs: Any, scores: Any, marks: Any, kept_docs: Any, kept_scores: Any) -> Any:
    """Copy the marked documents and their scores; returns how many. There must be room for one more than all."""
    count = 0
    for i in range(docs.size):
        kept_docs[count] = docs[i]
        kept_scores[count] = scores[i]
        count += marks[i]
    return count


@entry("int64(int32[::1], float32[::1], float32[::1], uint32[::1], float32[::1], int32[::1])")
def pick_by_score(docs: Any, scores: Any, lifts: Any, ties: Any, best_scores: Any, best_docs: Any) -> Any:
    """Fill `best_scores` and `best_docs` with the best of the documents, lifted; returns how many."""
    filled = 0
    if best_scores.size == 0:
        return 0
    for i in range(docs.size):
        score = scores[i] * lifts[docs[i]]
        if filled < best_scores.size or score >= best_scores[0]:
            filled = push(best_scores, best_docs, filled, score, docs[i], ties)
    sort_best_first(best_scores, best_docs, filled, ties)
    return filled


@entry("int64(int32[::1], float32[::1], int64[::1], boolean, uint32[::1], int64[::1], int32[::1], float32[::1])")
def pick_by_number(
    docs: Any,
    scores: Any,
    numbers: Any,
    is_descending: Any,
    ties: Any,
    best_numbers: Any,
    best_docs: Any,
    best_scores: Any,
) -> Any:
    """The same by a number of each document; whoever has none comes last in either direction."""
    filled = 0
    if best_numbers.size == 0:
        return 0
    # From the end: the newest documents mostly stand there, and once they are in nothing else displaces them.
    for i in range(docs.size - 1, -1, -1):
        number = _rank(numbers[docs[i]], is_descending)
        if filled < best_numbers.size or number >= best_numbers[0]:
            filled = push(best_numbers, best_docs, filled, number, docs[i], ties)
    sort_best_first(best_numbers, best_docs, filled, ties)
    for i in range(docs.size):
        if filled and _rank(numbers[docs[i]], is_descending) >= best_numbers[filled - 1]:
            for place in range(filled):
                if best_docs[place] == docs[i]:
                    best_scores[place] = scores[i]
    return filled
