"""Demands of one's own organisations that the index does not hold, and that look like the one being written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from techmart.db import db
from techmart.models.listing import Demand
from techmart.rules.policy import Actor
from techmart.rules.reader import PUBLIC
from techmart.rules.text import fold

#: Of all words in two titles, such a share in both: the same thing said twice.
_SAME_FROM: Final = 0.6
_FEWEST_WORDS: Final = 3
#: Looked at, newest first.
_LOOKED_AT: Final = 200


def own_look_alikes(actor: Actor, title: str, *, besides: str) -> Sequence[Demand]:
    """Those whose titles share most of their words with `title`, with accents or without, newest first; three at most.

    `besides`: the code of the demand itself.
    """
    words = frozenset(fold(title).split())
    if not actor.organisation_roles or len(words) < _FEWEST_WORDS:
        return []
    statement = (
        select(Demand)
        .where(Demand.organisation_id.in_(actor.organisation_roles), Demand.audience != PUBLIC, Demand.code != besides)
        .order_by(Demand.id.desc())
        .limit(_LOOKED_AT)
        .options(joinedload(Demand.organisation))
    )
    return [
        row for row in db.session.scalars(statement) if _share(words, frozenset(fold(row.title).split())) >= _SAME_FROM
    ][:3]


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other)
