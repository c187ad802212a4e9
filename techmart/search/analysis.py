"""From stored text and typed text to index terms: one place, so that both sides always agree.

A term is a channel letter, a colon and a form:

* ``x:`` a Vietnamese syllable as written, in the canonical one of its spellings (x:hòa for hoà and hòa);
* ``f:`` the same syllable folded (f:hoa), so that text typed without accents finds it;
* ``s:`` everything else folded and, for words, in American spelling and Snowball-stemmed: English words, numbers, codes
  (s:filter, s:co2);
* ``p:`` a pair of neighbours, folded or stemmed, hashed into 2^17 buckets: pairs as terms of their own spelling would make
  nine tenths of the vocabulary and change no measured figure.

A plain word in Vietnamese text that could be a syllable ("an", "pin") is indexed in all three word channels, because
it may be asked for as Vietnamese, as Vietnamese without accents, or as English. Text known to be English uses ``s:``
and ``p:`` alone, which keeps "can" and "may" out of Vietnamese queries.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from typing import Final, NamedTuple

import Stemmer

from techmart.search.english_spelling import american
from techmart.search.vietnamese import ACCENTED_LETTERS, fold, is_syllable, unify_spelling

PAIR_BUCKETS: Final = 1 << 17
_MAX_WORD_CHARS: Final = 40
# Distinct words remembered per language; cleared when full, which costs a moment and bounds the memory (~40 MB).
_CACHE_WORDS: Final = 200_000

# Runs of letters and digits. Dotted initials (I.O.T., U.S.) are one word, looked for only where a text seems to have
# some because that pattern is half as fast. Nothing here can backtrack.
_WORD: Final = re.compile(r"[^\W_]+")
_WORD_OR_INITIALS: Final = re.compile(r"(?:[^\W\d_]\.){2,}[^\W\d_]?(?![^\W_])|[^\W_]+")
_SEEMS_INITIALS: Final = re.compile(r"\.[^\W\d_]\.")
_VIETNAMESE_LETTER: Final = re.compile(f"[{ACCENTED_LETTERS}]", re.IGNORECASE)
_LETTERS_LOOKED_AT: Final = 600
# Vietnamese prose has 18 to 25 accented letters in 100 characters, English text naming a Vietnamese author below 2.
_VIETNAMESE_SHARE: Final = 0.04
# "10mg" is two words, "5g" (the network) and "co2" are one.
_NUMBER_WITH_UNIT: Final = re.compile(
    r"(\d{1,40})(mm|cm|km|nm|µm|m2|m3|mg|kg|ml|kw|kwh|mw|gw|kva|ha|hz|khz|mhz|ghz|mpa|kpa|bar|ppm|ppb|rpm|gb|mb|tb|kv|mah|wh)"
)

_stem = Stemmer.Stemmer("english", 0).stemWord


class Word(NamedTuple):
    """What one written word becomes: its terms, and what it adds to the pairs it ends and begins (17 bits each)."""

    terms: tuple[str, ...]
    as_right: int
    as_left: int


def normalise_word(written: str) -> str:
    """Return one word as the index thinks of it: NFKC (co₂→co2), lower case, canonical spelling, at most 40 letters."""
    word = unicodedata.normalize("NFKC", written.replace(".", "")).lower()[:_MAX_WORD_CHARS]
    return unify_spelling(word)


def stem(folded: str) -> str:
    """Return the English stem of a folded word, one for both spellings; words with digits are kept as they are."""
    return str(_stem(american(folded))) if folded.isalpha() else folded


def pair_part(word: str) -> str:
    """Return the form of a normalised word that pairs are made of: the folded syllable, or else the stem."""
    folded = _fold_syllable(word)
    return folded if is_syllable(folded) else stem(folded)


def pair_term(left: str, right: str) -> str:
    """Return the ``p:`` term of two neighbouring pair parts."""
    return _PAIR_TERMS[_as_left(left) ^ _as_right(right)]


def split_words(text: str) -> list[str]:
    """Return the written words of a text in order; NFD text is composed first."""
    if not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    return (_WORD_OR_INITIALS if _SEEMS_INITIALS.search(text) else _WORD).findall(text)


def is_vietnamese(text: str) -> bool:
    """Whether a text is Vietnamese by the share of its accented letters, judged on its beginning."""
    start = text[:_LETTERS_LOOKED_AT]
    return len(_VIETNAMESE_LETTER.findall(start)) > _VIETNAMESE_SHARE * len(start)


def word_terms(written: str, english: bool) -> tuple[str, ...]:
    """Return the index terms of one written word, pairs aside."""
    return (_ENGLISH if english else _VIETNAMESE)[written].terms


def analyse(text: str, lang: str | None = None) -> list[str]:
    """Return the index terms of a text in order, repeated as often as they occur.

    `lang` is what the document says ("vi", "en" or None); text that is plainly Vietnamese is taken as such anyway.
    """
    english = lang == "en" and not is_vietnamese(text)
    if lang is None:
        english = not is_vietnamese(text) and not _could_lack_accents(text)
    known = _ENGLISH if english else _VIETNAMESE
    pairs = _PAIR_TERMS
    terms: list[str] = []
    add = terms.append
    left = -1
    for written in split_words(text):
        word_forms, as_right, as_left = known[written]
        terms += word_forms
        if left >= 0:
            add(pairs[left ^ as_right])
        left = as_left
    return terms


def count_words(terms: list[str]) -> int:
    """Return how many words gave these terms: the length that field-length normalisation means."""
    return sum(1 for term in terms if term[0] == "p") + 1 if terms else 0


def _as_right(part: str) -> int:
    return zlib.crc32(part.encode("utf-8", "replace")) % PAIR_BUCKETS


def _as_left(part: str) -> int:
    # Another hash than that of the right side, so that "a b" and "b a" differ and "a a" is not bucket 0.
    return zlib.crc32(b"left " + part.encode("utf-8", "replace")) * 0x9E3779B1 >> 12 & (PAIR_BUCKETS - 1)


_PAIR_TERMS: Final = tuple(f"p:{bucket:x}" for bucket in range(PAIR_BUCKETS))


def _fold_syllable(word: str) -> str:
    # ly and li fold together only as whole syllables, where they are one word in two spellings.
    return unify_spelling(fold(word))


def _could_lack_accents(text: str) -> bool:
    words = split_words(text[:_LETTERS_LOOKED_AT].lower())
    return sum(is_syllable(fold(word)) for word in words) > 0.9 * len(words)


class _Words(dict[str, Word]):
    """Written word → Word, worked out at the first meeting."""

    def __init__(self, english: bool) -> None:
        super().__init__()
        self._english = english

    def __missing__(self, written: str) -> Word:
        if len(self) >= _CACHE_WORDS:
            self.clear()
        known = self[written] = _make_word(written, self._english)
        return known


_VIETNAMESE: Final = _Words(english=False)
_ENGLISH: Final = _Words(english=True)


def _make_word(written: str, english: bool) -> Word:
    word = normalise_word(written)
    measured = _NUMBER_WITH_UNIT.fullmatch(word)
    if measured:
        number, unit = measured.groups()
        return Word((f"s:{number}", f"s:{unit}", pair_term(number, unit)), _as_right(number), _as_left(unit))
    part = pair_part(word)
    return Word(_forms(word, english), _as_right(part), _as_left(part))


def _forms(word: str, english: bool) -> tuple[str, ...]:
    plain = word.isascii()
    if english and plain:
        return (f"s:{stem(word)}",)
    folded = fold(word)
    if is_syllable(folded):
        syllable = _fold_syllable(word)
        if not plain:
            return (f"x:{word}", f"f:{syllable}")
        return (f"x:{word}", f"f:{syllable}", f"s:{stem(word)}")
    if plain:
        return (f"s:{stem(word)}",)
    return (f"x:{word}", f"s:{stem(folded)}")
