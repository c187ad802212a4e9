"""Segments: documents as sorted terms and arrays. Built once, never changed; deletions live in the index's table of contents.

A posting is a document number and one weight, the field-weighted term frequency of BM25F,
    sum over fields of w_f * tf_f / (1 - b_f + b_f * length_f / pivot_f),
kept as a one-byte code (see scoring). Saturation and idf are applied when a term is read, so k1 and idf can change without
a rebuild. Document numbers take two bytes as they stand: gaps would save 0.14 of the text's size, but the numbers can be
looked up where they lie, so nothing is decoded before a query and nothing kept after it.
"""

from __future__ import annotations

import zlib
from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from techmart.search.analysis import analyse
from techmart.search.array_file import ArrayFile, write_arrays
from techmart.search.document import SearchDocument
from techmart.search.meaning import direction_of, packed
from techmart.search.scoring import WEIGHTS_OF_CODES, codes_of
from techmart.search.telling_terms import telling_terms
from techmart.search.title_index import TitleIndex, title_arrays
from techmart.search.weights import FIELDS
from techmart.search.word_vectors import DIMENSIONS

#: The fields whose words say what a document is about.
MEANING_FIELDS: Final = ("title", "summary", "body", "keywords")
UNKNOWN: Final = np.iinfo(np.int64).min
IDENTIFIER_CHANNEL: Final = "i"
#: Document numbers of a segment are two bytes.
MOST_DOCUMENTS: Final = 1 << 16

Ints = NDArray[Any]


def build_segment(path: Path, documents: Sequence[SearchDocument], pivots: Mapping[str, float]) -> int:
    """Analyse `documents` and write them to `path`; returns the size in bytes. `pivots`: field → usual length in words."""
    terms, matrix = _term_matrix(documents, pivots)
    arrays = _posting_arrays(terms, matrix) | telling_terms(terms, matrix)
    columns, facts = _columns(documents)
    return write_arrays(path, {**arrays, **columns}, facts)


def merge_segments(path: Path, segments: Sequence[SegmentReader], deleted: Sequence[set[int]]) -> int:
    """Write the live documents of several segments as one, without analysing anything again; returns their number."""
    live = [
        np.array([n for n in range(s.count) if n not in gone], dtype=np.int64)
        for s, gone in zip(segments, deleted, strict=True)
    ]
    terms = sorted({term for segment in segments for term in segment.terms()})
    rank = {term: number for number, term in enumerate(terms)}
    rows, docs, weights = [], [], []
    base = 0
    for segment, kept in zip(segments, live, strict=True):
        renumbered = np.full(segment.count, -1, dtype=np.int64)
        renumbered[kept] = np.arange(base, base + len(kept))
        for number, term in enumerate(segment.terms()):
            found, weight = segment.postings_at(number)
            new = renumbered[found]
            keep = new >= 0
            docs.append(new[keep])
            weights.append(weight[keep])
            rows.append(np.full(int(keep.sum()), rank[term], dtype=np.int64))
        base += len(kept)
    shape = len(terms), base
    matrix = coo_array((np.concatenate(weights), (np.concatenate(rows), np.concatenate(docs))), shape=shape).tocsr()
    filled = np.flatnonzero(np.diff(matrix.indptr))
    matrix, terms = matrix[filled], [terms[n] for n in filled]
    arrays = _posting_arrays(terms, matrix) | telling_terms(terms, matrix)
    columns, facts = _merged_columns(segments, live)
    write_arrays(path, {**arrays, **columns}, facts)
    return base


def _term_matrix(documents: Sequence[SearchDocument], pivots: Mapping[str, float]) -> tuple[list[bytes], csr_array]:
    """Sorted terms and their weights, terms × documents."""
    numbers: defaultdict[str, int] = defaultdict(count().__next__)
    tokens = array("i")
    spans: list[tuple[int, float, float, float, int]] = []
    for number, document in enumerate(documents):
        for name, text in document.text.items():
            if text:
                start = len(tokens)
                tokens.extend(map(numbers.__getitem__, analyse(text, document.lang)))
                field = FIELDS[name]
                spans.append((number, field.weight, field.b, pivots[name], len(tokens) - start))
        start = len(tokens)
        tokens.extend(numbers[f"{IDENTIFIER_CHANNEL}:{form}"] for form in document.identifiers)
        spans.append((number, 1.0, 0.0, 1.0, len(tokens) - start))
    names = list(numbers)
    terms = sorted((name.encode(), number) for number, name in enumerate(names))
    rank = np.empty(len(terms), dtype=np.int32)
    rank[[number for _, number in terms]] = np.arange(len(terms), dtype=np.int32)
    is_pair = np.fromiter((name.startswith("p:") for name in names), dtype=np.int32, count=len(names))
    ids = np.frombuffer(tokens, dtype=np.int32)
    table = np.array([span for span in spans if span[4]], dtype=np.float64).reshape(-1, 5)
    lengths = table[:, 4].astype(np.int64)
    starts = np.concatenate(([0], np.cumsum(lengths)[:-1])) if len(lengths) else lengths
    words = np.add.reduceat(is_pair[ids], starts) + 1 if len(lengths) else lengths
    span_weights = table[:, 1] / (1 - table[:, 2] + table[:, 2] * words / table[:, 3])
    weights = np.repeat(span_weights.astype(np.float32), lengths)
    docs = np.repeat(table[:, 0].astype(np.int32), lengths)
    matrix = coo_array((weights, (rank[ids], docs)), shape=(len(terms), len(documents))).tocsr()
    matrix.sum_duplicates()
    return [term for term, _ in terms], matrix


def _posting_arrays(terms: Sequence[bytes], matrix: csr_array) -> dict[str, Ints]:
    return {
        "term_bytes": np.frombuffer(b"".join(terms), dtype=np.uint8),
        "term_offsets": np.concatenate(([0], np.cumsum([len(term) for term in terms]))).astype(np.uint32),
        "posting_offsets": np.asarray(matrix.indptr, dtype=np.uint32),
        "posting_docs": matrix.indices.astype(np.uint16),
        "posting_codes": codes_of(matrix.data),
    }


def _columns(documents: Sequence[SearchDocument]) -> tuple[dict[str, Ints], dict[str, Any]]:
    arrays: dict[str, Ints] = {"versions": np.array([document.version for document in documents], dtype=np.int32)}
    tables: dict[str, list[str]] = {}
    for name in sorted({name for document in documents for name in document.facets}):
        codes: dict[str, int] = {}
        pairs = [
            (number, codes.setdefault(code, len(codes)))
            for number, document in enumerate(documents)
            for code in dict.fromkeys(document.facets.get(name, ()))
        ]
        table = np.array(pairs, dtype=np.int32).reshape(-1, 2)
        arrays[f"facet_docs:{name}"], arrays[f"facet_codes:{name}"] = table[:, 0].copy(), table[:, 1].copy()
        tables[name] = list(codes)
    numbers = sorted({name for document in documents for name in document.numbers})
    for name in numbers:
        values = [document.numbers.get(name, UNKNOWN) for document in documents]
        arrays[f"number:{name}"] = np.array(values, dtype=np.int64)
    arrays |= title_arrays([document.text.get("title", "") for document in documents])
    arrays["meanings"] = _meanings(documents)
    facts = {"keys": [document.key for document in documents], "facets": tables, "numbers": numbers}
    return _with_keys(arrays, facts), facts


def _meanings(documents: Sequence[SearchDocument]) -> Ints:
    texts = ([text for name in MEANING_FIELDS if (text := document.text.get(name))] for document in documents)
    return np.array([packed(direction_of(mine)) for mine in texts], dtype=np.int8).ravel()


def _with_keys(arrays: dict[str, Ints], facts: dict[str, Any]) -> dict[str, Ints]:
    """Move the keys out of the JSON head, which is parsed on every opening, into an array."""
    keys: list[str] = facts.pop("keys")
    facts["count"] = len(keys)
    arrays["keys"] = np.frombuffer("\n".join(keys).encode(), dtype=np.uint8)
    arrays["ties"] = np.array([zlib.crc32(key.encode()) for key in keys], dtype=np.uint32)
    return arrays


def _merged_columns(segments: Sequence[SegmentReader], live: Sequence[Ints]) -> tuple[dict[str, Ints], dict[str, Any]]:
    keys = [segment.keys[number] for segment, kept in zip(segments, live, strict=True) for number in kept]
    versions = [segment.versions[kept] for segment, kept in zip(segments, live, strict=True)]
    arrays: dict[str, Ints] = {"versions": np.concatenate(versions)}
    tables: dict[str, list[str]] = {}
    for name in sorted({name for segment in segments for name in segment.facet_names}):
        codes: dict[str, int] = {}
        docs, values = [], []
        base = 0
        for segment, kept in zip(segments, live, strict=True):
            renumbered = np.full(segment.count, -1, dtype=np.int32)
            renumbered[kept] = np.arange(base, base + len(kept))
            base += len(kept)
            old_docs, old_codes, table = segment.facet(name)
            mapping = np.array([codes.setdefault(code, len(codes)) for code in table], dtype=np.int32)
            keep = renumbered[old_docs] >= 0
            docs.append(renumbered[old_docs][keep])
            values.append(mapping[old_codes[keep]] if len(table) else old_codes[keep])
        arrays[f"facet_docs:{name}"], arrays[f"facet_codes:{name}"] = np.concatenate(docs), np.concatenate(values)
        tables[name] = list(codes)
    numbers = sorted({name for segment in segments for name in segment.number_names})
    for name in numbers:
        arrays[f"number:{name}"] = np.concatenate(
            [segment.number(name)[kept] for segment, kept in zip(segments, live, strict=True)]
        )
    titles = [segment.titles.titles(segment.count) for segment in segments]
    arrays |= title_arrays([rows[number] for rows, kept in zip(titles, live, strict=True) for number in kept])
    arrays["meanings"] = np.concatenate([s.meanings[kept] for s, kept in zip(segments, live, strict=True)]).ravel()
    facts = {"keys": keys, "facets": tables, "numbers": numbers}
    return _with_keys(arrays, facts), facts


class SegmentReader:
    """One segment, mapped. Document numbers count from 0 within it."""

    def __init__(self, path: Path) -> None:
        self._file = ArrayFile(path)
        self.size_bytes = self._file.size_bytes
        self.count: int = self._file.facts["count"]
        self.facet_names: list[str] = list(self._file.facts["facets"])
        self.number_names: list[str] = self._file.facts["numbers"]
        self.versions = self._file["versions"]
        self.ties = self._file["ties"]
        self.term_bytes, self.term_offsets = self._file["term_bytes"], self._file["term_offsets"]
        self.posting_offsets = self._file["posting_offsets"]
        self.posting_docs, self.posting_codes = self._file["posting_docs"], self._file["posting_codes"]
        self._term_text = memoryview(self.term_bytes)  # type: ignore[arg-type]  # arrays are buffers from NumPy's side only
        self._term_bounds = memoryview(self.term_offsets)  # type: ignore[arg-type]  # as above
        self.titles = TitleIndex(self._file)
        self._keys: list[str] | None = None
        self._numbers_of_keys: dict[str, int] | None = None

    @property
    def term_count(self) -> int:
        return len(self.term_offsets) - 1

    @property
    def keys(self) -> list[str]:
        """Keys in document order; decoded at the first use."""
        if self._keys is None:
            text = self._file["keys"].tobytes().decode()
            self._keys = text.split("\n") if text else []
        return self._keys

    def number_of(self, key: str) -> int | None:
        """The document number of a key."""
        if self._numbers_of_keys is None:
            self._numbers_of_keys = {key: number for number, key in enumerate(self.keys)}
        return self._numbers_of_keys.get(key)

    def term_at(self, number: int) -> bytes:
        return bytes(self._term_text[self._term_bounds[number] : self._term_bounds[number + 1]])

    def terms(self) -> Iterator[bytes]:
        """Every term, in byte order."""
        return map(self.term_at, range(self.term_count))

    def first_at_or_after(self, term: bytes) -> int:
        """The number of the first term that is not before `term`."""
        return bisect_left(_TermView(self), term)

    def find(self, term: bytes) -> int | None:
        """The number of a term, or None."""
        number = self.first_at_or_after(term)
        return number if number < self.term_count and self.term_at(number) == term else None

    def frequency_at(self, number: int) -> int:
        """In how many documents (deleted ones included) the term occurs."""
        return int(self.posting_offsets[number + 1]) - int(self.posting_offsets[number])

    def postings_at(self, number: int) -> tuple[Ints, Ints]:
        """Document numbers (ascending, int64) and field-weighted frequencies (float32) of a term."""
        first, end = self.posting_offsets[number : number + 2]
        return self.posting_docs[first:end].astype(np.int64), WEIGHTS_OF_CODES[self.posting_codes[first:end]]

    def telling_terms(self, number: int) -> list[tuple[str, float]]:
        """The terms that tell most about a document, with their shares of a unit vector."""
        offsets, terms, strengths = self.telling_arrays()
        start, end = (int(place) for place in offsets[number : number + 2])
        numbers, values = terms[start:end], strengths[start:end]
        return [(self.term_at(int(n)).decode(), float(value)) for n, value in zip(numbers, values, strict=True)]

    def telling_arrays(self) -> tuple[Ints, Ints, Ints]:
        """The telling terms of all documents: where each document's begin, numbers of terms, shares."""
        return self._file["telling_offsets"], self._file["telling_terms"], self._file["telling_values"]

    @property
    def meanings(self) -> Ints:
        """Where each document lies (see meaning), int8, documents × dimensions."""
        return self._file["meanings"].reshape(self.count, DIMENSIONS)

    def facet(self, name: str) -> tuple[Ints, Ints, list[str]]:
        """(document number, code number) rows of a facet, and the codes by number."""
        if name not in self._file.facts["facets"]:
            return np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int32), []
        return self._file[f"facet_docs:{name}"], self._file[f"facet_codes:{name}"], self._file.facts["facets"][name]

    def number(self, name: str) -> Ints:
        """A number of every document, UNKNOWN where it has none."""
        if f"number:{name}" not in self._file:
            return np.full(self.count, UNKNOWN, dtype=np.int64)
        return self._file[f"number:{name}"]


class _TermView(Sequence[bytes]):
    """The terms of a segment as a sequence, for bisect."""

    def __init__(self, segment: SegmentReader) -> None:
        self._segment = segment

    def __len__(self) -> int:
        return self._segment.term_count

    def __getitem__(self, number: int) -> bytes:  # type: ignore[override]  # bisect asks for single items only
        return self._segment.term_at(number)
