"""The one place that runs the state tables of `rules.lifecycle`: permission, legality, state, dates, event, news."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from flask import current_app
from sqlalchemy import select

from techmart.db import db
from techmart.errors import IllegalTransition
from techmart.models.event import Event
from techmart.models.listing import Listing, ListingRevision
from techmart.operations.event import record_event
from techmart.operations.listing_content import from_json
from techmart.operations.mail import send_mail
from techmart.operations.notification import notify
from techmart.operations.organisation import owners_of
from techmart.rules.audience import audience_of
from techmart.rules.clock import local_today, utc_now
from techmart.rules.lifecycle import (
    LISTING_TRANSITIONS,
    REVISION_TRANSITIONS,
    Action,
    ListingState,
    RevisionState,
    S,
    Transition,
    find_transition,
)
from techmart.rules.policy import SYSTEM, Actor, require

#: Reason of a `hide` by the daily run; a page words it. Staff write reasons in their own words.
REASON_NOT_CONFIRMED = "not_confirmed"

_OPEN_REVISION_STATES = frozenset({RevisionState.DRAFT, RevisionState.SUBMITTED, RevisionState.CHANGES_REQUESTED})
_DECISIONS = frozenset({Action.APPROVE, Action.REQUEST_CHANGES, Action.REJECT})
#: After these the published text is gone for good, and with it what a revision proposes to change.
_ENDS_REVISION = frozenset({Action.WITHDRAW, Action.MARK_TRANSFERRED, Action.ARCHIVE})
#: Action → the notification and mail that the owners get.
_NEWS: Mapping[Action, str] = {
    Action.APPROVE: "listing_approved",
    Action.REQUEST_CHANGES: "listing_changes_requested",
    Action.REJECT: "listing_rejected",
    Action.MARK_DUE: "listing_due",
    Action.HIDE: "listing_hidden",
}


def perform(
    actor: Actor, listing: Listing, action: Action, *, reason: str | None = None,
    changes: Mapping[str, Any] | None = None,  # Any: what the event keeps
) -> None:  # fmt: skip
    """Take the listing where `action` leads, in the current transaction.

    Raises NotAllowed, IllegalTransition, ReasonRequired.
    """
    state = ListingState(listing.state)
    step = _permitted(actor, LISTING_TRANSITIONS, action, state, listing, reason)
    if action is Action.CONFIRM and state is ListingState.HIDDEN and _hidden_for_cause(listing):
        raise IllegalTransition(action, state)
    if action in _ENDS_REVISION:
        _end_revision(listing)
    listing.state, listing.audience = step.target, audience_of(step.target, listing.organisation_id)
    _set_dates(actor, listing, action)
    record_event(
        actor, "listing", listing.id, action,
        from_state=state, to_state=step.target, reason=_stripped(reason), changes=changes,
    )  # fmt: skip
    _tell_owners(listing, action, reason, is_revision=False)


def perform_on_revision(
    actor: Actor, revision: ListingRevision, action: Action, *, reason: str | None = None,
    changes: Mapping[str, Any] | None = None,  # Any: what the event keeps
) -> None:  # fmt: skip
    """The same for a proposed text. APPROVE copies it into the listing; the event then keeps field → [old, new].

    Raises NotAllowed, IllegalTransition, ReasonRequired.
    """
    listing, state = revision.listing, RevisionState(revision.state)
    step = _permitted(actor, REVISION_TRANSITIONS, action, state, listing, reason)
    revision.state = step.target
    if action is Action.SUBMIT:
        revision.submitted_at, revision.decided_at = utc_now(), None
    if action in _DECISIONS:
        revision.decided_at, listing.reviewer_id = utc_now(), actor.user_id
    if action is Action.APPROVE:
        changes = {**(changes or {}), **_take_content(listing, revision)}
    record_event(
        actor, "revision", revision.id, action,
        from_state=state, to_state=step.target, reason=_stripped(reason), changes=changes,
    )  # fmt: skip
    _tell_owners(listing, action, reason, is_revision=True)


def open_revision(listing: Listing) -> ListingRevision | None:
    """The proposed text that is being written or waits for a decision; there is at most one."""
    return next((row for row in reversed(listing.revisions) if row.state in _OPEN_REVISION_STATES), None)


def _permitted(
    actor: Actor, table: Sequence[Transition[S]], action: Action, state: S, listing: Listing, reason: str | None
) -> Transition[S]:
    """The row to follow. Permission is asked before legality, so that a stranger learns nothing of the state."""
    permissions = [row.permission for row in table if row.action is action]
    if not permissions:
        raise IllegalTransition(action, state)
    require(actor, permissions[0], listing.organisation_id)
    return find_transition(table, action, state, reason=reason)


def _hidden_for_cause(listing: Listing) -> bool:
    """Whether staff hid the listing: then a confirmation by its owner must not bring it back unseen."""
    statement = (
        select(Event.reason)
        .where(
            Event.subject_kind == "listing", Event.subject_id == listing.id, Event.action == f"listing:{Action.HIDE}"
        )
        .order_by(Event.id.desc())
        .limit(1)
    )
    return db.session.scalar(statement) not in (None, REASON_NOT_CONFIRMED)


def _set_dates(actor: Actor, listing: Listing, action: Action) -> None:
    now = utc_now()
    if action is Action.SUBMIT:
        listing.submitted_at = now
    if action in _DECISIONS:
        listing.reviewer_id = actor.user_id
    if action is Action.APPROVE:
        listing.published_at = listing.published_at or now
    if action in (Action.APPROVE, Action.CONFIRM):
        days: int = current_app.config["SETTINGS"].confirmation_days
        listing.confirmed_at, listing.confirm_due_on = now, local_today() + timedelta(days=days)


def _take_content(listing: Listing, revision: ListingRevision) -> dict[str, list[Any]]:  # Any: JSON values
    """Put the proposed text into the listing; returns field → [old, new] as JSON values."""
    proposed = from_json(revision.content)
    different = {name: value for name, value in proposed.items() if getattr(listing, name) != value}
    changes = {}
    for name, value in different.items():
        old = getattr(listing, name)
        changes[name] = [old.isoformat() if hasattr(old, "isoformat") else old, revision.content[name]]
        setattr(listing, name, value)
    return changes


def _end_revision(listing: Listing) -> None:
    """Discard an open revision, wherever it stands."""
    revision = open_revision(listing)
    if revision is None:
        return
    if revision.state == RevisionState.SUBMITTED:
        perform_on_revision(SYSTEM, revision, Action.RECALL)
    perform_on_revision(SYSTEM, revision, Action.DISCARD)


def _tell_owners(listing: Listing, action: Action, reason: str | None, *, is_revision: bool) -> None:
    if (template := _NEWS.get(action)) is None:
        return
    facts: dict[str, Any] = {  # Any: JSON values
        "title": listing.title,
        "code": listing.code,
        "path": f"/{listing.kind}s/{listing.code}",
        "reason": _stripped(reason) or "",
        "is_revision": is_revision,
    }
    for user in owners_of(listing.organisation_id):
        notify(user.id, template, **facts)
        send_mail(user.email, template, locale=user.locale, name=user.name, **facts)


def _stripped(reason: str | None) -> str | None:
    return (reason or "").strip() or None
