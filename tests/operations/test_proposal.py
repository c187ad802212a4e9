"""Pairs that staff propose: who may, what is refused, who is told and how often, taking back, and what counts apart."""

from __future__ import annotations

from itertools import product

import pytest
from flask import Flask

from techmart.db import db, unit_of_work
from techmart.errors import IllegalTransition, InvalidFields, NotAllowed, NotFound
from techmart.jobs.telling import tell_what_is_due
from techmart.models.account import User
from techmart.models.event import Event, Notification
from techmart.models.listing import Listing
from techmart.models.match import Match, MatchAlert
from techmart.operations import alert as alerts
from techmart.operations import match as matches
from techmart.operations.mail import deliver_mail
from techmart.operations.match_figures import MatchFilter, count_states, list_counted
from techmart.operations.match_pair import Pair, find_pair, make_pair
from techmart.operations.proposal import count_readers, load_party, load_proposable, propose, withdraw
from techmart.operations.proposal_list import list_proposals
from techmart.rules.audience import PUBLIC_STATES, audience_of
from techmart.rules.lifecycle import ListingState
from techmart.rules.matching import AlertMode, Decision, MatchState, Side
from techmart.rules.policy import ANONYMOUS, Actor, MemberRole
from tests import factories as make
from tests.conftest import Clock
from tests.operations.market import Market, alerts_of, open_market, settle

NOTE = "Hai bên nên gặp nhau ở hội chợ tháng tư."
SCORES = {Side.WANTED: 20, Side.OFFERED: 10}


@pytest.fixture
def staff(app: Flask) -> Actor:
    return make.actor(make.staff())


@pytest.fixture
def market(app: Flask) -> Market:
    """A demand and an offer without a word in common."""
    return open_market()


@pytest.fixture
def pair(market: Market) -> Pair:
    demand = make.demand(market.farm)
    found = make_pair(demand, market.offer())
    settle()
    with unit_of_work() as session:
        session.query(MatchAlert).delete()
        session.query(Match).delete()
        session.query(Notification).delete()
    return found


def send(staff: Actor, pair: Pair, note: str = NOTE) -> dict[Side, Match]:
    with unit_of_work():
        return {Side(row.side): row for row in propose(staff, pair, note, scores=SCORES)}


def decide(person: User, pair: Pair, side: Side, decision: Decision) -> None:
    view = Pair(pair.wanted, pair.technology, side)
    with unit_of_work():
        matches.decide(make.actor(person), view, decision, score=50, reason="price")


def choose(person: User, mode: str) -> None:
    with unit_of_work():
        alerts.change_setting(make.actor(person), mode=mode, threshold=90)


def told(person: User) -> list[Notification]:
    db.session.rollback()
    return db.session.query(Notification).filter_by(user_id=person.id, kind="match_proposed").all()


def mails_to(app: Flask, person: User) -> list[str]:
    deliver_mail()
    texts = (path.read_text() for path in app.config["SETTINGS"].mail_dir.glob("*.txt"))
    return [text for text in texts if text.startswith(f"To: {person.email}\n")]


def refusal(staff: Actor, pair: Pair) -> str:
    with pytest.raises(InvalidFields) as refused, unit_of_work():
        propose(staff, pair, NOTE, scores=SCORES)
    (code,) = refused.value.problems["other"]
    return code


class TestTelling:
    def test_both_sides_hear_whatever_the_points_and_read_the_note(
        self, staff: Actor, market: Market, pair: Pair, app: Flask
    ) -> None:
        for person in (market.buyer, market.seller):
            choose(person, "immediate")
        rows = send(staff, pair)
        assert {side: row.score for side, row in rows.items()} == SCORES
        for person, own in ((market.buyer, pair.wanted), (market.seller, pair.technology)):
            (line,) = told(person)
            assert (line.payload["code"], line.payload["reason"]) == (own.code, NOTE)  # type: ignore[union-attr]  # listings
            (text,) = mails_to(app, person)
            assert NOTE in text
            assert "Cán bộ sàn đề xuất" in text
            assert staff.user_id is not None
            assert db.session.get_one(User, staff.user_id).name not in text
            found = matches.list_matches(make.actor(person), states=["new"])
            assert [(row.origin, row.note) for row, _ in found.pairs] == [("staff", NOTE)]
            assert len(matches.proposals_to(own)) == 1

    @pytest.mark.parametrize("mode", list(AlertMode))
    def test_the_mail_comes_as_the_person_chose_and_once(
        self, staff: Actor, market: Market, pair: Pair, app: Flask, clock: Clock, mode: AlertMode
    ) -> None:
        choose(market.buyer, mode)
        send(staff, pair)
        sent = [len(mails_to(app, market.buyer))]
        for days in (1, 6, 7):
            clock.advance(days=days)
            tell_what_is_due()
            tell_what_is_due()
            sent.append(len(mails_to(app, market.buyer)))
        assert sent == {"immediate": [1] * 4, "daily": [0, 1, 1, 1], "weekly": [0, 0, 1, 1], "off": [0] * 4}[mode]
        assert len(told(market.buyer)) == 1

    def test_roles(self, staff: Actor, market: Market, pair: Pair) -> None:
        people = {role: make.member(market.farm, role) for role in MemberRole}
        stranger = make.user()
        send(staff, pair)
        assert {role: len(told(person)) for role, person in people.items()} == {"owner": 1, "editor": 1, "viewer": 0}
        assert told(stranger) == []

    def test_who_knows_the_pair_from_matching_hears_of_the_proposal_once(
        self, staff: Actor, market: Market, app: Flask
    ) -> None:
        choose(market.buyer, "immediate")
        with unit_of_work():
            alerts.change_setting(make.actor(market.buyer), mode="immediate", threshold=30)
        demand, offer = market.demand(), market.offer()
        settle()
        assert len(mails_to(app, market.buyer)) == 1
        send(staff, make_pair(demand, offer))
        assert [NOTE in text for text in mails_to(app, market.buyer)].count(True) == 1
        settle()
        assert len(mails_to(app, market.buyer)) == 2
        assert len(alerts_of(market.buyer)) == 1

    def test_a_changed_text_is_told_of_again_as_with_any_match(self, staff: Actor, market: Market) -> None:
        demand, offer = market.demand(), market.offer()
        settle()
        send(staff, make_pair(demand, offer))
        with unit_of_work() as session:
            session.get_one(Listing, offer.id).advantage = "Rẻ hơn một nửa."  # type: ignore[attr-defined]  # an offer
        settle()
        assert len(told(market.buyer)) == 2
        (alert,) = [row for row in alerts_of(market.buyer) if row.match.versions == row.versions]
        assert alert.match.origin == "staff"


class TestCompanies:
    def test_one_that_did_not_agree_is_named_to_nobody(self, staff: Actor, market: Market, pair: Pair) -> None:
        view = make_pair(market.farm, pair.technology)
        assert count_readers(view) == {Side.WANTED: 1}
        assert set(send(staff, view)) == {Side.WANTED}
        assert len(told(market.buyer)) == 1
        assert told(market.seller) == []
        assert matches.list_matches(make.actor(market.seller), states=list(MatchState)).pairs == []
        with pytest.raises(NotFound):
            find_pair(make.actor(market.seller), pair.technology.code, market.farm.slug)

    def test_one_that_agreed_is(self, staff: Actor, market: Market, pair: Pair) -> None:
        with unit_of_work():
            market.farm.is_suggestable = True
        assert set(send(staff, make_pair(market.farm, pair.technology))) == set(Side)
        assert len(told(market.seller)) == 1
        with unit_of_work():
            market.farm.is_suggestable = False
        assert matches.list_matches(make.actor(market.seller), states=list(MatchState)).pairs == []

    def test_only_businesses_take_technologies_over(self, staff: Actor, pair: Pair) -> None:
        assert refusal(staff, make_pair(make.organisation(), pair.technology)) == "no_adopter"


class TestRefusals:
    @pytest.mark.parametrize(("note", "code"), [("", "required"), (" \n ", "required"), ("a" * 501, "too_long")])
    def test_the_note(self, staff: Actor, pair: Pair, note: str, code: str) -> None:
        with pytest.raises(InvalidFields) as refused, unit_of_work():
            propose(staff, pair, note, scores=SCORES)
        assert refused.value.problems == {"note": [code]}
        assert db.session.query(Match).count() == 0

    @pytest.mark.parametrize(("state", "which"), list(product(ListingState, ("wanted", "technology"))))
    def test_only_what_is_public_and_to_be_had(
        self, staff: Actor, market: Market, pair: Pair, state: ListingState, which: str
    ) -> None:
        listing = getattr(pair, which)
        with unit_of_work():
            listing.state, listing.audience = state, audience_of(state, listing.organisation_id)
        if state in PUBLIC_STATES and state != ListingState.TRANSFERRED:
            assert len(send(staff, pair)) == 2
        else:
            assert refusal(staff, pair) == "not_public"
        if state == ListingState.DRAFT:
            with pytest.raises(NotFound):
                load_party(staff, listing.code)

    @pytest.mark.parametrize("side", list(Side))
    def test_a_refusal_holds_until_a_text_changes(self, staff: Actor, market: Market, pair: Pair, side: Side) -> None:
        decide(market.buyer if side is Side.WANTED else market.seller, pair, side, Decision.DISMISS)
        assert refusal(staff, pair) == "dismissed"
        with unit_of_work():
            pair.technology.summary = "Viết lại cho rõ hơn."
        assert len(send(staff, pair)) == 2

    def test_a_declined_proposal_comes_back_as_nobodys_after_a_change(self, staff: Actor, market: Market) -> None:
        demand, offer = market.demand(), market.offer()
        settle()
        pair = make_pair(demand, offer)
        send(staff, pair)
        decide(market.buyer, pair, Side.WANTED, Decision.DISMISS)
        with unit_of_work() as session:
            session.get_one(Listing, offer.id).advantage = "Rẻ hơn một nửa."  # type: ignore[attr-defined]  # an offer
        settle()
        row = db.session.query(Match).filter_by(demand_id=demand.id, side="wanted").one()
        assert (row.state, row.origin, row.note, row.proposed_at) == ("new", "automatic", "", None)

    def test_once_for_the_same_texts(self, staff: Actor, pair: Pair) -> None:
        send(staff, pair)
        assert refusal(staff, pair) == "proposed_already"

    def test_a_side_that_said_yes_keeps_its_row(self, staff: Actor, market: Market, pair: Pair) -> None:
        decide(market.buyer, pair, Side.WANTED, Decision.INTERESTED)
        assert set(send(staff, pair)) == {Side.OFFERED}
        assert told(market.buyer) == []
        assert len(told(market.seller)) == 1

    def test_both_said_yes(self, staff: Actor, market: Market, pair: Pair) -> None:
        decide(market.buyer, pair, Side.WANTED, Decision.INTERESTED)
        decide(market.seller, pair, Side.OFFERED, Decision.KEEP)
        assert refusal(staff, pair) == "answered_already"

    def test_one_organisation_two_of_a_kind_and_nobody_there(self, staff: Actor, market: Market, pair: Pair) -> None:
        assert refusal(staff, make_pair(pair.wanted, make.offer(market.farm))) == "same_organisation"
        assert refusal(staff, make_pair(make.demand(), make.offer())) == "nobody"
        with pytest.raises(InvalidFields) as refused:
            load_proposable(staff, pair.technology.code, make.offer().code)
        assert refused.value.problems == {"other": ["no_pair"]}
        for names in (("no", pair.technology.code), (pair.technology.code, "no")):
            with pytest.raises(NotFound):
                load_proposable(staff, *names)


class TestWho:
    @pytest.mark.parametrize("which", ["farm", "institute"])
    @pytest.mark.parametrize("role", list(MemberRole))
    def test_staff_of_a_party_do_not(self, market: Market, pair: Pair, which: str, role: MemberRole) -> None:
        person = make.staff()
        make.member(getattr(market, which), role, person)
        actor = make.actor(person)
        with pytest.raises(NotAllowed), unit_of_work():
            propose(actor, pair, NOTE, scores=SCORES)
        with pytest.raises(NotAllowed):
            load_proposable(actor, pair.wanted.code, pair.technology.code)  # type: ignore[union-attr]  # a demand
        rows = send(make.actor(make.staff()), pair)
        with pytest.raises(NotAllowed), unit_of_work():
            withdraw(actor, rows[Side.WANTED].id)
        assert [row.is_withdrawable for row in list_proposals(actor).proposals] == [False]

    def test_nobody_else(self, staff: Actor, market: Market, pair: Pair) -> None:
        row = send(staff, pair)[Side.WANTED]
        for actor in (ANONYMOUS, make.actor(market.buyer), make.actor(make.user())):
            with pytest.raises(NotAllowed), unit_of_work():
                propose(actor, pair, NOTE, scores=SCORES)
            with pytest.raises(NotAllowed), unit_of_work():
                withdraw(actor, row.id)
            with pytest.raises(NotAllowed):
                list_proposals(actor)


class TestWithdrawal:
    def test_is_as_if_it_had_never_been(self, staff: Actor, market: Market, pair: Pair, app: Flask) -> None:
        choose(market.buyer, "immediate")
        row = send(staff, pair)[Side.WANTED]
        colleague = make.actor(make.staff())
        with unit_of_work():
            withdraw(colleague, row.id)
        assert db.session.query(Match).count() == 0
        assert told(market.buyer) == told(market.seller) == []
        assert mails_to(app, market.buyer) == []
        actions = [event.action for event in db.session.query(Event).filter(Event.action.like("match:%propos%"))]
        assert sorted(actions) == ["match:propose"] * 2 + ["match:withdraw_proposal"] * 2

    def test_a_mail_that_waits_never_speaks_of_the_next_one(
        self, staff: Actor, market: Market, pair: Pair, app: Flask
    ) -> None:
        choose(market.buyer, "immediate")
        row = send(staff, pair, "Lần đầu")[Side.WANTED]
        with unit_of_work():
            withdraw(staff, row.id)
        send(staff, pair, "Lần hai")
        (text,) = mails_to(app, market.buyer)
        assert "Lần hai" in text

    def test_what_matching_had_found_stays(self, staff: Actor, market: Market, clock: Clock) -> None:
        demand, offer = market.demand(), market.offer()
        settle()
        before = {(row.id, row.side, row.score) for row in db.session.query(Match)}
        clock.advance(hours=1)
        with unit_of_work():
            scores = {Side(row.side): row.score for row in db.session.query(Match).filter_by(demand_id=demand.id)}
            row = propose(staff, make_pair(demand, offer), NOTE, scores=scores)[0]
        with unit_of_work():
            withdraw(staff, row.id)
        after = db.session.query(Match).all()
        assert {(row.id, row.side, row.score) for row in after} == before
        assert {(row.origin, row.note) for row in after} == {("automatic", "")}

    @pytest.mark.parametrize("seen_by", list(Side))
    def test_not_once_a_side_has_seen_it(self, staff: Actor, market: Market, pair: Pair, seen_by: Side) -> None:
        rows = send(staff, pair)
        person = market.buyer if seen_by is Side.WANTED else market.seller
        with unit_of_work():
            matches.mark_seen(make.actor(person), Pair(pair.wanted, pair.technology, seen_by))
        for row in rows.values():
            with pytest.raises(IllegalTransition), unit_of_work():
                withdraw(staff, row.id)
        assert [row.is_withdrawable for row in list_proposals(staff).proposals] == [False]

    def test_an_automatic_match_is_no_proposal(self, staff: Actor, market: Market) -> None:
        market.demand(), market.offer()
        settle()
        for number in (db.session.query(Match).first().id, 999):  # type: ignore[union-attr]  # there is one
            with pytest.raises(NotFound):
                withdraw(staff, number)


class TestCounts:
    def test_apart_from_what_matching_found(self, staff: Actor, market: Market, pair: Pair) -> None:
        send(staff, pair)
        assert {key: count for key, count in count_states(staff).items() if key[0] == "staff"} == {
            ("staff", "wanted", "new"): 1,
            ("staff", "offered", "new"): 1,
        }
        assert list_counted(staff, MatchFilter(origin="staff")).total == 2
        decide(market.buyer, pair, Side.WANTED, Decision.INTERESTED)
        (row,) = list_proposals(staff).proposals
        assert row.states == {Side.WANTED: "interested", Side.OFFERED: "new"}

    def test_newest_first_in_pages_and_hidden_things_in_none(
        self, staff: Actor, market: Market, pair: Pair, clock: Clock
    ) -> None:
        send(staff, pair)
        clock.advance(hours=1)
        later = make_pair(pair.wanted, market.offer())
        send(staff, later)
        found = list_proposals(staff, page=9)
        assert [row.pair.technology.id for row in found.proposals] == [later.technology.id, pair.technology.id]
        assert (found.total, found.page, found.pages) == (2, 1, 1)
        with unit_of_work():
            later.technology.state, later.technology.audience = (
                ListingState.HIDDEN,
                audience_of(ListingState.HIDDEN, later.technology.organisation_id),
            )
        assert list_proposals(staff).total == 1
        assert [row.technology.id for row in matches.proposals_to(pair.wanted)] == [pair.technology.id]
