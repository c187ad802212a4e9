"""Match everything anew: for a new release, a new glossary, or an index whose rarities have moved. Goes on after a stop."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import structlog
from flask import current_app
from sqlalchemy import select

from techmart.db import db, unit_of_work
from techmart.jobs.match_workers import Outcome, find_all
from techmart.jobs.matching import LOCK_NAME
from techmart.models.listing import Listing
from techmart.models.match import MatchedText
from techmart.models.organisation import Organisation
from techmart.operations.match_pair import ADOPTER_KINDS
from techmart.operations.match_queue import MatchWork
from techmart.operations.match_store import store_pairs
from techmart.rules.clock import utc_now
from techmart.rules.reader import PUBLIC
from techmart.search.sync import file_lock

#: When the run that is not finished began; what was matched later is done.
_STATE_NAME = "match_run"

_log = structlog.get_logger()


def match_all(
    advance: Callable[[int, int], None], *, fresh: bool = False, processes: int | None = None
) -> tuple[int, int]:
    """Match every public thing and store its own side, telling nobody; returns how many were matched and how many failed.

    Decisions on unchanged texts stay. Killed at any point, the next call goes on, unless `fresh`. Matches are worked out in
    `processes` (see match_workers) and stored here, a transaction a thing.
    """
    folder: Path = current_app.config["SETTINGS"].var_dir
    folder.mkdir(parents=True, exist_ok=True)
    state = folder / _STATE_NAME
    if fresh or not state.exists():
        state.write_text(utc_now().isoformat())
    keys = list(_keys_before(datetime.fromisoformat(state.read_text())))
    failed = 0
    for number, outcome in enumerate(find_all(keys, processes), start=1):
        try:
            with file_lock(folder / LOCK_NAME, wait=True):
                _store(outcome)
        except Exception as error:  # outermost per thing: one that cannot be stored must not stop the others
            _log.warning("match_failed", key=outcome.key, error=repr(error))
            failed += 1
        db.session.rollback()
        db.session.expunge_all()
        advance(number, len(keys))
    state.unlink(missing_ok=True)
    return len(keys) - failed, failed


def _store(outcome: Outcome) -> None:
    if outcome.error:
        raise RuntimeError(outcome.error)
    if outcome.version:  # else hidden since the run began
        with unit_of_work():
            work = MatchWork(outcome.key, (), is_bulk=True)
            store_pairs(work, outcome.version, outcome.found, tells=False)


def _keys_before(started: datetime) -> Iterator[str]:
    """Public things not matched since, those that need before those that have."""
    done = set(db.session.scalars(select(MatchedText.key).where(MatchedText.matched_at >= started)))
    listings = db.session.execute(select(Listing.kind, Listing.id).where(Listing.audience == PUBLIC)).all()
    companies = db.session.scalars(select(Organisation.id).where(Organisation.kind.in_(ADOPTER_KINDS)))
    keys = [f"{kind}:{number}" for kind, number in sorted(listings, key=lambda row: (row[0] != "demand", row[1]))]
    return (key for key in [*keys, *(f"organisation:{number}" for number in companies)] if key not in done)
