"""Working out the matches of many things on all cores: keys go to worker processes in batches, what was found comes back."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from importlib import import_module
from itertools import groupby
from multiprocessing import get_context
from typing import Final

from flask import Flask, current_app

from config import Settings
from techmart.db import db
from techmart.jobs.matching import Scorer, load_public
from techmart.operations.match_batch import Outcome
from techmart.operations.match_pair import Thing, matched_version, text_version
from techmart.operations.match_store import FoundPair, SideScore, list_known_keys, load_all_to_match
from techmart.rules.matching import Side
from techmart.search.parallel import end_with_parent

#: Counterparts stored of each thing.
PAIRS_KEPT_OF_ALL: Final = 50
#: So many things at a time; a process costs two seconds, which fewer than ALONE_BELOW would not earn.
_BATCH: Final = 32
_ALONE_BELOW: Final = 64
_MOST_PROCESSES: Final = 8
#: Needs that a process remembers, some 10 kB each: the same come up for one technology after the other.
_NEEDS_KEPT: Final = 5_000

_NEEDS: Final = ("demand:", "organisation:")

#: Of a worker process.
_app: Flask | None = None
_finder: Finder | None = None


def find_all(keys: Sequence[str], processes: int | None = None) -> Iterator[list[Outcome]]:
    """What every thing is matched with, in order and in batches of one kind.

    `processes`: one a core unless said otherwise; 1 works in this one.
    """
    count = processes or (1 if len(keys) < _ALONE_BELOW else min(os.cpu_count() or 1, _MOST_PROCESSES))
    batches = _batches(keys)
    if count == 1:
        yield from map(Finder().find, batches)
        return
    waiting: deque[Future[list[Outcome]]] = deque()
    settings = current_app.config["SETTINGS"]
    # Started afresh, not forked: this process holds threads and database connections.
    with ProcessPoolExecutor(count, get_context("spawn"), initializer=_begin, initargs=(settings,)) as pool:
        try:
            for batch in batches:
                waiting.append(pool.submit(_find_in_worker, batch))
                # A few wait ready, so that no worker is idle while this process stores.
                while len(waiting) > 3 * count or (waiting and waiting[0].done()):
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _batches(keys: Sequence[str]) -> Iterator[list[str]]:
    for _, group in groupby(keys, key=lambda key: key.partition(":")[0]):
        same = list(group)
        yield from (same[start : start + _BATCH] for start in range(0, len(same), _BATCH))


def _begin(settings: Settings) -> None:
    global _app, _finder  # a worker's own
    end_with_parent()
    # By name: the package imports this module.
    _app = import_module("techmart").create_app(settings)
    _finder = Finder()


def _find_in_worker(keys: Sequence[str]) -> list[Outcome]:
    assert _app is not None
    assert _finder is not None
    with _app.app_context():
        return _finder.find(keys)


class Finder:
    """Works out what things are matched with, batch by batch; what one thing needed is at hand for the next."""

    def __init__(self) -> None:
        self._needs: dict[str, Thing] = {}

    def find(self, keys: Sequence[str]) -> list[Outcome]:
        """The own side of each key's pairs; nothing for what is not public any more."""
        try:
            things = load_all_to_match(keys)
            known = list_known_keys(list(things.values()))
            scorer = Scorer.of_now()
            return [self._outcome(scorer, key, things.get(key), known.get(key, set())) for key in keys]
        except Exception as error:  # outermost per batch: see below
            return [Outcome(key, error=repr(error)) for key in keys]
        finally:
            db.session.expunge_all()  # before the rollback, which would empty what is remembered
            db.session.rollback()

    def _outcome(self, scorer: Scorer, key: str, thing: Thing | None, known: set[str]) -> Outcome:
        if thing is None:
            return Outcome(key)
        side = Side.WANTED if key.startswith(_NEEDS) else Side.OFFERED
        load = load_public if side is Side.WANTED else self._load_needs
        try:
            # Everything has its turn, and each turn sees to its own side.
            pairs = scorer.points_of_pairs(thing, known, load, limit=PAIRS_KEPT_OF_ALL)
            found = [FoundPair(other.key, text_version(other), {side: SideScore(points)}) for other, points in pairs]
            return Outcome(key, matched_version(thing), found)
        except Exception as error:  # outermost per thing: one that cannot be matched must not stop the others
            return Outcome(key, error=repr(error))

    def _load_needs(self, keys: Sequence[str]) -> Mapping[str, Thing]:
        """Public demands and companies, perhaps as they were some minutes ago: what changed since then has its own turn, and
        pairs with it are not stored."""
        if len(self._needs) > _NEEDS_KEPT:
            self._needs.clear()
        if missing := [key for key in keys if key not in self._needs]:
            self._needs.update(load_public(missing))
        return {key: self._needs[key] for key in keys if key in self._needs}
