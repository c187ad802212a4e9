"""Scoring a list of candidates among the documents of one segment.

`scores`, `stages`, `marks` and `met` are dense: a place for each document of the segment, zeros before. `stages` says how
many of the groups that must be met a candidate met; `marks` which group counted it last; `met` how many counted groups did.
"""

from __future__ import annotations

from typing import Any, Final

from techmart.search.kernels.compiler import bytes_at, part, shorts_at

#: Columns of a query's rows: addresses of document numbers and weight codes, how many, and their group.
DOCS, CODES, COUNT, GROUP = range(4)
#: From so many postings to a candidate on, candidates are looked up by bisection.
_BISECT_FROM: Final = 12
#: A share of the segment's documents (one in …) from which on a list is long.
_ALL_FROM: Final = 32


@part
def docs_of(row: Any) -> Any:
    """The document numbers of a row."""
    return shorts_at(row[DOCS], row[COUNT])


@part
def codes_of(row: Any) -> Any:
    """Their weight codes."""
    return bytes_at(row[CODES], row[COUNT])


@part
def find_place(docs: Any, wanted: Any) -> Any:
    """The place of a document number in an ascending list, or -1."""
    low, high = 0, docs.size
    while low < high:
        middle = (low + high) >> 1
        if docs[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low if low < docs.size and docs[low] == wanted else -1


@part
def _gather(row: Any, weight: Any, saturated: Any, scores: Any, stages: Any, found: Any, count: Any) -> Any:
    """Score the documents of a row and add the new ones to the candidates; returns how many there are."""
    docs, codes = docs_of(row), codes_of(row)
    if count == 0:
        for i in range(docs.size):
            doc = docs[i]
            stages[doc] = 1
            found[i] = doc
            scores[doc] = weight * saturated[codes[i]]
        return docs.size
    for i in range(docs.size):
        doc = docs[i]
        found[count] = doc
        count += stages[doc] == 0
        stages[doc] = 1
        scores[doc] += weight * saturated[codes[i]]
    return count


@part
def _meet(
    row: Any, weight: Any, saturated: Any, scores: Any, stages: Any, found: Any, count: Any, stage: Any, size: Any
) -> Any:
    """Score the candidates that met `stage` groups and hold the row's term, and say so. Returns whether other documents were
    scored too: for a long list that is cheaper than asking, where nobody can foresee the answer."""
    docs, codes = docs_of(row), codes_of(row)
    if count * _BISECT_FROM < docs.size:
        for i in range(count):
            doc = found[i]
            if stages[doc] >= stage:
                place = find_place(docs, doc)
                if place >= 0:
                    stages[doc] = stage + 1
                    scores[doc] += weight * saturated[codes[place]]
        return False
    if docs.size * _ALL_FROM < size:
        for i in range(docs.size):
            doc = docs[i]
            if stages[doc] >= stage:
                stages[doc] = stage + 1
                scores[doc] += weight * saturated[codes[i]]
        return False
    for i in range(docs.size):
        doc = docs[i]
        stages[doc] += stages[doc] == stage
        scores[doc] += weight * saturated[codes[i]]
    return True


@part
def _keep(stages: Any, found: Any, count: Any, stage: Any) -> Any:
    """Leave the candidates that met `stage` groups; returns how many."""
    kept = 0
    for i in range(count):
        doc = found[i]
        found[kept] = doc
        kept += stages[doc] == stage
    return kept


@part
def _add(
    row: Any, weight: Any, saturated: Any, scores: Any, stages: Any, found: Any, count: Any, stage: Any,
    is_counted: Any, marks: Any, met: Any,
) -> None:  # fmt: skip
    """Score the candidates, which met `stage` groups, that hold the row's term; where its group is counted, count it once a document."""
    docs, codes = docs_of(row), codes_of(row)
    by_candidate = count * _BISECT_FROM < docs.size
    for i in range(count if by_candidate else docs.size):
        doc = found[i] if by_candidate else docs[i]
        place = find_place(docs, doc) if by_candidate else i
        if place >= 0 and stages[doc] == stage:
            scores[doc] += weight * saturated[codes[place]]
            if is_counted and marks[doc] != row[GROUP] + 1:
                marks[doc] = row[GROUP] + 1
                met[doc] += 1


@part
def score_candidates(
    rows: Any, weights: Any, counted: Any, musts: Any, saturated: Any, scores: Any, stages: Any, marks: Any, met: Any,
    found: Any, size: Any,
) -> Any:  # fmt: skip
    """Score the documents that meet the first `musts` groups, or, without any, hold any term. Returns how many are in
    `found`, how many of the rows touched them first, and whether any other document was scored."""
    row, count, first = 0, 0, 0
    is_dirty = False
    for stage in range(max(musts, 1)):
        while row < rows.shape[0] and (musts == 0 or rows[row, GROUP] == stage):
            if stage == 0:
                count = _gather(rows[row], weights[row], saturated, scores, stages, found, count)
                first = row + 1
            else:
                is_dirty |= _meet(rows[row], weights[row], saturated, scores, stages, found, count, stage, size)
            row += 1
        if stage > 0:
            count = _keep(stages, found, count, stage + 1)
        if count == 0:
            break
    if count > 0:
        for left in range(row, rows.shape[0]):
            is_counted = counted[rows[left, GROUP]]
            _add(
                rows[left],
                weights[left],
                saturated,
                scores,
                stages,
                found,
                count,
                max(musts, 1),
                is_counted,
                marks,
                met,
            )
    return count, first, is_dirty


@part
def clear(rows: Any, first: Any, is_dirty: Any, scores: Any, stages: Any, size: Any) -> None:
    """Leave zeros behind score_candidates."""
    if is_dirty:
        scores[:size] = 0
        stages[:size] = 0
        return
    for row in range(first):
        docs = docs_of(rows[row])
        for i in range(docs.size):
            scores[docs[i]] = 0
            stages[docs[i]] = 0
