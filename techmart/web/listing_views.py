"""What the pages of a listing show, worked out from the listing, its revision and who reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import current_app
from flask_babel import gettext as _

from techmart.errors import NotFound
from techmart.models.event import Event
from techmart.models.listing import Listing, ListingRevision
from techmart.operations import lifecycle
from techmart.operations import listing as listings
from techmart.rules.completeness import GOOD_ENOUGH, Completeness, demand_completeness, problems_before_submission
from techmart.rules.lifecycle import (
    EDITABLE_STATES,
    LISTING_TRANSITIONS,
    REVISION_TRANSITIONS,
    Action,
    ListingState,
    RevisionState,
    actions_from,
)
from techmart.rules.policy import Actor, Permission, can
from techmart.rules.vocabulary import demand_examples
from techmart.web.event_words import event_name
from techmart.web.i18n import select_locale

#: The actions of owners, in the order of their buttons. Those of staff and of the daily command are not done from these pages.
OWNER_ACTIONS = (
    Action.CONFIRM, Action.RECALL, Action.REOPEN, Action.DISCARD, Action.MARK_TRANSFERRED, Action.WITHDRAW,
)  # fmt: skip
#: Those that are asked about once more.
CONFIRMED_ACTIONS = frozenset({Action.WITHDRAW, Action.MARK_TRANSFERRED, Action.DISCARD})


class Preview:
    """A listing with the content of its open revision in place of the published one, for looking at."""

    def __init__(self, listing: Listing, content: Mapping[str, Any]) -> None:  # Any: field values
        self._listing, self._content = listing, content

    def __getattr__(self, name: str) -> Any:  # Any: as above
        return self._content[name] if name in self._content else getattr(self._listing, name)


def owner_action(name: str) -> Action:
    """The action of an address; raises NotFound for one that owners do not have."""
    if name not in OWNER_ACTIONS:
        raise NotFound
    return Action(name)


def is_about_revision(listing: Listing, action: Action) -> bool:
    """Whether `action` is about the open revision rather than the listing: a live listing itself cannot be recalled."""
    return action is Action.DISCARD or (action is Action.RECALL and listing.state != ListingState.SUBMITTED)


def open_actions(actor: Actor, listing: Listing, revision: ListingRevision | None) -> list[Action]:
    """What the actor may do now, in the order of the buttons."""
    rows = list(actions_from(LISTING_TRANSITIONS, ListingState(listing.state)))
    found = {row.action for row in rows if can(actor, row.permission, listing.organisation_id)}
    if revision is not None:
        steps = actions_from(REVISION_TRANSITIONS, RevisionState(revision.state))
        found |= {row.action for row in steps if can(actor, row.permission, listing.organisation_id)}
    return [action for action in OWNER_ACTIONS if action in found]


def facts_for_reader(actor: Actor, listing: Listing) -> dict[str, Any]:  # Any: template values
    """The context of a show page: what a stranger sees is a subset of what members and staff see."""
    is_member = listing.organisation_id in actor.organisation_roles
    is_inside = is_member or actor.is_staff
    revision = lifecycle.open_revision(listing) if is_inside else None
    may_edit = can(actor, Permission.LISTING_EDIT, listing.organisation_id)
    state = ListingState(listing.state)
    events = sorted(listings.events_of(actor, listing), key=lambda event: event.id, reverse=True) if is_inside else []
    return {
        "listing": listing,
        "shown": listing,
        "is_member": is_member,
        "is_inside": is_inside,
        "revision": revision,
        "may_edit": may_edit,
        "is_editable": may_edit and not listings.edit_state(listing).is_locked,
        "may_submit": may_edit and _may_submit(state, revision),
        "may_delete": may_edit and state is ListingState.DRAFT and listing.submitted_at is None,
        "actions": open_actions(actor, listing, revision) if is_member else [],
        "events": events,
        "event_name": event_name,
        "last_reason": _open_reason(events, state, revision),
        # An anonymous demand names its organisation to nobody else, not by a link either.
        "shows_owner": is_inside or not getattr(listing, "anonymous", False),
        "has_review": actor.is_staff and not is_member and "moderation.review" in current_app.view_functions,
        **attachment_facts(),
    }


def _open_reason(events: Sequence[Event], state: ListingState, revision: ListingRevision | None) -> str:
    """What staff wrote with the decision that still stands, if any; `events` newest first."""
    asked = revision is not None and revision.state == RevisionState.CHANGES_REQUESTED
    if not asked and state not in (ListingState.CHANGES_REQUESTED, ListingState.REJECTED, ListingState.HIDDEN):
        return ""
    reason = next((event.reason for event in events if event.reason), "")
    return (
        str(_("Chưa có xác nhận thông tin còn đúng sau khi quá hạn."))
        if reason == lifecycle.REASON_NOT_CONFIRMED
        else reason
    )


def _may_submit(state: ListingState, revision: ListingRevision | None) -> bool:
    if revision is not None:
        return revision.state in (RevisionState.DRAFT, RevisionState.CHANGES_REQUESTED)
    return state in EDITABLE_STATES


def facts_for_editor(kind: str, content: Mapping[str, Any]) -> dict[str, Any]:  # Any: field and template values
    """What the side of the editor shows: the meter of a demand, and what a submission still needs."""
    meter: Completeness | None = demand_completeness(content) if kind == "demand" else None
    return {
        "meter": meter,
        "good_enough": GOOD_ENOUGH,
        "examples": demand_examples(content.get("sectors") or (), select_locale()) if meter else {},
        "missing": problems_before_submission(kind, content),
        **attachment_facts(),
    }


def attachment_facts() -> dict[str, bool]:
    """Whether files can be downloaded and added in this installation."""
    views = current_app.view_functions
    return {"has_downloads": "attachments.download" in views, "has_uploads": "attachments.add" in views}
