"""What a run of matching found for many things, stored in one transaction: each thing's own side, telling nobody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from techmart.db import db
from techmart.models.match import Match, MatchedText
from techmart.operations.found import load_found
from techmart.operations.match_pair import matched_version
from techmart.operations.match_store import FoundPair, are_about, by_view, load_all_to_match, store_found
from techmart.rules.clock import utc_now
from techmart.rules.policy import ANONYMOUS


@dataclass(frozen=True)
class Outcome:
    """What was found for a thing in a text version; no version where it is not public any more."""

    key: str
    version: str = ""
    found: Sequence[FoundPair] = ()
    error: str = ""


def store_batch(outcomes: Sequence[Outcome]) -> None:
    """Store what was found, asking everything again as `store_pairs` does: what was changed or hidden meanwhile is left out."""
    keys = [outcome.key for outcome in outcomes if outcome.version]
    things = load_all_to_match(keys)
    if not things:
        return
    # Kept until all is stored, for the session forgets rows that nobody holds.
    matched = {row.key: row for row in db.session.scalars(select(MatchedText).where(MatchedText.key.in_(keys)))}
    others = load_found(ANONYMOUS, list({pair.key for outcome in outcomes for pair in outcome.found}))
    known = by_view(db.session.scalars(select(Match).where(are_about(list(things.values())))))
    now = utc_now()
    for outcome in outcomes:
        thing = things.get(outcome.key)
        if thing is None or matched_version(thing) != outcome.version:
            continue
        row = matched.get(outcome.key)
        if row is None:
            db.session.add(MatchedText(key=outcome.key, version=outcome.version, matched_at=now))
        else:
            row.version, row.matched_at = outcome.version, now
        store_found(thing, outcome.found, others, known)
