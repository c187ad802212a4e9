"""Where a text lies in meaning: the sum of the vectors of its words (see word_vectors), those of Vietnamese terms through the
glossary that comes with the product.

Documents get theirs when they are indexed, a text when it is matched, by this one function; so terms that staff add to the
glossary play no part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from threading import Lock
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from techmart.search.analysis import is_vietnamese, split_words
from techmart.search.glossary import GLOSSARY_FOLDER, folded_spelling, normalised, read_glossary_folder
from techmart.search.query_terms import stop_words
from techmart.search.vietnamese import is_syllable
from techmart.search.word_vectors import DIMENSIONS, vector_of

Array = NDArray[Any]
#: A text says first what it is about; more words change no measured figure.
_MOST_WORDS: Final = 300
#: What is longer is no word, and cutting it to pieces would take its length squared.
_MOST_LETTERS: Final = 40
#: Of a Vietnamese term's translations, the usual one first.
_TRANSLATION_SHARES: Final = (1.0, 0.5)
#: Words and terms whose vectors are kept in a process: touched only as far as it is used, 60 MB at most.
_WORDS_KEPT: Final = 60_000
_NO_MEANING: Final = ""


def direction_of(texts: Iterable[str], *, lacks_accents: bool = False) -> Array | None:
    """A unit vector, float32, for the texts together; None where no word of theirs is known.

    `lacks_accents`: they are Vietnamese typed on a plain keyboard, and not English as they look.
    """
    total: Array = np.zeros(DIMENSIONS, dtype=np.float32)
    for text in texts:
        total += _sum_of(text, lacks_accents)
    length = float(np.linalg.norm(total))
    if not length:
        return None
    unit: Array = total / np.float32(length)
    return unit


def packed(direction: Array | None) -> Array:
    """A direction as DIMENSIONS bytes, int8, zeros for None. Their own length says nothing."""
    if direction is None:
        return np.zeros(DIMENSIONS, dtype=np.int8)
    codes: Array = np.rint(direction * (127 / np.abs(direction).max())).astype(np.int8)
    return codes


def _sum_of(text: str, lacks_accents: bool) -> Array:
    """Each line by its own language: a field may hold both, one under the other."""
    meanings: list[str] = []
    for line in text.split("\n"):
        if (left := _MOST_WORDS - len(meanings)) <= 0:
            break
        words = split_words(line)[:left]
        is_ours = lacks_accents or is_vietnamese(line)
        meanings += _terms_of(words, lacks_accents) if is_ours else map(_english, words)
    return _VECTORS.sum_of(meanings)


@lru_cache(maxsize=_WORDS_KEPT)
def _english(word: str) -> str:
    """The word in small letters, nothing where it is too common to say anything."""
    return _NO_MEANING if normalised(word) in stop_words("en") else word[:_MOST_LETTERS].lower()


def _terms_of(words: Sequence[str], lacks_accents: bool) -> list[str]:
    """The meanings of Vietnamese words: of terms that the glossary knows, longest first from the left, and words from elsewhere."""
    written = _written_terms(lacks_accents)
    forms = [_form(normalised(word), lacks_accents) for word in words]
    alone = [written.alone(form) for form in forms]
    meanings: list[str] = []
    done = 0
    # At most places there is no longer term.
    for start, longest in enumerate(map(written.reach.get, map(" ".join, pairwise(forms)))):
        if longest is None or start < done:
            continue
        for end in range(min(start + longest, len(forms)), start + 1, -1):
            if (meaning := written.longer.get(" ".join(forms[start:end]))) is not None:
                meanings += alone[done:start]
                meanings.append(meaning)
                done = end
                break
    return meanings + alone[done:]


#: Tells a Vietnamese term from an English word of the same letters.
_VIETNAMESE_MARK: Final = "vi:"


def _form(word: str, lacks_accents: bool) -> str:
    return folded_spelling(word) if lacks_accents else word


@lru_cache(maxsize=1)
def _translations() -> dict[str, tuple[str, ...]]:
    """Normalised Vietnamese terms and the first of what they are translated by."""
    known: dict[str, tuple[str, ...]] = {}
    for entry in read_glossary_folder(GLOSSARY_FOLDER):
        if words := [normalised(word) for word in split_words(entry.vietnamese)]:
            term = " ".join(words)
            known[term] = (*known.get(term, ()), entry.english)[: len(_TRANSLATION_SHARES)]
    return known


class _Written(NamedTuple):
    """How terms are written. `longer`: of several words → meaning; `reach`: their first two words → how long the longest is;
    `alone`: the meaning of a word by itself."""

    longer: dict[str, str]
    reach: dict[str, int]
    alone: Callable[[str], str]


@lru_cache(maxsize=2)
def _written_terms(lacks_accents: bool) -> _Written:
    """Function words have no meaning. Without accents several terms may look the same: the first is meant, but a lone syllable of
    many meanings says nothing."""
    terms: dict[str, list[str]] = {}
    for term in _translations():
        terms.setdefault(" ".join(_form(word, lacks_accents) for word in term.split()), []).append(term)
    stops = stop_words("vi_long")
    longer: dict[str, str] = {}
    single: dict[str, str] = {}
    reach: dict[str, int] = {}
    for form, alike in terms.items():
        meaning = _NO_MEANING if alike[0] in stops else _VIETNAMESE_MARK + alike[0]
        words = form.split()
        if len(words) > 1:
            longer[form] = meaning
            start = " ".join(words[:2])
            reach[start] = max(reach.get(start, 0), len(words))
        elif len(alike) == 1:
            single[form] = meaning

    @lru_cache(maxsize=_WORDS_KEPT)
    def alone(form: str) -> str:
        if form in single:
            return single[form]
        return _english(form) if form.isascii() and not is_syllable(form) else _NO_MEANING

    return _Written(longer, reach, alone)


def _make_vector(meaning: str) -> Array:
    if not meaning.startswith(_VIETNAMESE_MARK):
        return vector_of(meaning)
    translations = _translations()[meaning.removeprefix(_VIETNAMESE_MARK)]
    shares = _TRANSLATION_SHARES[: len(translations)]
    total = np.zeros(DIMENSIONS, dtype=np.float32)
    for share, translation in zip(shares, translations, strict=True):
        for word in filter(None, map(_english, split_words(translation))):
            total += share / sum(shares) * vector_of(word)
    return total


class _Vectors:
    """Vectors by name, worked out at the first meeting and kept one under the other, so that many are added up at once.

    Threads take turns: two that meet a word at the same time must not put it in one row with another.
    """

    def __init__(self, make: Callable[[str], Array], room: int) -> None:
        self._make = make
        self._rows: dict[str, int] = {}
        self._table = np.zeros((room, DIMENSIONS), dtype=np.float32)
        self._lock = Lock()

    def sum_of(self, names: Sequence[str]) -> Array:
        """The sum of their vectors, float32; the empty name has none."""
        with self._lock:
            if len(self._rows) + len(names) > len(self._table):
                self._rows = {}  # full: a moment's work, and memory stays bounded
            try:
                rows = [self._rows[name] for name in names if name]
            except KeyError:  # some are new
                rows = [self._row(name) for name in names if name]
            total: Array = self._table[rows].sum(axis=0)
        return total

    def _row(self, name: str) -> int:
        row = self._rows.get(name)
        if row is None:
            row = len(self._rows)
            self._table[row] = self._make(name)
            self._rows[name] = row
        return row


_VECTORS: Final = _Vectors(_make_vector, _WORDS_KEPT)
