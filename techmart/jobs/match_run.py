"""Match everything anew: for a new release, a new glossary, or an index whose rarities have moved. Goes on after a stop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

import structlog
from flask import current_app
from sqlalchemy import select

from techmart.db import db, unit_of_work
from techmart.jobs.match_workers import find_all
from techmart.jobs.matching import LOCK_NAME
from techmart.models.listing import Listing
from techmart.models.match import MatchedText
from techmart.models.organisation import Organisation
from techmart.operations.match_batch import Outcome, store_batch
from techmart.operations.match_pair import ADOPTER_KINDS
from techmart.rules.clock import utc_now
from techmart.rules.reader import PUBLIC
from techmart.search.sync import file_lock

#: When the run that is not finished began; what was matched later is done.
_STATE_NAME = "match_run"

_ORDER: Final = ("demand", "organisation", "offer", "patent")

_log = structlog.get_logger()


def match_all(
    advance: Callable[[int, int], None], *, fresh: bool = False, processes: int | None = None
) -> tuple[int, int]:
    """Match every public thing and store its own side, telling nobody; returns how many were matched and how many failed.

    Decisions on unchanged texts stay. Killed at any point, the next call goes on, unless `fresh`. Matches are worked out in
    `processes` (see match_workers) and stored here, a transaction a batch.
    """
    folder: Path = current_app.config["SETTINGS"].var_dir
    folder.mkdir(parents=True, exist_ok=True)
    state = folder / _STATE_NAME
    if fresh or not state.exists():
        state.write_text(utc_now().isoformat())
    keys = _keys_before(datetime.fromisoformat(state.read_text()))
    done = failed = 0
    for outcomes in find_all(keys, processes):
        with file_lock(folder / LOCK_NAME, wait=True):
            failed += _store(outcomes)
        for _ in outcomes:
            done += 1
            advance(done, len(keys))
    state.unlink(missing_ok=True)
    return len(keys) - failed, failed


def _store(outcomes: Sequence[Outcome]) -> int:
    """Store a batch; returns how many things of it failed."""
    failed = [outcome for outcome in outcomes if outcome.error]
    try:
        with unit_of_work():
            store_batch(outcomes)
    except Exception as error:  # outermost: one that cannot be stored must not stop the others
        if len(outcomes) > 1:
            return sum(_store([outcome]) for outcome in outcomes)
        failed = [replace(outcome, error=repr(error)) for outcome in outcomes]
    finally:
        db.session.rollback()
        db.session.expunge_all()
    for outcome in failed:
        _log.warning("match_failed", key=outcome.key, error=outcome.error)
    return len(failed)


def _keys_before(started: datetime) -> list[str]:
    """Public things not matched since, those that need before those that have."""
    done = set(db.session.scalars(select(MatchedText.key).where(MatchedText.matched_at >= started)))
    things = [
        tuple(row) for row in db.session.execute(select(Listing.kind, Listing.id).where(Listing.audience == PUBLIC))
    ]
    companies = select(Organisation.id).where(Organisation.kind.in_(ADOPTER_KINDS))
    things += [("organisation", number) for number in db.session.scalars(companies)]
    things.sort(key=lambda row: (_ORDER.index(row[0]), row[1]))
    return [key for kind, number in things if (key := f"{kind}:{number}") not in done]
