"""One facet over all documents of a snapshot, and counting with it."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from techmart.search.kernels.listing import mark_holders, mark_single, tally, tally_single

Array = NDArray[Any]
_COUNT = itemgetter(1)


class Facet:
    """`docs`, `codes`: rows sorted by document, int32. `names`: the codes by number; `numbers`: the other way round."""

    def __init__(self, docs: Array, codes: Array, names: Sequence[str], count: int) -> None:
        # Codes in the order of their names: rows sorted by count alone then have equal counts in that order.
        self.names = sorted(names)
        self.numbers = {name: number for number, name in enumerate(self.names)}
        self.docs = docs
        self._codes = np.array([self.numbers[name] for name in names], dtype=np.int32)[codes] if len(names) else codes
        #: Where each document has at most one code: it, or the number behind the last.
        self.single: Array | None = None
        if len(docs) < 2 or bool((np.diff(docs) > 0).all()):
            self.single = np.full(count, len(names), dtype=np.int32)
            self.single[docs] = self._codes
        else:
            self._starts = np.searchsorted(docs, np.arange(count + 1)).astype(np.int32)

    def mask(self, wanted: Sequence[str], among: Array) -> Array:
        """Which of the documents `among` (int32) have one of the wanted codes; unknown codes match nothing."""
        chosen = np.zeros(len(self.names) + 1, dtype=np.bool_)
        chosen[[self.numbers[code] for code in wanted if code in self.numbers]] = True
        marks = np.empty(len(among), dtype=np.bool_)
        if self.single is not None:
            mark_single(among, self.single, chosen, marks)
        else:
            mark_holders(among, self._starts, self._codes, chosen, marks)
        return marks

    def tally(self, among: Array) -> list[tuple[str, int]]:
        """Codes with their counts among these documents (int32), largest first, equal ones by name."""
        counts = np.zeros(len(self.names) + 1, dtype=np.int64)
        if self.single is not None:
            tally_single(among, self.single, counts)
        else:
            tally(among, self._starts, self._codes, counts)
        rows = [row for row in zip(self.names, counts.tolist(), strict=False) if row[1]]
        rows.sort(key=_COUNT, reverse=True)
        return rows
