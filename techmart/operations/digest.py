"""Mails of new matches and of saved searches: who is due, and what they say, asked again at the moment they are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from techmart.db import db
from techmart.models.account import User
from techmart.models.match import MatchAlert
from techmart.models.organisation import Organisation
from techmart.models.saved_search import SavedSearch
from techmart.operations.alert import setting_of
from techmart.operations.found import load_found
from techmart.operations.mail import before_sending, send_mail
from techmart.operations.match_pair import Pair, is_current, pair_of, path_of
from techmart.operations.match_store import may_be_told
from techmart.operations.organisation import owners_of
from techmart.operations.saved_search import take_due
from techmart.operations.unsubscribe import MATCHES, OFF_FOR_SEARCHES, make_token
from techmart.rules.matching import AlertMode, MatchOrigin, MatchState
from techmart.rules.policy import ANONYMOUS
from techmart.rules.schedule import last_due
from techmart.rules.text import truncate

TEMPLATE = "digest"
MATCHES_SHOWN = 20
_TITLE_LENGTH = 120
#: Of each saved search.
_TITLES_SHOWN = 5
#: What he has decided meanwhile is no news.
_NEWS = frozenset({MatchState.NEW, MatchState.SEEN})


def list_due_alerts(now: datetime) -> Mapping[int, Sequence[int]]:
    """Person → alerts made before the newest hour at which his digest was due."""
    statement = (
        select(MatchAlert.user_id, MatchAlert.id, MatchAlert.mode, MatchAlert.created_at)
        .join(MatchAlert.user)
        .where(MatchAlert.mailed_at.is_(None), MatchAlert.mode.in_((AlertMode.DAILY, AlertMode.WEEKLY)))
        .where(User.email_confirmed_at.is_not(None), User.disabled_at.is_(None))
        .order_by(MatchAlert.user_id, MatchAlert.id)
    )
    due: dict[int, list[int]] = {}
    for user_id, number, mode, created_at in db.session.execute(statement):
        hour = last_due(mode, now)
        if hour is not None and created_at < hour:
            due.setdefault(user_id, []).append(number)
    return due


def list_alerted(alert_ids: Sequence[int]) -> Mapping[int, tuple[Pair, bool]]:
    """Match → its pair, and whether staff proposed it."""
    statement = select(MatchAlert).where(MatchAlert.id.in_(alert_ids)).options(joinedload(MatchAlert.match))
    rows = [alert.match for alert in db.session.scalars(statement)]
    return {row.id: (pair_of(row), row.origin == MatchOrigin.STAFF) for row in rows}


def queue_digest(
    user_id: int, alert_ids: Sequence[int], found: Sequence[tuple[int, int, Sequence[str]]], now: datetime,
    *, points: Mapping[int, int],
) -> bool:  # fmt: skip
    """Queue one mail of everything that is due for the person; whether there was something to tell.

    `found`: (number of the saved search, how many are new, keys of the first). What was told is not told again.
    `points`: match → its points now, stored where they are of the texts that stand.
    """
    alerts = db.session.scalars(
        select(MatchAlert)
        .where(MatchAlert.id.in_(alert_ids), MatchAlert.user_id == user_id, MatchAlert.mailed_at.is_(None))
        .with_for_update()
    ).all()
    for alert in alerts:
        alert.mailed_at = now
        if alert.match_id in points and is_current(alert.match, pair_of(alert.match)):
            alert.match.score = points[alert.match_id]
    searches = take_due(user_id, found, now)
    user = db.session.get(User, user_id)
    if user is None or not (alerts or searches):
        return False
    numbers = [alert.id for alert in alerts]
    send_mail(
        user.email, TEMPLATE, locale=user.locale, user_id=user_id, alert_ids=numbers, searches=searches,
        at=now.isoformat(),
    )  # fmt: skip
    return True


@before_sending(TEMPLATE)
def facts_now(facts: Mapping[str, Any]) -> Mapping[str, Any] | None:  # Any: JSON values
    """What the mail says as things stand now; None where nothing is left to say or the person wants none of it any more."""
    user = db.session.get(User, facts["user_id"])
    if user is None or not user.is_active or user.email_confirmed_at is None:
        return None
    matches = _matches_now(user, facts.get("alert_ids", ()), datetime.fromisoformat(facts["at"]))
    searches = [row for line in facts.get("searches", ()) if (row := _search_now(user, line)) is not None]
    if not matches and not searches:
        return None
    subjects = [MATCHES] * bool(matches) + [row["id"] for row in searches]
    return {
        "name": user.name,
        "matches": matches[:MATCHES_SHOWN],
        "more": len(matches[MATCHES_SHOWN:]),
        "searches": searches,
        "unsubscribe_url": _link(user, subjects),
        "matches_off_url": _link(user, [MATCHES]),
    }


def _matches_now(user: User, alert_ids: Sequence[int], queued_at: datetime) -> list[dict[str, Any]]:  # Any: JSON values
    if setting_of(user.id).mode == AlertMode.OFF:
        return []
    statement = select(MatchAlert).where(MatchAlert.id.in_(alert_ids), MatchAlert.user_id == user.id)
    # The number of an alert that was taken back may have come to mean a later one, which has a mail of its own.
    statement = statement.where(MatchAlert.created_at <= queued_at)
    alerts = db.session.scalars(statement.options(joinedload(MatchAlert.match))).all()
    rows = [(alert, pair_of(alert.match)) for alert in alerts]
    told = [(alert, pair) for alert, pair in rows if _is_news(user, alert, pair)]
    told.sort(key=lambda row: (-row[0].match.score, row[0].id))
    return [
        {
            "percent": alert.match.score,
            "title": truncate(pair.other.name_in(user.locale), _TITLE_LENGTH),
            "own_title": truncate(pair.own.name_in(user.locale), _TITLE_LENGTH),
            "own_kind": "organisation" if isinstance(pair.own, Organisation) else pair.own.kind,
            "path": path_of(pair.own, pair.other),
            "reasons": alert.reasons,
            "note": alert.match.note,
        }
        for alert, pair in told
    ]


def _is_news(user: User, alert: MatchAlert, pair: Pair) -> bool:
    """Still a match of these very texts, both sides still to be seen, he still acts for his side and has not decided."""
    match = alert.match
    is_match = match.score > 0 or match.origin == MatchOrigin.STAFF
    if not is_match or match.state not in _NEWS or match.versions != alert.versions:
        return False
    if not is_current(match, pair) or not may_be_told(pair):
        return False
    return any(owner.id == user.id for owner in owners_of(pair.own_organisation_id))


def _search_now(user: User, line: Mapping[str, Any]) -> dict[str, Any] | None:  # Any: JSON values
    row = db.session.get(SavedSearch, line["id"])
    if row is None or row.user_id != user.id or row.notify == OFF_FOR_SEARCHES:
        return None
    found = load_found(ANONYMOUS, line["keys"])
    if not found:
        return None
    titles = [truncate(thing.name_in(user.locale), _TITLE_LENGTH) for thing in found.values()][:_TITLES_SHOWN]
    count = line["count"] - (len(line["keys"]) - len(found))
    return {"id": row.id, "name": row.name, "count": count, "titles": titles, "off_url": _link(user, [row.id])}


def _link(user: User, subjects: Sequence[int]) -> str:
    return f"{current_app.config['SETTINGS'].base_url}/unsubscribe/{make_token(user.id, subjects)}"


def count_unmailed() -> int:
    """Alerts that wait for a digest."""
    waiting = MatchAlert.mailed_at.is_(None), MatchAlert.mode != AlertMode.OFF
    return db.session.scalar(select(func.count()).select_from(MatchAlert).where(*waiting)) or 0
