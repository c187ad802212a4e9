"""Working out the matches of many things on all cores: keys go to worker processes in batches, what was found comes back."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from itertools import groupby
from multiprocessing import get_context
from typing import Final

from flask import Flask, current_app

from config import Settings
from techmart.db import db
from techmart.jobs.matching import MANY, Scorer, find_both_sides, load_public
from techmart.matching.match import Loader
from techmart.operations.match_batch import Outcome
from techmart.operations.match_pair import Thing, matched_version, text_version
from techmart.operations.match_store import FoundPair, SideScore, list_known_keys, load_all_to_match, was_matched
from techmart.rules.matching import Side
from techmart.search.parallel import end_with_parent

#: Counterparts stored of each thing.
PAIRS_KEPT_OF_ALL: Final = 50
#: So many things at a time.
_BATCH: Final = 32
_MOST_PROCESSES: Final = 8
#: Needs that a process remembers, some 10 kB each: the same come up for one technology after the other.
_NEEDS_KEPT: Final = 5_000

_NEEDS: Final = ("demand:", "organisation:")

#: Of a worker process.
_app: Flask | None = None
_finder: Finder | None = None


@contextmanager
def open_pool(count: int, priority: int = 0) -> Iterator[ProcessPoolExecutor]:
    """Processes for `find_in_worker` and `find_both_sides_in_worker`, each with an application of its own; ended at the end.

    `priority`: how much others go before them (nice).
    """
    settings = current_app.config["SETTINGS"]
    # Started afresh, not forked: this process holds threads and database connections.
    pool = ProcessPoolExecutor(count, get_context("spawn"), initializer=_begin, initargs=(settings, priority))
    with pool:
        try:
            yield pool
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def find_all(keys: Sequence[str], processes: int | None = None) -> Iterator[list[Outcome]]:
    """What every thing is matched with, in order and in batches of one kind.

    `processes`: one a core unless said otherwise; 1 works in this one.
    """
    count = processes or (1 if len(keys) < MANY else min(os.cpu_count() or 1, _MOST_PROCESSES))
    batches = _batches(keys)
    if count == 1:
        yield from map(Finder().find, batches)
        return
    waiting: deque[Future[list[Outcome]]] = deque()
    with open_pool(count) as pool:
        for batch in batches:
            waiting.append(pool.submit(find_in_worker, batch))
            # A few wait ready, so that no worker is idle while this process stores.
            while len(waiting) > 3 * count or (waiting and waiting[0].done()):
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _batches(keys: Sequence[str]) -> Iterator[list[str]]:
    for _, group in groupby(keys, key=lambda key: key.partition(":")[0]):
        same = list(group)
        yield from (same[start : start + _BATCH] for start in range(0, len(same), _BATCH))


def _begin(settings: Settings, priority: int) -> None:
    global _app, _finder  # a worker's own
    end_with_parent()
    os.nice(priority)
    # By name: the package imports this module.
    _app = import_module("techmart").create_app(settings)
    _finder = Finder()


def find_in_worker(keys: Sequence[str]) -> list[Outcome]:
    """Finder.find, in a worker process."""
    assert _app is not None
    assert _finder is not None
    with _app.app_context():
        return _finder.find(keys)


def find_both_sides_in_worker(keys: Sequence[str]) -> list[Outcome]:
    """Finder.find_both_sides, in a worker process."""
    assert _app is not None
    assert _finder is not None
    with _app.app_context():
        return _finder.find_both_sides(keys)


class Finder:
    """Works out what things are matched with, batch by batch; what one thing needed is at hand for the next."""

    def __init__(self) -> None:
        self._needs: dict[str, Thing] = {}

    def find(self, keys: Sequence[str]) -> list[Outcome]:
        """The own side of each key's pairs: everything has its turn. Nothing for what is not public any more."""
        return self._outcomes(keys, self._own_side)

    def find_both_sides(self, keys: Sequence[str]) -> list[Outcome]:
        """Both sides of each key's pairs, with reasons, as `jobs.matching.find_pairs`; no pairs for what was matched before."""
        return self._outcomes(keys, self._both_sides)

    def _outcomes(self, keys: Sequence[str], find: _Find) -> list[Outcome]:
        try:
            things = load_all_to_match(keys)
            known = list_known_keys(list(things.values()))
            scorer = Scorer.of_now()
            return [_outcome(find, scorer, key, things.get(key), known.get(key, set())) for key in keys]
        except Exception as error:  # outermost per batch: see _outcome
            return [Outcome(key, error=repr(error)) for key in keys]
        finally:
            db.session.expunge_all()  # before the rollback, which would empty what is remembered
            db.session.rollback()

    def _own_side(self, scorer: Scorer, thing: Thing, known: set[str]) -> list[FoundPair]:
        side = Side.WANTED if thing.key.startswith(_NEEDS) else Side.OFFERED
        pairs = scorer.points_of_pairs(thing, known, self._loader(thing), limit=PAIRS_KEPT_OF_ALL)
        return [FoundPair(other.key, text_version(other), {side: SideScore(points)}) for other, points in pairs]

    def _both_sides(self, scorer: Scorer, thing: Thing, known: set[str]) -> list[FoundPair]:
        return [] if was_matched(thing) else find_both_sides(scorer, thing, known, self._loader(thing))

    def _loader(self, thing: Thing) -> Loader:
        return load_public if thing.key.startswith(_NEEDS) else self._load_needs

    def _load_needs(self, keys: Sequence[str]) -> Mapping[str, Thing]:
        """Public demands and companies, perhaps as they were some minutes ago: what changed since then has its own turn, and
        pairs with it are not stored."""
        if len(self._needs) > _NEEDS_KEPT:
            self._needs.clear()
        if missing := [key for key in keys if key not in self._needs]:
            self._needs.update(load_public(missing))
        return {key: self._needs[key] for key in keys if key in self._needs}


_Find = Callable[[Scorer, Thing, set[str]], list[FoundPair]]


def _outcome(find: _Find, scorer: Scorer, key: str, thing: Thing | None, known: set[str]) -> Outcome:
    if thing is None:
        return Outcome(key)
    try:
        return Outcome(key, matched_version(thing), find(scorer, thing, known))
    except Exception as error:  # outermost per thing: one that cannot be matched must not stop the others
        return Outcome(key, error=repr(error))
