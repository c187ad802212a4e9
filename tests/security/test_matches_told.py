"""What was hidden since, who asks anonymously and what a company keeps to itself: in no mail, advice or list of others."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from techmart.db import db, unit_of_work
from techmart.jobs.telling import tell_what_is_due
from techmart.models.event import Notification
from techmart.models.match import Match
from techmart.models.organisation import Organisation
from techmart.models.outbox import TOPIC_INDEX, TOPIC_MAIL, OutboxRow, enqueue
from techmart.operations.alert import change_setting
from techmart.operations.mail import deliver_mail
from techmart.operations.proposal import load_proposable, propose
from techmart.rules.lifecycle import ListingState
from techmart.rules.matching import Side
from tests import factories as make
from tests.conftest import Clock
from tests.operations.market import FARM_DEMAND, open_market, settle
from tests.security.marked import MARK, MARKS, NOT_PUBLIC, NOTE, REMARK, Login, move, texts


@pytest.mark.parametrize("of_demand", [False, True])
def test_mails_that_wait_say_nothing_of_what_was_hidden_since(app: Flask, clock: Clock, of_demand: bool) -> None:
    """Alerts decided and mails queued while both were public: at once, by digest, of a saved search, of a proposal."""
    market = open_market()
    at_once = market.seller if of_demand else market.buyer
    side = market.institute if of_demand else market.farm
    by_digest = make.member(side)
    with unit_of_work():
        change_setting(make.actor(at_once), mode="immediate", threshold=30)
    make.saved_search(by_digest, notify="daily", parameters=[["q", "màng lọc"]])
    counterpart = market.offer() if of_demand else market.demand()
    settle()
    clock.advance(hours=1)
    which = "demand" if of_demand else "offer"
    hidden = make.listing(which, market.farm if of_demand else market.institute, **texts(which))
    settle()
    other = make.listing(counterpart.kind, side, title="Cảm biến độ mặn", summary="Đo độ mặn.", keywords=[])
    staff = make.actor(make.staff())
    with unit_of_work():
        propose(staff, load_proposable(staff, other.code, hidden.code), NOTE, scores=dict.fromkeys(Side, 40))
    clock.advance(days=1)
    tell_what_is_due()
    waiting = [(row.key, row.payload) for row in db.session.query(OutboxRow).filter_by(topic=TOPIC_MAIL)]
    assert {key for key, _ in waiting} >= {at_once.email, by_digest.email}
    for state in ListingState:
        move(hidden, state)
        said = _sent(app, waiting, {at_once.email, by_digest.email})
        named = {key: {mark for mark in (*MARKS[:2], hidden.code) if mark in text} for key, text in said.items()}
        if state in (ListingState.PUBLISHED, ListingState.DUE, ListingState.STALE):
            assert named == {key: {*MARKS[:2], hidden.code} for key in (at_once.email, by_digest.email)}, state
            assert "1 mới" in said[by_digest.email]
        elif state is ListingState.TRANSFERRED:  # no match any more, but found by a search like all that is public
            assert named.get(at_once.email, set()) == set()
            assert NOTE not in said[by_digest.email]
        else:
            assert said == {}, state


def _sent(app: Flask, waiting: Sequence[tuple[str, Any]], addresses: set[str]) -> dict[str, str]:
    """What the mails that wait say, were they sent now: address → all texts. Anything else that waits is dropped."""
    with unit_of_work() as session:
        session.query(OutboxRow).filter_by(topic=TOPIC_MAIL).delete()
        for key, payload in waiting:
            enqueue(session, TOPIC_MAIL, key, payload)
    folder = app.config["SETTINGS"].mail_dir
    for path in folder.glob("*"):
        path.unlink()
    deliver_mail()
    said: dict[str, str] = {}
    for path in folder.glob("*.txt"):
        text = path.read_text()
        for address in addresses:
            if text.startswith(f"To: {address}\n"):
                said[address] = said.get(address, "") + text
    return said


@pytest.mark.parametrize("which", ["offer", "demand"])
def test_advice_on_a_demand_knows_nothing_of_what_is_hidden(app: Flask, login: Login, which: str) -> None:
    """First matches, demands that ask the same, and what others also stated, in their own words."""
    market = open_market()
    market.demand()
    hidden = make.listing(which, market.farm if which == "demand" else market.institute, **texts(which))
    typed = {name: FARM_DEMAND[name] for name in ("title", "summary", "problem")} | {"lang": "vi"}
    typed["title"] += f" {MARK}"  # so that of all demands that state more, the hidden one is closest
    writers = [login(make.member(make.organisation(kind="business"))), login(market.buyer), login(market.seller)]

    def told() -> list[int]:
        """How often the answers say what only the hidden thing does."""
        pages = [unescape(writer.post("/demands/advice", data=typed).text) for writer in writers]
        words = "hầm biogas" if which == "demand" else "Màng lọc sinh học"
        return [len(re.findall(rf"{words}[^<]* {MARK}|{hidden.code}", page)) for page in pages]

    settle()
    if which == "demand":
        assert min(told()) >= 2, "named as the same, and its words are an example"
    else:
        assert min(told()[:2]) >= 1
        assert told()[2] == 0, "one's own technology is no match"
    for state in NOT_PUBLIC:
        move(hidden, state)
        if state in (ListingState.DRAFT, ListingState.HIDDEN):
            assert told()[0] == 0, state
        settle()
        assert told()[0] == 0, state
    move(hidden, ListingState.PUBLISHED)
    settle()
    assert told()[0]


@pytest.mark.parametrize("state", NOT_PUBLIC)
def test_nobody_is_told_what_is_decided_for_a_hidden_demand(app: Flask, login: Login, state: ListingState) -> None:
    market = open_market()
    demand, offer = market.demand(state=state), market.offer()
    answer = login(market.buyer).post(
        f"/matches/{demand.code}/{offer.code}", data={"decision": "dismiss", "reason": "price", "text": REMARK}
    )
    assert answer.status_code == 404
    assert db.session.query(Match).count() == 0
    assert db.session.query(Notification).filter_by(user_id=market.seller.id).count() == 0


def test_an_anonymous_demand_names_its_organisation_nowhere(
    app: Flask, client: FlaskClient, login: Callable[..., FlaskClient]
) -> None:
    market = open_market(is_suggestable=True)
    offer, demand = market.offer(), market.demand(anonymous=True)
    settle()
    name = market.farm.name_vi
    seller = login(market.seller)
    for browser in (client, seller):
        for path in (
            f"/offers/{offer.code}",
            f"/api/v1/offers/{offer.code}/matches",
            "/matches",
            "/workspace",
            f"/demands/{demand.code}",
        ):
            panel = unescape(browser.get(path).text)
            if path == f"/offers/{offer.code}" and browser is seller:
                # The company itself may be suggested by its profile, in a section of its own: never beside its demand.
                panel = panel.partition('id="doanh-nghiep"')[0]
            elif path in ("/matches", "/workspace") and browser is seller:
                panel = "\n".join(part for part in panel.split("<li") if demand.code in part)
            assert name not in panel, path
    shown = seller.get(f"/matches/{offer.code}/{demand.code}")
    assert shown.status_code == 200
    assert name not in unescape(shown.text)


def test_a_company_that_takes_its_agreement_back_is_suggested_to_nobody(
    app: Flask, client: FlaskClient, login: Callable[..., FlaskClient]
) -> None:
    market = open_market(capability="Chăn nuôi heo, cần màng lọc sinh học xử lý nước thải", is_suggestable=True)
    offer = market.offer()
    settle()
    seller = login(market.seller)
    assert db.session.query(Match).filter(Match.organisation_id == market.farm.id).count() > 0
    before = unescape(seller.get(f"/offers/{offer.code}").text)
    assert market.farm.name_vi in before.partition('id="doanh-nghiep"')[2]
    with unit_of_work() as session:
        session.merge(market.farm).is_suggestable = False
        enqueue(session, TOPIC_INDEX, market.farm.key)
    settle()
    after = unescape(seller.get(f"/offers/{offer.code}").text)
    assert market.farm.name_vi not in after.partition('id="doanh-nghiep"')[2]
    assert seller.get(f"/matches/{offer.code}/{market.farm.slug}").status_code == 404
    assert client.get(f"/api/v1/offers/{offer.code}/matches").status_code == 200


def test_what_a_company_searches_for_is_read_by_its_members_alone(app: Flask, login: Login) -> None:
    """Not by the other side, and not by staff, who are shown the pair to propose it."""
    market = open_market(capability="Chăn nuôi heo, cần màng lọc sinh học xử lý nước thải", is_suggestable=True)
    offer = market.offer(how_it_works=f"Nước thải qua màng lọc sinh học, giá thể {MARK} hiếu khí.")
    words = [["q", f"màng lọc sinh học giá thể {MARK}"]]
    make.saved_search(market.buyer, organisation_id=market.farm.id, parameters=words)
    settle()
    buyer, seller, staff = login(market.buyer), login(market.seller), login(make.staff())
    slug = market.farm.slug
    assert MARK.lower() in unescape(buyer.get("/workspace").text).lower()
    assert MARK.lower() in unescape(buyer.get(f"/matches/{slug}/{offer.code}").text).lower()
    for browser, path in (
        (staff, f"/moderation/proposals/new?one={slug}"),
        (staff, f"/moderation/proposals/new?one={slug}&other={offer.code}"),
        (staff, f"/moderation/proposals/new?one={offer.code}&other={slug}"),
        (seller, f"/matches/{offer.code}/{slug}"),
        (seller, "/notifications"),
    ):
        page = browser.get(path)
        assert page.status_code == 200
        assert MARK.lower() not in unescape(page.text).lower(), path


def test_a_mail_of_a_saved_search_counts_what_is_left(app: Flask, clock: Clock) -> None:
    person = make.user()
    make.saved_search(person, notify="daily", parameters=[["q", "màng lọc"]])
    clock.advance(hours=1)
    offers = [make.offer(title=f"Màng lọc {MARK} kiểu {number}") for number in range(8)]
    settle()
    clock.advance(days=1)
    tell_what_is_due()
    waiting = [(row.key, row.payload) for row in db.session.query(OutboxRow).filter_by(topic=TOPIC_MAIL)]
    assert "8 mới" in _sent(app, waiting, {person.email})[person.email]
    for offer in offers[2:]:
        move(offer, ListingState.HIDDEN)
    said = _sent(app, waiting, {person.email})[person.email]
    assert "2 mới" in said
    assert sorted(re.findall(rf"{MARK} kiểu \d", said)) == [f"{MARK} kiểu 0", f"{MARK} kiểu 1"]
    for offer in offers[:2]:
        move(offer, ListingState.WITHDRAWN)
    assert _sent(app, waiting, {person.email}) == {}


@pytest.mark.parametrize("change", [{"is_suggestable": False}, {"kind": "institute"}])
def test_a_company_that_is_suggested_no_more_is_named_nowhere(
    app: Flask, login: Login, clock: Clock, change: dict[str, object]
) -> None:
    """It took its agreement back, or is no company any more: in lists, news, panels and mails that wait."""
    market = open_market(
        name_vi=f"Trại heo {MARK}",
        is_suggestable=True,
        capability="Chăn nuôi heo, cần màng lọc sinh học xử lý nước thải",
    )
    by_digest, staff = make.member(market.institute), make.staff()
    with unit_of_work():
        change_setting(make.actor(market.seller), mode="immediate", threshold=30)
        change_setting(make.actor(by_digest), mode="daily", threshold=30)
    offer = market.offer()
    settle()
    second = market.offer(title="Cảm biến độ mặn", summary="Đo độ mặn.", problem="Ao tôm.", keywords=[])
    with unit_of_work():
        pair = load_proposable(make.actor(staff), second.code, market.farm.slug)
        propose(make.actor(staff), pair, NOTE, scores=dict.fromkeys(Side, 40))
    slug, paths = market.farm.slug, ("/matches", "/notifications", "/workspace", f"/offers/{offer.code}")

    def told() -> set[str]:
        seller = login(market.seller)
        pages = {path: unescape(seller.get(path).text) for path in (*paths, f"/matches/{offer.code}/{slug}")}
        return {path for path, page in pages.items() if MARK in page or NOTE in page}

    clock.advance(days=1)
    tell_what_is_due()
    waiting = [(row.key, row.payload) for row in db.session.query(OutboxRow).filter_by(topic=TOPIC_MAIL)]
    assert told() == {*paths, f"/matches/{offer.code}/{slug}"}
    said = _sent(app, waiting, {market.seller.email, by_digest.email})
    assert {key for key, text in said.items() if MARK in text and NOTE in text} == said.keys()
    assert len(said) == 2
    with unit_of_work() as session:
        row = session.get_one(Organisation, market.farm.id)
        for name, value in change.items():
            setattr(row, name, value)
    assert told() == set(), "at once"
    assert _sent(app, waiting, {market.seller.email, by_digest.email}) == {}
    settle()
    assert told() == set()
