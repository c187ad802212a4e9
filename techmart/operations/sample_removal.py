"""Taking the sample catalogue out again, for an operator who goes live."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import exists, func, or_, select

from techmart.db import db, unit_of_work
from techmart.models.account import User
from techmart.models.listing import Listing
from techmart.models.organisation import Invitation, Organisation
from techmart.operations.account import normalise_email, set_disabled, set_staff_role
from techmart.operations.event import record_event
from techmart.operations.sample_rows import read_users
from techmart.operations.session import end_all_sessions
from techmart.rules.policy import SYSTEM

_BATCH_ROWS = 25
_REASON = "sample catalogue removed"


@dataclass
class SampleRemoval:
    """What was removed, and what stays because real content hangs on it (names of organisations, addresses)."""

    listings: int = 0
    organisations: int = 0
    accounts: int = 0
    kept: list[str] = field(default_factory=list)


def remove_sample(progress: Callable[[int, int], None] | None = None) -> SampleRemoval:
    """Delete every illustrative listing and organisation and every sample account; safe to repeat.

    An organisation that owns a listing of its own stays, no longer marked as illustrative; an account that verified or
    invited somebody stays disabled, without password and role. Files of attachments go with the next sweep.
    """
    removal = SampleRemoval()
    total = db.session.scalar(select(func.count()).select_from(Listing).where(Listing.illustrative)) or 0
    while removed := _remove_listings():
        removal.listings += removed
        if progress is not None:
            progress(removal.listings, total)
    with unit_of_work():
        _remove_organisations(removal)
    with unit_of_work():
        _remove_accounts(removal)
        record_event(SYSTEM, "sample", 0, "remove")
    return removal


def _remove_listings() -> int:
    with unit_of_work() as session:
        statement = select(Listing).where(Listing.illustrative).order_by(Listing.id).limit(_BATCH_ROWS)
        listings = session.scalars(statement).all()
        for listing in listings:
            record_event(
                SYSTEM, "listing", listing.id, "delete",
                from_state=listing.state, reason=_REASON, changes={"code": [listing.code, None]},
            )  # fmt: skip
            session.delete(listing)
        return len(listings)


def _remove_organisations(removal: SampleRemoval) -> None:
    for organisation in db.session.scalars(select(Organisation).where(Organisation.illustrative)).all():
        if db.session.scalar(select(exists().where(Listing.organisation_id == organisation.id))):
            organisation.illustrative = False
            removal.kept.append(organisation.name_vi)
            continue
        changes = {"slug": [organisation.slug, None]}
        record_event(SYSTEM, "organisation", organisation.id, "delete", reason=_REASON, changes=changes)
        db.session.delete(organisation)
        removal.organisations += 1


def _remove_accounts(removal: SampleRemoval) -> None:
    emails = [normalise_email(row["email"]) for row in read_users()]
    for user in db.session.scalars(select(User).where(User.email.in_(emails)).order_by(User.id)).all():
        answers_for = or_(
            exists().where(Organisation.verified_by_id == user.id), exists().where(Invitation.invited_by_id == user.id)
        )
        if db.session.scalar(select(answers_for)):
            user.password_hash = None
            if user.staff_role is not None:
                set_staff_role(SYSTEM, user.id, None)
            set_disabled(SYSTEM, user.id, disabled=True, reason=_REASON)
            removal.kept.append(user.email)
            continue
        end_all_sessions(user.id)
        record_event(SYSTEM, "account", user.id, "delete", reason=_REASON, changes={"email": [user.email, None]})
        db.session.delete(user)
        removal.accounts += 1
