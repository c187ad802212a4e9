"""One listing of the sample catalogue, taken through its life: drafted, handed in, decided on."""

from __future__ import annotations

from datetime import timedelta

from flask import current_app

from techmart.db import db
from techmart.models.listing import Listing
from techmart.operations.lifecycle import perform
from techmart.operations.listing import create_listing, edit_state, save_listing, submit_listing
from techmart.operations.sample_people import SOURCE
from techmart.operations.sample_rows import SampleListing, moment
from techmart.rules.clock import frozen_at, local_today
from techmart.rules.lifecycle import Action, ListingState
from techmart.rules.policy import SYSTEM, Actor

#: Days between writing and decision.
_WRITING_DAYS = 3
_WAITING_DAYS = 2
#: How long the listing that is due has waited for a confirmation, and the revisions for a decision.
_DUE_DAYS = 2
_REVISION_DAYS = 1

_DECIDED = {
    ListingState.PUBLISHED: Action.APPROVE,
    ListingState.DUE: Action.APPROVE,
    ListingState.CHANGES_REQUESTED: Action.REQUEST_CHANGES,
    ListingState.REJECTED: Action.REJECT,
}


def enter_listing(row: SampleListing, place: int, owner: tuple[int, Actor], staff: Actor) -> Listing:
    """Enter `row` in the current transaction, up to its state. `owner`: the organisation and who acts for it."""
    organisation_id, author = owner
    state, age_days = ListingState(row.state), _age_days(row)
    decision = _DECIDED.get(state)
    content = dict(row.content)
    if row.deadline_in_days is not None:
        content["deadline_on"] = local_today() + timedelta(days=row.deadline_in_days)
    with frozen_at(moment(age_days + (_WRITING_DAYS if decision else 1), 9, place)):
        listing = create_listing(author, row.kind, organisation_id, content)
        listing.illustrative, listing.source, listing.source_id = True, SOURCE, row.source_id
        db.session.flush()
    if state is ListingState.DRAFT:
        return listing
    with frozen_at(moment(age_days + (_WAITING_DAYS if decision else 0), 10, place)):
        submit_listing(author, listing)
        db.session.flush()
    if decision is not None:
        with frozen_at(moment(age_days, 14, place)):
            perform(staff, listing, decision, reason=row.reason)
            db.session.flush()
    if state is ListingState.DUE:
        with frozen_at(moment(_DUE_DAYS, 7)):
            perform(SYSTEM, listing, Action.MARK_DUE)
            db.session.flush()
    if row.revision is not None:
        with frozen_at(moment(_REVISION_DAYS, 11, place)):
            save_listing(author, listing, row.revision, version=edit_state(listing).version)
            submit_listing(author, listing)
            db.session.flush()
    return listing


def _age_days(row: SampleListing) -> int:
    """A listing that is due was published as long ago as the installation lets one stand unconfirmed."""
    if row.state != ListingState.DUE:
        return row.age_days
    days: int = current_app.config["SETTINGS"].confirmation_days
    return days + _DUE_DAYS + 1
