"""Help with a demand: who may ask, see, answer and decide, and that nothing of the owner's is overwritten."""

from __future__ import annotations

import pytest
from flask import Flask

from techmart.db import db, unit_of_work
from techmart.errors import IllegalTransition, InvalidFields, NotAllowed, NotFound, StaleVersion
from techmart.models.event import Event, Notification
from techmart.models.help_request import HelpRequest
from techmart.models.listing import Demand
from techmart.models.outbox import OutboxRow
from techmart.operations import help_request as helping
from techmart.operations.listing import find_listing
from techmart.operations.mail import deliver_mail
from techmart.operations.revision import save_listing, submit_listing
from techmart.rules.help import HelpState
from techmart.rules.lifecycle import ListingState
from techmart.rules.policy import ANONYMOUS, Actor, MemberRole
from tests import factories as make
from tests.factories import DEMAND


class Case:
    """A draft, its owner and a moderator."""

    def __init__(self) -> None:
        self.business = make.organisation(kind="business")
        self.person = make.member(self.business)
        self.owner = make.actor(self.person)
        self.moderator = make.staff()
        self.staff = make.actor(self.moderator)
        self.demand = make.demand(self.business, state=ListingState.DRAFT, efficacy_target="nhanh hơn", method="")

    def ask(self) -> None:
        with unit_of_work():
            helping.ask_for_help(self.owner, self.fresh(), "Giúp viết chỉ tiêu")

    def answer(self, **content: object) -> None:
        with unit_of_work():
            row = helping.find_request(self.staff, self.demand.code)
            content = content or {"efficacy_target": "Ẩm độ xuống 14 % trong 10 giờ"}
            helping.propose_text(
                self.staff,
                row,
                content,
                note="Đã thêm con số.",
                version=row.demand.version,
                request_version=row.version,
            )

    def request(self) -> int:
        row = helping.open_request(self.demand)
        assert row is not None
        return row.version

    def fresh(self) -> Demand:
        db.session.rollback()
        found = db.session.get(Demand, self.demand.id)
        assert found is not None
        return found


@pytest.fixture
def case(app: Flask) -> Case:
    return Case()


def test_asked_answered_accepted(case: Case):
    case.ask()
    case.answer()
    assert case.fresh().efficacy_target == "nhanh hơn", "nothing changes before the owner agrees"
    demand = case.fresh()
    proposal = helping.proposal_of(helping.open_request(demand))
    assert proposal.now == {"efficacy_target": "nhanh hơn"}
    with unit_of_work():
        helping.accept_proposal(case.owner, case.fresh(), version=demand.version, request_version=case.request())
    assert case.fresh().efficacy_target == "Ẩm độ xuống 14 % trong 10 giờ"
    assert helping.open_request(case.fresh()) is None
    steps = [
        event.action.partition(":")[2]
        for event in db.session.query(Event)
        .filter_by(subject_id=case.demand.id, subject_kind="listing")
        .order_by(Event.id)
    ]
    assert [step for step in steps if step in ("ask_for_help", "propose_text", "accept_text")] == [
        "ask_for_help",
        "propose_text",
        "accept_text",
    ]


def test_both_are_told(case: Case):
    case.ask()
    case.answer()
    kinds = {(row.user_id, row.kind) for row in db.session.query(Notification)}
    assert (case.person.id, "help_answered") in kinds
    mails = [row.payload for row in db.session.query(OutboxRow).filter_by(topic="mail")]
    assert [mail["to"] for mail in mails if mail["template"] == "help_answered"] == [case.person.email]
    with unit_of_work():
        helping.decline_proposal(case.owner, case.fresh(), "Số chưa đúng")
    assert (
        db.session.query(Notification)
        .filter_by(user_id=case.moderator.id, kind="help_declined")
        .one()
        .payload["reason"]
        == "Số chưa đúng"
    )
    assert case.fresh().efficacy_target == "nhanh hơn"


def test_what_the_owner_wrote_meanwhile_stays(case: Case):
    case.ask()
    case.answer()
    shown = case.fresh().version
    with unit_of_work():
        version = save_listing(case.owner, case.fresh(), {"method": "Đang sấy điện trở"}, version=shown)
    with pytest.raises(StaleVersion), unit_of_work():
        helping.accept_proposal(case.owner, case.fresh(), version=shown, request_version=case.request())
    with unit_of_work():
        helping.accept_proposal(case.owner, case.fresh(), version=version, request_version=case.request())
    assert (case.fresh().method, case.fresh().efficacy_target) == ("Đang sấy điện trở", "Ẩm độ xuống 14 % trong 10 giờ")


def test_staff_do_not_overwrite_a_newer_draft(case: Case):
    case.ask()
    stale = case.fresh().version
    with unit_of_work():
        save_listing(case.owner, case.fresh(), {"method": "Đang sấy điện trở"}, version=stale)
    with pytest.raises(StaleVersion), unit_of_work():
        helping.propose_text(
            case.staff,
            helping.find_request(case.staff, case.demand.code),
            {"method": "Khác"},
            note="",
            version=stale,
            request_version=case.request(),
        )


@pytest.mark.parametrize("content", [{"efficacy_target": "nhanh hơn"}, {"title": "x" * 500}, {"trl_min": 12}])
def test_bad_proposals(case: Case, content: dict[str, object]):
    case.ask()
    with pytest.raises(InvalidFields):
        case.answer(**content)
    assert helping.open_request(case.fresh()).state == HelpState.ASKED


def _people(case: Case) -> dict[str, Actor]:
    party = make.staff()
    make.member(case.business, MemberRole.VIEWER, party)
    return {
        "nobody": ANONYMOUS, "stranger": make.actor(make.user()), "other": make.actor(make.member(make.organisation())),
        "viewer": make.actor(make.member(case.business, MemberRole.VIEWER)), "editor": make.actor(make.member(case.business, MemberRole.EDITOR)),
        "owner": case.owner, "staff": case.staff, "party": make.actor(party),
    }  # fmt: skip


def test_who_may_do_what(case: Case):
    people = _people(case)
    may: dict[str, set[str]] = {}
    for act in ("ask", "see", "answer", "accept", "decline", "withdraw"):
        for name, actor in people.items():
            db.session.query(HelpRequest).delete()
            db.session.commit()
            if act != "ask":
                case.ask()
            if act in ("accept", "decline"):
                case.answer(method=f"{act} {name}")
            try:
                with unit_of_work():
                    demand = case.fresh()
                    if act == "ask":
                        helping.ask_for_help(actor, demand, "")
                    elif act == "see":
                        helping.find_request(actor, demand.code)
                    elif act == "answer":
                        row = helping.open_request(demand)
                        helping.propose_text(
                            actor,
                            row,
                            {"method": f"Cách của {name}"},
                            note="",
                            version=demand.version,
                            request_version=row.version,
                        )
                    elif act == "accept":
                        helping.accept_proposal(actor, demand, version=demand.version, request_version=case.request())
                    elif act == "decline":
                        helping.decline_proposal(actor, demand, "")
                    else:
                        helping.withdraw_request(actor, demand)
            except (NotAllowed, NotFound):
                continue
            may.setdefault(act, set()).add(name)
    owners = {"editor", "owner"}
    assert may == {
        "ask": owners,
        "see": {"staff"},
        "answer": {"staff"},
        "accept": owners,
        "decline": owners,
        "withdraw": owners,
    }


def test_staff_see_a_draft_only_while_it_is_given_to_them(case: Case):
    def codes() -> list[str]:
        return [row.demand.code for row in helping.list_requests(case.staff)]

    assert codes() == []
    with pytest.raises(NotFound):
        helping.find_request(case.staff, case.demand.code)
    case.ask()
    assert codes() == [case.demand.code]
    with pytest.raises(NotFound):
        find_listing(case.staff, "demand", case.demand.code)  # the draft's own pages stay the owner's
    with unit_of_work():
        helping.withdraw_request(case.owner, case.fresh())
    assert codes() == []
    with pytest.raises(NotFound):
        helping.find_request(case.staff, case.demand.code)


@pytest.mark.parametrize("state", list(ListingState))
def test_only_a_text_that_can_be_edited_is_given_away(app: Flask, state: ListingState):
    business = make.organisation(kind="business")
    owner = make.actor(make.member(business))
    demand = make.demand(business, state=state)
    may = state in (ListingState.DRAFT, ListingState.CHANGES_REQUESTED)
    if may:
        helping.ask_for_help(owner, demand, "")
        with pytest.raises(IllegalTransition):
            helping.ask_for_help(owner, demand, "once more")
    else:
        with pytest.raises(IllegalTransition):
            helping.ask_for_help(owner, demand, "")


def test_staff_are_told_but_not_those_of_the_house(case: Case):
    party = make.staff()
    make.member(case.business, MemberRole.VIEWER, party)
    case.ask()
    told = {row.user_id for row in db.session.query(Notification).filter_by(kind="help_asked")}
    assert told == {case.moderator.id}
    assert mails("help_asked") == [case.moderator.email]
    assert [row.demand.code for row in helping.list_requests(case.staff)] == [case.demand.code]
    assert helping.list_requests(make.actor(party)) == []


def test_what_was_taken_back_is_told_to_nobody(app: Flask, case: Case):
    case.ask()
    case.answer()
    with unit_of_work():
        helping.withdraw_request(case.owner, case.fresh())
    assert db.session.query(Notification).count() == 0
    deliver_mail()
    assert not list(app.config["SETTINGS"].mail_dir.glob("*.txt"))


@pytest.mark.parametrize("state", ["accepted", "declined"])
def test_whoever_helped_is_told_what_became_of_it(app: Flask, case: Case, state: str):
    case.ask()
    case.answer()
    with unit_of_work():
        demand = case.fresh()
        if state == "accepted":
            helping.accept_proposal(case.owner, demand, version=demand.version, request_version=case.request())
        else:
            helping.decline_proposal(case.owner, demand, "Số chưa đúng")
    assert {row.kind for row in db.session.query(Notification)} == {f"help_{state}"}, "what is settled is no news"
    assert mails("help_decided") == [case.moderator.email]
    deliver_mail()
    folder = app.config["SETTINGS"].mail_dir
    (mail,) = [text for path in folder.glob("*.txt") if case.moderator.email in (text := path.read_text("utf-8"))]
    assert ("Số chưa đúng" in mail) == (state == "declined")
    assert case.demand.title not in mail


@pytest.mark.parametrize("take", [(), ("efficacy_target", "nothing")])
def test_a_field_that_both_changed_stays_the_owners_unless_he_says_so(case: Case, take: tuple[str, ...]):
    case.ask()
    case.answer(efficacy_target="Dưới 0,6 kWh/kg", method="Bơm nhiệt")
    with unit_of_work():
        save_listing(case.owner, case.fresh(), {"efficacy_target": "Dưới 0,5 kWh/kg"}, version=case.fresh().version)
    demand = case.fresh()
    proposal = helping.proposal_of(helping.open_request(demand))
    assert proposal.contested == {"efficacy_target"}
    assert helping.text_to_help(helping.open_request(demand))["efficacy_target"] == "Dưới 0,5 kWh/kg"
    with unit_of_work():
        helping.accept_proposal(case.owner, demand, version=demand.version, request_version=case.request(), take=take)
    expected = "Dưới 0,6 kWh/kg" if take else "Dưới 0,5 kWh/kg"
    assert (case.fresh().efficacy_target, case.fresh().method) == (expected, "Bơm nhiệt")


def test_a_proposal_that_was_not_shown_is_not_accepted(case: Case):
    case.ask()
    case.answer()
    shown = case.request()
    case.answer(efficacy_target="Bao nhiêu cũng được, 1 giờ")
    demand = case.fresh()
    with pytest.raises(StaleVersion), unit_of_work():
        helping.accept_proposal(case.owner, demand, version=demand.version, request_version=shown)


def test_two_of_the_staff_do_not_write_over_each_other(case: Case):
    case.ask()
    read = case.request()
    case.answer()
    row = helping.find_request(case.staff, case.demand.code)
    with pytest.raises(StaleVersion), unit_of_work():
        helping.propose_text(
            case.staff, row, {"method": "Khác"}, note="", version=row.demand.version, request_version=read
        )


def test_a_demand_that_says_too_little_is_not_handed_in(case: Case):
    with unit_of_work():
        version = case.fresh().version
        save_listing(case.owner, case.fresh(), {"material": "", "application": "Xưởng"}, version=version)
    with pytest.raises(InvalidFields) as refusal, unit_of_work():
        submit_listing(case.owner, case.fresh())
    assert refusal.value.problems == {
        "material": ["required"], "method": ["required"], "efficacy_target": ["no_figure"], "application": ["too_short"],
    }  # fmt: skip
    case.ask()
    case.answer(material=DEMAND["material"], efficacy_target=DEMAND["efficacy_target"])
    with unit_of_work():
        demand = case.fresh()
        helping.accept_proposal(case.owner, demand, version=demand.version, request_version=case.request())
    with unit_of_work():
        submit_listing(case.owner, case.fresh())
    assert case.fresh().state == ListingState.SUBMITTED


def mails(template: str) -> list[str]:
    rows = [row.payload for row in db.session.query(OutboxRow).filter_by(topic="mail")]
    return [payload["to"] for payload in rows if payload["template"] == template]
