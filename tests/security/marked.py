"""What the tests of hidden things share: marks to look for, listings that hold them, and a change of state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient

from techmart.db import unit_of_work
from techmart.models.listing import Listing
from techmart.models.outbox import TOPIC_INDEX, enqueue
from techmart.rules.audience import PUBLIC_STATES, audience_of
from techmart.rules.lifecycle import ListingState
from tests import factories as make
from tests.operations.market import FARM_DEMAND

Login = Callable[..., FlaskClient]

MARK = "Kvaxtrum"
#: What staff wrote of the pair, and what was written when it was declined.
NOTE, REMARK = "Zorbilat nên gặp nhau", "Quintavel còn đắt"
MARKS = (MARK, NOTE.split()[0], REMARK.split()[0])
NOT_PUBLIC = [state for state in ListingState if state not in PUBLIC_STATES]


def texts(which: str) -> dict[str, Any]:
    """Fields that all hold the mark."""
    if which == "demand":
        return {name: f"{text} {MARK}" for name, text in FARM_DEMAND.items() if isinstance(text, str)}
    if which == "patent":
        title = f"Màng lọc sinh học xử lý nước thải chăn nuôi {MARK}"
        return {
            "title": title,
            "abstract": f"{title} hiếu khí, giảm COD.",
            "claims": f"1. {title}.",
            "keywords": [MARK],
        }
    names = ("title", "summary", "problem", "how_it_works", "advantage")
    return {name: f"{make.OFFER[name]} {MARK}" for name in names} | {"title": f"Màng lọc sinh học {MARK}"}


def move(listing: Listing, state: ListingState) -> None:
    """Into the state, as if nobody had indexed it yet."""
    with unit_of_work() as session:
        row = session.get_one(Listing, listing.id)
        row.state, row.audience = state, audience_of(state, row.organisation_id)
        enqueue(session, TOPIC_INDEX, row.key)
