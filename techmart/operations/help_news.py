"""Who is told of a request for help with a demand, on the site and by mail, in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from techmart.db import db
from techmart.models.account import User
from techmart.models.event import Notification
from techmart.models.help_request import HelpRequest
from techmart.models.organisation import Membership
from techmart.operations.mail import before_sending, send_mail
from techmart.operations.notification import notify
from techmart.operations.organisation import owners_of


def tell_staff(row: HelpRequest) -> None:
    """All staff who may help. The draft's title stays out of it: what they were told remains when the draft is taken back."""
    demand = row.demand
    members = select(Membership.user_id).where(Membership.organisation_id == demand.organisation_id)
    people = select(User).where(
        User.staff_role.is_not(None), User.disabled_at.is_(None), User.email_confirmed_at.is_not(None),
        User.id.not_in(members),
    )  # fmt: skip
    path = f"/moderation/help/{demand.code}"
    for user in db.session.scalars(people.order_by(User.id)):
        notify(user.id, "help_asked", code=demand.code, path=path, help_id=row.id)
        send_mail(
            user.email, "help_asked", locale=user.locale, name=user.name, code=demand.code, path=path, note=row.question,
            help_id=row.id, state=row.state,
        )  # fmt: skip


def tell_owners(row: HelpRequest) -> None:
    """Owners and editors, of a proposal."""
    demand = row.demand
    path = f"/demands/{demand.code}/help"
    for user in owners_of(demand.organisation_id):
        notify(user.id, "help_answered", title=demand.title, code=demand.code, path=path, help_id=row.id)
        send_mail(
            user.email, "help_answered", locale=user.locale, name=user.name, title=demand.title, code=demand.code,
            path=path, note=row.note, help_id=row.id, state=row.state,
        )  # fmt: skip


def tell_helper(row: HelpRequest) -> None:
    """Whoever proposed, of what became of it. No path: the draft is the owner's alone again."""
    helper = row.answered_by
    if helper is None or helper.disabled_at is not None:
        return
    notify(helper.id, f"help_{row.state}", code=row.demand.code, reason=row.reason)
    send_mail(
        helper.email, "help_decided", locale=helper.locale, name=helper.name, code=row.demand.code, state=row.state,
        note=row.reason,
    )  # fmt: skip


def take_back(row: HelpRequest) -> None:
    """Once a request is settled, what nobody has read yet leads nowhere any more; a mail that waits is not sent (`_still_so`)."""
    told = Notification.kind.in_(("help_asked", "help_answered")), Notification.read_at.is_(None)
    for line in db.session.scalars(select(Notification).where(*told)):
        if line.payload.get("help_id") == row.id:
            db.session.delete(line)


@before_sending("help_asked")
@before_sending("help_answered")
def _still_so(facts: Mapping[str, Any]) -> Mapping[str, Any] | None:  # Any: JSON values
    """Nothing to say once the request is a step further, or gone."""
    row = db.session.get(HelpRequest, facts["help_id"])
    return facts if row is not None and row.state == facts["state"] else None
