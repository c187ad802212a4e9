"""A pair that was put aside stays so until either text says something else: a table of what may happen meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import inspect

from techmart.db import db, unit_of_work
from techmart.models.listing import Listing
from techmart.models.match import MatchAlert
from techmart.operations import match as matches
from techmart.operations.lifecycle import REASON_NOT_CONFIRMED, open_revision, perform, perform_on_revision
from techmart.operations.match_pair import find_match, find_pair, make_pair
from techmart.operations.revision import edit_state, save_listing, submit_listing
from techmart.rules.lifecycle import Action
from techmart.rules.matching import Decision, MatchState, Side
from techmart.rules.policy import SYSTEM
from tests import factories as make
from tests.operations.market import Market, open_market, settle, stored


class Scene:
    """A demand and an offer that match, and both sides told; one of them puts the pair aside."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.market: Market = open_market()
        self.offer = self.market.offer()
        self.demand = self.market.demand(deadline_on=date(2027, 6, 30))
        self.staff = make.staff()
        settle()

    def own(self, side: Side) -> Listing:
        return self.demand if side is Side.WANTED else self.offer

    def other(self, side: Side) -> Listing:
        return self.offer if side is Side.WANTED else self.demand

    def person(self, side: Side) -> Any:
        return self.market.buyer if side is Side.WANTED else self.market.seller

    def dismiss(self, side: Side) -> None:
        actor = make.actor(self.person(side))
        with unit_of_work():
            pair = find_pair(actor, self.own(side).code, self.other(side).code)
            matches.decide(actor, pair, Decision.DISMISS, score=80, reason="too_early", text="Chờ thêm số liệu")

    def act(self, which: str, action: Action, **values: Any) -> None:
        with unit_of_work() as session:
            person = self.staff if action in (Action.APPROVE, Action.MARK_DUE) else self._owner(which)
            perform(make.actor(person), session.get_one(Listing, getattr(self, which).id), action, **values)

    def republish(self, which: str, **changed: Any) -> None:
        """Withdrawn, opened again, `changed`, handed in and approved."""
        self.act(which, Action.WITHDRAW)
        settle()
        self.act(which, Action.REOPEN)
        self._save(which, **changed)
        with unit_of_work() as session:
            submit_listing(make.actor(self._owner(which)), session.get_one(Listing, getattr(self, which).id))
        self.act(which, Action.APPROVE)

    def revise(self, which: str, **changed: Any) -> None:
        """A new text, approved while the old one stays public."""
        self._save(which, **changed)
        with unit_of_work() as session:
            listing = session.get_one(Listing, getattr(self, which).id)
            submit_listing(make.actor(self._owner(which)), listing)
            revision = open_revision(listing)
            assert revision is not None
            perform_on_revision(make.actor(self.staff), revision, Action.APPROVE)

    def hide_and_show(self, which: str) -> None:
        """By the ageing run, which hides what nobody confirms."""
        with unit_of_work() as session:
            perform(SYSTEM, session.get_one(Listing, getattr(self, which).id), Action.HIDE, reason=REASON_NOT_CONFIRMED)
        settle()
        self.act(which, Action.CONFIRM)

    def crowd(self) -> None:
        """Other listings, so that every word is worth something else."""
        for number in range(4):
            make.offer(make.organisation(), title=f"Bể lọc cát {number}", summary="Lọc nước.", keywords=["nước thải"])

    def run(self, *arguments: str) -> None:
        assert self.app.test_cli_runner().invoke(args=["match", "run", *arguments]).exit_code == 0

    def _owner(self, which: str) -> Any:
        return self.market.seller if which == "offer" else self.market.buyer

    def _save(self, which: str, **changed: Any) -> None:
        with unit_of_work() as session:
            listing = session.get_one(Listing, getattr(self, which).id)
            version = edit_state(listing).version
            save_listing(make.actor(self._owner(which)), listing, changed, version=version)

    def where(self, side: Side) -> tuple[MatchState, bool, int]:
        """The state of the side's row, whether the other thing is among its present matches, how often it was told."""
        db.session.expire_all()
        own, other = (session_row(row) for row in (self.own(side), self.other(side)))
        row = find_match(make_pair(own, other))
        assert row is not None
        current = matches.decisions_of(own, [other])
        is_shown = not any(match.state == MatchState.DISMISSED for match in current.values())
        told = db.session.query(MatchAlert).filter_by(match_id=row.id).count()
        return MatchState(row.state), is_shown, told


def session_row(row: Listing) -> Listing:
    return db.session.get_one(Listing, inspect(row).identity)


LATER = date(2027, 9, 30)
MORE = "Cần giảm thêm COD của nước thải chăn nuôi sau màng lọc sinh học."

#: What happens → how, and whether the pair comes back.
HAPPENS: dict[str, tuple[Callable[[Scene], None], bool]] = {
    "the demand says more": (lambda s: s.revise("demand", problem=MORE), True),
    "the technology says more": (lambda s: s.revise("offer", advantage=MORE), True),
    "the technology has another price": (lambda s: s.revise("offer", price_min_vnd=500_000_000), True),
    "the demand comes back with another text": (lambda s: s.republish("demand", problem=MORE), True),
    "the demand has a later deadline": (lambda s: s.revise("demand", deadline_on=LATER), False),
    "the demand hides its owner": (lambda s: s.revise("demand", anonymous=True), False),
    "the demand is confirmed": (lambda s: s.act("demand", Action.CONFIRM), False),
    "the technology is due": (lambda s: s.act("offer", Action.MARK_DUE), False),
    "the demand was withdrawn and is back": (lambda s: s.republish("demand"), False),
    "the technology was withdrawn and is back": (lambda s: s.republish("offer"), False),
    "the technology was hidden and is back": (lambda s: s.hide_and_show("offer"), False),
    "a text was proposed and is not approved": (lambda s: s._save("offer", advantage=MORE), False),
    "others publish": (lambda s: s.crowd(), False),
    "everything is matched anew": (lambda s: s.run("--fresh"), False),
    "what is left is matched": (lambda s: s.run(), False),
}


@pytest.mark.parametrize("what", list(HAPPENS))
def test_what_brings_a_dismissed_pair_back(app: Flask, what: str) -> None:
    happens, comes_back = HAPPENS[what]
    scene = Scene(app)
    for side in Side:
        scene.dismiss(side)
        assert scene.where(side) == (MatchState.DISMISSED, False, 1)
    happens(scene)
    settle()
    state, told = (MatchState.NEW, 2) if comes_back else (MatchState.DISMISSED, 1)
    assert {side: scene.where(side) for side in Side} == dict.fromkeys(Side, (state, comes_back, told))
    reasons = {(row.reason, row.reason_text) for side in Side for row in stored(side) if row.score and row.decided_at}
    assert reasons == (set() if comes_back else {("too_early", "Chờ thêm số liệu")})


def test_a_pair_comes_back_to_one_side_alone_where_one_put_it_aside(app: Flask) -> None:
    scene = Scene(app)
    scene.dismiss(Side.WANTED)
    assert scene.where(Side.OFFERED) == (MatchState.NEW, True, 1)
    scene.revise("offer", advantage=MORE)
    settle()
    assert {side: scene.where(side) for side in Side} == dict.fromkeys(Side, (MatchState.NEW, True, 2))
