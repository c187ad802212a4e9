"""One committed state of the index, opened for reading: segments side by side under one numbering of documents.

Immutable but for what it works out at the first use. Postings are read where they lie in the mapped segments.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from techmart.search.bounded_cache import BoundedCache
from techmart.search.facet import Facet, FacetTable
from techmart.search.kernels.lookup import COLUMNS, locate
from techmart.search.scoring import VALUES_OF_CODES, channel_factor, inverse_document_frequency, saturate
from techmart.search.segment import UNKNOWN, SegmentReader
from techmart.search.term_space import TermSpace
from techmart.search.weights import PRIOR_OF_VERIFIED

Array = NDArray[Any]
#: See Snapshot.rarity.
_VIETNAMESE_CHANNELS: Final = "xf"
_FEWEST: Final = 200
#: See Snapshot.lifts_by_language. An array takes four bytes a document.
_STEP: Final = 0.02
_LIFTS_KEPT: Final = 32
#: Of so many terms the facts are remembered, some 20 MB.
_FACTS_KEPT: Final = 100_000


class Lifts:
    """What each document's score is multiplied by. `factors`: float32, none above `highest`; `numbers_at`: where the numbers
    lie that kernels.scoring.find asks of a snapshot, as long as this object lives."""

    __slots__ = ("_numbers", "factors", "highest", "numbers_at")

    def __init__(self, factors: Array, highest: float, numbers: Array) -> None:
        self.factors, self.highest, self._numbers = factors, highest, numbers
        self.numbers_at = int(numbers.ctypes.data)


class Snapshot:
    """`names` are the segments' names, `deleted` their deleted document numbers, in the same order. `cache_bytes` bounds the
    queries kept ready (see prepared_query)."""

    def __init__(
        self,
        generation: str,
        names: Sequence[str],
        segments: Sequence[SegmentReader],
        deleted: Sequence[set[int]],
        cache_bytes: int,
        space: TermSpace | None = None,
    ) -> None:
        self.generation, self.names, self.segments = generation, tuple(names), tuple(segments)
        #: None where there are too few documents to tell (see term_space).
        self.space = space
        #: Queries made ready for this snapshot: they hold idf and addresses, so they live no longer than it.
        self.prepared: BoundedCache[Any] = BoundedCache(cache_bytes)  # of what is made from a snapshot
        #: What was closest to a text, kept apart: the texts of an import come once each and would push it out.
        self.rankings: BoundedCache[Any] = BoundedCache(cache_bytes)  # as above
        self.bases: list[int] = [0, *np.cumsum([segment.count for segment in segments]).tolist()]
        self.count: int = self.bases[-1]
        self.largest = max((segment.count for segment in segments), default=0)
        #: Deleted documents of all segments, one after the other, and where those of each begin.
        self.dead = np.array([number for gone in deleted for number in sorted(gone)], dtype=np.uint16)
        self.dead_starts: list[int] = [0, *np.cumsum([len(gone) for gone in deleted]).tolist()]
        self.live = np.ones(self.count, dtype=bool)
        for base, gone in zip(self.bases, deleted, strict=False):
            self.live[[base + number for number in gone]] = False
        self.live_count = int(self.live.sum())
        self.ties = np.concatenate([s.ties for s in segments]) if segments else np.zeros(0, dtype=np.uint32)
        self.table = _table(segments)
        self._numbers: dict[str, Array] = {}
        self._facts: dict[str, tuple[int, float]] = {}
        self._lifts_kept: dict[tuple[tuple[str, int], ...], Lifts] = {}
        self._counts: dict[tuple[tuple[str, tuple[str, ...]], ...], int] = {}
        self._language_numbers: dict[tuple[str, ...], Array] = {}

    def count_of(self, **wanted: tuple[str, ...]) -> int:
        """How many live documents have, of each facet that is named, one of these codes."""
        key = tuple(sorted(wanted.items()))
        if key not in self._counts:
            among = np.flatnonzero(self.live).astype(np.int32)
            for name, codes in key:
                among = among[self.facets.mask(name, codes, among)]
            self._counts[key] = len(among)
        return self._counts[key]

    def rarity(self, term: str, occurrences: int) -> float:
        """The idf of a term among the documents that could hold it: English texts have no Vietnamese forms (see analysis), so
        that on a market of English patents the commonest Vietnamese word would look rare. A handful of documents says
        nothing about rarity, so there are _FEWEST at least."""
        population = self._vietnamese if term[0] in _VIETNAMESE_CHANNELS else self.live_count
        return inverse_document_frequency(max(population, occurrences), occurrences)

    @cached_property
    def _vietnamese(self) -> int:
        return max(self.count_of(lang=("vi",)), min(self.live_count, _FEWEST))

    @cached_property
    def lifts(self) -> Lifts:
        """Things of verified organisations count a little more."""
        factors = np.ones(self.count, dtype=np.float32)
        factors[self.facets.holders("verified")] = PRIOR_OF_VERIFIED
        return self._lifts(factors, PRIOR_OF_VERIFIED)

    def lifts_by_language(self, factors: Mapping[str, float]) -> Lifts:
        """The same, times the factor of each document's language (codes of the facet; 1 for one that is not named)."""
        if not factors:
            return self.lifts
        # In steps that nobody sees, so that queries share the arrays that are kept.
        steps = tuple(sorted((code, round(math.log(factor) / _STEP)) for code, factor in factors.items()))
        known = self._lifts_kept.get(steps)
        if known is None:
            table = np.array([math.exp(step * _STEP) for _, step in steps] + [1.0], dtype=np.float32)
            numbers = self._languages(tuple(code for code, _ in steps))
            known = self._lifts(self.lifts.factors * table[numbers], self.lifts.highest * float(table.max()))
            if len(self._lifts_kept) >= _LIFTS_KEPT:
                self._lifts_kept.clear()
            self._lifts_kept[steps] = known
        return known

    def _languages(self, codes: tuple[str, ...]) -> Array:
        """For each document the place of its language among the codes, int8; -1 for none."""
        if codes not in self._language_numbers:
            everything = np.arange(self.count, dtype=np.int32)
            numbers = np.full(self.count, -1, dtype=np.int8)
            for place, code in enumerate(codes):
                numbers[self.facets.mask("lang", (code,), everything)] = place
            self._language_numbers[codes] = numbers
        return self._language_numbers[codes]

    def _lifts(self, factors: Array, highest: float) -> Lifts:
        addresses = [array.ctypes.data for array in (self.dead, self.ties, factors)]
        numbers = [*addresses, self.count, self.largest, VALUES_OF_CODES.ctypes.data]
        return Lifts(factors, highest, np.array(numbers, dtype=np.int64))

    @cached_property
    def keys(self) -> list[str]:
        """The keys of all documents."""
        return list(chain.from_iterable(segment.keys for segment in self.segments))

    def postings(self, term: str) -> tuple[Array, Array]:
        """Document numbers (int64, ascending) and saturated weights of a term over all segments; empty when unknown."""
        text = term.encode("utf-8", "replace")
        docs, values = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.float32)]
        for base, segment in zip(self.bases, self.segments, strict=False):
            if (number := segment.find(text)) is not None:
                found, weights = segment.postings_at(number)
                docs.append(found + base)
                values.append(saturate(weights))
        return np.concatenate(docs), np.concatenate(values)

    def locate(self, terms: Sequence[str], place: int | None = None) -> tuple[Array, Array]:
        """Where each term's postings begin in each segment's arrays, and how many there are: int64, terms × segments.

        `place`: of this segment alone.
        """
        table = self.table if place is None else self.table[place : place + 1]
        texts = [term.encode("utf-8", "replace") for term in terms]
        joined = np.frombuffer(bytearray().join(texts) or bytearray(1), dtype=np.uint8)
        ends = np.cumsum([len(text) for text in texts], dtype=np.int64)
        firsts = np.empty((len(texts), len(table)), dtype=np.int64)
        counts = np.zeros((len(texts), len(table)), dtype=np.int64)
        locate(joined, ends, table, firsts, counts)
        return firsts, counts

    def document_counts(self, terms: Sequence[str]) -> Array:
        """In how many documents each term occurs (deleted ones included), int64."""
        total: Array = self.locate(terms)[1].sum(axis=1)
        return total

    def term_facts(self, terms: Iterable[str]) -> dict[str, tuple[int, float]]:
        """Of each term, once: in how many documents it occurs, and its rarity times what its channel counts. Remembered."""
        known = self._facts
        missing = [term for term in dict.fromkeys(terms) if term not in known]
        if missing:
            if len(known) + len(missing) > _FACTS_KEPT:
                known = self._facts = {}
                missing = list(dict.fromkeys(terms))
            for term, count in zip(missing, self.document_counts(missing).tolist(), strict=True):
                known[term] = count, channel_factor(term) * self.rarity(term, count)
        return known

    def vocabulary(self, prefix: str) -> Iterator[tuple[str, int]]:
        """Terms that begin with `prefix`, with counts, in no order; a term comes once for each segment it is in."""
        text = prefix.encode("utf-8", "replace")
        for segment in self.segments:
            number = segment.first_at_or_after(text)
            while number < segment.term_count and (term := segment.term_at(number)).startswith(text):
                yield term.decode(), segment.frequency_at(number)
                number += 1

    def key_at(self, number: int) -> str:
        """The key of a document."""
        return self.keys[number]

    def title_of(self, number: int) -> str:
        """The title of a document, a line for each language."""
        place = int(np.searchsorted(self.bases, number, side="right")) - 1
        return self.segments[place].titles.title(number - self.bases[place])

    def telling_terms(self, number: int) -> list[tuple[str, float]]:
        """The terms that tell most about a document (see telling_terms)."""
        place = bisect_right(self.bases, number) - 1
        return self.segments[place].telling_terms(number - self.bases[place])

    def number_of(self, key: str) -> int | None:
        """The live document of a key."""
        for base, segment in zip(self.bases, self.segments, strict=False):
            number = segment.number_of(key)
            if number is not None and self.live[base + number]:
                return base + number
        return None

    @cached_property
    def facets(self) -> FacetTable:
        """The facets of all segments, put together at the first use."""
        names = sorted({name for segment in self.segments for name in segment.facet_names})
        return FacetTable(self.count, {name: self._facet_rows(name) for name in names})

    def _facet_rows(self, name: str) -> tuple[Array, Array, list[str]]:
        codes: dict[str, int] = {}
        docs, values = [], []
        for base, segment in zip(self.bases, self.segments, strict=False):
            rows, numbers, names = segment.facet(name)
            mapping = np.array([codes.setdefault(code, len(codes)) for code in names], dtype=np.int32)
            docs.append(rows + np.int32(base))
            values.append(mapping[numbers] if len(names) else numbers)
        return np.concatenate(docs), np.concatenate(values), list(codes)

    def facet(self, name: str) -> Facet:
        """One facet over all segments."""
        return self.facets.facet(name)

    def number(self, name: str) -> Array:
        """A number of every document, segment.UNKNOWN where it has none."""
        if name not in self._numbers:
            columns = [segment.number(name) for segment in self.segments]
            self._numbers[name] = np.concatenate(columns) if columns else np.full(0, UNKNOWN, dtype=np.int64)
        return self._numbers[name]

    def versions(self) -> Iterator[tuple[str, int]]:
        """(key, version) of every live document."""
        for base, segment in zip(self.bases, self.segments, strict=False):
            for number, (key, version) in enumerate(zip(segment.keys, segment.versions.tolist(), strict=True)):
                if self.live[base + number]:
                    yield key, version


def _table(segments: Sequence[SegmentReader]) -> Array:
    """The addresses of the segments' arrays as the kernels read them, int64, segments × COLUMNS (see kernels.lookup)."""
    rows = [
        (
            *(
                array.ctypes.data
                for array in (s.term_bytes, s.term_offsets, s.posting_offsets, s.posting_docs, s.posting_codes)
            ),
            s.term_count,
        )
        for s in segments
    ]
    return np.array(rows, dtype=np.int64).reshape(-1, COLUMNS)
