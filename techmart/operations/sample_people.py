"""Accounts and organisations of the sample catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from techmart.db import db
from techmart.models.account import User
from techmart.models.organisation import Membership, Organisation
from techmart.operations.account import actor_of, create_user, find_user
from techmart.operations.event import record_event
from techmart.operations.organisation import create_organisation, verify_organisation
from techmart.operations.sample_rows import moment, read_users
from techmart.rules.clock import frozen_at
from techmart.rules.policy import SYSTEM, Actor, MemberRole, StaffRole

#: What `source` says of a sample row.
SOURCE = "sample"

_ACCOUNT_AGE_DAYS = 170
_ORGANISATION_AGE_DAYS = 160
_EVIDENCE = {
    "business": "Đã đối chiếu giấy chứng nhận đăng ký doanh nghiệp và mã số thuế trong hồ sơ minh hoạ.",
    "agency": "Đã đối chiếu công văn cử đầu mối có đóng dấu trong hồ sơ minh hoạ.",
}
_EVIDENCE_OTHERWISE = "Đã đối chiếu quyết định thành lập, mã số thuế và tên miền thư điện tử trong hồ sơ minh hoạ."


def enter_user(row: Mapping[str, Any], password: str | None) -> None:  # Any: texts or None
    """Make the account unless it is there."""
    if find_user(row["email"]) is not None:
        return
    role = StaffRole(row["staff_role"]) if row["staff_role"] else None
    email, name, locale = row["email"], row["name"], row["locale"]
    with frozen_at(moment(_ACCOUNT_AGE_DAYS, 8)):
        create_user(SYSTEM, email=email, name=name, password=password, staff_role=role, locale=locale)
        db.session.flush()


def enter_organisation(
    row: Mapping[str, Any],
    place: int,
    people: Sequence[Mapping[str, Any]],  # Any: texts, numbers, lists
) -> None:
    """Make the organisation with its members unless it is there; the owner creates it, a moderator verifies it."""
    if _find(row["ref"]) is not None:
        return
    age_days = _ORGANISATION_AGE_DAYS - place
    owner = next((person for person in people if person["role"] == MemberRole.OWNER), None)
    with frozen_at(moment(age_days, 9, place)):
        content = {**row, "address": row["former_place"] or ""}
        organisation = create_organisation(_actor(owner["email"]) if owner else SYSTEM, content)
        organisation.illustrative, organisation.source, organisation.source_id = True, SOURCE, row["ref"]
        db.session.flush()
        for person in people:
            if person is not owner:
                _join(organisation, person)
    if row["verified"]:
        with frozen_at(moment(age_days - 2, 15, place)):
            evidence = _EVIDENCE.get(row["kind"], _EVIDENCE_OTHERWISE)
            verify_organisation(reviewer(), organisation, evidence=evidence)
            db.session.flush()


def owners_by_ref() -> dict[str, tuple[int, Actor]]:
    """Name in the files → organisation and who acts for it: its first owner, or nobody by name in the owner's role."""
    owners: dict[int, User] = {}
    statement = select(Membership).where(Membership.role == MemberRole.OWNER).order_by(Membership.id.desc())
    for membership in db.session.scalars(statement):
        owners[membership.organisation_id] = membership.user
    return {
        str(organisation.source_id): (organisation.id, _owner_actor(organisation.id, owners.get(organisation.id)))
        for organisation in db.session.scalars(select(Organisation).where(Organisation.source == SOURCE))
    }


def reviewer() -> Actor:
    """The sample moderator."""
    return _actor(next(row["email"] for row in read_users() if row["staff_role"] == StaffRole.MODERATOR))


def _owner_actor(organisation_id: int, user: User | None) -> Actor:
    return actor_of(user) if user else Actor(organisation_roles={organisation_id: MemberRole.OWNER})


def _actor(email: str) -> Actor:
    user = find_user(email)
    assert user is not None  # accounts are entered first
    return actor_of(user)


def _join(organisation: Organisation, person: Mapping[str, Any]) -> None:  # Any: texts
    """What an accepted invitation leaves behind, without the mail."""
    user = find_user(person["email"])
    assert user is not None
    db.session.add(Membership(organisation_id=organisation.id, user_id=user.id, role=person["role"]))
    record_event(actor_of(user), "organisation", organisation.id, "join", changes={"role": [None, person["role"]]})
    db.session.flush()


def _find(ref: str) -> Organisation | None:
    return db.session.scalar(select(Organisation).where(Organisation.source == SOURCE, Organisation.source_id == ref))
