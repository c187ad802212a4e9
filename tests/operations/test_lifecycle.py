"""Every state × action × role, written out here a second time, so that a changed table is a decision and not a slip."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import product
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import select

from techmart.db import db, unit_of_work
from techmart.errors import IllegalTransition, NotAllowed, NotFound, ReasonRequired
from techmart.models.event import Event, Notification
from techmart.models.listing import Listing, ListingRevision
from techmart.models.outbox import TOPIC_MAIL, OutboxRow
from techmart.operations.lifecycle import open_revision, perform, perform_on_revision
from techmart.operations.listing import find_editable, find_listing
from techmart.operations.visibility import visible_to
from techmart.rules.lifecycle import Action, ListingState, RevisionState
from techmart.rules.policy import ANONYMOUS, SYSTEM, Actor, StaffRole
from tests import factories as make

EDITORS = {"editor", "owner", "staff_member"}
#: Nobody decides on what his own organisation handed in: `staff_member` is not among them.
STAFF = {"moderator", "administrator"}
ROLES = ("anonymous", "stranger", "competitor", "viewer", "editor", "owner", "moderator", "administrator",
         "staff_member", "system")  # fmt: skip

#: Action → (states it leads out of, state it leads to, who may).
Table = Mapping[str, tuple[str, str, set[str]]]
LISTING: Table = {
    "submit": ("draft changes_requested", "submitted", EDITORS | {"system"}),
    "recall": ("submitted", "draft", EDITORS | {"system"}),
    "request_changes": ("submitted", "changes_requested", STAFF | {"system"}),
    "approve": ("submitted", "published", STAFF | {"system"}),
    "reject": ("submitted", "rejected", STAFF | {"system"}),
    "confirm": ("published due stale hidden", "published", EDITORS),
    "mark_due": ("published", "due", STAFF | {"system"}),
    "mark_stale": ("due", "stale", STAFF | {"system"}),
    "hide": ("published due stale", "hidden", STAFF | {"system"}),
    "archive": ("hidden withdrawn rejected", "archived", STAFF | {"system"}),
    "withdraw": ("published due stale submitted changes_requested hidden", "withdrawn", EDITORS | STAFF),
    "reopen": ("withdrawn rejected archived", "draft", EDITORS | {"system"}),
    "mark_transferred": ("published due stale", "transferred", EDITORS | STAFF),
}
REVISION: Table = {
    "submit": ("draft changes_requested", "submitted", EDITORS | {"system"}),
    "recall": ("submitted", "draft", EDITORS | {"system"}),
    "request_changes": ("submitted", "changes_requested", STAFF | {"system"}),
    "approve": ("submitted", "approved", STAFF | {"system"}),
    "reject": ("submitted", "rejected", STAFF | {"system"}),
    "discard": ("draft changes_requested", "discarded", EDITORS | {"system"}),
}
NEEDS_REASON = {"request_changes", "reject", "hide"}

MEMBERS = EDITORS | {"viewer"}
#: State → who may know of a listing in it.
READERS: Mapping[str, set[str]] = {
    "draft": MEMBERS,
    **{
        state: MEMBERS | STAFF | {"system"}
        for state in ("submitted", "changes_requested", "hidden", "archived", "withdrawn", "rejected")
    },
    **{state: set(ROLES) for state in ("published", "due", "stale", "transferred")},
}


@pytest.fixture(scope="module")
def world(module_app: Flask) -> SimpleNamespace:
    """A listing in each state, a revision in each state (of a listing of its own), an actor for each role."""
    institute, other = make.organisation(), make.organisation()
    people = {role: make.member(institute, role) for role in ("viewer", "editor", "owner")}
    people |= {"stranger": make.user(), "competitor": make.member(other), "moderator": make.staff()}
    people |= {"administrator": make.staff(StaffRole.ADMINISTRATOR)}
    people |= {"staff_member": make.member(institute, "editor", make.staff())}
    actors = {role: make.actor(person) for role, person in people.items()}
    actors |= {"anonymous": ANONYMOUS, "system": SYSTEM}
    listings = {state.value: make.offer(institute, state).id for state in ListingState}
    revisions = {state.value: make.revision(make.offer(institute), state).id for state in RevisionState}
    return SimpleNamespace(institute=institute, actors=actors, listings=listings, revisions=revisions)


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    yield
    db.session.rollback()


def outcome(role: str, state: str, action: str, table: Table) -> str:
    """What must come of it: the new state or the name of the refusal."""
    if action not in table:
        return "IllegalTransition"
    sources, target, permitted = table[action]
    if role not in permitted:
        return "NotAllowed"
    return target if state in sources.split() else "IllegalTransition"


def test_every_action_on_a_listing_in_every_state_by_everybody(world: SimpleNamespace):
    def attempt(actor: Actor, state: str, action: Action) -> str:
        listing = db.session.get_one(Listing, world.listings[state])
        perform(actor, listing, action, reason="vì thử")
        return str(listing.state)

    assert wrong_outcomes(world, attempt, ListingState, LISTING) == []


def test_every_action_on_a_revision_in_every_state_by_everybody(world: SimpleNamespace):
    def attempt(actor: Actor, state: str, action: Action) -> str:
        revision = db.session.get_one(ListingRevision, world.revisions[state])
        perform_on_revision(actor, revision, action, reason="vì thử")
        return str(revision.state)

    assert wrong_outcomes(world, attempt, RevisionState, REVISION) == []


def wrong_outcomes(world: SimpleNamespace, attempt, states, table: Table) -> list[str]:
    wrong = []
    for role, state, action in product(ROLES, states, Action):
        expected = outcome(role, state, action, table)
        try:
            found = attempt(world.actors[role], state, action)
        except (NotAllowed, IllegalTransition) as refusal:
            found = type(refusal).__name__
        else:
            db.session.rollback()
        if found != expected:
            wrong.append(f"{role}: {action} of {state} gives {found}, not {expected}")
    return wrong


@pytest.mark.parametrize("reason", [None, "", "  \n"])
@pytest.mark.parametrize("action", sorted(NEEDS_REASON))
def test_who_refuses_says_why(world: SimpleNamespace, action: str, reason: str | None):
    listing = db.session.get_one(Listing, world.listings[LISTING[action][0].split()[0]])
    with pytest.raises(ReasonRequired):
        perform(world.actors["moderator"], listing, Action(action), reason=reason)


def test_who_may_know_of_a_listing_as_object_check_as_sql_and_by_its_address(world: SimpleNamespace):
    wrong = []
    for role, (state, listing_id) in product(ROLES, world.listings.items()):
        actor, listing = world.actors[role], db.session.get_one(Listing, listing_id)
        by_sql = db.session.scalar(select(Listing.id).where(Listing.id == listing_id, visible_to(actor.reader)))
        try:
            by_address = find_listing(actor, "offer", listing.code) is listing
        except NotFound:
            by_address = False
        answers = {actor.reader.sees(listing.audience), by_sql is not None, by_address}
        if answers != {role in READERS[state]}:
            wrong.append(f"{role} and {state}: {answers}")
    assert wrong == []


def test_find_listing_reads_any_spelling_of_the_code_and_no_other_kind(world: SimpleNamespace):
    listing = db.session.get_one(Listing, world.listings["published"])
    assert find_listing(ANONYMOUS, "offer", listing.code.lower()) is listing
    code = listing.code
    for kind, wrong in (("demand", code), ("organisation", code), ("offer", "CN-1999-0001"), ("offer", "nonsense")):
        with pytest.raises(NotFound):
            find_listing(ANONYMOUS, kind, wrong)


def test_who_may_open_the_editor(world: SimpleNamespace):
    code = db.session.get_one(Listing, world.listings["published"]).code
    for role in ROLES:
        if role in EDITORS | {"system"}:
            assert find_editable(world.actors[role], "offer", code).code == code
            continue
        expected = NotAllowed if role in STAFF | {"viewer"} else NotFound
        with pytest.raises(expected):
            find_editable(world.actors[role], "offer", code)


def test_approval_sets_the_dates_once_and_tells_the_owners(app: Flask, clock):
    owner, moderator = make.user(locale="en"), make.staff()
    listing = make.offer(make.organisation(owner), "submitted")
    with unit_of_work():
        perform(make.actor(moderator), listing, Action.APPROVE)
    first = listing.published_at
    assert (first, listing.confirmed_at, listing.reviewer_id) == (clock.now, clock.now, moderator.id)
    assert listing.confirm_due_on == date(2026, 5, 31)  # 90 days
    [note] = db.session.scalars(select(Notification)).all()
    assert (note.user_id, note.kind, note.payload["code"]) == (owner.id, "listing_approved", listing.code)
    [payload] = db.session.scalars(select(OutboxRow.payload).where(OutboxRow.topic == TOPIC_MAIL)).all()
    assert payload["facts"]["path"] == f"/offers/{listing.code}"
    assert (payload["to"], payload["template"], payload["locale"]) == (owner.email, "listing_approved", "en")

    clock.advance(days=10)
    with unit_of_work():
        perform(make.actor(owner), listing, Action.CONFIRM)
    assert listing.published_at == first
    assert (listing.confirmed_at, listing.confirm_due_on) == (clock.now, date(2026, 6, 10))
    is_about = Event.subject_kind == "listing", Event.subject_id == listing.id
    events = db.session.scalars(select(Event).where(*is_about).order_by(Event.id)).all()
    assert [(e.action, e.actor_id, e.from_state, e.to_state) for e in events] == [
        ("listing:approve", moderator.id, "submitted", "published"),
        ("listing:confirm", owner.id, "published", "published"),
    ]


@pytest.mark.parametrize("state", [RevisionState.DRAFT, RevisionState.SUBMITTED, RevisionState.CHANGES_REQUESTED])
def test_a_withdrawn_listing_takes_its_open_revision_with_it(module_app: Flask, state: RevisionState):
    owner = make.user()
    listing = make.offer(make.organisation(owner))
    revision = make.revision(listing, state)
    with unit_of_work():
        perform(make.actor(owner), listing, Action.WITHDRAW)
    assert (listing.state, revision.state, open_revision(listing)) == ("withdrawn", "discarded", None)
