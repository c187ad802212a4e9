"""What a text typed so far could go on to, over all segments of a snapshot: titles, and phrases titles have in common.

Only live documents count, for phrases too: one whose documents are all gone is not offered.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from techmart.search.analysis import split_words
from techmart.search.query_terms import stop_words
from techmart.search.segment import UNKNOWN
from techmart.search.snapshot import Snapshot
from techmart.search.title_index import TitleIndex, fold_word, normal_word
from techmart.search.vietnamese import fold

Array = NDArray[Any]

_MAX_WORDS: Final = 12
_LOOKED_AT: Final = 40
_LOOKED_AT_WITH_ACCENTS: Final = 80
_PHRASES_PER_SEGMENT: Final = 6
_WRITTEN_SAMPLES: Final = 6
_WRITTEN_SAMPLES_WITH_ACCENTS: Final = 14
_LONGEST_PHRASE: Final = 6
_MANY_PHRASES: Final = 64
_SHORT_START: Final = 2
_BONUS_OF_BEGINNING: Final = 1.0
_PRIOR_OF_VERIFIED: Final = 0.2
_PRIOR_OF_FRESHEST: Final = 0.2
#: A longer phrase that nearly all uses of the shorter one go on to takes its place.
_GOES_ON_SHARE: Final = 0.6
_TONES: Final = str.maketrans(
    "áàảãạắằẳẵặấầẩẫậéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ",
    "aaaaaăăăăăâââââeeeeeêêêêêiiiiioooooôôôôôơơơơơuuuuuưưưưưyyyyy",
)


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed: normalised words with the accents they have, folded words, and whether the last word is whole."""

    exact: str
    folded: tuple[str, ...]
    is_complete: bool
    ends_in_y: bool = False

    @classmethod
    def read(cls, text: str) -> Typed:
        words = split_words(text)[:_MAX_WORDS]
        is_complete = bool(words) and not text[-1:].isalnum()
        return cls(
            " ".join(map(normal_word, words)),
            tuple(map(fold_word, words)),
            is_complete,
            bool(words) and fold(words[-1].lower()).endswith("y"),
        )

    @property
    def has_accents(self) -> bool:
        return fold(self.exact) != self.exact

    def patterns(self) -> Iterator[tuple[str, bool]]:
        """(folded text, whether its last word is whole) to look for."""
        text = " ".join(self.folded)
        # "ly" is the whole word lý (kept as "li"), or the beginning of "lyo…"; it does not begin "lin…".
        is_respelt = self.ends_in_y and text.endswith("i")
        yield text, self.is_complete or is_respelt
        if is_respelt and not self.is_complete:
            yield f"{text[:-1]}y", False

    def agreement(self, exact: str) -> float:
        """How well the accents typed so far fit this text, letter by letter: below 0 where they contradict it."""
        if not self.has_accents:
            return 0.0
        fits = 0
        last_word = len(self.exact) if self.is_complete else self.exact.rfind(" ") + 1
        for place, (typed, written) in enumerate(zip(self.exact, exact, strict=False)):
            if typed == written:
                fits += typed > "\x7f"
            elif typed > "\x7f" and (place < last_word or typed != written.translate(_TONES)):
                # In the last word the tone is often still to come: "nươ" is on its way to "nước".
                return -1.0
        return fits / len(self.exact)


@dataclass(frozen=True, slots=True)
class _Range:
    """Places of one segment that follow what was typed; `alive` are their documents' states, `docs` their numbers."""

    titles: TitleIndex
    first: int
    docs: Array
    alive: Array


class TitleMatches:
    """The answers for one typed text. Making it does the searching; the rest reads what was found."""

    def __init__(self, snapshot: Snapshot, typed: Typed) -> None:
        self._snapshot, self._typed = snapshot, typed
        self._ranges = list(self._find()) if typed.folded else []

    def _find(self) -> Iterator[_Range]:
        for base, segment in zip(self._snapshot.bases, self._snapshot.segments, strict=False):
            for text, is_complete in self._typed.patterns():
                first, end = segment.titles.find(text, is_complete=is_complete)
                if first < end:
                    docs = segment.titles.docs[segment.titles.entries[first:end]] + np.int64(base)
                    yield _Range(segment.titles, first, docs, self._snapshot.live[docs])

    def titles(self, limit: int) -> list[tuple[int, str]]:
        """(document, title line) with the typed words side by side: beginnings first, then accents, trust, freshness."""
        priors = document_priors(self._snapshot)
        rows: list[tuple[float, int, TitleIndex, int]] = []
        wanted = _LOOKED_AT_WITH_ACCENTS if self._typed.has_accents else _LOOKED_AT
        for found in self._ranges:
            starts = found.titles.starts(found.first, found.first + len(found.docs))
            scores = np.where(found.alive, priors[found.docs] + _BONUS_OF_BEGINNING * starts, -1.0)
            rows += [
                (float(scores[place]), int(found.docs[place]), found.titles, found.first + place)
                for place in _largest(scores, wanted)
                if scores[place] >= 0
            ]
        rows.sort(key=lambda row: -row[0])
        judged = [(self._fit(titles, at) + score, doc, titles, at) for score, doc, titles, at in rows[:wanted]]
        judged.sort(key=lambda row: (-row[0], row[1]))
        return _distinct(((doc, titles.text(int(titles.entries[at]))) for _, doc, titles, at in judged), limit)

    def _fit(self, titles: TitleIndex, place: int) -> float:
        """Wrong accents weigh more than standing at the beginning."""
        if not self._typed.has_accents:
            return 0.0
        words = titles.written_at(place, len(self._typed.folded))
        return 2.0 * self._typed.agreement(" ".join(map(normal_word, words)))

    def scattered_titles(self, limit: int) -> list[tuple[int, str]]:
        """(document, title line) with all typed words in any order, the last one perhaps unfinished."""
        if len(self._typed.folded) < 2:
            return []
        priors = document_priors(self._snapshot)
        rows: list[tuple[float, int, TitleIndex, int]] = []
        for base, segment in zip(self._snapshot.bases, self._snapshot.segments, strict=False):
            entries = _entries_with_all(segment.titles, self._typed)
            docs = segment.titles.docs[entries] + np.int64(base)
            scores = np.where(self._snapshot.live[docs], priors[docs], -1.0)
            rows += [
                (float(scores[place]), int(docs[place]), segment.titles, int(entries[place]))
                for place in _largest(scores, limit)
                if scores[place] >= 0
            ]
        rows.sort(key=lambda row: (-row[0], row[1]))
        return _distinct(((doc, titles.text(entry)) for _, doc, titles, entry in rows), limit)

    def phrases(self, limit: int) -> list[str]:
        """Phrases of up to three words more than typed that at least two titles share, the most frequent first."""
        counts: Counter[str] = Counter()
        where: dict[str, tuple[int, TitleIndex, int, int]] = {}
        typed_words = len(self._typed.folded)
        more = 1 if typed_words == 1 and len(self._typed.folded[0]) <= _SHORT_START else 3
        for found in self._ranges:
            shared = found.titles.shared[found.first : found.first + len(found.docs)]
            alive = found.alive.astype(np.int64)
            for words in range(typed_words, min(typed_words + more, _LONGEST_PHRASE) + 1):
                heads = np.flatnonzero(shared < words)
                if not len(heads) or heads[0]:
                    heads = np.concatenate(([0], heads))
                sums = np.add.reduceat(alive, heads)
                # Of many, only those that come again: what one segment has once can hardly be among the first.
                again = np.flatnonzero(sums > 1) if len(heads) > _MANY_PHRASES else np.flatnonzero(sums)
                for place in again[_largest(sums[again], _PHRASES_PER_SEGMENT)].tolist():
                    count, at = int(sums[place]), found.first + int(heads[place])
                    phrase = found.titles.phrase_at(at, words)
                    if phrase.count(" ") == words - 1:
                        counts[phrase] += count
                        if phrase not in where or where[phrase][0] < count:
                            end = int(heads[place + 1]) if place + 1 < len(heads) else len(found.docs)
                            where[phrase] = count, found.titles, at, found.first + end
        written: dict[str, None] = {}
        for phrase in islice(self._chosen(counts), limit * 2):
            _, titles, first, end = where[phrase]
            if text := self._written(titles, first, end, phrase.count(" ") + 1):
                written.setdefault(text)
            if len(written) == limit:
                break
        return list(written)

    def _chosen(self, counts: Counter[str]) -> Iterator[str]:
        """Phrases worth showing: used twice, not ending in a function word, not part of what nearly always follows."""
        typed = " ".join(self._typed.folded)
        longer: dict[str, int] = {}
        for phrase, count in counts.items():
            if not _ends_loosely(phrase):
                shorter = phrase
                while " " in shorter:
                    shorter = shorter.rpartition(" ")[0]
                    longer[shorter] = max(longer.get(shorter, 0), count)
        for phrase, count in counts.most_common():
            goes_on = phrase != typed and longer.get(phrase, 0) >= _GOES_ON_SHARE * count
            if count > 1 and not goes_on and not _ends_loosely(phrase):
                yield phrase

    def _written(self, titles: TitleIndex, first: int, end: int, words: int) -> str:
        """The usual writing of a phrase among some of its places; none where all contradict the accents typed."""
        votes: Counter[str] = Counter()
        samples = _WRITTEN_SAMPLES_WITH_ACCENTS if self._typed.has_accents else _WRITTEN_SAMPLES
        for number in range(first, end, max(1, (end - first) // samples)):
            written = _as_phrase(titles, number, words)
            if written and self._typed.agreement(" ".join(map(normal_word, written.split(" ")))) >= 0:
                votes[written] += 1
        return votes.most_common(1)[0][0] if votes else ""


def usual_writing(snapshot: Snapshot, folded: Sequence[str]) -> str:
    """How titles mostly write these folded words where they stand side by side; empty where they never do."""
    votes: Counter[str] = Counter()
    for base, segment in zip(snapshot.bases, snapshot.segments, strict=False):
        titles = segment.titles
        first, end = titles.find(" ".join(folded), is_complete=True)
        for number in range(first, end, max(1, (end - first) // _WRITTEN_SAMPLES)):
            if snapshot.live[base + int(titles.docs[titles.entries[number]])]:
                votes[_as_phrase(titles, number, len(folded))] += 1
    votes.pop("", None)
    return votes.most_common(1)[0][0] if votes else ""


_PRIORS: Final[WeakKeyDictionary[Snapshot, Array]] = WeakKeyDictionary()


def document_priors(snapshot: Snapshot) -> Array:
    """A small number for each document, 0 to 0.4: verified organisations and fresh things come first among equals."""
    if (known := _PRIORS.get(snapshot)) is not None:
        return known
    published = np.asarray(snapshot.number("published_at"))
    ages = np.zeros(snapshot.count, dtype=np.float32)
    known_dates = published != UNKNOWN
    if known_dates.any():
        newest, oldest = int(published[known_dates].max()), int(published[known_dates].min())
        ages[known_dates] = (published[known_dates] - oldest) / max(newest - oldest, 1)
    priors = (ages * _PRIOR_OF_FRESHEST).astype(np.float32)
    priors[snapshot.facets.holders("verified")] += _PRIOR_OF_VERIFIED
    _PRIORS[snapshot] = priors
    return priors


def _entries_with_all(titles: TitleIndex, typed: Typed) -> Array:
    mask = np.ones(int(titles.docs.size), dtype=bool)
    for place, word in enumerate(typed.folded):
        is_last = place == len(typed.folded) - 1
        first, end = titles.find(word, is_complete=not is_last or typed.is_complete)
        has_word = np.zeros(len(mask), dtype=bool)
        has_word[titles.entries[first:end]] = True
        mask &= has_word
        if first == end:
            break
    return np.flatnonzero(mask)


def _largest(scores: Array, count: int) -> list[int]:
    if len(scores) > count:
        scores_of = np.argpartition(scores, len(scores) - count)[-count:]
        return [int(place) for place in scores_of]
    return list(range(len(scores)))


def _distinct(rows: Iterator[tuple[int, str]], limit: int) -> list[tuple[int, str]]:
    """The first row of each document and of each title."""
    docs: set[int] = set()
    kept: dict[str, tuple[int, str]] = {}
    for doc, text in rows:
        if doc not in docs and text.lower() not in kept:
            docs.add(doc)
            kept[text.lower()] = (doc, text)
            if len(kept) == limit:
                break
    return list(kept.values())


def _as_phrase(titles: TitleIndex, place: int, words: int) -> str:
    """The words at a place in the case they have inside a sentence; empty where punctuation parts them."""
    line = titles.text(int(titles.entries[place]))
    written = " ".join(titles.written_at(place, words))
    if written not in line:
        return ""
    # IoT and COD stay; a title's first word, and a title all in capitals, do not.
    return (
        written.lower() if line.isupper() else " ".join(w.lower() if w[1:].islower() else w for w in written.split(" "))
    )


_LOOSE_ENDS: Final = frozenset(map(fold_word, stop_words("vi_long") | stop_words("en")))


def _ends_loosely(phrase: str) -> bool:
    return phrase.rsplit(" ", 1)[-1] in _LOOSE_ENDS
