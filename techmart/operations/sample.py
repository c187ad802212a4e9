"""The sample catalogue: invented people, organisations and listings, entered through the same operations as real ones.

Each step is taken with the clock set back to the day it seems to have happened, so that dates, codes and the audit
trail tell one story. Work goes in batches of one transaction each; a row already there is left alone, so a load that
was stopped goes on where it ended. The audit trail says how far things are: `sample:start`, `:finish`, `:remove`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import current_app
from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session

from techmart.db import db, mark_bulk, unit_of_work
from techmart.models.account import User
from techmart.models.event import Event, Notification
from techmart.models.listing import Listing
from techmart.models.organisation import Membership
from techmart.models.outbox import TOPIC_MAIL, OutboxRow
from techmart.operations.account import normalise_email
from techmart.operations.event import record_event
from techmart.operations.sample_answers import enter_answers
from techmart.operations.sample_listing import enter_listing
from techmart.operations.sample_people import SOURCE, enter_organisation, enter_user, owners_by_ref, reviewer
from techmart.operations.sample_rows import read_listings, read_organisations, read_users
from techmart.rules.clock import utc_now
from techmart.rules.policy import SYSTEM

__all__ = ["SAMPLE_PASSWORD", "SampleAccount", "list_sample_accounts", "load_sample", "sample_is_wanted"]

#: Public knowledge, for trying things out. In production the sample accounts get no password at all.
SAMPLE_PASSWORD = "xem-thu-techmart-ao"  # noqa: S105  # printed at every start, no secret

_BATCH_ROWS = 25
_NEWS_DAYS = 10


@dataclass(frozen=True)
class SampleAccount:
    """An account somebody may try. `role`: a staff role, or the role in `organisation` (a name)."""

    email: str
    role: str
    organisation: str


def sample_is_wanted() -> bool:
    """Whether nobody has put anything in yet, or an earlier load was stopped half-way."""
    last = db.session.scalar(
        select(Event.action).where(Event.subject_kind == "sample").order_by(Event.id.desc()).limit(1)
    )
    if last is not None:
        return last == "sample:start"
    has_content = exists(select(User.id)), exists(select(Listing.id))
    return not any(db.session.scalar(select(condition)) for condition in has_content)


def load_sample(progress: Callable[[int, int], None] | None = None) -> int:
    """Enter whatever of the sample catalogue is not there yet; returns the number of listings entered.

    `progress(done, total)` is called after each batch. No mail goes out; of the notifications only those of the last
    days stay. Outside production every account has SAMPLE_PASSWORD.
    """
    rows = read_listings()
    present = set(db.session.scalars(select(Listing.source_id).where(Listing.source == SOURCE)))
    waiting = [(place, row) for place, row in enumerate(rows) if row.source_id not in present]
    with unit_of_work() as session:
        mark_bulk(session)
        record_event(SYSTEM, "sample", 0, "start")
        _enter_people()
        _quieten(session)
    for start in range(0, len(waiting), _BATCH_ROWS):
        batch = waiting[start : start + _BATCH_ROWS]
        with unit_of_work() as session:
            mark_bulk(session)
            owners, staff = owners_by_ref(), reviewer()
            for place, row in batch:
                enter_listing(row, place, owners[row.organisation], staff)
            _quieten(session)
        if progress is not None:
            progress(len(rows) - len(waiting) + start + len(batch), len(rows))
    with unit_of_work() as session:
        enter_answers(owners_by_ref(), reviewer())
        _quieten(session)
        record_event(SYSTEM, "sample", 0, "finish")
    return len(waiting)


def list_sample_accounts() -> Sequence[SampleAccount]:
    """The sample accounts that SAMPLE_PASSWORD still opens: there, enabled, and their password never changed."""
    emails = [normalise_email(row["email"]) for row in read_users()]
    was_changed = exists().where(
        Event.subject_kind == "account", Event.subject_id == User.id, Event.action == "account:change_password"
    )
    statement = (
        select(User)
        .where(User.email.in_(emails), User.password_hash.is_not(None), User.disabled_at.is_(None), ~was_changed)
        .order_by(User.id)
    )
    return [_account(user) for user in db.session.scalars(statement)]


def _account(user: User) -> SampleAccount:
    membership: Membership | None = next(iter(user.memberships), None)
    role = user.staff_role or (membership.role if membership else "")
    return SampleAccount(user.email, role, membership.organisation.name_vi if membership else "")


def _enter_people() -> None:
    password = None if current_app.config["SETTINGS"].is_production else SAMPLE_PASSWORD
    organisations, people = read_organisations(), read_users()
    for row in people:
        enter_user(row, password)
    for place, row in enumerate(organisations):
        enter_organisation(row, place, [person for person in people if person["organisation"] == row["ref"]])


def _quieten(session: Session) -> None:
    """Take back what the operations would have told the invented people, and date what is to be indexed and matched as of now."""
    session.flush()
    now = utc_now()
    emails = [normalise_email(row["email"]) for row in read_users()]
    user_ids = select(User.id).where(User.email.in_(emails))
    session.execute(delete(OutboxRow).where(OutboxRow.topic == TOPIC_MAIL, OutboxRow.key.in_(emails)))
    old = Notification.user_id.in_(user_ids), Notification.created_at < now - timedelta(days=_NEWS_DAYS)
    session.execute(delete(Notification).where(*old))
    # Rows dated back would look like work that has been waiting for months.
    backdated = OutboxRow.topic != TOPIC_MAIL, OutboxRow.created_at < now - timedelta(minutes=1)
    session.execute(update(OutboxRow).where(*backdated).values(created_at=now))
