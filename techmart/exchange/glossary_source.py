"""Files an operator brings for the glossary (CSV, TSV, StarDict) as term pairs, one row at a time."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from techmart.errors import TechmartError
from techmart.exchange.stardict import read_info, read_pairs
from techmart.rules.text import clean
from techmart.search.analysis import split_words
from techmart.search.glossary import MAX_TERM_WORDS, Entry

MAX_CHARACTERS: Final = 120
_HEADERS: Final = frozenset({"vi", "vietnamese", "tiếng việt", "tieng viet"})


class UnknownDictionary(TechmartError):
    """The file's ending names no form of dictionary we read."""


@dataclass(frozen=True)
class SourceRow:
    """One pair of a file; `problem` (`cells`, `empty`, `too_long`) is empty where it can be used."""

    line: int
    entry: Entry
    problem: str = ""


def read_source(path: Path) -> Iterator[SourceRow]:
    """The pairs of a .csv, .tsv or .ifo file.

    Raises UnknownDictionary, NotAStarDict, OSError, UnicodeDecodeError, csv.Error.
    """
    suffix = path.suffix.lower()
    if suffix == ".ifo":
        return (_row(number, [vi, en]) for number, (vi, en) in enumerate(read_pairs(path), start=1))
    if suffix in {".csv", ".tsv", ".txt"}:
        return _read_table(path)
    raise UnknownDictionary(suffix)


def description_of(path: Path) -> str:
    """What the file is called, and of a StarDict dictionary also what it says of itself. Raises NotAStarDict."""
    info = read_info(path) if path.suffix.lower() == ".ifo" else {}
    told = (info.get(key, "").strip() for key in ("bookname", "author", "website", "description"))
    return "; ".join((path.name, *(text for text in told if text)))


def count_rows(path: Path) -> int:
    """About how many rows `read_source` gives, for a progress bar; 0 where only reading tells."""
    if path.suffix.lower() == ".ifo":
        return 0
    with path.open("rb") as file:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b""))


def _read_table(path: Path) -> Iterator[SourceRow]:
    """Columns vi, en[, domain]; tab, semicolon or comma, whichever the first line has; `#` starts a comment."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        first = next((line for line in file if line.strip() and not line.startswith("#")), "")
        file.seek(0)
        delimiter = max("\t;,", key=first.count)
        # In a tab-separated file a quotation mark is a letter like others.
        plain, quoted = partial(csv.reader, quoting=csv.QUOTE_NONE), partial(csv.reader, quoting=csv.QUOTE_MINIMAL)
        reader = (plain if delimiter == "\t" else quoted)(file, delimiter=delimiter)
        is_first = True
        for cells in reader:
            if not any(cell.strip() for cell in cells) or cells[0].lstrip("\ufeff").startswith("#"):
                continue
            if is_first and cells[0].strip("\ufeff ").lower() in _HEADERS:
                is_first = False
                continue
            is_first = False
            yield _row(reader.line_num, cells)


def _row(line: int, cells: list[str]) -> SourceRow:
    values = [clean(cell, keep_lines=False) for cell in [*cells[:3], "", "", ""][:3]]
    entry = Entry(*values)
    if not 2 <= len(cells) <= 3:
        return SourceRow(line, entry, "cells")
    lengths = [len(split_words(side)) for side in values[:2]]
    if not all(lengths):
        return SourceRow(line, entry, "empty")
    if max(lengths) > MAX_TERM_WORDS or max(len(side) for side in values) > MAX_CHARACTERS:
        return SourceRow(line, entry, "too_long")
    return SourceRow(line, entry)
