"""Suggestions while somebody types: phrases, sectors, titles, organisations, and things named by a number.

Everything offered comes from live documents of the index, which holds public things alone, or from the public list of
sectors. Any text is fine and none takes long: at most MAX_CHARS of it are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Final
from weakref import WeakKeyDictionary

from techmart.rules.text import clean
from techmart.rules.vocabulary import sectors
from techmart.search.analysis import split_words
from techmart.search.snapshot import Snapshot
from techmart.search.telex import from_keystrokes
from techmart.search.title_index import fold_words
from techmart.search.title_matches import TitleMatches, Typed

MAX_CHARS: Final = 120
ROWS: Final = 8
_PHRASES: Final = 3
_SECTORS: Final = 1
_ORGANISATIONS: Final = 2
_NUMBERS_LOOKED_AT: Final = 40
_SHORTEST_NUMBER: Final = 3
_SHORTEST_INSIDE: Final = 3
_SEPARATORS: Final = re.compile(r"[\s.\-‐‑–/]+")
_NUMBER: Final = re.compile(r"[a-z]{0,4}\d[\da-z]{0,30}")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One row. kind: term | sector | title | organisation | identifier.

    `key`: of the document behind title, organisation and identifier; of a sector its code; empty for a term.
    """

    text: str
    kind: str
    key: str = ""


_Answers = dict[tuple[str, int], list[Suggestion]]
_ANSWERS: Final[WeakKeyDictionary[Snapshot, _Answers]] = WeakKeyDictionary()
_ANSWERS_KEPT: Final = 3_000


def suggest_in(snapshot: Snapshot, text: str, limit: int = ROWS) -> list[Suggestion]:
    """Up to `limit` ways to go on from what was typed, the likeliest first. Never raises.

    Everybody types the same few beginnings, which have the most to look through: answers live as long as the snapshot.
    """
    text = _typed_part(text)
    answers = _ANSWERS.setdefault(snapshot, {})
    known = answers.get((text, limit))
    if known is None:
        if len(answers) >= _ANSWERS_KEPT:
            answers.clear()
        known = answers[text, limit] = _answer(snapshot, text, limit)
    return known


def _answer(snapshot: Snapshot, text: str, limit: int) -> list[Suggestion]:
    typed = Typed.read(text)
    if not typed.folded:
        return []
    if rows := _identified(snapshot, text, limit):
        return rows
    rows = _rows(snapshot, typed, text, limit)
    if not rows and (meant := _decoded(text)).split() != text.split():
        rows = _rows(snapshot, Typed.read(meant), meant, limit)
    return rows


def _typed_part(text: str) -> str:
    # A blank at the end says that the last word is finished; clean() would take it away.
    cleaned = clean(text[: MAX_CHARS * 4], keep_lines=False)[:MAX_CHARS]
    return f"{cleaned} " if text[-1:].isspace() else cleaned


def _rows(snapshot: Snapshot, typed: Typed, text: str, limit: int) -> list[Suggestion]:
    matches = TitleMatches(snapshot, typed)
    plain = " ".join(text.split()).lower()
    terms = [Suggestion(phrase, "term") for phrase in matches.phrases(_PHRASES + 1) if phrase.lower() != plain][
        :_PHRASES
    ]
    named = [Suggestion(name, "sector", code) for code, name in _sectors(snapshot, typed, _SECTORS)]
    titles = [_title_row(snapshot, doc, line) for doc, line in matches.titles(limit * 2)]
    if len(titles) + len(terms) < limit:
        known = {row.key for row in titles}
        found = [_title_row(snapshot, doc, line) for doc, line in matches.scattered_titles(limit * 2)]
        titles += [row for row in found if row.key not in known]
    organisations = [row for row in titles if row.kind == "organisation"]
    listings = [row for row in titles if row.kind == "title"]
    room = limit - len(terms) - len(named)
    kept = organisations[: max(_ORGANISATIONS, room - len(listings))]
    rows = [*terms, *named, *listings[: room - len(kept)], *kept]
    shown: dict[str, Suggestion] = {}
    for row in rows:
        shown.setdefault(row.text.lower(), row)
    return list(shown.values())[:limit]


def _title_row(snapshot: Snapshot, doc: int, line: str) -> Suggestion:
    key = snapshot.key_at(doc)
    return Suggestion(line, "organisation" if key.startswith("organisation:") else "title", key)


def _identified(snapshot: Snapshot, text: str, limit: int) -> list[Suggestion]:
    """Things whose code, patent or tax number begins like this: the nearest number first."""
    compact = _SEPARATORS.sub("", text.lower())
    if len(compact) < _SHORTEST_NUMBER or not _NUMBER.fullmatch(compact):
        return []
    found: dict[int, None] = {}
    for term, _count in sorted(islice(snapshot.vocabulary(f"i:num:{compact}"), _NUMBERS_LOOKED_AT)):
        docs = snapshot.postings(term)[0]
        for doc in docs[snapshot.live[docs]][:limit].tolist():
            found.setdefault(doc)
    return [Suggestion(_title_of(snapshot, doc), "identifier", snapshot.key_at(doc)) for doc in list(found)[:limit]]


def _title_of(snapshot: Snapshot, doc: int) -> str:
    return snapshot.title_of(doc).split("\n", 1)[0]


def _sectors(snapshot: Snapshot, typed: Typed, limit: int) -> Iterator[tuple[str, str]]:
    """(code, name) of sectors something stands in, whose name has the typed words side by side."""
    wanted = f" {' '.join(typed.folded)}" + (" " if typed.is_complete else "")
    used = snapshot.facet("sector").numbers
    matching = (
        (code, name)
        for folded, code, name in _sector_names()
        if code in used and (folded.startswith(wanted) or (len(wanted) > _SHORTEST_INSIDE and wanted in folded))
    )
    seen: dict[str, str] = {}
    for code, name in matching:
        seen.setdefault(code, name)
        if len(seen) == limit:
            break
    yield from seen.items()


@lru_cache(maxsize=1)
def _sector_names() -> tuple[tuple[str, str, str], ...]:
    names = [(sector.code, name) for sector in sectors().values() for name in (sector.vi, sector.en)]
    return tuple((f" {' '.join(fold_words(name))} ", code, name) for code, name in names)


def _decoded(text: str) -> str:
    """With the keystrokes of an input method that was off read as what they meant."""
    return " ".join(from_keystrokes(word) or word for word in split_words(text)) + (" " if text[-1:].isspace() else "")
