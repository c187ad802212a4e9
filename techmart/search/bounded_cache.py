"""A cache bounded in bytes that forgets what was not used for longest. Safe among threads."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, Protocol, TypeVar


class Sized(Protocol):
    """Something that knows what it takes."""

    @property
    def size_bytes(self) -> int: ...


Value = TypeVar("Value", bound=Sized)


class BoundedCache(Generic[Value]):
    """What is larger than the whole cache is not kept."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._used = 0
        self._entries: OrderedDict[Hashable, Value] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def used_bytes(self) -> int:
        return self._used

    def get(self, key: Hashable) -> Value | None:
        # Each step is atomic, so no lock: this is asked on every query.
        entry = self._entries.get(key)
        if entry is not None:
            try:  # noqa: SIM105  # suppress() costs as much as the rest of it
                self._entries.move_to_end(key)
            except KeyError:  # forgotten by another thread in between
                pass
        return entry

    def put(self, key: Hashable, value: Value) -> None:
        with self._lock:
            old = self._entries.pop(key, None)
            if old is not None:
                self._used -= old.size_bytes
            self._entries[key] = value
            self._used += value.size_bytes
            while self._used > self._limit:
                _, dropped = self._entries.popitem(last=False)
                self._used -= dropped.size_bytes
