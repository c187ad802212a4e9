"""Writing a listing: drafts, versions, and the revision through which a public text changes."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import select

from techmart.db import db, unit_of_work
from techmart.errors import IllegalTransition, InvalidFields, NotAllowed, StaleVersion
from techmart.models.event import Event
from techmart.models.listing import Listing
from techmart.models.outbox import TOPIC_INDEX, OutboxRow
from techmart.operations.lifecycle import open_revision, perform, perform_on_revision
from techmart.operations.listing import (
    copy_listing,
    create_listing,
    delete_draft,
    discard_revision,
    edit_state,
    events_of,
    list_own,
    save_listing,
    submit_listing,
)
from techmart.operations.listing_content import content_of
from techmart.rules.lifecycle import Action, RevisionState
from tests import factories as make


@pytest.fixture
def house(module_app: Flask) -> SimpleNamespace:
    """An institute with an owner and a viewer, and a moderator."""
    institute = make.organisation()
    owner, viewer = make.member(institute), make.member(institute, "viewer")
    return SimpleNamespace(
        institute=institute, owner=make.actor(owner), viewer=make.actor(viewer), moderator=make.actor(make.staff())
    )


def save(house: SimpleNamespace, listing: Listing, version: int | None = None, **content: object) -> int:
    """As the owner, from a form of `version` (default: the present one); returns the new version."""
    with unit_of_work():
        given = edit_state(listing).version if version is None else version
        return save_listing(house.owner, listing, content, version=given)


@pytest.mark.parametrize(("kind", "prefix"), [("offer", "CN"), ("patent", "SC"), ("demand", "NC")])
def test_a_new_listing_is_a_private_draft_with_the_next_number(house: SimpleNamespace, kind: str, prefix: str):
    with unit_of_work():
        first, second = (create_listing(house.owner, kind, house.institute.id, make.CONTENT[kind]) for _ in range(2))
    assert (first.state, first.audience) == ("draft", f"org:{house.institute.id}")
    assert first.created_by_id == house.owner.user_id
    assert first.code.startswith(prefix)
    assert int(second.code[-4:]) == int(first.code[-4:]) + 1
    stored = content_of(first)
    assert {name: stored[name] for name in make.CONTENT[kind]} == make.CONTENT[kind]


def test_an_empty_draft_may_be_kept_but_not_handed_in(house: SimpleNamespace):
    with unit_of_work():
        listing = create_listing(house.owner, "demand", house.institute.id, {})
    with pytest.raises(InvalidFields) as refusal, unit_of_work():
        submit_listing(house.owner, listing)
    assert {"title", "summary", "problem", "sectors"} <= refusal.value.problems.keys()
    assert listing.state == "draft"


def test_only_editors_of_the_organisation_create_save_and_submit(house: SimpleNamespace):
    listing = make.offer(house.institute, "draft")
    stranger = make.actor(make.member(make.organisation()))
    for actor in (house.viewer, house.moderator, stranger):
        with pytest.raises(NotAllowed):
            create_listing(actor, "offer", house.institute.id, {})
        with pytest.raises(NotAllowed):
            save_listing(actor, listing, {"title": "Tên khác hẳn"}, version=listing.version)
        with pytest.raises(NotAllowed):
            submit_listing(actor, listing)
        with pytest.raises(NotAllowed):
            copy_listing(actor, listing)
        with pytest.raises(NotAllowed):
            delete_draft(actor, listing)


def test_each_save_of_a_draft_counts_on_and_an_old_version_is_refused(house: SimpleNamespace):
    listing = make.offer(house.institute, "draft")
    before = listing.version
    after = save(house, listing, advantage="Một lợi thế khác, được viết đủ dài.")  # a column of the kind's own table
    assert after == before + 1
    assert save(house, listing, after) == after, "nothing differs, so nothing is written"
    with pytest.raises(StaleVersion) as refusal:
        save(house, listing, before, title="Ghi đè lên người khác")
    assert (refusal.value.given, refusal.value.current) == (before, after)


def test_a_saved_draft_changes_its_date_even_when_only_the_kinds_own_columns_do(house: SimpleNamespace, clock):
    listing = make.offer(house.institute, "draft")
    clock.advance(hours=1)
    save(house, listing, advantage="Một lợi thế khác, được viết đủ dài.")
    assert listing.updated_at == clock.now


def test_bad_content_is_refused_and_nothing_is_kept(house: SimpleNamespace):
    listing = make.offer(house.institute, "draft")
    with pytest.raises(InvalidFields) as refusal:
        save(house, listing, title="x" * 201, sectors=["nowhere"], trl=9)
    assert refusal.value.problems == {"title": ["too_long"], "sectors": ["unknown_value"]}
    assert listing.trl == 7


def test_what_was_handed_in_is_locked_and_kept_in_the_event(house: SimpleNamespace):
    listing = make.patent(house.institute, "draft")
    with unit_of_work():
        submit_listing(house.owner, listing)
    assert edit_state(listing).is_locked
    with pytest.raises(IllegalTransition):
        save(house, listing, title="Tên đổi sau khi gửi")
    with pytest.raises(IllegalTransition):
        submit_listing(house.owner, listing)
    content = events_of(house.owner, listing)[-1].changes["content"]
    assert (content["title"], content["filing_on"]) == (listing.title, "2021-03-15")


def test_changes_asked_for_are_made_in_the_listing_itself(house: SimpleNamespace):
    listing = make.demand(house.institute, "changes_requested")
    save(house, listing, product="Xoài sấy giòn, độ ẩm dưới 5 %.")
    assert (listing.product, listing.revisions) == ("Xoài sấy giòn, độ ẩm dưới 5 %.", [])


@pytest.mark.parametrize("state", ["published", "due", "stale"])
def test_an_edit_of_a_live_listing_waits_in_a_revision_until_it_is_approved(house: SimpleNamespace, state: str):
    listing = make.patent(house.institute, state)
    old, version = listing.title, listing.version
    opened = edit_state(listing).version
    first = save(house, listing, title="Cụm màng lọc tự rửa hai chiều", grant_on=None)
    assert (listing.title, listing.state, listing.version) == (old, state, version), "the public text stays"
    assert edit_state(listing).content["title"] == "Cụm màng lọc tự rửa hai chiều"
    assert edit_state(listing).content["grant_on"] is None
    with pytest.raises(StaleVersion):  # a second window that was opened before the revision
        save(house, listing, opened, title="Tên từ cửa sổ cũ")
    save(house, listing, first, title="Cụm màng lọc tự rửa bằng chênh áp")
    revision = open_revision(listing)
    assert (revision.number, revision.state, revision.author_id) == (1, "draft", house.owner.user_id)

    with unit_of_work():
        submit_listing(house.owner, listing)
    assert edit_state(listing).is_locked
    assert (listing.title, listing.is_public) == (old, True)
    with unit_of_work():
        perform_on_revision(house.moderator, revision, Action.APPROVE)
    assert (listing.title, listing.grant_on, listing.state) == ("Cụm màng lọc tự rửa bằng chênh áp", None, state)
    assert (listing.reviewer_id, open_revision(listing)) == (house.moderator.user_id, None)
    changes = events_of(house.owner, listing)[-1].changes
    assert changes == {"title": [old, "Cụm màng lọc tự rửa bằng chênh áp"], "grant_on": ["2024-05-20", None]}


def test_an_unchanged_save_of_a_live_listing_opens_no_revision(house: SimpleNamespace):
    listing = make.offer(house.institute)
    save(house, listing, **edit_state(listing).content)
    assert open_revision(listing) is None


def test_a_closed_listing_cannot_be_edited(house: SimpleNamespace):
    for state in ("submitted", "hidden", "withdrawn", "rejected", "archived", "transferred"):
        listing = make.offer(house.institute, state)
        with pytest.raises(IllegalTransition):
            save(house, listing, title="Tên mới của tin đã đóng")


def test_a_refused_revision_leaves_the_text_and_the_next_one_has_the_next_number(house: SimpleNamespace):
    listing = make.offer(house.institute)
    revision = make.revision(listing, title="Tên không được nhận")
    with unit_of_work():
        perform_on_revision(house.moderator, revision, Action.REJECT, reason="Quảng cáo")
    assert listing.title == make.OFFER["title"]
    save(house, listing, title="Tên thử lần hai cho tin")
    assert open_revision(listing).number == 2
    with unit_of_work():
        discard_revision(house.owner, listing)
    assert (open_revision(listing), listing.revisions[-1].state) == (None, RevisionState.DISCARDED)
    with pytest.raises(IllegalTransition):
        discard_revision(house.owner, listing)


def test_a_draft_is_deleted_unless_it_was_ever_handed_in(house: SimpleNamespace):
    draft, recalled = make.offer(house.institute, "draft"), make.offer(house.institute, "submitted")
    draft_id = draft.id
    with unit_of_work():
        delete_draft(house.owner, draft)
        perform(house.owner, recalled, Action.RECALL)
    assert db.session.get(Listing, draft_id) is None
    assert db.session.scalar(select(Event.action).where(Event.subject_id == draft_id, Event.action == "listing:delete"))
    with pytest.raises(IllegalTransition):
        delete_draft(house.owner, recalled)


def test_a_copy_is_a_draft_with_the_same_content(house: SimpleNamespace):
    listing = make.offer(house.institute)
    with unit_of_work():
        copied = copy_listing(house.owner, listing)
    assert (content_of(copied), copied.state) == (content_of(listing), "draft")
    assert copied.code != listing.code


def test_the_own_list_holds_all_states_newest_change_first(house: SimpleNamespace, clock):
    first, second = make.offer(house.institute, "draft"), make.demand(house.institute, "withdrawn")
    make.offer()
    clock.advance(minutes=5)
    save(house, first, title="Tên vừa được sửa lại")
    assert list(list_own(house.viewer)) == [first, second]
    assert list(list_own(house.viewer, kind="demand")) == [second]
    assert list(list_own(make.actor(make.user()))) == []


def test_strangers_do_not_read_the_history(house: SimpleNamespace):
    listing = make.offer(house.institute)
    with pytest.raises(NotAllowed):
        events_of(make.actor(make.user()), listing)
    assert list(events_of(house.moderator, listing)) == []


def test_the_index_hears_of_an_approved_revision(house: SimpleNamespace):
    listing = make.offer(house.institute)
    revision = make.revision(listing, advantage="Chỉ một cột của bảng riêng thay đổi.")
    before = db.session.scalars(select(OutboxRow.id).where(OutboxRow.topic == TOPIC_INDEX)).all()
    with unit_of_work():
        perform_on_revision(house.moderator, revision, Action.APPROVE)
    rows = db.session.scalars(select(OutboxRow).where(OutboxRow.topic == TOPIC_INDEX, OutboxRow.id > max(before)))
    assert listing.key in {row.key for row in rows}
