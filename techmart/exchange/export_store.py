"""Files of exports in the private folder: the finished table with the keys it speaks of, and the rows of one in the making.

The work file is one JSON line a step: the keys first, then one line a batch of rows. A worker that was killed leaves a
whole number of lines and perhaps a broken one; the next worker goes on after the last whole one.
"""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from techmart.exchange.tables import Value, write_table

_DAY = "day:"
_KEYS = ".keys"


class ExportWork:
    """What is done of one export. `keys`: what is to be exported, None before that is known; `keys_done`: how many are."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.keys: list[str] | None = None
        self.keys_done = 0
        if path.exists():
            self._read()

    def begin(self, keys: Sequence[str]) -> None:
        """Note what is to be exported."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self.keys = list(keys)
        self._append({"keys": self.keys})

    def add(self, key_count: int, rows: Mapping[str, Sequence[Value]]) -> None:
        """Note the rows of the next `key_count` keys, by key; fewer, where some may no longer be seen."""
        self._append({"of": key_count, "rows": {key: [_packed(value) for value in row] for key, row in rows.items()}})
        self.keys_done += key_count

    def write(self, target: Path, kind: str, heads: Sequence[str], shown: Collection[str]) -> None:
        """The finished table of the keys `shown`, there whole or not at all, and beside it which these are."""
        part = target.with_suffix(".part")
        with part.open("wb") as file:
            write_table(file, kind, heads, (row for key, row in self._rows() if key in shown))
        target.with_suffix(_KEYS).write_text("\n".join(sorted(shown)), encoding="utf-8")
        part.replace(target)

    def _rows(self) -> Iterator[tuple[str, list[Value]]]:
        """Key and row, of all so far."""
        for line in self._lines():
            for key, row in line.get("rows", {}).items():
                yield key, [_unpacked(value) for value in row]

    def forget(self) -> None:
        self._path.unlink(missing_ok=True)

    def _read(self) -> None:
        whole = 0
        for line in self._lines():
            whole += 1
            if "keys" in line:
                self.keys = line["keys"]
            else:
                self.keys_done += line["of"]
        kept = self._path.read_bytes().split(b"\n")[:whole]
        self._path.write_bytes(b"".join(line + b"\n" for line in kept))

    def _lines(self) -> Iterator[dict[str, Any]]:  # Any: JSON
        with self._path.open("rb") as file:
            for line in file:
                if not line.endswith(b"\n"):
                    return
                yield json.loads(line)

    def _append(self, line: dict[str, Any]) -> None:  # Any: JSON
        with self._path.open("ab") as file:
            file.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")


def keys_of(target: Path) -> Sequence[str] | None:
    """What a finished table speaks of; None where nobody noted it."""
    keys = target.with_suffix(_KEYS)
    return keys.read_text(encoding="utf-8").split() if keys.is_file() else None


def forget_export(target: Path) -> None:
    """Delete a finished table."""
    for path in (target, target.with_suffix(_KEYS)):
        path.unlink(missing_ok=True)


def sweep_exports(directory: Path, kept: Collection[str], *, older_than_seconds: float) -> int:
    """Delete files whose name begins with none of the numbers in `kept`; returns how many."""
    gone = 0
    for path in directory.glob("*"):
        if path.name.split(".")[0] not in kept and path.stat().st_mtime < time.time() - older_than_seconds:
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def _packed(value: Value) -> str | int | None:
    return f"{_DAY}{value.isoformat()}" if isinstance(value, date) else f"={value}" if isinstance(value, str) else value


def _unpacked(value: str | int | None) -> Value:
    """Texts carry a sign in front, so that no text is taken for a day."""
    if not isinstance(value, str):
        return value
    return date.fromisoformat(value.removeprefix(_DAY)) if value.startswith(_DAY) else value[1:]
