"""Building segments on all cores: documents go to worker processes in chunks, which write a segment file each."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from pathlib import Path
from typing import TypeVar

from techmart.search.document import SearchDocument
from techmart.search.segment import build_segment

S = TypeVar("S")


def build_in_parallel(
    segments: Iterator[tuple[S, Path]], chunks: Iterator[Sequence[SearchDocument]], pivots: Mapping[str, float]
) -> Iterator[tuple[S, int]]:
    """Yield (segment, number of documents) for each chunk, in order. One chunk alone is built in this process.

    Workers are started afresh, not forked: the parent may hold threads and database connections. At most one chunk
    waits beside those being built, so memory stays flat.
    """
    first = next(chunks, None)
    if first is None:
        return
    second = next(chunks, None)
    if second is None or (os.cpu_count() or 1) < 2:
        for chunk in _chain(first, second, chunks):
            segment, path = next(segments)
            build_segment(path, chunk, pivots)
            yield segment, len(chunk)
        return
    workers = min(os.cpu_count() or 1, 8)
    waiting: deque[tuple[S, int, Future[int]]] = deque()
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=end_with_parent) as pool:
        for chunk in _chain(first, second, chunks):
            segment, path = next(segments)
            waiting.append((segment, len(chunk), pool.submit(build_segment, path, chunk, dict(pivots))))
            while len(waiting) > workers or (waiting and waiting[0][2].done()):
                yield _settled(waiting.popleft())
        while waiting:
            yield _settled(waiting.popleft())


def end_with_parent() -> None:
    """In a worker: end when the parent is gone. One that was killed cannot say so, and they would wait for ever."""

    def watch() -> None:
        if (parent := parent_process()) is not None:
            wait([parent.sentinel])
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _settled(entry: tuple[S, int, Future[int]]) -> tuple[S, int]:
    segment, count, future = entry
    future.result()
    return segment, count


def _chain(
    first: Sequence[SearchDocument], second: Sequence[SearchDocument] | None, rest: Iterator[Sequence[SearchDocument]]
) -> Iterator[Sequence[SearchDocument]]:
    yield first
    if second is not None:
        yield second
        yield from rest
