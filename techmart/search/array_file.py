"""A file of named NumPy arrays that is read through a memory map: a JSON head, then the arrays, eight-byte aligned.

One file a segment keeps cold start at the price of opening it: nothing is parsed but the head.
"""

from __future__ import annotations

import json
import mmap
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

#: Ends in the version of the segments' layout: raise it when arrays are added or change their meaning, as when words become
#: other terms.
_MAGIC: Final = b"TMARRAY6"
_ALIGNMENT: Final = 8


def write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]], facts: Mapping[str, Any]) -> int:
    """Write `arrays` and JSON `facts` to a new file and flush it to disk; returns its size in bytes."""
    directory: dict[str, tuple[str, int, int]] = {}
    position = 0
    for name, array in arrays.items():
        directory[name] = (array.dtype.str, position, array.size)
        position += -(-array.nbytes // _ALIGNMENT) * _ALIGNMENT
    head = json.dumps({"arrays": directory, "facts": facts}, ensure_ascii=False).encode()
    head += b" " * (-(len(head) + len(_MAGIC) + 8) % _ALIGNMENT)
    with path.open("wb") as file:
        file.write(_MAGIC + len(head).to_bytes(8, "little") + head)
        for array in arrays.values():
            file.write(np.ascontiguousarray(array).data)
            file.write(b"\0" * (-array.nbytes % _ALIGNMENT))
        file.flush()
        os.fsync(file.fileno())
        return file.tell()


class UnknownLayout(Exception):
    """The file was written by another version; the index must be rebuilt."""


class ArrayFile:
    """The arrays of one file, mapped read-only. They stay valid as long as anything refers to them."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        if self._map[: len(_MAGIC)] != _MAGIC:
            raise UnknownLayout(path.name)
        start = len(_MAGIC) + 8
        self._base = start + int.from_bytes(self._map[len(_MAGIC) : start], "little")
        head = json.loads(self._map[start : self._base])
        self._directory: dict[str, tuple[str, int, int]] = head["arrays"]
        self.facts: dict[str, Any] = head["facts"]
        self.size_bytes = len(self._map)

    def __getitem__(self, name: str) -> NDArray[Any]:
        dtype, position, count = self._directory[name]
        return np.frombuffer(self._map, dtype=dtype, count=count, offset=self._base + position)

    def __contains__(self, name: str) -> bool:
        return name in self._directory
