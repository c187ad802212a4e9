"""One committed state of the index, opened for reading: segments side by side under one numbering of documents.

Immutable but for its cache of decoded postings. A newer snapshot takes over what still holds: segments never change, so
a term's arrays for the first segments stay right and only those of later segments are appended.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Hashable, Iterator, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from techmart.search.scoring import saturate
from techmart.search.segment import UNKNOWN, SegmentReader, term_hash

Array = NDArray[Any]
Postings = tuple[Array, Array]
_NOTHING: Final[Postings] = (np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.float32))
_ENTRY_OVERHEAD_BYTES: Final = 300


class PostingsCache:
    """Least recently used postings by term, bounded in bytes. Safe among threads."""

    def __init__(self, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes
        self._used_bytes = 0
        self._entries: OrderedDict[Hashable, tuple[int, Postings]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, term: Hashable) -> tuple[int, Postings] | None:
        """(number of segments covered, postings) of a term."""
        with self._lock:
            entry = self._entries.get(term)
            if entry is not None:
                self._entries.move_to_end(term)
            return entry

    def put(self, term: Hashable, covered: int, postings: Postings) -> None:
        with self._lock:
            old = self._entries.pop(term, None)
            if old is not None:
                self._used_bytes -= _size(old[1])
            self._entries[term] = covered, postings
            self._used_bytes += _size(postings)
            while self._used_bytes > self.limit_bytes and len(self._entries) > 1:
                _, (_, dropped) = self._entries.popitem(last=False)
                self._used_bytes -= _size(dropped)

    @property
    def used_bytes(self) -> int:
        return self._used_bytes

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()
            self._used_bytes = 0


def _size(postings: Postings) -> int:
    return postings[0].nbytes + postings[1].nbytes + _ENTRY_OVERHEAD_BYTES


class Facet:
    """One facet over all documents: (document, code) rows sorted by document, and the codes by number."""

    def __init__(self, docs: Array, codes: Array, names: list[str], count: int) -> None:
        self.docs, self.codes, self.names = docs, codes, names
        self.numbers = {name: number for number, name in enumerate(names)}
        #: Where each document has at most one code, a plain lookup table, which counts several times faster.
        self.single: Array | None = None
        self._count = count
        if len(docs) < 2 or bool((np.diff(docs) > 0).all()):
            self.single = np.full(count, len(names), dtype=np.int32)
            self.single[docs] = codes
        else:
            self._starts = np.searchsorted(docs, np.arange(count + 1))

    def mask(self, wanted: Sequence[str], among: Array) -> Array:
        """Which of the documents `among` have one of the wanted codes; unknown codes match nothing."""
        chosen = np.zeros(len(self.names) + 1, dtype=bool)
        chosen[[self.numbers[code] for code in wanted if code in self.numbers]] = True
        if self.single is not None:
            return chosen[self.single[among]]
        mask = np.zeros(self._count, dtype=bool)
        mask[self.docs[chosen[self.codes]]] = True
        return mask[among]

    def tally(self, among: Array) -> list[tuple[str, int]]:
        """Codes with their counts among these documents, largest first."""
        if self.single is not None:
            counts = np.bincount(self.single[among], minlength=len(self.names) + 1)
        else:
            counts = np.bincount(self._codes_of(among), minlength=len(self.names))
        rows = [(name, int(counts[number])) for number, name in enumerate(self.names) if counts[number]]
        return sorted(rows, key=lambda row: (-row[1], row[0]))

    def _codes_of(self, among: Array) -> Array:
        """All codes of these documents, one after the other."""
        if len(among) * 4 > self._count:
            mask = np.zeros(self._count, dtype=bool)
            mask[among] = True
            return self.codes[mask[self.docs]]
        starts, ends = self._starts[among], self._starts[among + 1]
        lengths = ends - starts
        first = np.repeat(starts - np.concatenate(([0], np.cumsum(lengths)[:-1])), lengths) if len(among) else starts
        rows: Array = first + np.arange(int(lengths.sum()))
        codes: Array = self.codes[rows]
        return codes


class Snapshot:
    """`names` are the segments' names, `deleted` their deleted document numbers, in the same order."""

    def __init__(
        self,
        generation: str,
        names: Sequence[str],
        segments: Sequence[SegmentReader],
        deleted: Sequence[set[int]],
        cache: PostingsCache,
    ) -> None:
        self.generation, self.names, self.segments = generation, tuple(names), tuple(segments)
        self.cache = cache
        #: Words of short queries as one list each; they hold idf, so they live no longer than this snapshot.
        self.group_cache = PostingsCache(cache.limit_bytes // 4)
        self.bases: list[int] = [0, *np.cumsum([segment.count for segment in segments]).tolist()]
        self.count: int = self.bases[-1]
        self.live = np.ones(self.count, dtype=bool)
        for base, gone in zip(self.bases, deleted, strict=False):
            self.live[[base + number for number in gone]] = False
        self.live_count = int(self.live.sum())
        self.ties = np.concatenate([s.ties for s in segments]) if segments else np.zeros(0, dtype=np.uint32)
        self._facets: dict[str, Facet] = {}
        self._numbers: dict[str, Array] = {}

    def postings(self, term: str) -> Postings:
        """Document numbers and saturated weights of a term over all segments; empty arrays when it is unknown."""
        entry = self.cache.get(term)
        covered, known = entry if entry is not None else (0, _NOTHING)
        if covered == len(self.segments):
            return known
        if covered > len(self.segments):  # the cache serves a newer snapshot already
            docs, values = known
            end = int(np.searchsorted(docs, self.count))
            return docs[:end], values[:end]
        parts = [known] if len(known[0]) else []
        text = term.encode("utf-8", "replace")
        hashed = term_hash(text)
        for base, segment in zip(self.bases[covered:], self.segments[covered:], strict=False):
            number = segment.find(text, hashed)
            if number is not None:
                docs, weights = segment.postings_at(number)
                parts.append((docs + base if base else docs, saturate(weights)))
        found = _NOTHING
        if len(parts) == 1:
            found = parts[0]
        elif parts:
            found = np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])
        self.cache.put(term, len(self.segments), found)
        return found

    def document_counts(self, terms: Sequence[str]) -> Array:
        """In how many documents each term occurs (deleted ones included), without decoding any postings."""
        hashed = np.array([term_hash(term.encode("utf-8", "replace")) for term in terms], dtype=np.uint64)
        total = np.zeros(len(terms), dtype=np.int64)
        for segment in self.segments:
            total += segment.frequencies(hashed)
        return total

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
        place = bisect_right(self.bases, number) - 1
        return self.segments[place].keys[number - self.bases[place]]

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

    def facet(self, name: str) -> Facet:
        """A facet over all segments, put together at the first use."""
        if name not in self._facets:
            codes: dict[str, int] = {}
            docs, values = [], []
            for base, segment in zip(self.bases, self.segments, strict=False):
                rows, numbers, names = segment.facet(name)
                mapping = np.array([codes.setdefault(code, len(codes)) for code in names], dtype=np.int32)
                docs.append(rows + np.int32(base))
                values.append(mapping[numbers] if len(names) else numbers)
            empty = np.zeros(0, dtype=np.intp)
            all_docs, all_values = (np.concatenate(docs), np.concatenate(values)) if docs else (empty, empty)
            self._facets[name] = Facet(all_docs, all_values, list(codes), self.count)
        return self._facets[name]

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
