"""The bilingual glossary: Vietnamese and English term pairs, looked up longest match first in either direction.

Files are `vi<TAB>en<TAB>domain`, one pair a line, `#` starts a comment line; a term with several translations has
several lines, the usual one first. Lookup works on the normalised words analysis works on, so hoà/hòa and
filter/filters meet, and a Vietnamese phrase typed without accents, or with half of them, finds its entries too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise, zip_longest
from pathlib import Path
from typing import Final, NamedTuple

from techmart.search.analysis import normalise_word, split_words, stem
from techmart.search.vietnamese import fold, unify_spelling

GLOSSARY_FOLDER: Final = Path(__file__).resolve().parent.parent / "data" / "glossary"
# More words than this make a sentence, not a term.
MAX_TERM_WORDS: Final = 8
_MAX_TRANSLATIONS: Final = 8
# Forms of words are remembered: the words of a field of technology come again in every text.
_WORDS_KEPT: Final = 50_000

# Decides between equals only: less than any difference of squares, however many terms a query has.
_COST_OF_A_LAYER: Final = 0.001

#: The rank of the first layer that knows a term, and its translations, best first.
Found = tuple[int, Sequence[str]]
Lookup = Callable[[int, int], Found]
_NOTHING: Final[Found] = (0, ())


class Entry(NamedTuple):
    """One pair as its author wrote it."""

    vietnamese: str
    english: str
    domain: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """Words `start` to `end` (exclusive) of a query are a known term; `translations` are best first, as written."""

    start: int
    end: int
    translations: tuple[str, ...]


class Glossary:
    """An immutable set of entries compiled for lookup, in front of those of `behind`, which it shares, not copies."""

    def __init__(self, entries: Iterable[Entry], behind: Sequence[Glossary] = ()) -> None:
        self._layers: tuple[Glossary, ...] = (self, *(layer for part in behind for layer in part._layers))
        self._english_of: dict[str, list[str]] = {}
        self._vietnamese_of: dict[str, list[str]] = {}
        self._accented: dict[str, list[str]] = {}
        #: Stemmed key → written form → its own translations, for the stems of several forms (engine and engineer).
        self._forms: dict[str, dict[str, list[str]]] = {}
        #: First two words of a key, or its only one → words of the longest such key: most places of a text begin no term.
        self._reach_of_vietnamese: dict[str, int] = {}
        self._reach_of_english: dict[str, int] = {}
        self._known_english: dict[tuple[str, str], Found] = {}
        self._size = 0
        first_forms: dict[str, str] = {}
        for entry in entries:
            self._add(entry, first_forms)

    def __len__(self) -> int:
        return sum(layer._size for layer in self._layers)

    def match_vietnamese(self, words: Sequence[str]) -> list[Match]:
        """Return the terms known among written Vietnamese words, in order and without overlap, longest first."""
        exact = [normalised(word) for word in words]
        tables = [layer._reach_of_vietnamese for layer in self._layers]
        reach = _reach([folded_spelling(word) for word in exact], tables)
        # In a text with accents a lone plain syllable means itself ("tu" in "đại tu" is no "tủ" without its accents).
        is_accented = 2 * sum(not word.isascii() for word in exact) >= len(exact)
        return _cover(
            reach, lambda start, end: self._english(exact[start:end], guesses=end - start > 1 or not is_accented)
        )

    def match_english(self, words: Sequence[str]) -> list[Match]:
        """Return the terms known among written English words, in order and without overlap, longest first."""
        forms = [_english_forms(word) for word in words]
        exact, stems = [form for form, _ in forms], [stemmed for _, stemmed in forms]
        reach = _reach(stems, [layer._reach_of_english for layer in self._layers])
        return _cover(
            reach, lambda start, end: self._vietnamese(" ".join(stems[start:end]), " ".join(exact[start:end]))
        )

    def _add(self, entry: Entry, first_forms: dict[str, str]) -> None:
        vietnamese = [normalise_word(word) for word in split_words(entry.vietnamese)]
        english = [fold(normalise_word(word)) for word in split_words(entry.english)]
        if not vietnamese or not english or max(len(vietnamese), len(english)) > MAX_TERM_WORDS:
            return
        self._size += 1
        _lengthen(self._reach_of_vietnamese, [folded_spelling(word) for word in vietnamese])
        _lengthen(self._reach_of_english, [stem(word) for word in english])
        key = " ".join(vietnamese)
        _append(self._english_of.setdefault(key, []), entry.english)
        self._add_english(" ".join(english), " ".join(stem(word) for word in english), entry.vietnamese, first_forms)
        folded = _fold_key(vietnamese)
        if folded != key:
            _append(self._accented.setdefault(folded, []), key)

    def _add_english(self, form: str, key: str, vietnamese: str, first_forms: dict[str, str]) -> None:
        known = self._vietnamese_of.setdefault(key, [])
        first = first_forms.setdefault(key, form)
        if form != first and key not in self._forms:
            self._forms[key] = {first: list(known)}
        if key in self._forms:
            _append(self._forms[key].setdefault(form, []), vietnamese)
        _append(known, vietnamese)

    def _vietnamese(self, key: str, form: str) -> Found:
        """Remembered: the words of texts come again."""
        known = self._known_english.get((key, form))
        if known is None:
            if len(self._known_english) >= _WORDS_KEPT:
                self._known_english.clear()
            known = self._known_english[key, form] = self._translate_english(key, form)
        return known

    def _translate_english(self, key: str, form: str) -> Found:
        found: list[tuple[int, Sequence[str]]] = [
            (rank, values) for rank, layer in enumerate(self._layers) if (values := layer._vietnamese_of.get(key))
        ]
        if not any(key in self._layers[rank]._forms for rank, _values in found):
            return _joined(found)
        # What the typed form itself means comes before what its relatives mean; a plural is the form without its s.
        own = [(rank, self._layers[rank]._of_form(key, form)) for rank, _values in found]
        if not any(values for _rank, values in own):
            own = [(rank, self._layers[rank]._of_form(key, form.removesuffix("s"))) for rank, _values in found]
        return _joined([(rank, values) for rank, values in own if values] + found)

    def _of_form(self, key: str, form: str) -> Sequence[str]:
        """Translations of one form; all of them where the layer knows a single form, whichever that is."""
        return self._forms[key].get(form, ()) if key in self._forms else self._vietnamese_of[key]

    def _english(self, words: Sequence[str], *, guesses: bool) -> Found:
        key = " ".join(words)
        exact = [(rank, found) for rank, layer in enumerate(self._layers) if (found := layer._english_of.get(key))]
        if exact or not guesses or all(not word.isascii() for word in words):
            return _joined(exact)
        # Some word may have been typed without its accents: take the terms that agree with those it does have.
        folded = _fold_key(words)
        return _joined(
            [
                (rank, layer._english_of[candidate])
                for rank, layer in enumerate(self._layers)
                for candidate in layer._accented.get(folded, ())
                if _agrees(words, candidate.split(" "))
            ]
        )


def read_glossary_file(path: Path) -> Iterator[Entry]:
    """Yield the entries of one glossary file; lines without both sides are skipped (a test checks the shipped ones)."""
    with path.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            cells = line.rstrip("\n").split("\t")
            if not line.startswith("#") and len(cells) >= 2 and cells[0].strip() and cells[1].strip():
                yield Entry(cells[0].strip(), cells[1].strip(), cells[2].strip() if len(cells) > 2 else "")


def read_glossary_folder(folder: Path) -> Iterator[Entry]:
    """Yield the entries of all .tsv files of a folder, in name order."""
    for path in sorted(folder.glob("*.tsv")):
        yield from read_glossary_file(path)


@lru_cache(maxsize=1)
def shipped_glossary() -> Glossary:
    """Return the glossary that comes with the product, loaded once per process."""
    return Glossary(read_glossary_folder(GLOSSARY_FOLDER))


def _joined(found: Sequence[tuple[int, Sequence[str]]]) -> Found:
    """The first rank, and all values in order, each once; the usual case of a single list costs nothing."""
    if len(found) < 2:
        return found[0] if found else _NOTHING
    return found[0][0], list(dict.fromkeys(value for _rank, values in found for value in values))


def _agrees(typed: Sequence[str], written: Sequence[str]) -> bool:
    """Whether every word that was typed with accents is the one written."""
    return all(word.isascii() or word == known for word, known in zip(typed, written, strict=True))


def _append(values: list[str], value: str) -> None:
    if value not in values:
        values.append(value)


def _fold_key(words: Sequence[str]) -> str:
    return " ".join(folded_spelling(word) for word in words)


def _cover(reach: Sequence[tuple[int, int]], lookup: Lookup) -> list[Match]:
    """Choose the non-overlapping matches whose squared lengths sum highest: longest first, without its blind spots.

    Greedy longest-match takes "a b" from "a b c" even where "b c" and a longer neighbour would cover more. Between
    two ways that cover as much, the one with the terms of the front layers is taken. `reach`: see
    `_reach`.
    """
    starts: list[list[int]] = [[] for _ in range(len(reach) + 1)]
    for start, (single, longest) in enumerate(reach):
        if single:
            starts[start + 1].append(start)
        for end in range(start + 2, min(start + longest, len(reach)) + 1):
            starts[end].append(start)
    best: list[tuple[float, Match | None]] = [(0, None)] * (len(reach) + 1)
    for end in range(1, len(reach) + 1):
        best[end] = (best[end - 1][0], None)
        for start in starts[end]:
            gain = best[start][0] + (end - start) ** 2
            if gain <= best[end][0]:
                continue
            rank, translations = lookup(start, end)
            if translations and (gain := gain - rank * _COST_OF_A_LAYER) > best[end][0]:
                best[end] = (gain, Match(start, end, tuple(translations[:_MAX_TRANSLATIONS])))
    chosen: list[Match] = []
    at = len(reach)
    while at > 0:
        match = best[at][1]
        if match is not None:
            chosen.append(match)
        at = match.start if match is not None else at - 1
    return chosen[::-1]


def _lengthen(table: dict[str, int], words: Sequence[str]) -> None:
    start = " ".join(words[:2])
    table[start] = max(table.get(start, 0), len(words))


def _reach(words: Sequence[str], tables: Sequence[dict[str, int]]) -> list[tuple[int, int]]:
    """Place by place: 1 where the word is a term by itself, and how long the longest term is that begins there, else 0."""
    following = [f"{left} {right}" for left, right in pairwise(words)]
    if len(tables) == 1:
        known = tables[0].get
        return [(known(word, 0), known(two, 0)) for word, two in zip_longest(words, following, fillvalue="")]
    return [
        (max(table.get(word, 0) for table in tables), max(table.get(two, 0) for table in tables))
        for word, two in zip_longest(words, following, fillvalue="")
    ]


@lru_cache(maxsize=_WORDS_KEPT)
def normalised(word: str) -> str:
    """`normalise_word`, remembered."""
    return normalise_word(word)


@lru_cache(maxsize=_WORDS_KEPT)
def folded_spelling(word: str) -> str:
    """A normalised word without accents, in the one spelling of its syllable."""
    return unify_spelling(fold(word))


@lru_cache(maxsize=_WORDS_KEPT)
def _english_forms(word: str) -> tuple[str, str]:
    """A written English word folded, and its stem."""
    folded = fold(normalised(word))
    return folded, stem(folded)
