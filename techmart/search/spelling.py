"""Did you mean: for words of a query that nothing in the index has, the likeliest words that it does have.

Candidates are words of live titles and syllables of the index's vocabulary, one or two edits away in folded form, the
same keys with an input method on, or the word parted in two. Those that stand beside the query's other words come
first. Offered, never forced; words that hit in any of their forms are left alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, Final
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from techmart.search.analysis import pair_part, pair_term, split_words, word_terms
from techmart.search.segment import SegmentReader
from techmart.search.snapshot import Snapshot
from techmart.search.telex import from_keystrokes
from techmart.search.title_index import fold_word, normal_word
from techmart.search.title_matches import usual_writing
from techmart.search.vietnamese import all_syllables, fold, is_syllable

Array = NDArray[Any]

_MAX_WORDS: Final = 12
_MAX_CORRECTED: Final = 3
_SHORTEST: Final = 3
_LONGEST: Final = 24
#: Words of this length may be two edits away, shorter ones one.
_LONG_ENOUGH_FOR_TWO: Final = 6
_CANDIDATES: Final = 40
_COST_OF_EDIT: Final = 4.0
_COST_OF_KEYSTROKES: Final = 1.0
_COST_OF_PARTING: Final = 3.0
_GAIN_OF_PAIR: Final = 1.5
_ROWS: Final = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_ALPHABET_BITS: Final = {letter: 1 << place for place, letter in enumerate("abcdefghijklmnopqrstuvwxyz")}


def did_you_mean(snapshot: Snapshot, text: str, known: frozenset[str] = frozenset()) -> str:
    """`text` with the words nothing has replaced by the likeliest that something has; empty where none is offered.

    `text`: what was typed, of any length; the first words are looked at. `known`: words that are right. Never raises.
    """
    words = split_words(text)[:_MAX_WORDS]
    unknown = [
        place for place in _unknown(snapshot, words) if words[place] not in known and _could_be_corrected(words[place])
    ][:_MAX_CORRECTED]
    if not unknown or not snapshot.live_count:
        return ""
    corrected = dict(enumerate(words))
    for place in unknown:
        left = corrected[place - 1] if place else ""
        right = words[place + 1] if place + 1 < len(words) and place + 1 not in unknown else ""
        if not (better := _best(snapshot, words[place], left, right, has_accents=_has_accents(words))):
            continue
        corrected[place] = better
    return _replaced(text, words, corrected)


def _unknown(snapshot: Snapshot, words: Sequence[str]) -> list[int]:
    """Places of the words no document has in any form, Vietnamese or English."""
    forms = [list(dict.fromkeys((*word_terms(word, False), *word_terms(word, True)))) for word in words]
    flat = [form for row in forms for form in row]
    counts = iter(snapshot.document_counts(flat).tolist() if flat else [])
    return [place for place, row in enumerate(forms) if not sum(next(counts) for _ in row)]


def _could_be_corrected(word: str) -> bool:
    folded = fold_word(word)
    if from_keystrokes(normal_word(word)):
        return True
    return _SHORTEST <= len(folded) <= _LONGEST and folded.isalpha() and folded.isascii()


def _has_accents(words: Sequence[str]) -> bool:
    return any(fold(word.lower()) != word.lower() for word in words)


def _best(snapshot: Snapshot, word: str, left: str, right: str, *, has_accents: bool) -> str:
    """The writing of the best candidate, or an empty text."""
    keys = normal_word(word)
    costs: dict[str, float] = {}
    if meant := from_keystrokes(keys):
        costs[meant] = _COST_OF_KEYSTROKES
    folded = fold_word(word)
    is_plain = folded.isalpha() and folded.isascii()
    for parted in _parted(folded) if is_plain else ():
        costs.setdefault(parted, _COST_OF_PARTING)
    scored: list[tuple[float, str]] = []
    for reach in (1, 2) if len(folded) >= _LONG_ENOUGH_FOR_TWO else (1,):
        # Two edits are looked for only where one leads nowhere: it takes ten times as long.
        if is_plain and not scored:
            for candidate, edits in _near(snapshot, folded, reach):
                costs.setdefault(candidate, edits * _COST_OF_EDIT)
        scored = scored or sorted(_scored(snapshot, costs, left, right), reverse=True)
    for _score, candidate in scored[:5]:
        if written := _written(snapshot, candidate, left, right, has_accents=has_accents or candidate == meant):
            return written
    return ""


def _scored(snapshot: Snapshot, costs: dict[str, float], left: str, right: str) -> Iterator[tuple[float, str]]:
    """(score, candidate) of candidates that documents have: nearness, frequency, and company of the neighbours."""
    candidates = list(costs)
    if not candidates:
        return
    parts = [[pair_part(normal_word(word)) for word in candidate.split(" ")] for candidate in candidates]
    own = [_own_term(candidate) for candidate in candidates]
    inside = [pair_term(row[0], row[1]) if len(row) > 1 else "" for row in parts]
    before = [pair_term(pair_part(normal_word(left)), row[0]) if left else "" for row in parts]
    after = [pair_term(row[-1], pair_part(normal_word(right))) if right else "" for row in parts]
    counts = snapshot.document_counts([*own, *inside, *before, *after]).reshape(4, len(candidates))
    for place, candidate in enumerate(candidates):
        count, joint, with_left, with_right = (int(number) for number in counts[:, place])
        if count and (joint or not inside[place]):
            company = math.log1p(with_left) + math.log1p(with_right)
            frequency = math.log1p(joint if inside[place] else count)
            yield frequency + _GAIN_OF_PAIR * company - costs[candidate], candidate


def _own_term(candidate: str) -> str:
    """The term that says a candidate is there: its exact form when it has accents, else folded or stemmed."""
    terms = word_terms(candidate.split(" ")[0], False)
    exact = [term for term in terms if term[0] == "x" and not term.isascii()]
    return (exact or [term for term in terms if term[0] in "fs"] or list(terms))[0]


def _written(snapshot: Snapshot, candidate: str, left: str, right: str, *, has_accents: bool) -> str:
    """How to show a candidate that a live document has: with accents where the query has them and titles write so."""
    docs = snapshot.postings(_own_term(candidate))[0]
    if not len(docs) or not snapshot.live[docs].any():
        return ""
    words = candidate.split(" ")
    if not has_accents or not candidate.isascii() or not all(map(is_syllable, words)):
        return candidate
    folded = [fold_word(word) for word in words]
    for row, first in (
        ([fold_word(left), *folded, fold_word(right)], 1),
        ([fold_word(left), *folded], 1),
        ([*folded, fold_word(right)], 0),
        (folded, 0),
    ):
        if "_" not in row and (found := usual_writing(snapshot, row)):
            return " ".join(found.split(" ")[first : first + len(words)])
    return candidate


def _parted(folded: str) -> Iterator[str]:
    """The word as two Vietnamese syllables: xuly → xu ly."""
    for at in range(1, len(folded)):
        if is_syllable(folded[:at]) and is_syllable(folded[at:]):
            yield f"{folded[:at]} {folded[at:]}"


# --- words one or two edits away --------------------------------------------------------------------------------------


def _near(snapshot: Snapshot, folded: str, reach: int) -> list[tuple[str, float]]:
    """(word, edits) of syllables and title words within reach, nearest first. A letter beside the right key is 0.8."""
    judged: dict[str, float] = {folded: reach + 1.0}
    tables = [_syllable_table(), *(_word_table(segment) for segment in snapshot.segments)]
    for table in tables:
        for word in table.candidates(folded, reach):
            if word not in judged:
                judged[word] = edit_cost(folded, word, reach)
    found = [(word, edits) for word, edits in judged.items() if edits <= reach]
    return sorted(found, key=lambda row: (row[1], row[0]))[: _CANDIDATES * reach]


class _WordTable:
    """Words with their length and letters as bits, so that most are ruled out by array work."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = words
        self._lengths = np.array([len(word) for word in words], dtype=np.int16)
        self._letters = np.array([_letters(word) for word in words], dtype=np.uint32)

    def candidates(self, folded: str, reach: int) -> Iterator[str]:
        if not self._words:
            return
        # An edit changes the set of letters by two at most: one gone, one new.
        differing = self._letters ^ np.uint32(_letters(folded))
        near = (np.abs(self._lengths - len(folded)) <= reach) & (_bit_counts(differing) <= 2 * reach)
        for place in np.flatnonzero(near).tolist():
            yield self._words[place]


_TABLES: Final[WeakKeyDictionary[SegmentReader, _WordTable]] = WeakKeyDictionary()


def _word_table(segment: SegmentReader) -> _WordTable:
    """The distinct words of a segment's titles, made at the first misspelt query and kept as long as the segment."""
    table = _TABLES.get(segment)
    if table is None:
        words = [word for word in segment.titles.distinct_words() if _SHORTEST <= len(word) <= _LONGEST + 2]
        table = _TABLES[segment] = _WordTable([word for word in words if word.isascii() and word.isalpha()])
    return table


@lru_cache(maxsize=1)
def _syllable_table() -> _WordTable:
    return _WordTable(all_syllables())


def _letters(word: str) -> int:
    bits = 0
    for letter in word:
        bits |= _ALPHABET_BITS.get(letter, 0)
    return bits


def _bit_counts(values: Array) -> Array:
    """How many bits of each 32-bit number are set."""
    values = values - ((values >> 1) & 0x55555555)
    values = (values & 0x33333333) + ((values >> 2) & 0x33333333)
    counts: Array = (((values + (values >> 4)) & 0x0F0F0F0F) * np.uint32(0x01010101)) >> 24
    return counts


def edit_cost(typed: str, word: str, limit: float) -> float:
    """Edits between two words (insert, delete, change, swap of neighbours), slips of a finger cheaper.

    Above `limit` when it is more. The first letter is rarely wrong: a change of it costs a half more.
    """
    if abs(len(typed) - len(word)) > limit:
        return limit + 1
    before: list[float] = []
    row = [place * 1.0 for place in range(len(word) + 1)]
    for i, letter in enumerate(typed, start=1):
        older, before, row = before, row, [i * 1.0]
        for j, other in enumerate(word, start=1):
            change = 0.0 if letter == other else 0.8 if other in _beside().get(letter, "") else 1.0
            if i == j == 1 and change:
                change += 0.5
            cost = min(before[j - 1] + change, before[j] + 1, row[j - 1] + 1)
            if i > 1 and j > 1 and letter == word[j - 2] and typed[i - 2] == other:
                cost = min(cost, older[j - 2] + 0.8)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
    return row[-1]


@lru_cache(maxsize=1)
def _beside() -> dict[str, str]:
    """Letter → the letters beside it on the keyboard."""
    beside: dict[str, str] = {}
    for number, keys in enumerate(_ROWS):
        for place, key in enumerate(keys):
            near = keys[max(place - 1, 0) : place + 2]
            near += "".join(
                _ROWS[other][max(place - 1, 0) : place + 2] for other in (number - 1, number + 1) if 0 <= other < 3
            )
            beside[key] = near.replace(key, "")
    return beside


def _replaced(text: str, words: Sequence[str], corrected: dict[int, str]) -> str:
    """`text` with the changed words put in their places; empty where none changed."""
    parts: list[str] = []
    rest = text
    for place, word in enumerate(words):
        at = rest.find(word)
        if at < 0:  # composed differently than typed: start anew from the words
            return " ".join(corrected.values()) if list(corrected.values()) != list(words) else ""
        parts += [rest[:at], corrected[place]]
        rest = rest[at + len(word) :]
    return "".join([*parts, rest]) if list(corrected.values()) != list(words) else ""
