"""Writing the text of a listing: into the listing itself before it is public, into a revision afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from techmart.db import db
from techmart.errors import IllegalTransition, InvalidFields, StaleVersion
from techmart.models.listing import Listing, ListingRevision
from techmart.operations.event import record_event
from techmart.operations.lifecycle import open_revision, perform, perform_on_revision
from techmart.operations.listing_content import Content, checked, content_of, from_json, to_json
from techmart.rules.clock import local_today
from techmart.rules.completeness import problems_before_submission
from techmart.rules.lifecycle import EDITABLE_STATES, LIVE_STATES, Action, RevisionState
from techmart.rules.policy import Actor, Permission, require

#: Version numbers of a revision start above those of any listing, so that a form of one never fits the other.
_REVISION_STEP = 100_000


@dataclass
class EditState:
    """What an editor shows. `version` goes into the form and back into `save_listing`; locked: nothing can be saved."""

    content: Content
    version: int
    revision: ListingRevision | None
    is_locked: bool


def edit_state(listing: Listing) -> EditState:
    """The text as it is being written: that of the open revision, else of the listing."""
    revision = open_revision(listing)
    if revision is None:
        return EditState(content_of(listing), listing.version, None, listing.state not in EDITABLE_STATES | LIVE_STATES)
    content = {**content_of(listing), **from_json(revision.content)}
    return EditState(content, _version_of(revision), revision, _is_locked(listing, revision))


def save_listing(
    actor: Actor,
    listing: Listing,
    content: Mapping[str, Any],
    *,
    version: int,  # Any: see Content
) -> int:
    """Save the given fields, all others stay; returns the new version, or the same one when nothing differs.

    A live listing keeps its text and gets a revision at the first save. Raises NotAllowed, StaleVersion, InvalidFields,
    and IllegalTransition("edit", state) where nothing can be saved.
    """
    require(actor, Permission.LISTING_EDIT, listing.organisation_id)
    # On PostgreSQL a second saver waits here and then sees the first one's version; SQLite has one writer anyway.
    db.session.refresh(listing, with_for_update=True)
    state = edit_state(listing)
    if state.is_locked:
        raise IllegalTransition("edit", state.revision.state if state.revision else listing.state)
    if version != state.version:
        raise StaleVersion(given=version, current=state.version)
    values = checked(listing.kind, {**state.content, **content})
    if values == state.content:
        return version
    if state.revision is not None:
        state.revision.content = to_json(values)
    elif listing.state in LIVE_STATES:
        _open(actor, listing, values)
    else:
        for name, value in values.items():
            if getattr(listing, name) != value:
                setattr(listing, name, value)
    db.session.flush()
    return edit_state(listing).version


def submit_listing(actor: Actor, listing: Listing) -> None:
    """Hand in the listing, or the open revision of a live one. The event keeps the text as it was handed in.

    Raises NotAllowed, IllegalTransition, InvalidFields with what is missing.
    """
    require(actor, Permission.LISTING_SUBMIT, listing.organisation_id)
    state = edit_state(listing)
    if state.is_locked:
        raise IllegalTransition(Action.SUBMIT, state.revision.state if state.revision else listing.state)
    problems = problems_before_submission(listing.kind, state.content)
    deadline = state.content.get("deadline_on")
    if deadline is not None and deadline < local_today():
        problems["deadline_on"] = ["past"]
    if problems:
        raise InvalidFields(problems)
    changes = {"content": to_json(state.content)}
    if state.revision is not None:
        perform_on_revision(actor, state.revision, Action.SUBMIT, changes=changes)
    else:
        perform(actor, listing, Action.SUBMIT, changes=changes)


def discard_revision(actor: Actor, listing: Listing) -> None:
    """Give up the proposed text; the public one stays. Raises NotAllowed, IllegalTransition."""
    require(actor, Permission.LISTING_EDIT, listing.organisation_id)
    revision = open_revision(listing)
    if revision is None:
        raise IllegalTransition(Action.DISCARD, listing.state)
    perform_on_revision(actor, revision, Action.DISCARD)


def _open(actor: Actor, listing: Listing, values: Content) -> None:
    revision = ListingRevision(
        number=max((row.number for row in listing.revisions), default=0) + 1,
        state=RevisionState.DRAFT,
        content=to_json(values),
        author_id=actor.user_id,
    )
    listing.revisions.append(revision)
    db.session.flush()
    record_event(actor, "revision", revision.id, "create", to_state=RevisionState.DRAFT)


def _is_locked(listing: Listing, revision: ListingRevision) -> bool:
    return revision.state == RevisionState.SUBMITTED or listing.state not in LIVE_STATES


def _version_of(revision: ListingRevision) -> int:
    return revision.number * _REVISION_STEP + revision.version
