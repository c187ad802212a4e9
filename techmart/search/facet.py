"""The facets of a snapshot: which codes each document has, and counting and filtering by them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from techmart.search.kernels.listing import mark_holders, tally

Array = NDArray[Any]
_COUNT: Final = itemgetter(1)
#: What stands where a document has no (further) code.
_NONE: Final = 0


@dataclass(frozen=True, slots=True)
class Facet:
    """One facet. `names`: its codes in their order; `numbers`: code → its number in the table; `columns`: the table's columns
    from and to where it stands."""

    names: tuple[str, ...]
    numbers: dict[str, int]
    columns: tuple[int, int]

    @property
    def first(self) -> int:
        """The number of its first code in the table."""
        return self.numbers[self.names[0]] if self.names else _NONE


class FacetTable:
    """All facets side by side, documents × columns, so that one document's codes lie together: counting all facets of a hit
    touches one place of the memory. A facet has as many columns as a document has codes of it at most."""

    def __init__(self, count: int, facets: dict[str, tuple[Array, Array, Sequence[str]]]) -> None:
        """`facets`: name → (documents, ascending; their code numbers; codes by number)."""
        self._facets: dict[str, Facet] = {}
        nth = {name: _nth_of_its_document(docs) for name, (docs, _, _) in facets.items()}
        widths = {name: int(places.max()) + 1 if len(places) else 0 for name, places in nth.items()}
        self.table = np.full((count, sum(widths.values())), _NONE, dtype=np.uint16)
        code, column = _NONE + 1, 0
        for name, (docs, codes, names) in facets.items():
            # Codes in the order of their names: rows sorted by count alone then have equal counts in that order.
            ordered = tuple(sorted(names))
            numbers = {text: code + place for place, text in enumerate(ordered)}
            if len(docs):
                self.table[docs, column + nth[name]] = np.array([numbers[text] for text in names], dtype=np.uint16)[
                    codes
                ]
            self._facets[name] = Facet(ordered, numbers, (column, column + widths[name]))
            code += len(ordered)
            column += widths[name]
        self._codes = code
        #: The same a column at a time, for filters, which look at one.
        self._columns = np.ascontiguousarray(self.table.T)

    def facet(self, name: str) -> Facet:
        """A facet; one without any code where no document has it."""
        return self._facets.get(name) or Facet((), {}, (0, 0))

    def holds(self, doc: int, name: str, code: str) -> bool:
        """Whether a document has a code."""
        facet = self.facet(name)
        return facet.numbers.get(code, -1) in self.table[doc, slice(*facet.columns)].tolist()

    def holders(self, name: str) -> Array:
        """The documents that have any code of a facet."""
        return np.flatnonzero((self.table[:, slice(*self.facet(name).columns)] != _NONE).any(axis=1))

    def mask(self, name: str, wanted: Sequence[str], among: Array) -> Array:
        """Which of the documents `among` (int32) have one of the wanted codes; unknown codes match nothing."""
        facet = self.facet(name)
        chosen = np.zeros(self._codes, dtype=np.bool_)
        for code in wanted:
            chosen[facet.numbers.get(code, _NONE)] = True
        chosen[_NONE] = False
        marks = np.empty(len(among), dtype=np.bool_)
        mark_holders(among, self._columns, *facet.columns, chosen, marks)
        return marks

    def tally(self, names: Sequence[str], among: Array) -> dict[str, tuple[tuple[str, int], ...]]:
        """For each facet its codes with their counts among these documents (int32), largest first, equal ones by name."""
        if not names:
            return {}
        facets = {name: self.facet(name) for name in names}
        counts = np.zeros(self._codes, dtype=np.int64)
        first = min((facet.columns[0] for facet in facets.values()), default=0)
        tally(among, self.table, first, max((facet.columns[1] for facet in facets.values()), default=0), counts)
        found = counts.tolist()
        return {
            name: _largest_first(zip(facet.names, found[facet.first : facet.first + len(facet.names)], strict=True))
            for name, facet in facets.items()
        }


def _nth_of_its_document(docs: Array) -> Array:
    """For each row how many rows of the same document stand before it."""
    places = np.arange(len(docs))
    is_first = np.diff(docs, prepend=-1) > 0
    return places - np.maximum.accumulate(np.where(is_first, places, 0))


def _largest_first(rows: Any) -> tuple[tuple[str, int], ...]:  # Any: pairs of a code and its count
    return tuple(sorted([row for row in rows if row[1]], key=_COUNT, reverse=True))
