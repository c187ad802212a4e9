"""Use cases of saved searches: save, change, delete, look, tell by mail. What they find is asked of the engine by others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from techmart.db import db
from techmart.errors import InvalidFields, NotFound
from techmart.models.account import User
from techmart.models.saved_search import SavedSearch
from techmart.rules.clock import utc_now
from techmart.rules.policy import Actor, Permission, require
from techmart.rules.schedule import RHYTHMS, last_due
from techmart.rules.text import clean

MAXIMUM_SEARCHES = 50
MAXIMUM_NAME = 120
#: Longer addresses are not kept: no search page makes them.
_MAXIMUM_PAIRS = 400


def save_search(
    actor: Actor,
    *,
    name: str,
    parameters: Iterable[Sequence[str]],
    notify: str = "none",
    organisation_id: int | None = None,
) -> SavedSearch:
    """Keep a search of the actor; one kept before under the same address gets the new name, rhythm and organisation.

    `parameters`: the (name, value) pairs of the address. `organisation_id`: whose suggestions it may be used for. Raises
    InvalidFields (`name`: required, too_long; `notify`, `organisation_id`: unknown_value; `parameters`: too_many, too_long),
    NotAllowed.
    """
    require(actor, Permission.SEARCH_SAVE)
    pairs = [[str(part) for part in pair] for pair in parameters]
    if len(pairs) > _MAXIMUM_PAIRS:
        raise InvalidFields({"parameters": ["too_long"]})
    name, notify = _checked(actor, name, notify, organisation_id)
    db.session.get(User, actor.user_id, with_for_update=True)  # on PostgreSQL two saves at once must not both see room
    own = list_saved(actor)
    row = next((row for row in own if sorted(row.parameters) == sorted(pairs)), None)
    if row is not None:
        row.name, row.notify, row.organisation_id = name, notify, organisation_id
        return row
    if len(own) >= MAXIMUM_SEARCHES:
        raise InvalidFields({"parameters": ["too_many"]})
    row = SavedSearch(
        user_id=actor.user_id, name=name, parameters=pairs, notify=notify, organisation_id=organisation_id
    )
    db.session.add(row)
    db.session.flush()
    return row


def list_saved(actor: Actor) -> Sequence[SavedSearch]:
    """The actor's saved searches, newest first."""
    statement = select(SavedSearch).where(SavedSearch.user_id == actor.user_id).order_by(SavedSearch.id.desc())
    return db.session.scalars(statement).all()


def count_saved(actor: Actor) -> int:
    """How many the actor keeps."""
    return db.session.scalar(select(func.count()).where(SavedSearch.user_id == actor.user_id)) or 0


def find_saved(actor: Actor, search_id: int) -> SavedSearch:
    """One of the actor's own; raises NotFound for anybody else's."""
    require(actor, Permission.SEARCH_SAVE)
    row = db.session.get(SavedSearch, search_id)
    if row is None or row.user_id != actor.user_id:
        raise NotFound
    return row


def change_saved(
    actor: Actor, search_id: int, *, name: str, notify: str, organisation_id: int | None = None
) -> SavedSearch:
    """Another name, rhythm or organisation. A rhythm chosen anew starts from now. Raises NotFound, InvalidFields."""
    row = find_saved(actor, search_id)
    name, notify = _checked(actor, name, notify, organisation_id)
    if notify != row.notify:
        row.notified_at = utc_now()
    row.name, row.notify, row.organisation_id = name, notify, organisation_id
    return row


def delete_saved(actor: Actor, search_id: int) -> None:
    """Forget one. Raises NotFound."""
    db.session.delete(find_saved(actor, search_id))


def mark_seen(actor: Actor, search_id: int) -> SavedSearch:
    """The actor looks at it now: nothing of it is new any more. Raises NotFound."""
    row = find_saved(actor, search_id)
    row.last_seen_at = utc_now()
    return row


def list_due(now: datetime) -> Sequence[SavedSearch]:
    """Those whose mail is due, by person; people without a confirmed address or with a closed account left out."""
    statement = (
        select(SavedSearch)
        .join(SavedSearch.user)
        .where(SavedSearch.notify != "none", User.email_confirmed_at.is_not(None), User.disabled_at.is_(None))
        .options(joinedload(SavedSearch.user))
        .order_by(SavedSearch.user_id, SavedSearch.id)
    )
    rows = db.session.scalars(statement).all()
    return [row for row in rows if (due := last_due(row.notify, now)) is not None and row.notified_at < due]


def take_due(
    user_id: int, found: Sequence[tuple[int, int, Sequence[str]]], now: datetime
) -> list[dict[str, Any]]:  # Any: JSON values
    """Mark the searches of one person as told of up to `now`; returns what is to be told: id, count, keys of the first.

    `found`: (number of the saved search, how many are new, keys of the first). What was told is not told again.
    """
    lines = []
    for search_id, count, keys in found:
        row = db.session.get(SavedSearch, search_id, with_for_update=True)
        if row is None or row.user_id != user_id or row.notified_at >= now:
            continue
        row.notified_at = now
        if count:
            lines.append({"id": row.id, "count": count, "keys": list(keys)})
    return lines


def _checked(actor: Actor, name: str, notify: str, organisation_id: int | None) -> tuple[str, str]:
    name = clean(name, keep_lines=False)
    problems: dict[str, list[str]] = {}
    if not name:
        problems["name"] = ["required"]
    elif len(name) > MAXIMUM_NAME:
        problems["name"] = ["too_long"]
    if notify not in RHYTHMS:
        problems["notify"] = ["unknown_value"]
    if organisation_id is not None and organisation_id not in actor.organisation_roles:
        problems["organisation_id"] = ["unknown_value"]
    if problems:
        raise InvalidFields(problems)
    return name, notify
