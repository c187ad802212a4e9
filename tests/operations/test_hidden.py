"""Who may bring a hidden listing back, and what may no longer be handed in."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from techmart.errors import IllegalTransition, InvalidFields
from techmart.operations.lifecycle import REASON_NOT_CONFIRMED, perform
from techmart.operations.revision import submit_listing
from techmart.rules.clock import local_today
from techmart.rules.lifecycle import Action
from techmart.rules.policy import SYSTEM, Actor, MemberRole
from tests import factories as make


def editor(listing) -> Actor:
    return Actor(user_id=None, organisation_roles={listing.organisation_id: MemberRole.EDITOR})


def test_a_listing_hidden_for_want_of_confirmation_comes_back_by_it(app: Flask):
    listing = make.offer()
    perform(SYSTEM, listing, Action.HIDE, reason=REASON_NOT_CONFIRMED)
    perform(editor(listing), listing, Action.CONFIRM)
    assert listing.is_public


def test_a_listing_that_staff_hid_stays_hidden(app: Flask):
    listing = make.offer()
    perform(SYSTEM, listing, Action.HIDE, reason="Tranh chấp quyền sở hữu")
    with pytest.raises(IllegalTransition):
        perform(editor(listing), listing, Action.CONFIRM)
    assert not listing.is_public


def test_a_demand_whose_deadline_has_passed_is_not_handed_in(app: Flask):
    listing = make.demand(state="draft", deadline_on=local_today() - timedelta(days=1))
    with pytest.raises(InvalidFields) as refusal:
        submit_listing(editor(listing), listing)
    assert refusal.value.problems["deadline_on"] == ["past"]
