"""Finding terms in all segments at once."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from techmart.search.kernels.compiler import bytes_at, entry, integers_at, part

#: Columns of a snapshot's table of segments: the addresses of their arrays, and how many terms they hold.
TERM_BYTES, TERM_OFFSETS, POSTING_OFFSETS, POSTING_DOCS, POSTING_CODES, TERM_COUNT = range(6)
COLUMNS: Final = 6


@part
def _order(text: Any, start: Any, end: Any, other: Any, other_start: Any, other_end: Any) -> Any:
    """Below, at or above 0 as a text of bytes comes before, is, or comes after another."""
    shorter = min(end - start, other_end - other_start)
    for i in range(shorter):
        difference = np.int64(text[start + i]) - np.int64(other[other_start + i])
        if difference != 0:
            return difference
    return (end - start) - (other_end - other_start)


@entry("void(uint8[::1], int64[::1], int64[:, ::1], int64[:, ::1], int64[:, ::1])")
def locate(texts: Any, ends: Any, table: Any, firsts: Any, counts: Any) -> None:
    """For each text (bytes, one after the other, `ends` behind each) and segment of `table`: where its postings begin in
    the segment's arrays (`firsts`) and how many there are (`counts`, 0 where it is unknown); both texts × segments."""
    for segment in range(table.shape[0]):
        terms = table[segment, TERM_COUNT]
        offsets = integers_at(table[segment, TERM_OFFSETS], terms + 1)
        postings = integers_at(table[segment, POSTING_OFFSETS], terms + 1)
        letters = bytes_at(table[segment, TERM_BYTES], 1)
        start = 0
        for i in range(ends.size):
            low, high = 0, terms
            while low < high:
                middle = (low + high) >> 1
                if _order(letters, np.int64(offsets[middle]), np.int64(offsets[middle + 1]), texts, start, ends[i]) < 0:
                    low = middle + 1
                else:
                    high = middle
            counts[i, segment] = 0
            if (
                low < terms
                and _order(letters, np.int64(offsets[low]), np.int64(offsets[low + 1]), texts, start, ends[i]) == 0
            ):
                firsts[i, segment] = np.int64(postings[low])
                counts[i, segment] = np.int64(postings[low + 1]) - np.int64(postings[low])
            start = ends[i]
