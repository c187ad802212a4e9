"""The daily run that keeps the market fresh: who does not confirm a listing is asked, then warned, then hidden.

A state moves one step a run, by the time it has stood: a worker that was off for a month hides nothing unasked.
Running it more often does no harm.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import func, select

from techmart.db import db
from techmart.models.event import Event
from techmart.models.listing import Listing
from techmart.operations.lifecycle import REASON_NOT_CONFIRMED, perform
from techmart.rules.clock import LOCAL_ZONE, local_today
from techmart.rules.lifecycle import Action, ListingState
from techmart.rules.policy import SYSTEM, Actor, Permission, require

DUE_DAYS = 14
STALE_DAYS = 30


def age_listings(actor: Actor = SYSTEM) -> dict[str, int]:
    """Published past `confirm_due_on` → due; due for DUE_DAYS → stale; stale for STALE_DAYS → hidden. Owners are told.

    Returns how many listings reached each state: {"due": …, "stale": …, "hidden": …}. Raises NotAllowed.
    """
    require(actor, Permission.LISTING_AGE)
    today = local_today()
    # All three are chosen before anything moves: one step for each listing.
    is_overdue = Listing.state == ListingState.PUBLISHED, Listing.confirm_due_on < today
    overdue = db.session.scalars(select(Listing).where(*is_overdue).order_by(Listing.id)).all()
    unanswered = _standing_since(ListingState.DUE, today - timedelta(days=DUE_DAYS))
    forgotten = _standing_since(ListingState.STALE, today - timedelta(days=STALE_DAYS))
    for listing in overdue:
        perform(actor, listing, Action.MARK_DUE)
    for listing in unanswered:
        perform(actor, listing, Action.MARK_STALE)
    for listing in forgotten:
        perform(actor, listing, Action.HIDE, reason=REASON_NOT_CONFIRMED)
    return {"due": len(overdue), "stale": len(unanswered), "hidden": len(forgotten)}


def _standing_since(state: ListingState, day: date) -> Sequence[Listing]:
    """The listings that have been in `state` since `day` or longer.

    One that came into the state without an event (an import) counts from the day its confirmation was due.
    """
    entered = (
        select(func.max(Event.id))
        .where(Event.subject_kind == "listing", Event.subject_id == Listing.id, Event.to_state == state)
        .correlate(Listing)
        .scalar_subquery()
    )
    statement = select(Listing, Event.at).outerjoin(Event, Event.id == entered).where(Listing.state == state)
    rows = db.session.execute(statement.order_by(Listing.id))
    return [
        listing
        for listing, at in rows
        if (since := at.astimezone(LOCAL_ZONE).date() if at else listing.confirm_due_on) is not None and since <= day
    ]
