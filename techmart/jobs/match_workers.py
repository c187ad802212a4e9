"""Working out the matches of many things on all cores: keys go to worker processes in chunks, what was found comes back."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import get_context
from typing import Final

from flask import Flask, current_app

from config import Settings
from techmart.db import db
from techmart.jobs.matching import find_pairs
from techmart.operations.match_pair import matched_version
from techmart.operations.match_store import FoundPair, load_to_match
from techmart.search.parallel import end_with_parent

#: So many things at a time; a process costs two seconds, which fewer than ALONE_BELOW would not earn.
_CHUNK: Final = 16
_ALONE_BELOW: Final = 64
_MOST_PROCESSES: Final = 8

#: Of a worker process.
_app: Flask | None = None


@dataclass(frozen=True)
class Outcome:
    """What was found for a thing in a text version; no version where it is not public any more."""

    key: str
    version: str = ""
    found: Sequence[FoundPair] = ()
    error: str = ""


def find_all(keys: Sequence[str], processes: int | None = None) -> Iterator[Outcome]:
    """What every thing is matched with, in order. `processes`: one a core unless said otherwise; 1 works in this one."""
    count = processes or (1 if len(keys) < _ALONE_BELOW else min(os.cpu_count() or 1, _MOST_PROCESSES))
    chunks = (keys[start : start + _CHUNK] for start in range(0, len(keys), _CHUNK))
    if count == 1:
        for chunk in chunks:
            yield from map(_find, chunk)
        return
    waiting: deque[Future[list[Outcome]]] = deque()
    settings = current_app.config["SETTINGS"]
    # Started afresh, not forked: this process holds threads and database connections.
    with ProcessPoolExecutor(count, get_context("spawn"), initializer=_begin, initargs=(settings,)) as pool:
        try:
            for chunk in chunks:
                waiting.append(pool.submit(_find_in_worker, chunk))
                # A few wait ready, so that no worker is idle while this process stores.
                while len(waiting) > 3 * count or (waiting and waiting[0].done()):
                    yield from waiting.popleft().result()
            while waiting:
                yield from waiting.popleft().result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _begin(settings: Settings) -> None:
    global _app  # a worker's own
    end_with_parent()
    # By name: the package imports this module.
    _app = import_module("techmart").create_app(settings)


def _find_in_worker(keys: Sequence[str]) -> list[Outcome]:
    assert _app is not None
    with _app.app_context():
        return [_find(key) for key in keys]


def _find(key: str) -> Outcome:
    try:
        thing = load_to_match(key)
        if thing is None:
            return Outcome(key)
        return Outcome(key, matched_version(thing), find_pairs(thing, tells=False))
    except Exception as error:  # outermost per thing: one that cannot be matched must not stop the others
        return Outcome(key, error=repr(error))
    finally:
        db.session.rollback()
        db.session.expunge_all()
