"""The review queue: who sees what, what has changed, and what a decision does."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import event

from techmart.db import db, unit_of_work
from techmart.errors import IllegalTransition, NotAllowed, NotFound, ReasonRequired, StaleVersion
from techmart.models.listing import Listing
from techmart.models.organisation import Organisation
from techmart.operations import review
from techmart.operations.listing import edit_state, save_listing, submit_listing
from techmart.rules.lifecycle import Action, ListingState, RevisionState
from techmart.rules.policy import ANONYMOUS, Actor, MemberRole
from techmart.rules.risk import RiskFlag
from tests import factories as make
from tests.conftest import Clock


@pytest.fixture
def institute(app: Flask) -> Organisation:
    return make.organisation(make.user(name="Võ Ngọc Lan"))


@pytest.fixture
def owner(institute: Organisation) -> Actor:
    return make.actor(institute.members[0].user)


@pytest.fixture
def moderator(app: Flask) -> Actor:
    return make.actor(make.staff())


def hand_in(owner: Actor, listing: Listing, **content: object) -> Listing:
    """Save `content` and submit."""
    with unit_of_work():
        save_listing(owner, listing, content, version=edit_state(listing).version)
        submit_listing(owner, listing)
    return listing


def decide(actor: Actor, listing: Listing, action: Action, reason: str | None = None) -> None:
    shown = review.load_review(actor, listing.code)
    with unit_of_work():
        review.decide(actor, listing.code, action, reason, shown.version, revision_number=shown.revision_number)


class TestQueue:
    def test_holds_submitted_listings_and_revisions_oldest_first(
        self, institute: Organisation, owner: Actor, moderator: Actor, clock: Clock
    ) -> None:
        first = make.offer(institute, "submitted")
        clock.advance(hours=50)
        live = hand_in(owner, make.demand(institute), product="Xoài sấy giòn, độ ẩm dưới 5 %.")
        make.patent(institute, "draft")
        clock.advance(hours=1)
        items = review.list_queue(moderator)
        assert [(item.listing.code, item.age_hours, item.is_overdue) for item in items] == [
            (first.code, 51, True),
            (live.code, 1, False),
        ]
        assert [item.revision is None for item in items] == [True, False]

    def test_kind_and_order(self, institute: Organisation, moderator: Actor, clock: Clock) -> None:
        calm = make.demand(institute, "submitted")
        clock.advance(hours=1)
        risky = make.offer(
            institute, "submitted", advantage="Tốt nhất. Gọi 0912 345 678. Xem http://vidu.example/quang-cao"
        )
        assert [item.listing.id for item in review.list_queue(moderator, kind="offer")] == [risky.id]
        assert [item.listing.id for item in review.list_queue(moderator, sort="risk")] == [risky.id, calm.id]
        assert [item.listing.id for item in review.list_queue(moderator, sort="newest")] == [risky.id, calm.id]

    def test_revision_of_a_withdrawn_listing_does_not_wait(self, institute: Organisation, moderator: Actor) -> None:
        listing = make.offer(institute, "withdrawn")
        make.revision(listing)
        assert review.list_queue(moderator) == []
        assert review.queue_figures(moderator).waiting == 0

    def test_own_organisation_is_shown_but_not_decidable(self, institute: Organisation) -> None:
        person = make.staff()
        make.member(institute, MemberRole.VIEWER, person)
        insider = make.actor(person)
        listing = make.offer(institute, "submitted")
        (item,) = review.list_queue(insider)
        assert not item.is_decidable
        with pytest.raises(NotAllowed), unit_of_work():
            review.decide(insider, listing.code, Action.APPROVE, None, listing.version)
        assert listing.state == ListingState.SUBMITTED

    def test_statements_do_not_grow_with_the_queue(self, moderator: Actor) -> None:
        statements: list[str] = []
        event.listen(
            db.engine, "before_cursor_execute", lambda _c, _cursor, statement, *_rest: statements.append(statement)
        )
        counts = []
        for _round in range(2):
            for kind in ("offer", "patent", "demand"):
                make.listing(kind, state="submitted")
                make.revision(make.listing(kind))
            db.session.remove()
            statements.clear()
            assert all(item.listing.organisation.name_vi and item.title for item in review.list_queue(moderator))
            counts.append(len(statements))
        assert counts[0] == counts[1]

    def test_strangers_see_nothing(self, owner: Actor) -> None:
        for stranger in (ANONYMOUS, owner):
            with pytest.raises(NotAllowed):
                review.list_queue(stranger)
            with pytest.raises(NotAllowed):
                review.queue_figures(stranger)


class TestReview:
    def test_first_submission_shows_all_filled_fields(
        self, institute: Organisation, owner: Actor, moderator: Actor
    ) -> None:
        listing = hand_in(owner, make.offer(institute, "draft"))
        shown = review.load_review(moderator, listing.code)
        assert shown.compared_with is None
        assert list(shown.changes) == []
        assert "problem" in shown.unchanged
        assert "publications" not in shown.unchanged
        assert [row.action for row in shown.history] == ["listing:submit"]

    def test_resubmission_is_compared_with_the_last_one(
        self, institute: Organisation, owner: Actor, moderator: Actor
    ) -> None:
        listing = hand_in(owner, make.offer(institute, "draft", trl=8))
        decide(moderator, listing, Action.REQUEST_CHANGES, "Thiếu bằng chứng cho TRL 8.")
        hand_in(owner, listing, trl=7, summary=listing.summary.replace("92 %", "90 %"))
        shown = review.load_review(moderator, listing.code)
        changes = {change.field: change for change in shown.changes}
        assert shown.compared_with == "previous"
        assert set(changes) == {"trl", "summary"}
        assert (changes["trl"].old, changes["trl"].new, changes["trl"].pieces) == (8, 7, ())
        assert ("removed", "92") in changes["summary"].pieces
        assert ("added", "90") in changes["summary"].pieces
        assert review.list_queue(moderator)[0].is_resubmission

    def test_revision_is_compared_with_the_public_text(
        self, institute: Organisation, owner: Actor, moderator: Actor
    ) -> None:
        listing = hand_in(owner, make.patent(institute), grant_on=None)
        shown = review.load_review(moderator, listing.code)
        assert shown.compared_with == "public"
        assert [change.field for change in shown.changes] == ["grant_on"]
        assert shown.content["grant_on"] is None
        assert listing.grant_on is not None

    def test_same_title_elsewhere_is_flagged(self, moderator: Actor) -> None:
        earlier = make.offer(title="Máy sấy bơm nhiệt hai tầng")
        make.offer(state="draft", title="MÁY SẤY BƠM NHIỆT HAI TẦNG")
        later = make.offer(state="submitted", title="Máy Sấy bơm nhiệt hai tầng".lower())
        shown = review.load_review(moderator, later.code)
        # Only spellings the database can be asked for are found: as typed, small, capitals, sentence case.
        assert [row.id for row in shown.duplicates] == [earlier.id]
        assert RiskFlag.DUPLICATE_TITLE in {finding.flag for finding in shown.findings}

    def test_drafts_do_not_exist_and_decided_ones_do_not_wait(self, moderator: Actor) -> None:
        with pytest.raises(NotFound):
            review.load_review(moderator, make.offer(state="draft").code)
        with pytest.raises(IllegalTransition):
            review.load_review(moderator, make.offer(state="published").code)

    def test_next_one_skips_what_may_not_be_decided(self, institute: Organisation, clock: Clock) -> None:
        person = make.staff()
        make.member(institute, MemberRole.EDITOR, person)
        insider = make.actor(person)
        codes = []
        for of in (None, institute, None):
            codes.append(make.offer(of, "submitted").code)
            clock.advance(minutes=5)
        assert review.neighbours(insider, codes[0]) == (None, codes[2])
        assert review.neighbours(insider, codes[2]) == (codes[0], codes[0])


class TestDecide:
    def test_approval_publishes(self, institute: Organisation, owner: Actor, moderator: Actor) -> None:
        listing = hand_in(owner, make.offer(institute, "draft"))
        decide(moderator, listing, Action.APPROVE)
        assert listing.state == ListingState.PUBLISHED
        assert listing.is_public

    def test_approved_revision_becomes_the_text(self, institute: Organisation, owner: Actor, moderator: Actor) -> None:
        listing = hand_in(owner, make.offer(institute), title="Xử lý nước thải bằng màng lọc tự rửa")
        assert listing.title != "Xử lý nước thải bằng màng lọc tự rửa"
        decide(moderator, listing, Action.APPROVE)
        assert listing.title == "Xử lý nước thải bằng màng lọc tự rửa"
        assert listing.revisions[0].state == RevisionState.APPROVED

    @pytest.mark.parametrize("action", [Action.REQUEST_CHANGES, Action.REJECT])
    def test_refusals_need_a_reason(self, action: Action, moderator: Actor) -> None:
        listing = make.offer(state="submitted")
        with pytest.raises(ReasonRequired):
            decide(moderator, listing, action, "  ")
        assert listing.state == ListingState.SUBMITTED

    def test_another_version_than_the_one_shown(self, moderator: Actor) -> None:
        listing = make.offer(state="submitted")
        with pytest.raises(StaleVersion), unit_of_work():
            review.decide(moderator, listing.code, Action.APPROVE, None, listing.version + 1)
        with pytest.raises(StaleVersion), unit_of_work():
            review.decide(moderator, listing.code, Action.APPROVE, None, listing.version, revision_number=1)

    @pytest.mark.parametrize("action", sorted(set(Action) - review.DECISIONS))
    def test_nothing_but_decisions(self, action: Action, moderator: Actor) -> None:
        listing = make.offer(state="submitted")
        with pytest.raises(IllegalTransition), unit_of_work():
            review.decide(moderator, listing.code, action, "Lý do", listing.version)


def test_figures(institute: Organisation, owner: Actor, moderator: Actor, clock: Clock) -> None:
    assert review.queue_figures(moderator) == review.QueueFigures(0, 0, None, None)
    good, weak = (hand_in(owner, make.offer(institute, "draft")) for _ in range(2))
    clock.advance(hours=4)
    decide(moderator, good, Action.APPROVE)
    clock.advance(hours=6)
    decide(moderator, weak, Action.REQUEST_CHANGES, "Thiếu số liệu.")
    clock.advance(hours=1)
    hand_in(owner, weak)
    clock.advance(hours=50)
    assert review.queue_figures(moderator) == review.QueueFigures(1, 1, 7.0, 50)
    decide(moderator, weak, Action.APPROVE)
    assert review.queue_figures(moderator) == review.QueueFigures(0, 0, 10.0, 50)
    clock.advance(days=31)
    assert review.queue_figures(moderator) == review.QueueFigures(0, 0, None, None)
