"""The yardstick of evaluations: plain BM25 (Robertson & Zaragoza 2009) on the same documents, without anything of ours.

Words are runs of letters and digits in lower case; English ones are stemmed and stop words left out, as any engine does.
Queries without accents meet documents whose accents are taken away as well.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array

from techmart.search.analysis import stem
from techmart.search.document import SearchDocument
from techmart.search.query_terms import stop_words
from techmart.search.vietnamese import fold

Array = NDArray[Any]
_K1: Final = 1.2
_B: Final = 0.75
_WORD: Final = re.compile(r"\w+")


class PlainBM25:
    """An index of documents in memory. `folded`: take the accents away on both sides."""

    def __init__(self, documents: Iterable[SearchDocument], *, folded: bool) -> None:
        self._folded = folded
        self._keys: list[str] = []
        self._numbers: dict[str, int] = {}
        rows, columns, counts, lengths = [], [], [], []
        for row, document in enumerate(documents):
            words = Counter(self._words(" ".join(document.text.values()), document.lang))
            self._keys.append(document.key)
            lengths.append(sum(words.values()))
            for word, count in words.items():
                rows.append(row)
                columns.append(self._numbers.setdefault(word, len(self._numbers)))
                counts.append(count)
        size = len(self._keys), max(len(self._numbers), 1)
        frequencies = np.array(counts, dtype=np.float64)
        norms = np.array(lengths)[rows] / max(float(np.mean(lengths or [1])), 1.0)
        weights = frequencies * (_K1 + 1) / (frequencies + _K1 * (1 - _B + _B * norms))
        uses = np.bincount(columns, minlength=size[1])
        self._rarities = np.log1p((size[0] - uses + 0.5) / (uses + 0.5))
        self._matrix = csc_array((weights, (rows, columns)), shape=size)

    def rank(self, text: str, lang: str, limit: int) -> list[str]:
        """The keys of the best documents, ties in the order of their keys."""
        known = {self._numbers[word] for word in self._words(text, lang) if word in self._numbers}
        scores: Array = np.zeros(len(self._keys))
        for number in known:
            span = slice(self._matrix.indptr[number], self._matrix.indptr[number + 1])
            scores[self._matrix.indices[span]] += self._rarities[number] * self._matrix.data[span]
        found = np.flatnonzero(scores > 0)
        best = sorted(found.tolist(), key=lambda row: (-scores[row], self._keys[row]))
        return [self._keys[row] for row in best[:limit]]

    def _words(self, text: str, lang: str) -> list[str]:
        words = _WORD.findall((fold(text) if self._folded else text).lower())
        if lang != "en":
            return words
        stops: Callable[[str], bool] = stop_words("en").__contains__
        return [stem(word) for word in words if not stops(word)]
