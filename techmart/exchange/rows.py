"""Files in, plain rows out: JSONL and CSV, read line by line so that a file of any length fits."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_MAXIMUM_FIELD_CHARACTERS = 1_000_000
_FORMATS = {".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".tsv": "csv"}


class UnknownFormat(ValueError):
    """The file's ending names no format we read."""


@dataclass(frozen=True)
class RawRow:
    """One row as the file has it; `problem` is set when the line could not be read."""

    line: int
    values: dict[str, Any]  # Any: whatever the file holds
    problem: str = ""


def read_rows(path: Path) -> Iterator[RawRow]:
    """The rows of a .jsonl, .csv (comma or semicolon) or .tsv file in UTF-8, with or without a byte-order mark.

    A broken JSON line is yielded with its problem. Raises UnknownFormat, OSError, UnicodeDecodeError.
    """
    form = _FORMATS.get(path.suffix.lower())
    if form is None:
        raise UnknownFormat(path.suffix)
    return _read_jsonl(path) if form == "jsonl" else _read_csv(path)


def count_rows(path: Path) -> int:
    """How many lines the file has, for a progress bar; an estimate for CSV with line breaks in cells."""
    with path.open("rb") as file:
        lines = sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b""))
    return max(0, lines - (_FORMATS.get(path.suffix.lower()) == "csv"))


def _read_jsonl(path: Path) -> Iterator[RawRow]:
    with path.open(encoding="utf-8-sig") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                values = json.loads(line)
            except (json.JSONDecodeError, RecursionError) as error:
                yield RawRow(number, {}, f"not JSON: {error}"[:200])
                continue
            if isinstance(values, dict):
                yield RawRow(number, values)
            else:
                yield RawRow(number, {}, "not a JSON object")


def _read_csv(path: Path) -> Iterator[RawRow]:
    csv.field_size_limit(_MAXIMUM_FIELD_CHARACTERS)
    with path.open(encoding="utf-8-sig", newline="") as file:
        sample = file.read(8192)
        file.seek(0)
        header = sample.split("\n", 1)[0]
        delimiter = max("\t;,", key=header.count)
        reader = csv.DictReader(file, delimiter=delimiter)
        for row in reader:
            extra = row.pop(None, None)  # DictReader keeps surplus cells under None
            values = {name.strip(): value for name, value in row.items() if name and value}
            yield RawRow(reader.line_num, values, "more cells than columns" if extra else "")
