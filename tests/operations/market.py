"""A small market for tests of matching and alerts: a farm that needs what an institute has, and their people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from techmart.db import db, unit_of_work
from techmart.jobs import drain_outbox
from techmart.jobs.matching import match_waiting
from techmart.models.account import User
from techmart.models.event import Notification
from techmart.models.listing import Demand, Listing, Offer
from techmart.models.match import Match, MatchAlert
from techmart.models.organisation import Organisation
from techmart.operations import alert as alerts
from techmart.rules.matching import Side
from tests import factories as make

#: Meets factories.OFFER in words and facts.
FARM_DEMAND: dict[str, Any] = {
    "title": "Cần xử lý nước thải chăn nuôi bằng màng lọc sinh học",
    "summary": "Trại heo cần cụm màng lọc sinh học hiếu khí để giảm COD của nước thải.",
    "problem": "Nước thải chuồng trại sau hầm biogas còn COD cao và mùi hôi.",
    "material": "Nước thải chăn nuôi sau biogas",
    "method": "Màng lọc sinh học hiếu khí",
    "product": "Nước thải đạt quy chuẩn",
    "application": "Trại heo 1.000 con",
    "sectors": ["environment"],
    "keywords": ["nước thải", "màng lọc"],
}


@dataclass
class Market:
    """`buyer` and `seller` own the two organisations."""

    farm: Organisation
    institute: Organisation
    buyer: User
    seller: User

    def demand(self, **values: Any) -> Demand:  # Any: columns
        return make.demand(self.farm, **{**FARM_DEMAND, **values})

    def offer(self, **values: Any) -> Offer:  # Any: columns
        return make.offer(self.institute, **values)


def open_market(**values: Any) -> Market:  # Any: columns of the farm
    """The market, with nothing of theirs listed yet; the farm's own profile says too little to match unless told more.

    Some things of others stand about: among three documents every word is a common one.
    """
    others = make.organisation()
    for name in (
        "Máy sấy xoài",
        "Phần mềm quản lý kho",
        "Giống lúa chịu mặn",
        "Cảm biến rung động",
        "Pin mặt trời dẻo",
    ):
        make.offer(
            others, title=name, summary=f"{name} cho xưởng nhỏ.", problem="Chi phí cao.", how_it_works="Theo chu kỳ.",
            advantage="Rẻ.", keywords=[], sectors=["energy"], ipc=[],
        )  # fmt: skip
    farm, institute = make.organisation(kind="business", **{"sectors": [], **values}), make.organisation()
    return Market(farm, institute, make.member(farm), make.member(institute))


def settle() -> int:
    """Index and match what waits, as the worker does."""
    drain_outbox()
    done = match_waiting()
    db.session.rollback()
    return done


def alerts_of(person: User) -> list[MatchAlert]:
    db.session.rollback()
    return db.session.query(MatchAlert).filter_by(user_id=person.id).order_by(MatchAlert.id).all()


def stored(side: Side) -> list[Match]:
    """Matches of listings with each other, as that side sees them; a company with demands has some by its profile as well."""
    db.session.rollback()
    return db.session.query(Match).filter(Match.side == side, Match.demand_id.is_not(None)).order_by(Match.id).all()


def choose(person: User, mode: str = "immediate", threshold: int = 30) -> None:
    """How the person wants to be told."""
    with unit_of_work():
        alerts.change_setting(make.actor(person), mode=mode, threshold=threshold)


def told(person: User) -> list[Notification]:
    """Notifications of matches found."""
    db.session.rollback()
    return db.session.query(Notification).filter_by(user_id=person.id, kind="match_found").all()


def change(row: Listing, **values: object) -> None:
    """Other values in the database."""
    with unit_of_work() as session:
        found = session.get(Listing, row.id)
        for name, value in values.items():
            setattr(found, name, value)
