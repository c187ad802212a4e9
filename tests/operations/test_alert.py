"""Alerts of new matches: who is told, once per pair of texts, by which mail; what is hidden; what goes wrong."""

from __future__ import annotations

from itertools import product

import pytest
from flask import Flask
from sqlalchemy import update

from techmart.db import db, unit_of_work
from techmart.errors import InvalidFields, NotAllowed
from techmart.jobs import drain_outbox
from techmart.jobs import matching as matching_job
from techmart.jobs.matching import match_waiting
from techmart.jobs.telling import tell_what_is_due
from techmart.models.account import User
from techmart.models.listing import Listing
from techmart.models.match import Match, MatchAlert, MatchedText
from techmart.models.organisation import Membership
from techmart.models.outbox import TOPIC_MAIL, OutboxRow
from techmart.operations import alert as alerts
from techmart.operations import match as matches
from techmart.operations.mail import deliver_mail
from techmart.operations.match_pair import find_pair
from techmart.operations.notification import list_gone
from techmart.rules.audience import PUBLIC_STATES, audience_of
from techmart.rules.lifecycle import ListingState
from techmart.rules.matching import AlertMode, Decision, MatchState, Side
from techmart.rules.policy import ANONYMOUS, MemberRole
from tests import factories as make
from tests.conftest import Clock
from tests.operations.market import Market, alerts_of, change, choose, open_market, settle, stored, told


@pytest.fixture
def market(app: Flask) -> Market:
    return open_market()


def mails(app: Flask) -> list[str]:
    return [path.read_text() for path in sorted(app.config["SETTINGS"].mail_dir.glob("*.txt"))]


def move(row: Listing, state: ListingState) -> None:
    change(row, state=state, audience=audience_of(state, row.organisation_id))


class TestWhoIsTold:
    @pytest.mark.parametrize("last", ["demand", "offer"])
    def test_both_sides_whatever_came_last(self, market: Market, last: str) -> None:
        for kind in ("offer", "demand") if last == "demand" else ("demand", "offer"):
            getattr(market, kind)()
            settle()
        for person, side in ((market.buyer, Side.WANTED), (market.seller, Side.OFFERED)):
            (alert,) = alerts_of(person)
            (row,) = stored(side)
            assert alert.match_id == row.id
            assert alert.versions == row.versions
            assert row.score >= 60
            assert row.state == MatchState.NEW
            assert alert.reasons["phrases"]
            assert ["sector", ["environment"]] in alert.reasons["facts"]

    @pytest.mark.parametrize(("mode", "threshold"), list(product(AlertMode, (30, 100))))
    def test_modes_and_thresholds(
        self, market: Market, clock: Clock, app: Flask, mode: AlertMode, threshold: int
    ) -> None:
        choose(market.buyer, mode, threshold)
        market.offer()
        market.demand()
        settle()
        reached = threshold == 30
        # The demand's match, and on some of the made-up texts the company's as well.
        assert {alert.mode for alert in alerts_of(market.buyer)} == ({mode} if reached else set())
        assert len(told(market.buyer)) == reached, "the site tells in every mode"
        sent: dict[str, int] = {}
        for when in ("now", "next day", "next week"):
            deliver_mail()
            sent[when] = sum(text.startswith(f"To: {market.buyer.email}\n") for text in mails(app))
            clock.advance(days=1 if when == "now" else 6)
            tell_what_is_due()
        wanted = {"immediate": (1, 1, 1), "daily": (0, 1, 1), "weekly": (0, 0, 1), "off": (0, 0, 0)}[mode]
        deliver_mail()
        last = sum(text.startswith(f"To: {market.buyer.email}\n") for text in mails(app))
        assert (sent["now"], sent["next day"], last) == tuple(count * reached for count in wanted)

    def test_roles(self, market: Market) -> None:
        people = {role: make.member(market.farm, role) for role in MemberRole}
        others = {
            "stranger": make.user(), "staff": make.staff(), "other": make.member(make.organisation()),
            "unconfirmed": make.member(market.farm, person=make.user(confirmed=False)),
        }  # fmt: skip
        gone = make.member(market.farm)
        with unit_of_work() as session:
            session.get_one(User, gone.id).disabled_at = gone.created_at
        market.offer()
        market.demand()
        settle()
        assert {role: len(alerts_of(person)) for role, person in people.items()} == {
            "owner": 1,
            "editor": 1,
            "viewer": 0,
        }
        assert not any(alerts_of(person) for person in (*others.values(), gone))

    def test_several_matches_of_one_publication_are_one_notification(self, market: Market, app: Flask) -> None:
        choose(market.buyer)
        for number in range(3):
            market.offer(title=f"Xử lý nước thải chăn nuôi bằng màng lọc sinh học, kiểu {number}")
        settle()
        market.demand()
        settle()
        (line,) = told(market.buyer)
        assert (line.payload["count"], line.payload["path"]) == (3, "/matches")
        assert len(told(market.seller)) == 1 or all(row.payload["count"] == 1 for row in told(market.seller))
        deliver_mail()
        assert len([text for text in mails(app) if market.buyer.email in text]) == 1
        assert list_gone(told(market.seller) + told(market.buyer)) == frozenset(), "what is told of is there"

    def test_own_listings_do_not_match_each_other(self, market: Market) -> None:
        make.offer(market.farm)
        market.demand()
        settle()
        assert db.session.query(Match).count() == 0


class TestCompanies:
    PROFILE = "Trại heo, xử lý nước thải chăn nuôi bằng màng lọc sinh học hiếu khí, giảm COD và mùi hôi sau hầm biogas"

    def test_a_company_is_named_to_others_only_by_its_agreement(self, app: Flask) -> None:
        market = open_market(sectors=["environment"], capability=self.PROFILE)
        choose(market.seller)
        market.offer()
        settle()
        assert len(alerts_of(market.buyer)) == 1, "what fits its own profile is no secret to itself"
        assert alerts_of(market.seller) == []
        with unit_of_work() as session:
            session.merge(market.farm).is_suggestable = True
        settle()
        assert len(alerts_of(market.seller)) == 1
        assert len(alerts_of(market.buyer)) == 1, "told before"

    def test_agreement_taken_back_before_the_mail(self, app: Flask, clock: Clock) -> None:
        market = open_market(sectors=["environment"], capability=self.PROFILE, is_suggestable=True)
        choose(market.seller, "daily")
        market.offer()
        settle()
        assert len(alerts_of(market.seller)) == 1
        with unit_of_work() as session:
            session.merge(market.farm).is_suggestable = False
        clock.advance(days=1)
        tell_what_is_due()
        deliver_mail()
        assert [text.split("\n")[0] for text in mails(app)] == [f"To: {market.buyer.email}"]

    def test_a_changed_profile_is_matched_again(self, app: Flask) -> None:
        market = open_market()
        market.offer()
        settle()
        assert alerts_of(market.buyer) == []
        with unit_of_work() as session:
            session.merge(market.farm).capability = self.PROFILE
        settle()
        assert len(alerts_of(market.buyer)) == 1

    def test_institutes_are_no_adopters(self, app: Flask) -> None:
        make.organisation(capability=self.PROFILE, is_suggestable=True)
        open_market().offer()
        settle()
        assert db.session.query(Match).count() == 0


class TestVersions:
    def test_nothing_twice_without_another_text(self, market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
        offer = market.offer()
        market.demand()
        settle()
        monkeypatch.setattr(matching_job, "find_pairs", lambda thing: pytest.fail("matched again"))
        move(offer, ListingState.DUE)
        move(offer, ListingState.PUBLISHED)
        settle()
        assert [len(alerts_of(person)) for person in (market.buyer, market.seller)] == [1, 1]

    def test_once_more_after_a_new_text(self, market: Market) -> None:
        offer = market.offer()
        market.demand()
        settle()
        change(offer, advantage="Chiếm ít hơn nửa diện tích, không cần hoá chất.")
        settle()
        settle()
        assert [len(alerts_of(person)) for person in (market.buyer, market.seller)] == [2, 2]
        assert len({alert.versions for alert in alerts_of(market.buyer)}) == 2

    def test_hidden_and_shown_again_tells_nobody_twice(self, market: Market) -> None:
        offer = market.offer()
        market.demand()
        settle()
        move(offer, ListingState.HIDDEN)
        settle()
        assert db.session.get(MatchedText, offer.key) is None
        move(offer, ListingState.PUBLISHED)
        settle()
        assert [len(alerts_of(person)) for person in (market.buyer, market.seller)] == [1, 1]

    @pytest.mark.parametrize(
        ("decision", "after", "is_told"),
        [
            (Decision.DISMISS, MatchState.NEW, True),
            (Decision.KEEP, MatchState.KEPT, False),
            (Decision.INTERESTED, MatchState.INTERESTED, False),
            (Decision.UNDO, MatchState.NEW, True),
        ],
    )
    def test_what_was_decided(self, market: Market, decision: Decision, after: MatchState, is_told: bool) -> None:
        offer, demand = market.offer(), market.demand()
        settle()
        with unit_of_work():
            actor = make.actor(market.buyer)
            pair = find_pair(actor, demand.code, offer.code)
            matches.decide(actor, pair, decision, score=70, reason="price" if decision is Decision.DISMISS else None)
        decided = stored(Side.WANTED)[0].state
        change(offer, state=ListingState.DUE)
        settle()
        assert stored(Side.WANTED)[0].state == decided, "the texts are the same"
        change(offer, summary=offer.summary + " Có bảo hành.")
        settle()
        row = stored(Side.WANTED)[0]
        assert (row.state, row.reason) == (after, None)
        assert len(alerts_of(market.buyer)) == 1 + is_told

    def test_a_pair_that_no_longer_matches_has_no_points(self, market: Market) -> None:
        offer = market.offer()
        market.demand()
        settle()
        change(
            offer, title="Máy tiện ren ốc vít", summary="Tiện ren tự động.", problem="Ren lệch.", how_it_works="Dao tiện.",
            advantage="Nhanh.", keywords=[], sectors=["automation"], ipc=[],
        )  # fmt: skip
        settle()
        assert [row.score for row in (*stored(Side.WANTED), *stored(Side.OFFERED))] == [0, 0]
        assert matches.list_matches(make.actor(market.buyer), states=["new"]).pairs == []
        assert len(alerts_of(market.buyer)) == 1

    def test_a_text_that_changed_while_it_was_matched_is_left_to_its_own_row(
        self, market: Market, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        offer = market.offer()
        market.demand()
        drain_outbox()
        find, calls = matching_job.find_pairs, []

        def change_meanwhile(thing: Listing) -> object:
            found = find(thing)
            if not calls:
                change(offer, summary="Một câu khác hẳn về nước thải chăn nuôi và màng lọc sinh học.")
            calls.append(1)
            return found

        monkeypatch.setattr(matching_job, "find_pairs", change_meanwhile)
        settle()
        settle()
        (alert,) = alerts_of(market.buyer)
        assert alert.versions == stored(Side.WANTED)[0].versions


class TestHidden:
    @pytest.mark.parametrize("state", sorted(set(ListingState) - PUBLIC_STATES))
    @pytest.mark.parametrize("kind", ["demand", "offer"])
    def test_what_is_not_public_gives_no_alert(self, market: Market, kind: str, state: ListingState) -> None:
        market.offer(state=state if kind == "offer" else ListingState.PUBLISHED)
        market.demand(state=state if kind == "demand" else ListingState.PUBLISHED)
        settle()
        assert db.session.query(Match).count() == db.session.query(MatchAlert).count() == 0

    @pytest.mark.parametrize("state", [ListingState.HIDDEN, ListingState.WITHDRAWN, ListingState.TRANSFERRED])
    @pytest.mark.parametrize("mode", ["immediate", "daily"])
    def test_what_was_taken_away_before_the_mail(
        self, market: Market, clock: Clock, app: Flask, mode: str, state: ListingState
    ) -> None:
        choose(market.buyer, mode)
        offer = market.offer(title="Tên không còn ai được thấy về nước thải chăn nuôi và màng lọc sinh học")
        market.demand()
        settle_without_mail()
        assert len(alerts_of(market.buyer)) == 1
        move(offer, state)
        clock.advance(days=1)
        tell_what_is_due()
        assert deliver_mail() == 0
        assert mails(app) == []
        assert db.session.query(OutboxRow).filter_by(topic=TOPIC_MAIL, done_at=None).count() == 0

    def test_who_no_longer_acts_for_the_organisation_gets_no_mail(
        self, market: Market, clock: Clock, app: Flask
    ) -> None:
        market.offer()
        market.demand()
        settle()
        with unit_of_work() as session:
            session.execute(
                update(Membership).where(Membership.user_id == market.buyer.id).values(role=MemberRole.VIEWER)
            )
        clock.advance(days=1)
        tell_what_is_due()
        deliver_mail()
        assert not [text for text in mails(app) if market.buyer.email in text]


def settle_without_mail() -> None:
    """Index and match; what is to be mailed waits."""
    drain_outbox()
    match_waiting()


class TestSettings:
    @pytest.mark.parametrize(
        ("mode", "threshold", "fields"),
        [
            ("hourly", 60, {"mode"}),
            ("daily", 29, {"threshold"}),
            ("daily", 101, {"threshold"}),
            ("", -1, {"mode", "threshold"}),
        ],
    )
    def test_what_is_refused(self, app: Flask, mode: str, threshold: int, fields: set[str]) -> None:
        person = make.user()
        with pytest.raises(InvalidFields) as refusal, unit_of_work():
            alerts.change_setting(make.actor(person), mode=mode, threshold=threshold)
        assert set(refusal.value.problems) == fields

    def test_nobody_has_none(self, app: Flask) -> None:
        with pytest.raises(NotAllowed):
            alerts.own_setting(ANONYMOUS)

    def test_what_waits_follows_the_mode(self, market: Market) -> None:
        market.offer()
        market.demand()
        settle()
        for mode, waiting in (("weekly", "weekly"), ("immediate", "daily"), ("off", "off"), ("daily", "off")):
            choose(market.buyer, mode)
            assert [alert.mode for alert in alerts_of(market.buyer)] == [waiting]

    def test_scores_are_of_those_one_acts_for(self, market: Market) -> None:
        market.offer()
        market.demand()
        settle()
        viewer = make.member(market.farm, MemberRole.VIEWER)
        assert len(matches.list_scores(make.actor(market.buyer))) == 1
        for person in (viewer, make.user(), make.staff()):
            assert matches.list_scores(make.actor(person)) == []

    def test_seen_by_those_who_act(self, market: Market) -> None:
        market.offer()
        market.demand()
        settle()
        viewer, stranger = make.member(market.farm, MemberRole.VIEWER), make.user()
        assert [matches.count_new(make.actor(person)) for person in (market.buyer, viewer, stranger)] == [1, 1, 0]
        for person in (viewer, stranger):
            with pytest.raises(NotAllowed), unit_of_work():
                matches.mark_all_seen(make.actor(person))
        with unit_of_work():
            assert matches.mark_all_seen(make.actor(market.buyer)) == 1
        assert [matches.count_new(make.actor(person)) for person in (market.buyer, market.seller)] == [0, 1]
