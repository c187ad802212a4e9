"""Fields nobody may set, and the order of steps (security matrix 38 and 40)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from techmart.db import db, unit_of_work
from techmart.errors import IllegalTransition, NotAllowed
from techmart.models.account import User
from techmart.models.event import Event
from techmart.models.listing import Listing
from techmart.models.organisation import Membership, Organisation
from techmart.operations import lifecycle
from techmart.operations import listing as listings
from techmart.rules.lifecycle import Action, ListingState
from techmart.rules.policy import MemberRole
from tests import factories as make
from tests.security.world import KINDS, PASSWORD, browser_of

EXTRA = {
    "state": "published", "audience": "public", "status": "published", "is_staff": "1", "staff_role": "administrator",
    "verified": "1", "verified_at": "2026-01-01", "verified_by_id": "1", "verification_evidence": "x",
    "code": "CN-2026-9999",
    "id": "999", "created_by_id": "1", "reviewer_id": "1", "published_at": "2020-01-01", "submitted_at": "2020-01-01",
    "confirm_due_on": "2099-01-01", "source": "x", "source_id": "x", "illustrative": "1", "slug": "cuop",
    "organisation_id": "{rival}",
    "email_confirmed_at": "2020-01-01", "password_hash": "x", "user_id": "1", "with_second_factor": "1",
    "is_system": "1",
}  # fmt: skip


def test_case_38_fields_that_no_form_has_are_ignored(world):
    extra = {name: value.format(rival=world.rival.id) for name, value in EXTRA.items()}
    owner = world.browser("owner")
    columns = ("id", "code", "state", "audience", "organisation_id", "created_by_id", "reviewer_id", "published_at",
               "submitted_at", "confirm_due_on", "source", "source_id", "illustrative")  # fmt: skip
    for kind in KINDS:
        draft = make.listing(kind, world.institute, ListingState.DRAFT)
        before = {name: getattr(draft, name) for name in columns}
        base = {"title": "Tiêu đề mới", "lang": "vi", "origin": "domestic", "patent_type": "invention", "version": "1"}
        assert owner.post(f"/{kind}s/{draft.code}/edit", data={**extra, **base}).status_code == 302
        db.session.refresh(draft)
        assert draft.title == "Tiêu đề mới"
        assert {name: getattr(draft, name) for name in columns} == before
        answer = owner.post(f"/{kind}s/new", data={**extra, **base})
        made = listings.find_listing(make.actor(world.people["owner"]), kind, answer.headers["Location"].split("/")[2])
        assert (made.state, made.organisation_id, made.source) == (ListingState.DRAFT, world.institute.id, None)

    newcomer = make.user()
    browser = browser_of(world.app, newcomer)
    assert browser.post("/account/", data={**extra, "name": "Lê An", "locale": "vi"}).status_code == 302
    data = {**extra, "name_vi": "Viện Mới", "kind": "institute", "id_type": "none", "staff_role": "administrator"}
    assert browser.post("/organisations/new", data=data).status_code == 302
    db.session.refresh(newcomer)
    assert newcomer.staff_role is None
    made = db.session.query(Organisation).order_by(Organisation.id.desc()).first()
    assert (made.name_vi, made.slug, made.verified_at, made.source, made.illustrative) == (
        "Viện Mới",
        "vien-moi",
        None,
        None,
        False,
    )
    register = {**extra, "name": "Ai Đó", "email": "them@vidu.example", "password": PASSWORD}
    assert world.browser("nobody").post("/accounts/register", data=register).status_code == 200
    row = db.session.query(User).filter_by(email="them@vidu.example").one()
    assert (row.staff_role, row.email_confirmed_at, row.password_hash) == (None, None, None)


def test_case_38_listing_for_an_organisation_one_does_not_belong_to(world):
    both = world.people["editor"]
    second = make.organisation()
    make.member(second, MemberRole.EDITOR, both)
    viewed = make.organisation()
    make.member(viewed, MemberRole.VIEWER, both)
    base = {"title": "Tiêu đề", "lang": "vi", "origin": "domestic"}
    for foreign in (world.rival.id, viewed.id, 10**12, "x", ""):
        answer = browser_of(world.app, both).post("/offers/new", data={**base, "organisation_id": foreign})
        assert answer.status_code == 422, foreign
    with unit_of_work() as session:
        session.query(Membership).filter(Membership.organisation_id.in_([second.id, viewed.id])).delete()
    with pytest.raises(NotAllowed), unit_of_work():
        listings.create_listing(make.actor(both), "offer", world.rival.id, base)


def test_case_40_nothing_is_published_without_review(world):
    draft = make.offer(world.institute, ListingState.DRAFT)
    owner = world.browser("owner")
    for action in ("approve", "confirm", "mark_transferred", "reopen", "hide", "archive", "mark_due", "publish"):
        assert owner.post(f"/offers/{draft.code}/act/{action}").status_code in (404, 409), action
    db.session.refresh(draft)
    assert draft.state == ListingState.DRAFT
    actor = make.actor(world.people["owner"])
    for state in (
        ListingState.DRAFT,
        ListingState.SUBMITTED,
        ListingState.REJECTED,
        ListingState.WITHDRAWN,
        ListingState.ARCHIVED,
    ):
        listing = make.offer(world.institute, state)
        for action in (Action.APPROVE, Action.CONFIRM):
            with pytest.raises((NotAllowed, IllegalTransition)), unit_of_work():
                lifecycle.perform(actor, db.session.get(Listing, listing.id), action)


def test_case_40_text_changed_after_publication_is_reviewed_again(world):
    listing = make.offer(world.institute)
    data = {"title": "Tiêu đề lén đổi", "lang": "vi", "origin": "domestic", "version": "1", "act": "save"}
    assert world.browser("owner").post(f"/offers/{listing.code}/edit", data=data).status_code == 302
    assert "lén đổi" not in world.browser("nobody").get(f"/offers/{listing.code}").text
    db.session.refresh(listing)
    assert listing.title == make.OFFER["title"]


def test_case_40_nobody_approves_his_own(world):
    insider = make.staff()
    make.member(world.institute, MemberRole.VIEWER, insider)
    waiting = make.offer(world.institute, ListingState.SUBMITTED)
    answer = browser_of(world.app, insider).post(
        f"/moderation/{waiting.code}", data={"decision": "approve", "version": "1"}
    )
    assert answer.status_code == 403
    answer = browser_of(world.app, insider).post(
        f"/organisations/{world.institute.slug}/verify", data={"evidence": "x"}
    )
    assert answer.status_code == 403
    db.session.refresh(waiting)
    assert waiting.state == ListingState.SUBMITTED


def test_case_40_no_step_is_skipped_or_done_twice(world):
    draft = make.offer(world.institute, ListingState.DRAFT)
    owner, moderator = world.browser("owner"), world.browser("moderator")
    decision = {"decision": "approve", "version": str(draft.version)}
    assert moderator.post(f"/moderation/{draft.code}", data=decision).status_code == 404
    for _ in range(2):
        owner.post(f"/offers/{draft.code}/submit")
    db.session.refresh(draft)
    assert draft.state == ListingState.SUBMITTED
    decision["version"] = str(draft.version)
    answers = [moderator.post(f"/moderation/{draft.code}", data=decision) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [302, 302, 302]
    assert owner.post(f"/offers/{draft.code}/delete").status_code == 409
    steps = [
        row.action
        for row in db.session.query(Event).filter_by(subject_kind="listing", subject_id=draft.id).order_by(Event.id)
    ]
    assert steps.count("listing:submit") == 1
    assert steps.count("listing:approve") == 1


def test_case_40_same_form_twice_keeps_the_first(world):
    draft = make.offer(world.institute, ListingState.DRAFT)
    data = {"title": "Lần một", "lang": "vi", "origin": "domestic", "version": str(draft.version)}
    owner = world.browser("owner")
    assert owner.post(f"/offers/{draft.code}/edit", data=data).status_code == 302
    assert owner.post(f"/offers/{draft.code}/edit", data={**data, "title": "Lần hai"}).status_code == 409
    db.session.refresh(draft)
    assert draft.title == "Lần một"


def test_case_40_an_unconfirmed_address_belongs_nowhere(world):
    person = make.member(world.institute, MemberRole.OWNER, make.user(confirmed=False))
    actor = make.actor(person)
    assert dict(actor.organisation_roles) == {}
    assert replace(actor).reader.tokens == {"public"}
    assert browser_of(world.app, person).get(f"/offers/{world.drafts['offer'].code}").status_code == 404
