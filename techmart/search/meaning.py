"""Where a text lies in meaning: the sum of the vectors of its words (see word_vectors), those of Vietnamese terms through the
glossary that comes with the product.

Documents get theirs when they are indexed, a text when it is matched, by this one function; so terms that staff add to the
glossary play no part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from threading import Lock
from typing import Any, Final

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
#: Of a Vietnamese term's translations, the usual one first.
_TRANSLATION_SHARES: Final = (1.0, 0.5)
#: Words and terms whose vectors are kept in a process: 20 MB at most.
_WORDS_KEPT: Final = 20_000
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
    small = word.lower()
    return _NO_MEANING if normalised(word) in stop_words("en") else small


def _terms_of(words: Sequence[str], lacks_accents: bool) -> list[str]:
    """The terms of Vietnamese words that the glossary knows, longest first from the left, and words from elsewhere."""
    term_of, longest = _written_terms(lacks_accents)
    stops = stop_words("vi_long")
    forms = [_form(normalised(word), lacks_accents) for word in words]
    meanings: list[str] = []
    place = 0
    while place < len(forms):
        first = forms[place]
        for end in range(min(place + longest.get(first, 0), len(forms)), place, -1):
            term = term_of.get(" ".join(forms[place:end]))
            if term is not None:
                meanings.append(_NO_MEANING if term in stops else _VIETNAMESE_MARK + term)
                place = end
                break
        else:
            is_foreign = first.isascii() and not is_syllable(first)
            meanings.append(_english(first) if is_foreign else _NO_MEANING)
            place += 1
    return meanings


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


@lru_cache(maxsize=2)
def _written_terms(lacks_accents: bool) -> tuple[dict[str, str], dict[str, int]]:
    """Terms by how they are written, and the first word of each with how long the longest is that begins so.

    Without accents several terms may look the same: the first is meant, but a lone syllable of many meanings says nothing.
    """
    terms: dict[str, list[str]] = {}
    for term in _translations():
        terms.setdefault(" ".join(_form(word, lacks_accents) for word in term.split()), []).append(term)
    chosen = {form: alike[0] for form, alike in terms.items() if " " in form or len(alike) == 1}
    longest: dict[str, int] = {}
    for form in chosen:
        words = form.split()
        longest[words[0]] = max(longest.get(words[0], 0), len(words))
    return chosen, longest


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
