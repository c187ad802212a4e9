"""What the invented people answered to matches, and a pair the staff proposed, so that feedback and figures show something."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from techmart.db import db
from techmart.models.listing import Listing
from techmart.operations.match import decide
from techmart.operations.match_pair import find_match, make_pair
from techmart.operations.proposal import propose
from techmart.operations.sample_people import SOURCE
from techmart.operations.sample_rows import moment, read_answers, read_listings, source_id_of
from techmart.rules.clock import frozen_at
from techmart.rules.matching import Decision, Side
from techmart.rules.policy import Actor

_PROPOSE = "propose"
#: Points are what matching finds; until it has, nothing is claimed.
_UNKNOWN = 0


def enter_answers(owners: Mapping[str, tuple[int, Actor]], staff: Actor) -> None:
    """Enter the answers to pairs that nobody has met yet, in the current transaction, half-way between publication and now."""
    ages = {row.source_id: row.age_days for row in read_listings()}
    actors = dict(owners.values())
    for place, row in enumerate(read_answers()):
        own, other = _listing(row["own"]), _listing(row["other"])
        if own is None or other is None or not (own.is_public and other.is_public):
            continue  # changed on this site since
        pair = make_pair(own, other)
        if find_match(pair) is not None:
            continue
        age_days = min(ages[str(own.source_id)], ages[str(other.source_id)]) // 2
        with frozen_at(moment(age_days, 16, place)):
            if row["decision"] == _PROPOSE:
                propose(staff, pair, row["text"], scores=dict.fromkeys(Side, _UNKNOWN))
            else:
                decide(
                    actors[own.organisation_id], pair, Decision(row["decision"]),
                    score=_UNKNOWN, reason=row.get("reason"), text=row.get("text", ""),
                )  # fmt: skip
            db.session.flush()


def _listing(title: str) -> Listing | None:
    return db.session.scalar(select(Listing).where(Listing.source == SOURCE, Listing.source_id == source_id_of(title)))
