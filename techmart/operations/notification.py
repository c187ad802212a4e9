"""What a person is told on the site."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from techmart.db import db
from techmart.errors import NotFound
from techmart.models.event import Notification
from techmart.models.listing import Listing
from techmart.models.organisation import Organisation
from techmart.operations.match_pair import is_suggested
from techmart.rules.clock import utc_now
from techmart.rules.policy import Actor
from techmart.rules.reader import PUBLIC

MATCH_FOUND = "match_found"
MATCH_PROPOSED = "match_proposed"
#: Kinds of a notification that speaks of the other side of a match: by its name, or in what staff wrote of the pair.
_OF_A_PAIR = frozenset({MATCH_FOUND, MATCH_PROPOSED})
_PARTS_OF_A_PAIR = 4


def notify(user_id: int, kind: str, /, **payload: Any) -> None:  # Any: codes, titles and numbers, worded when shown
    """Add a line to the person's inbox in the current transaction."""
    db.session.add(Notification(user_id=user_id, kind=kind, payload=payload))


def list_notifications(actor: Actor, *, limit: int = 50) -> Sequence[Notification]:
    """The actor's newest notifications, unread ones first."""
    statement = (
        select(Notification)
        .where(Notification.user_id == actor.user_id)
        .order_by(Notification.read_at.is_not(None), Notification.created_at.desc(), Notification.id.desc())
        .limit(limit)
    )
    return db.session.scalars(statement).all()


def list_gone(rows: Sequence[Notification]) -> frozenset[int]:
    """Those of the notifications (by their id) that speak of the other side of a match which nobody may be shown any more."""
    paths = {row.id: str(row.payload.get("path") or "").split("/") for row in rows if row.kind in _OF_A_PAIR}
    # `/matches/OWN/OTHER`; of several matches told together none is named.
    named = {number: parts[3] for number, parts in paths.items() if len(parts) == _PARTS_OF_A_PAIR}
    names = set(named.values())
    if not names:
        return frozenset()
    shown = set(db.session.scalars(select(Listing.code).where(Listing.code.in_(names), Listing.audience == PUBLIC)))
    suggested = Organisation.slug.in_(names), is_suggested()
    shown |= set(db.session.scalars(select(Organisation.slug).where(*suggested)))
    return frozenset(number for number, name in named.items() if name not in shown)


def count_unread(actor: Actor) -> int:
    """How many notifications the actor has not read."""
    unread = Notification.user_id == actor.user_id, Notification.read_at.is_(None)
    return db.session.scalar(select(func.count()).select_from(Notification).where(*unread)) or 0


def mark_read(actor: Actor, notification_id: int) -> Notification:
    """Mark one of the actor's own notifications as read; raises NotFound for anybody else's."""
    row = db.session.get(Notification, notification_id)
    if row is None or row.user_id != actor.user_id:
        raise NotFound
    row.read_at = row.read_at or utc_now()
    return row


def mark_all_read(actor: Actor) -> int:
    """Mark everything as read; returns how many were unread."""
    rows = db.session.scalars(
        select(Notification).where(Notification.user_id == actor.user_id, Notification.read_at.is_(None))
    ).all()
    for row in rows:
        row.read_at = utc_now()
    return len(rows)
