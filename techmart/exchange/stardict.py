"""Reads a Vietnamese-English StarDict dictionary (.ifo, .idx, .dict or .dict.dz) into pairs a glossary can use.

Format: .ifo is `key=value` lines; .idx is, per entry, the headword in UTF-8, a zero byte, offset and size as big-endian
32-bit numbers; .dict.dz is dictzip, which every gzip reader can read whole. Definitions are free text (type m), written
for people: the extraction keeps what looks like an equivalent and drops what looks like an explanation.
"""

from __future__ import annotations

import gzip
import re
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from techmart.errors import TechmartError
from techmart.search.vietnamese import ACCENTED_LETTERS

# Dictionaries for import are tens of megabytes; anything larger is a mistake or a bomb.
MAX_BYTES: Final = 200 * 1024 * 1024
_MAX_ENGLISH_WORDS: Final = 4
_MAX_VIETNAMESE_SYLLABLES: Final = 5

_PARENTHESES: Final = re.compile(r"\([^()]{0,300}\)|\[[^\[\]]{0,300}\]")
_SEPARATOR: Final = re.compile(r"[;,/]|\. ")
_LEADING: Final = re.compile(r"^(?:to be|to|be|an?|the|one's|sth|sb|any|some)\s+", re.IGNORECASE)
_ENGLISH: Final = re.compile(r"[A-Za-z][A-Za-z0-9' -]*")
_VIETNAMESE_LETTER: Final = re.compile(f"[{ACCENTED_LETTERS}]", re.IGNORECASE)
# Words that begin an explanation or a cross-reference, not an equivalent.
_NOT_AN_EQUIVALENT: Final = frozenset(
    "xem see as of in at on by for with used when which that who particle sort kind type name e.g eg etc like like-this"
    " cf cg cn also var not such usually especially referring expressing denoting".split()
)
# Headwords under which dictionaries made from DICT databases tell their own name and licence.
_ABOUT_ITSELF: Final = "00-database"


class NotAStarDict(TechmartError):
    """The file is not a StarDict dictionary this reader understands; `reason` says which part."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def read_stardict(ifo: Path) -> Iterator[tuple[str, str]]:
    """Yield (headword, definition) of the dictionary whose .ifo file is given; raises NotAStarDict."""
    info = read_info(ifo)
    if info.get("sametypesequence", "m") not in {"m", "g", "h"}:
        raise NotAStarDict("sametypesequence")
    index = _read_bounded(_beside(ifo, ".idx", ".idx.gz"))
    articles = _read_bounded(_beside(ifo, ".dict", ".dict.dz"))
    at = 0
    while at < len(index):
        end = index.find(b"\0", at)
        if end < 0 or end + 9 > len(index):
            raise NotAStarDict("idx")
        offset, size = struct.unpack(">II", index[end + 1 : end + 9])
        if offset + size > len(articles):
            raise NotAStarDict("dict")
        yield index[at:end].decode("utf-8", "replace"), articles[offset : offset + size].decode("utf-8", "replace")
        at = end + 9


def read_pairs(ifo: Path) -> Iterator[tuple[str, str]]:
    """Yield distinct (Vietnamese, English equivalent) pairs of a Vietnamese-English dictionary; raises NotAStarDict."""
    seen: set[tuple[str, str]] = set()
    for headword, definition in read_stardict(ifo):
        if headword.startswith(_ABOUT_ITSELF):
            continue
        for vietnamese, english in equivalents(headword, definition):
            pair = (vietnamese.lower(), english.lower())
            if pair not in seen:
                seen.add(pair)
                yield pair


def equivalents(headword: str, definition: str) -> Iterator[tuple[str, str]]:
    """Yield the usable (Vietnamese, English) pairs of one article: its senses, and its short examples as compounds."""
    for number, raw in enumerate(definition.splitlines()):
        line = raw.strip()
        if number == 0 and line.startswith("@"):
            _, dash, line = line.partition(" - ")
            line = "-" + line if dash else ""
        if line.startswith("-"):
            for english in _senses(line[1:]):
                yield headword, english
        elif line.startswith("=") and "+" in line:
            example, _, translation = line[1:].partition("+")
            if 2 <= len(example.split()) <= _MAX_VIETNAMESE_SYLLABLES and not re.search(r"[.,?!…]", example):
                for english in list(_senses(translation.partition(". ")[0]))[:2]:
                    yield example.strip(), english


def _senses(text: str) -> Iterator[str]:
    without_notes = _PARENTHESES.sub(" ", text)
    for part in _SEPARATOR.split(without_notes):
        english = " ".join(part.split()).strip(" .:!?-\"'")
        while (shorter := _LEADING.sub("", english)) != english:
            english = shorter
        if not _ENGLISH.fullmatch(english) or _VIETNAMESE_LETTER.search(part):
            continue
        words = english.split()
        if len(words) <= _MAX_ENGLISH_WORDS and words[0].lower() not in _NOT_AN_EQUIVALENT:
            yield english


def read_info(ifo: Path) -> dict[str, str]:
    """The `key=value` lines of an .ifo file; raises NotAStarDict."""
    lines = _read_bounded(ifo).decode("utf-8", "replace").splitlines()
    if not lines or "StarDict" not in lines[0]:
        raise NotAStarDict("ifo")
    return dict(line.split("=", 1) for line in lines[1:] if "=" in line)


def _beside(ifo: Path, *suffixes: str) -> Path:
    for suffix in suffixes:
        candidate = ifo.with_suffix("").with_name(ifo.stem + suffix)
        if candidate.is_file():
            return candidate
    raise NotAStarDict(suffixes[0].lstrip("."))


def _read_bounded(path: Path) -> bytes:
    try:
        with gzip.open(path) if path.suffix in {".dz", ".gz"} else path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise NotAStarDict(path.suffix.lstrip(".")) from error
    if len(content) > MAX_BYTES:
        raise NotAStarDict("size")
    return content
