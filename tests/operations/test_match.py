"""Decisions on suggested pairs: what leads where, who may, what is told to whom, and what is never shown."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import pytest
from flask import Flask

from techmart.db import db, unit_of_work
from techmart.errors import InvalidFields, NotAllowed, NotFound, ReasonRequired
from techmart.models.account import User
from techmart.models.event import Event, Notification
from techmart.models.listing import Listing
from techmart.models.match import Match
from techmart.operations import match as matches
from techmart.operations.match_pair import Pair, find_match, find_pair, is_current, make_pair, text_version
from techmart.rules.audience import PUBLIC_STATES
from techmart.rules.lifecycle import ListingState
from techmart.rules.matching import AFTER_CHANGE, TARGETS, Decision, DeclineReason, MatchState, Side, target_of
from techmart.rules.policy import MemberRole
from tests import factories as make

ALL = tuple(MatchState)


@dataclass
class Market:
    """A business with a demand, an institute with an offer, and their owners."""

    buyer: User
    seller: User
    demand: Listing
    offer: Listing

    def decide(
        self, decision: Decision, *, side: Side = Side.WANTED, person: User | None = None, **values: object
    ) -> Match:
        actor = make.actor(person or (self.buyer if side is Side.WANTED else self.seller))
        own, other = (self.demand, self.offer) if side is Side.WANTED else (self.offer, self.demand)
        with unit_of_work():
            pair = find_pair(actor, own.code, other.code)
            return matches.decide(actor, pair, decision, score=70, **values)  # type: ignore[arg-type]  # reason, text

    @property
    def pair(self) -> Pair:
        return make_pair(self.demand, self.offer)


@pytest.fixture
def market(app: Flask) -> Market:
    business, institute = make.organisation(kind="business"), make.organisation()
    return Market(make.member(business), make.member(institute), make.demand(business), make.offer(institute))


def told(person: User) -> list[Notification]:
    db.session.rollback()
    return list(db.session.scalars(db.select(Notification).where(Notification.user_id == person.id)))


class TestTable:
    @pytest.mark.parametrize(("before", "decision"), list(product(ALL, Decision)))
    def test_every_decision_from_every_state(self, market: Market, before: MatchState, decision: Decision) -> None:
        market.decide(Decision.KEEP)
        with unit_of_work():
            row = find_match(market.pair)
            assert row is not None
            row.state, row.reason = before, "price" if before is MatchState.DISMISSED else None
        row = market.decide(decision, reason="too_early")
        assert row.state == TARGETS[decision]
        assert (row.reason is not None) == (row.state == MatchState.DISMISSED)

    def test_tables_are_complete(self) -> None:
        assert set(TARGETS) == set(Decision)
        assert set(AFTER_CHANGE) == set(MatchState)
        assert AFTER_CHANGE[MatchState.DISMISSED] is MatchState.NEW

    @pytest.mark.parametrize("reason", [None, "", "unheard_of"])
    def test_a_refusal_says_why(self, reason: str | None) -> None:
        with pytest.raises(ReasonRequired):
            target_of(Decision.DISMISS, reason)

    @pytest.mark.parametrize("reason", list(DeclineReason))
    def test_every_reason_is_kept(self, market: Market, reason: DeclineReason) -> None:
        row = market.decide(Decision.DISMISS, reason=reason, text="  chưa thấy số liệu ")
        assert (row.state, row.reason, row.reason_text) == ("dismissed", reason, "chưa thấy số liệu")

    def test_a_second_click_changes_nothing(self, market: Market) -> None:
        first = market.decide(Decision.INTERESTED)
        assert market.decide(Decision.INTERESTED).id == first.id
        assert db.session.scalar(db.select(db.func.count()).where(Event.action == "match:interested")) == 1

    def test_a_text_too_long(self, market: Market) -> None:
        with pytest.raises(InvalidFields):
            market.decide(Decision.DISMISS, reason="price", text="a" * 501)
        assert find_match(market.pair) is None

    def test_the_sides_decide_apart(self, market: Market) -> None:
        market.decide(Decision.DISMISS, reason="price")
        row = market.decide(Decision.INTERESTED, side=Side.OFFERED)
        assert (row.state, row.side) == ("interested", "offered")
        assert find_match(market.pair).state == "dismissed"  # type: ignore[union-attr]  # it is there


class TestRoles:
    @pytest.mark.parametrize(
        ("role", "may"), [(MemberRole.OWNER, True), (MemberRole.EDITOR, True), (MemberRole.VIEWER, False)]
    )
    def test_members(self, market: Market, role: MemberRole, may: bool) -> None:
        person = make.member(market.demand.organisation, role)
        if may:
            assert market.decide(Decision.KEEP, person=person).decided_by_id == person.id
        else:
            with pytest.raises(NotAllowed):
                market.decide(Decision.KEEP, person=person)

    def test_strangers_the_other_side_and_staff(self, market: Market) -> None:
        for person in (make.user(), market.seller, make.staff()):
            with pytest.raises(NotAllowed):
                market.decide(Decision.KEEP, person=person)

    def test_a_profile_is_its_members_own(self, market: Market) -> None:
        company = market.demand.organisation
        assert find_pair(make.actor(market.buyer), company.slug, market.offer.code).side is Side.WANTED
        with pytest.raises(NotFound):
            find_pair(make.actor(market.seller), company.slug, market.offer.code)

    def test_a_company_is_suggested_when_it_agreed(self, market: Market) -> None:
        company, actor = market.demand.organisation, make.actor(market.seller)
        with pytest.raises(NotFound):
            find_pair(actor, market.offer.code, company.slug)
        with unit_of_work():
            company.is_suggestable = True
        assert find_pair(actor, market.offer.code, company.slug).side is Side.OFFERED

    def test_two_of_a_kind_are_no_pair(self, market: Market) -> None:
        other = make.offer()
        for own, name in (
            (market.offer.code, other.code),
            (market.demand.code, make.demand().code),
            ("no", other.code),
        ):
            with pytest.raises(NotFound):
                find_pair(make.actor(market.seller), own, name)


class TestFeedback:
    def test_the_offerer_hears_the_reason_and_never_who(self, market: Market) -> None:
        with unit_of_work():
            market.demand.anonymous = True  # type: ignore[attr-defined]  # a demand
        market.decide(Decision.DISMISS, reason="benefit_unclear", text="thiếu số đo")
        (row,) = told(market.seller)
        assert (row.kind, row.payload["decline"], row.payload["text"]) == (
            "match_declined",
            "benefit_unclear",
            "thiếu số đo",
        )
        said = str(row.payload)
        for secret in (market.demand.code, market.demand.title, market.demand.organisation.name_vi, market.buyer.name):
            assert secret not in said

    def test_undoing_takes_it_back_while_unread(self, market: Market) -> None:
        market.decide(Decision.DISMISS, reason="price")
        market.decide(Decision.UNDO)
        assert told(market.seller) == []

    def test_the_one_who_needs_is_told_nothing(self, market: Market) -> None:
        market.decide(Decision.DISMISS, side=Side.OFFERED, reason="wrong_field")
        assert told(market.buyer) == []


class TestVersions:
    def test_a_version_is_what_is_said(self, market: Market) -> None:
        before = text_version(market.offer)
        with unit_of_work():
            market.offer.state, market.offer.reviewer_id = ListingState.DUE, market.seller.id
        assert text_version(market.offer) == before
        with unit_of_work():
            market.offer.price_max_vnd = 1  # type: ignore[attr-defined]  # an offer
            market.offer.price_min_vnd = 1  # type: ignore[attr-defined]  # an offer
        assert text_version(market.offer) != before

    @pytest.mark.parametrize("changed", ["demand", "offer"])
    def test_a_refusal_ends_with_either_text(self, market: Market, changed: str) -> None:
        row = market.decide(Decision.DISMISS, reason="price")
        assert is_current(row, market.pair)
        assert market.offer.key in matches.decisions_of(market.demand, [market.offer])
        with unit_of_work():
            getattr(market, changed).summary = "Viết lại cho rõ hơn."
        assert not is_current(row, market.pair)
        assert matches.decisions_of(market.demand, [market.offer]) == {}


class TestLists:
    def test_best_first_with_counts(self, market: Market) -> None:
        market.decide(Decision.KEEP)
        second = make.offer()
        with unit_of_work():
            matches.decide(make.actor(market.buyer), make_pair(market.demand, second), Decision.KEEP, score=90)
        found = matches.list_matches(make.actor(market.buyer), states=["kept"])
        assert [pair.technology.id for _, pair in found.pairs] == [second.id, market.offer.id]
        assert found.counts == {"kept": 2}
        assert matches.list_matches(make.actor(market.seller), states=ALL).pairs == []
        assert matches.list_matches(make.actor(make.user()), states=ALL).counts == {}

    @pytest.mark.parametrize("state", list(ListingState))
    @pytest.mark.parametrize("which", ["demand", "offer"])
    def test_only_public_things_are_listed_or_opened(self, market: Market, state: ListingState, which: str) -> None:
        market.decide(Decision.KEEP)
        listing = getattr(market, which)
        with unit_of_work():
            audience = "public" if state in PUBLIC_STATES else f"org:{listing.organisation_id}"
            listing.state, listing.audience = state, audience
        is_public = state in PUBLIC_STATES
        found = matches.list_matches(make.actor(market.buyer), states=ALL)
        assert len(found.pairs) == is_public
        assert bool(found.counts) == is_public
        if which == "offer" and not is_public:
            with pytest.raises(NotFound):
                find_pair(make.actor(market.buyer), market.demand.code, market.offer.code)
