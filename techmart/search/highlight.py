"""Marking the words of a stored text that a query hit, accents or none, and choosing the passage to show."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from techmart.search.analysis import is_vietnamese, word_terms
from techmart.search.query_terms import WordPlan

_WORD: Final = re.compile(r"[^\W_]+")
_MAX_CHARS: Final = 20_000


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of text; `hit` when it is to be marked."""

    text: str
    hit: bool


class _Hits(dict[str, frozenset[str]]):
    """Written word → the wanted terms that it is; worked out at the first meeting, since words recur on a page."""

    def __init__(self, terms: frozenset[str], *, english: bool) -> None:
        super().__init__()
        self._terms, self._english = terms, english

    def __missing__(self, written: str) -> frozenset[str]:
        found = self._terms.intersection(word_terms(written, self._english))
        if self._english and not found:
            found = self._terms.intersection(word_terms(written, False))
        self[written] = found
        return found


class Wanted:
    """What is to be marked. A word of an English text may also be asked for as Vietnamese."""

    def __init__(self, terms: frozenset[str]) -> None:
        self._english = _Hits(terms, english=True)
        self._vietnamese = _Hits(terms, english=False)

    def hits_in(self, text: str) -> Mapping[str, frozenset[str]]:
        """The wanted terms of each word of a text."""
        return self._vietnamese if is_vietnamese(text) else self._english


def wanted_terms(plan: WordPlan) -> Wanted:
    """The index terms that count as a hit of a word: pairs do not, and neither do folded forms of words typed with accents."""
    own = {term.text for group in plan.groups for term in group.terms if term.text[0] in "xfs"}
    if plan.lang == "vi":
        # `nước thải` must not mark `thái`: a folded form counts only for words that stand without accents in the text.
        own -= {text for text in own if text[0] == "f"}
        own |= {f"x:{text[2:]}" for group in plan.groups for term in group.terms if (text := term.text)[0] == "f"}
    return Wanted(frozenset(own))


def highlight(text: str, wanted: Wanted) -> list[Fragment]:
    """The text in fragments; neighbouring hits with only blanks between them are one."""
    hits = wanted.hits_in(text)
    fragments: list[Fragment] = []
    at = 0
    for match in _WORD.finditer(text[:_MAX_CHARS]):
        if not hits[match[0]]:
            continue
        gap = text[at : match.start()]
        if fragments and fragments[-1].hit and gap.isspace():
            fragments[-1] = Fragment(fragments[-1].text + gap + match[0], True)
        else:
            if gap:
                fragments.append(Fragment(gap, False))
            fragments.append(Fragment(match[0], True))
        at = match.end()
    if at < len(text):
        fragments.append(Fragment(text[at:], False))
    return fragments


def passage(text: str, wanted: Wanted, *, length: int = 240) -> list[Fragment]:
    """The stretch of about `length` characters with the most different hits, cut at words, with ellipses."""
    text = " ".join(text.split())
    if len(text) <= length:
        return highlight(text, wanted)
    hits = wanted.hits_in(text)
    places = [(match.start(), found) for match in _WORD.finditer(text[:_MAX_CHARS]) if (found := hits[match[0]])]
    start = _best_start(places, length)
    start = 0 if start < 40 else text.rfind(" ", 0, max(1, start - 30)) + 1
    end = len(text) if start + length >= len(text) else text.rfind(" ", start, start + length)
    cut = text[start : end if end > start else start + length]
    fragments = highlight(cut, wanted)
    if start:
        fragments.insert(0, Fragment("… ", False))
    if end < len(text):
        fragments.append(Fragment(" …", False))
    return fragments


def _best_start(hits: list[tuple[int, frozenset[str]]], length: int) -> int:
    best, best_count = 0, 0
    for place, (start, _) in enumerate(hits):
        inside: set[str] = set()
        for position, found in hits[place : place + 40]:
            if position > start + length - 60:
                break
            inside |= found
        if len(inside) > best_count:
            best, best_count = start, len(inside)
    return best
