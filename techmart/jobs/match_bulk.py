"""Matching what came by the thousand: worked out by processes that give way to everything else, stored and told here."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import chain
from typing import Final

import structlog

from techmart.jobs.match_workers import find_both_sides_in_worker, open_pool
from techmart.jobs.matching import Found, match_work
from techmart.jobs.stopping import is_stopping
from techmart.operations.match_batch import Outcome
from techmart.operations.match_pair import Thing
from techmart.operations.match_queue import MatchWork, next_in_bulk, next_work, record_failure, waits_in_bulk

#: More would take memory from the web processes for what nobody waits for.
_MOST_PROCESSES: Final = 2
_BATCH: Final = 16
#: A single change is looked for so often while processes are at work, in seconds.
_LOOK_EVERY: Final = 0.5
#: How long processes are kept while an import is still being indexed, in seconds.
_IDLE_FOR: Final = 30.0
_PRIORITY: Final = 10

_log = structlog.get_logger()


def match_many() -> int:
    """Match until nothing that came in bulk is left; returns how many things. Called by whoever holds the lock of matching.

    Single changes go first, in this process. Killed at any point, the rows are still there, and the processes end.
    """
    done = 0
    count = min(os.cpu_count() or 1, _MOST_PROCESSES)
    flying: dict[Future[list[Outcome]], list[MatchWork]] = {}
    with open_pool(count, _PRIORITY) as pool:
        busy_at = time.monotonic()
        try:
            while not is_stopping() and (flying or (waits_in_bulk() and time.monotonic() - busy_at < _IDLE_FOR)):
                done += _match_single_changes()
                # One batch a process waits ready.
                while len(flying) < 2 * count and (works := _next_batch(flying.values())):
                    flying[pool.submit(find_both_sides_in_worker, [work.key for work in works])] = works
                if not flying:
                    time.sleep(_LOOK_EVERY)
                    continue
                for future in wait(flying, _LOOK_EVERY, FIRST_COMPLETED).done:
                    works = flying[future]
                    for work, outcome in zip(works, future.result(), strict=True):
                        match_work(work, _found_in(outcome))
                    del flying[future]
                    done += len(works)
                    busy_at = time.monotonic()
        except BrokenProcessPool as error:  # a process was killed; whatever it had at hand may be why
            _log.warning("match_process_died", error=repr(error))
            for work in chain.from_iterable(flying.values()):
                record_failure(work, repr(error))
    return done


def _next_batch(flying: Iterable[Sequence[MatchWork]]) -> list[MatchWork]:
    return next_in_bulk(_BATCH, {work.key for works in flying for work in works})


def _match_single_changes() -> int:
    done = 0
    while (work := next_work()) is not None and not work.is_bulk:
        match_work(work)
        done += 1
    return done


def _found_in(outcome: Outcome) -> Callable[[Thing], Found]:
    def find(_thing: Thing) -> Found:
        if outcome.error:
            raise RuntimeError(outcome.error)
        return outcome.version, outcome.found

    return find
