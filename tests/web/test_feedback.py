"""The summed-up feedback on the page of a listing: who reads it, and that each reason leads to what to change."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from techmart.db import unit_of_work
from techmart.operations import match as matches
from techmart.operations.listing_content import FIELDS
from techmart.operations.match_pair import make_pair
from techmart.rules.matching import Decision, DeclineReason
from techmart.rules.policy import MemberRole
from techmart.web.feedback_view import _OF_DEMANDS, _OF_TECHNOLOGIES
from tests import factories as make

HEADING = "Phản hồi về tin này"


def test_owners_and_staff_read_it_and_nobody_else(
    app: Flask, client: FlaskClient, login: Callable[..., FlaskClient]
) -> None:
    offer, demand = make.offer(), make.demand(anonymous=True)
    buyer, seller = make.member(demand.organisation), make.member(offer.organisation)
    with unit_of_work():
        matches.decide(
            make.actor(buyer), make_pair(demand, offer), Decision.DISMISS, score=60,
            reason=DeclineReason.BENEFIT_UNCLEAR, text="Không đáng tiền",
        )  # fmt: skip
    path = f"/offers/{offer.code}"
    owner = login(seller)
    _, heading, rest = unescape(owner.get(path).text).partition(HEADING)
    block = rest.partition("</section>")[0]
    assert heading
    assert "Lợi ích chưa rõ (1)" in block
    assert f'href="{path}/edit#advantage"' in block
    for secret in (demand.code, demand.title, demand.organisation.name_vi, "Không đáng tiền"):
        assert secret not in block
    assert f'href="{path}#phan-hoi"' in owner.get("/workspace").text
    of_staff = unescape(login(make.staff()).get(path).text)
    assert HEADING in of_staff
    assert "/edit#" not in of_staff
    viewer = login(make.member(offer.organisation, MemberRole.VIEWER))
    for reader in (client, login(buyer), login(make.member(make.organisation())), viewer):
        assert HEADING not in unescape(reader.get(path).text)


def test_a_listing_that_nobody_was_suggested_has_none(app: Flask, login: Callable[..., FlaskClient]) -> None:
    offer = make.offer()
    assert HEADING not in unescape(login(make.member(offer.organisation)).get(f"/offers/{offer.code}").text)


@pytest.mark.parametrize("reason", list(DeclineReason))
def test_every_reason_has_a_hint_and_names_a_field_of_its_kind(reason: DeclineReason) -> None:
    for hints in (_OF_TECHNOLOGIES, _OF_DEMANDS):
        _, fields = hints[reason]
        for kind, field in fields.items():
            assert field in FIELDS[kind]
