"""Scoring all documents of one segment in a dense array, and looking through it for what was found and for the best.

`scores`, `marks` and `met` are as in candidates, `lifts` the factors of the segment's documents.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from techmart.search.kernels.candidates import GROUP, codes_of, docs_of
from techmart.search.kernels.compiler import part
from techmart.search.kernels.heap import bare_floor, push

#: The dense array is looked through in blocks of so many documents; it must be a whole number of them long.
BLOCK: Final = 64


@part
def score_all(rows: Any, weights: Any, counted: Any, saturated: Any, scores: Any, marks: Any, met: Any) -> None:
    """Score every document of the rows, and count the counted groups it meets."""
    for r in range(rows.shape[0]):
        docs, codes, weight = docs_of(rows[r]), codes_of(rows[r]), weights[r]
        if weight > 0:
            for i in range(docs.size):
                scores[docs[i]] += weight * saturated[codes[i]]
        if counted[rows[r, GROUP]]:
            group = rows[r, GROUP] + 1
            for i in range(docs.size):
                doc = docs[i]
                if marks[doc] != group:
                    marks[doc] = group
                    met[doc] += 1


@part
def _look_at_block(bits: Any, start: Any) -> Any:
    """How many of a block's scores are above zero, and the bits of the highest. Scores are never negative, so their bits
    order like them, and unlike floats take one instruction for many."""
    block = bits[start : start + BLOCK]
    hits = np.int32(0)
    highest = np.int32(0)
    for i in range(BLOCK):
        hits += np.int32(block[i] > 0)
        highest = max(highest, block[i])
    return hits, highest


@part
def _reaches(scores: Any, lifts: Any, start: Any, end: Any, score: Any) -> Any:
    """Whether any document's lifted score is as high as `score`."""
    block, factors = scores[start:end], lifts[start:end]
    reached = np.int32(0)
    for i in range(end - start):
        reached += np.int32(block[i] * factors[i] >= score)
    return reached > 0


@part
def _copy_block(scores: Any, first: Any, docs: Any, copied: Any) -> Any:
    """Copy the scores above zero and their documents; returns how many. Unsigned, as a place that might count from the end
    costs an instruction."""
    count = np.uint64(0)
    for i in range(scores.size):
        docs[count] = first + i
        copied[count] = scores[i]
        count += np.uint64(scores[i] > 0)
    return np.int64(count)


@part
def look_through_scores(
    scores: Any, bits: Any, lifts: Any, base: Any, ties: Any, highest_lift: Any, edge: Any, edge_bits: Any,
    best_scores: Any, best_docs: Any, filled: Any, all_docs: Any, all_scores: Any, total: Any,
) -> Any:  # fmt: skip
    """Take what has any score. Most blocks are done with by their highest score alone; where languages differ in what their
    scores are multiplied by, it says little, and those left are asked with their factors, many in one instruction as well."""
    size, wanted = lifts.size, best_scores.size
    for start in range(0, size, BLOCK):
        end = min(start + BLOCK, size)
        hits, highest = _look_at_block(bits, start)
        if hits == 0:
            continue
        if all_docs.size > 0:
            total += _copy_block(scores[start:end], base + start, all_docs[total:], all_scores[total:])
        else:
            total += hits
        if wanted == 0:
            continue
        if filled == wanted:
            edge[wanted] = bare_floor(best_scores, filled, highest_lift)
            if highest < edge_bits[wanted] or not _reaches(scores, lifts, start, end, best_scores[0]):
                continue
        block, factors = scores[start:end], lifts[start:end]
        for i in range(end - start):
            score = block[i] * factors[i]
            if (filled < wanted or score >= best_scores[0]) and block[i] > 0:
                filled = push(best_scores, best_docs, filled, score, base + start + i, ties)
    return total, filled


@part
def look_through_met(
    scores: Any, met: Any, needed: Any, lifts: Any, base: Any, ties: Any,
    best_scores: Any, best_docs: Any, filled: Any, all_docs: Any, all_scores: Any, total: Any,
) -> Any:  # fmt: skip
    """Take what met `needed` groups, which may have no score."""
    wanted = best_scores.size
    for doc in range(lifts.size):
        if met[doc] < needed:
            continue
        if all_docs.size > 0:
            all_docs[total] = base + doc
            all_scores[total] = scores[doc]
        total += 1
        if wanted > 0:
            score = scores[doc] * lifts[doc]
            if filled < wanted or score >= best_scores[0]:
                filled = push(best_scores, best_docs, filled, score, base + doc, ties)
    return total, filled
