"""The titles of one segment, ordered for completion: every place where a word begins, sorted by what follows it.

A suffix array over folded titles ("xu li nuoc thai"), so that what somebody has typed so far, accents or not, is one
range of it: two binary searches find all titles that say it, at their beginning or inside. Each place also tells how
many whole words it shares with the place before, which makes counting the phrases of a range plain array work.

Built with the segment from public documents alone; all arrays are mapped, so an unused one takes no memory.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from techmart.search.analysis import normalise_word, split_words
from techmart.search.array_file import ArrayFile
from techmart.search.vietnamese import fold, unify_spelling

Array = NDArray[Any]

#: Places are sorted by this many bytes of what follows; longer typed texts are compared in full afterwards.
SORTED_BYTES: Final = 32
_MAX_CHARS: Final = 240
_SPACE, _LINE_END = 32, 10
_ARRAYS: Final = ("bytes", "offsets", "docs", "fold_bytes", "fold_offsets", "places", "entries", "shared")


#: Remembered for the words of titles, which come again and again.
normal_word: Final = lru_cache(maxsize=50_000)(normalise_word)


@lru_cache(maxsize=100_000)
def fold_word(written: str) -> str:
    """A written word as the order of titles knows it: canonical spelling, folded, no blank in it, never empty."""
    return "".join(unify_spelling(fold(normalise_word(written))).split()) or "_"


def fold_words(text: str) -> list[str]:
    """The folded words of a text."""
    return [fold_word(word) for word in split_words(text)]


def title_arrays(titles: Sequence[str]) -> dict[str, Array]:
    """The arrays of documents' titles, in their order; each line of a title (one a language) stands for itself."""
    lines: list[bytes] = []
    folded: list[bytes] = []
    docs: list[int] = []
    for number, title in enumerate(titles):
        for line in title.split("\n"):
            text = " ".join(line.split())[:_MAX_CHARS]
            if words := fold_words(text):
                lines.append(text.encode("utf-8", "replace"))
                folded.append(" ".join(words).encode("utf-8", "replace"))
                docs.append(number)
    blob = np.frombuffer(b"".join(line + b"\n" for line in folded), dtype=np.uint8)
    fold_offsets = _offsets([len(line) + 1 for line in folded])
    places, shared = _word_order(blob)
    entries = np.searchsorted(fold_offsets, places, side="right") - 1
    arrays = {
        "bytes": np.frombuffer(b"".join(lines), dtype=np.uint8),
        "offsets": _offsets([len(line) for line in lines]),
        "docs": np.array(docs, dtype=np.uint32),
        "fold_bytes": blob,
        "fold_offsets": fold_offsets,
        "places": places.astype(np.uint32),
        "entries": entries.astype(np.uint32),
        "shared": shared,
    }
    return {f"title_{name}": array for name, array in arrays.items()}


def _offsets(lengths: Sequence[int]) -> Array:
    return np.concatenate(([0], np.cumsum(lengths, dtype=np.int64))).astype(np.uint32)


def _word_order(blob: Array) -> tuple[Array, Array]:
    """Where words begin, sorted by the bytes that follow, and how many whole words each shares with the one before."""
    if not len(blob):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.uint8)
    is_end = (blob == _SPACE) | (blob == _LINE_END)
    starts = np.concatenate(([0], np.flatnonzero(is_end[:-1]) + 1))
    padded = np.concatenate((blob, np.zeros(SORTED_BYTES, dtype=np.uint8)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, SORTED_BYTES)[starts]
    keys = windows.view(">u8").astype(np.uint64)
    order = np.lexsort(keys.T[::-1])
    return starts[order], _shared_words(windows[order])


def _shared_words(windows: Array) -> Array:
    """Whole words at the beginning of each window that the window before begins with too, within one title."""
    before, here = windows[:-1], windows[1:]
    common = np.logical_and.accumulate(before == here, axis=1)
    is_end = (here == _SPACE) | (here == _LINE_END)
    in_title = np.logical_and.accumulate(here != _LINE_END, axis=1)
    in_title[:, 1:] = in_title[:, :-1].copy()  # the line's end itself still ends a word
    in_title[:, 0] = True
    words = (common & is_end & in_title).sum(axis=1)
    # One more where the windows part just behind a word: at a blank in one, at the line's end in the other.
    length = common.sum(axis=1)
    rows = np.flatnonzero(length < SORTED_BYTES)
    at = length[rows]
    parts_behind_word = ((here[rows, at] == _SPACE) & (before[rows, at] == _LINE_END)) | (
        (here[rows, at] == _LINE_END) & (before[rows, at] == _SPACE)
    )
    words[rows[parts_behind_word & in_title[rows, at]]] += 1
    return np.concatenate(([0], words)).astype(np.uint8)


class TitleIndex(Sequence[bytes]):
    """The arrays of one segment for reading. As a sequence: what follows each place, in order (for bisect)."""

    def __init__(self, file: ArrayFile) -> None:
        known = "title_places" in file  # an index of an earlier version has none: nothing is suggested from it
        none: Array = np.zeros(0, dtype=np.uint8)
        bytes_, offsets, docs, fold_bytes, fold_offsets, places, entries, shared = (
            file[f"title_{name}"] if known else none for name in _ARRAYS
        )
        self._bytes, self._offsets, self._fold_bytes, self._fold_offsets = bytes_, offsets, fold_bytes, fold_offsets
        self.docs, self.places, self.entries, self.shared = docs, places, entries, shared
        self._fold_text = memoryview(fold_bytes)  # type: ignore[arg-type]  # arrays are buffers from NumPy's side only
        self._place_items = memoryview(places)  # type: ignore[arg-type]  # as above

    def __len__(self) -> int:
        return len(self._place_items)

    def __getitem__(self, number: int) -> bytes:  # type: ignore[override]  # bisect asks for single items only
        start = self._place_items[number]
        return bytes(self._fold_text[start : start + SORTED_BYTES])

    def find(self, typed: str, *, is_complete: bool = False) -> tuple[int, int]:
        """The range of places followed by folded `typed`; `is_complete`: its last word is whole."""
        text = typed.encode("utf-8", "replace")[: SORTED_BYTES - 1]
        if is_complete and len(text) < SORTED_BYTES - 1:
            return bisect_left(self, text + b"\n"), bisect_left(self, text + b"!")
        first = bisect_left(self, text)
        return first, bisect_left(self, text + b"\xff", first)

    def starts(self, first: int, end: int) -> Array:
        """Which places of a range are the beginning of their title."""
        begins: Array = self.places[first:end] == self._fold_offsets[self.entries[first:end]]
        return begins

    def text(self, entry: int) -> str:
        """A title line as written."""
        return bytes(self._bytes[self._offsets[entry] : self._offsets[entry + 1]]).decode()

    def folded(self, entry: int) -> str:
        """The same folded, words parted by one blank."""
        return bytes(self._fold_bytes[self._fold_offsets[entry] : self._fold_offsets[entry + 1] - 1]).decode()

    def phrase_at(self, number: int, words: int) -> str:
        """The folded words that follow a place; fewer than `words` where the title ends before."""
        start = self._place_items[number]
        line = bytes(self._fold_text[start : start + 200]).split(b"\n", 1)[0]
        return b" ".join(line.split(b" ", words)[:words]).decode("utf-8", "replace")

    def written_at(self, number: int, words: int) -> list[str]:
        """The same words as written in the title."""
        entry = int(self.entries[number])
        skipped = bytes(self._fold_text[self._fold_offsets[entry] : self._place_items[number]]).count(b" ")
        return split_words(self.text(entry))[skipped : skipped + words]

    def distinct_words(self) -> list[str]:
        """The folded words of all titles, once each."""
        heads = np.flatnonzero(self.shared == 0)
        return list(dict.fromkeys(self.phrase_at(int(number), 1) for number in heads))

    def title(self, doc: int) -> str:
        """The title of one document, its lines parted by line ends; empty where it has none."""
        first, end = np.searchsorted(self.docs, [doc, doc + 1])
        return "\n".join(self.text(entry) for entry in range(int(first), int(end)))

    def titles(self, count: int) -> list[str]:
        """The title of each of the segment's `count` documents, lines parted as they were given, for merging."""
        titles = [""] * count
        for entry, doc in enumerate(self.docs.tolist()):
            titles[doc] += ("\n" if titles[doc] else "") + self.text(entry)
        return titles
