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


@entry("void(int32[::1], int32[::1], int32[::1], boolean[::1], boolean[::1])")
def mark_holders(docs: Any, starts: Any, codes: Any, wanted: Any, marks: Any) -> None:
    """marks[i] says whether docs[i] has a wanted code. codes: of all documents one after the other, from `starts` on."""
    for i in range(docs.size):
        marks[i] = False
        for place in range(starts[docs[i]], starts[docs[i] + 1]):
            if wanted[codes[place]]:
                marks[i] = True


@entry("void(int32[::1], int32[::1], int32[::1], int64[::1])")
def tally(docs: Any, starts: Any, codes: Any, counts: Any) -> None:
    """Add to `counts`, by code, how many of the documents have it."""
    for i in range(docs.size):
        for place in range(starts[docs[i]], starts[docs[i] + 1]):
            counts[codes[place]] += 1


@entry("void(int32[::1], int32[::1], int64[::1])")
def tally_single(docs: Any, code_of: Any, counts: Any) -> None:
    """The same where every document has one code in `code_of`."""
    for i in range(docs.size):
        counts[code_of[docs[i]]] += 1


@entry("void(int32[::1], int32[::1], boolean[::1], boolean[::1])")
def mark_single(docs: Any, code_of: Any, wanted: Any, marks: Any) -> None:
    """mark_holders where every document has one code in `code_of`."""
    for i in range(docs.size):
        marks[i] = wanted[code_of[docs[i]]]


@entry("int64(int32[::1], float32[::1], float32[::1], uint32[::1], float32[::1], int32[::1])")
def pick_by_score(docs: Any, scores: Any, lifts: Any, ties: Any, best_scores: Any, best_docs: Any) -> Any:
    """Fill `best_scores` and `best_docs` with the best of the documents, lifted; returns how many."""
    filled = 0
    for i in range(docs.size):
        filled = push(best_scores, best_docs, filled, scores[i] * lifts[docs[i]], docs[i], ties)
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
    for i in range(docs.size):
        number = _rank(numbers[docs[i]], is_descending)
        filled = push(best_numbers, best_docs, filled, number, docs[i], ties)
    sort_best_first(best_numbers, best_docs, filled, ties)
    for i in range(docs.size):
        if filled and _rank(numbers[docs[i]], is_descending) >= best_numbers[filled - 1]:
            for place in range(filled):
                if best_docs[place] == docs[i]:
                    best_scores[place] = scores[i]
    return filled
