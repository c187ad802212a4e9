"""What an owner is told of how others took his listing: figures and reasons, and nothing of what any one of them did."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from flask import Flask

from techmart.db import unit_of_work
from techmart.errors import NotAllowed
from techmart.models.listing import Demand, Listing
from techmart.operations import match as matches
from techmart.operations.match_feedback import MatchFeedback, feedback_on
from techmart.operations.match_pair import make_pair, new_match
from techmart.rules.audience import audience_of
from techmart.rules.lifecycle import ListingState
from techmart.rules.matching import Decision, DeclineReason, MatchState, Side
from techmart.rules.policy import Actor, MemberRole
from tests import factories as make

#: What one after the other does; a reason is a refusal, None has not looked.
Deed = Decision | DeclineReason | MatchState | None


def _suggest(own: Listing, deeds: Sequence[Deed]) -> list[Listing]:
    """The listing is suggested to one organisation after the other, each of which does its deed."""
    others: list[Listing] = []
    for deed in deeds:
        other = make.offer() if isinstance(own, Demand) else make.demand()
        others.append(other)
        pair = make_pair(other, own)
        actor = make.actor(make.member(other.organisation))
        with unit_of_work():
            if isinstance(deed, DeclineReason):
                matches.decide(actor, pair, Decision.DISMISS, score=60, reason=deed, text="bí mật của tôi")
            elif isinstance(deed, Decision):
                matches.decide(actor, pair, deed, score=60)
            else:
                new_match(pair, score=60, state=deed or MatchState.NEW)
    return others


def _told(own: Listing, person: Actor | None = None) -> MatchFeedback:
    return feedback_on(person or make.actor(make.member(own.organisation)), own)


def test_a_technology_owner_reads_how_far_it_came_and_why_not(app: Flask) -> None:
    offer = make.offer()
    deeds = (
        None, MatchState.SEEN, Decision.KEEP, Decision.INTERESTED,
        DeclineReason.PRICE, DeclineReason.BENEFIT_UNCLEAR, DeclineReason.PRICE,
    )  # fmt: skip
    _suggest(offer, deeds)
    found = _told(offer)
    assert found.steps == {"suggested": 7, "seen": 6, "kept": 2, "interested": 1, "dismissed": 3}
    assert list((found.reasons or {}).items()) == [("price", 2), ("benefit_unclear", 1)]
    assert "bí mật" not in str(found)


@pytest.mark.parametrize("state", [ListingState.HIDDEN, ListingState.WITHDRAWN, ListingState.ARCHIVED])
def test_reasons_of_what_was_hidden_since_still_count(app: Flask, state: ListingState) -> None:
    offer = make.offer()
    others = _suggest(offer, [DeclineReason.TOO_EARLY, Decision.INTERESTED, None, None])
    before = _told(offer)
    with unit_of_work():
        for other in others:
            other.state, other.audience = state, audience_of(state, other.organisation_id)
    assert _told(offer) == before
    assert before.reasons == {"too_early": 1}


def test_figures_that_would_say_what_one_organisation_did_stay_unsaid(app: Flask) -> None:
    offer = make.offer()
    _suggest(offer, [Decision.INTERESTED, DeclineReason.PRICE])
    # Why a technology was declined its owners were told at once.
    assert _told(offer).steps == {"suggested": 2, "seen": None, "kept": None, "interested": None, "dismissed": 1}
    assert _told(offer).reasons == {"price": 1}
    _suggest(offer, [None])
    assert _told(offer).steps["interested"] == 1
    everybody = make.offer()
    _suggest(everybody, [Decision.INTERESTED] * 3)
    assert _told(everybody).steps == {"suggested": 3, "seen": 3, "kept": None, "interested": None, "dismissed": 0}


def test_two_demands_of_one_organisation_are_one(app: Flask) -> None:
    offer = make.offer()
    (first,) = _suggest(offer, [Decision.KEEP])
    for _more in range(2):
        another = make.demand(first.organisation)
        with unit_of_work():
            new_match(make_pair(another, offer), score=60)
    assert (_told(offer).steps["suggested"], _told(offer).steps["kept"]) == (3, None)


def test_the_owner_of_a_demand_is_told_nothing_of_a_single_refusal(app: Flask) -> None:
    demand = make.demand()
    _suggest(demand, [DeclineReason.PRICE, DeclineReason.PRICE])
    assert (_told(demand).steps["dismissed"], _told(demand).reasons) == (None, None)
    _suggest(demand, [MatchState.SEEN])
    assert (_told(demand).steps["dismissed"], _told(demand).reasons) == (2, {"price": 2})
    refused = make.demand()
    _suggest(refused, [DeclineReason.PRICE] * 3)
    assert (_told(refused).steps["dismissed"], _told(refused).reasons) == (None, None)
    assert _told(refused, make.actor(make.staff())).reasons == {"price": 3}


def test_only_the_other_sides_view_counts(app: Flask) -> None:
    demand = make.demand()
    (offer,) = _suggest(demand, [DeclineReason.PRICE])
    buyer = make.actor(make.member(demand.organisation))
    with unit_of_work():
        matches.decide(buyer, make_pair(demand, offer), Decision.KEEP, score=60)
    assert make_pair(demand, offer).side is Side.WANTED
    staff = make.actor(make.staff())
    assert _told(demand, staff).steps == {"suggested": 1, "seen": 1, "kept": 0, "interested": 0, "dismissed": 1}
    assert _told(offer, staff).steps == {"suggested": 1, "seen": 1, "kept": 1, "interested": 0, "dismissed": 0}


def test_who_may_ask(app: Flask) -> None:
    offer = make.offer()
    (other,) = _suggest(offer, [DeclineReason.PRICE])
    for person in (make.member(offer.organisation, MemberRole.EDITOR), make.staff()):
        assert feedback_on(make.actor(person), offer).reasons == {"price": 1}
    strangers = (
        make.user(), make.member(make.organisation()), make.member(other.organisation),
        make.member(offer.organisation, MemberRole.VIEWER),
    )  # fmt: skip
    for person in strangers:
        with pytest.raises(NotAllowed):
            feedback_on(make.actor(person), offer)
