"""Who is told of a match, on the site and by mail, and how each person wants it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, tuple_, update

from techmart.db import db
from techmart.errors import InvalidFields
from techmart.models.account import User
from techmart.models.event import Notification
from techmart.models.listing import Listing
from techmart.models.match import AlertSetting, Match, MatchAlert
from techmart.models.organisation import Organisation
from techmart.operations.mail import send_mail
from techmart.operations.match_pair import Pair, path_of
from techmart.operations.notification import MATCH_FOUND, MATCH_PROPOSED, notify
from techmart.operations.organisation import owners_of
from techmart.rules.clock import utc_now
from techmart.rules.matching import DEFAULT_MODE, DEFAULT_THRESHOLD, LOWEST_THRESHOLD, AlertMode, MatchOrigin, Side
from techmart.rules.policy import Actor, Permission, require
from techmart.rules.reader import PUBLIC


@dataclass(frozen=True)
class Telling:
    """A stored match that its side may hear of, with the reasons in codes."""

    match: Match
    pair: Pair
    reasons: dict[str, Any]  # Any: texts, codes and numbers


def tell(tellings: Sequence[Telling], *, is_bulk: bool) -> int:
    """Alerts for the editors and owners of each side whose threshold is reached, once a person and pair of texts.

    What staff propose is told whatever the points: a person has looked at it. A company is not told twice of a technology
    that one of its demands is matched with.

    One notification a person. What came in bulk waits for the next digest of those who are mailed at once, and adds to
    the notification about such matches that was not read yet. Returns how many alerts were made.
    """
    by_user: dict[int, list[Telling]] = {}
    users: dict[int, User] = {}
    editors = {number: owners_of(number) for number in {row.pair.own_organisation_id for row in tellings}}
    settings = _settings_of({user.id for group in editors.values() for user in group})
    for telling in tellings:
        by_demand = _score_by_demands(telling.pair)
        for user in editors[telling.pair.own_organisation_id]:
            threshold = settings[user.id].threshold
            if telling.match.origin == MatchOrigin.STAFF or by_demand < threshold <= telling.match.score:
                users[user.id] = user
                by_user.setdefault(user.id, []).append(telling)
    return sum(_tell_person(users[number], rows, settings[number], is_bulk) for number, rows in by_user.items())


def setting_of(user_id: int) -> AlertSetting:
    """The person's setting, or the defaults (a row that is not stored)."""
    return _settings_of({user_id})[user_id]


def lowest_threshold(organisation_id: int) -> int | None:
    """From how many points on somebody who acts for the organisation is told; None where nobody does."""
    settings = _settings_of({user.id for user in owners_of(organisation_id)})
    return min((setting.threshold for setting in settings.values()), default=None)


def own_setting(actor: Actor) -> AlertSetting:
    """Raises NotAllowed for nobody in particular."""
    require(actor, Permission.ACCOUNT_MANAGE)
    assert actor.user_id is not None
    return setting_of(actor.user_id)


def change_setting(actor: Actor, *, mode: str, threshold: int) -> None:
    """What waits for a mail follows the new mode. Raises InvalidFields (`mode`, `threshold`: unknown_value), NotAllowed."""
    own_setting(actor)
    assert actor.user_id is not None
    problems = {}
    if mode not in set(AlertMode):
        problems["mode"] = ["unknown_value"]
    if not LOWEST_THRESHOLD <= threshold <= 100:
        problems["threshold"] = ["unknown_value"]
    if problems:
        raise InvalidFields(problems)
    set_mode(actor.user_id, AlertMode(mode), threshold)


def set_mode(user_id: int, mode: AlertMode, threshold: int | None = None) -> None:
    """Store the mode; alerts that wait for a mail follow it, and with OFF are never mailed."""
    row = db.session.get(AlertSetting, user_id)
    if row is None:
        row = AlertSetting(user_id=user_id, threshold=DEFAULT_THRESHOLD)
        db.session.add(row)
    row.mode = mode
    if threshold is not None:
        row.threshold = threshold
    waiting = MatchAlert.user_id == user_id, MatchAlert.mailed_at.is_(None), MatchAlert.mode != AlertMode.OFF
    # What waits now was not urgent enough for a mail of its own.
    later = AlertMode.DAILY if mode is AlertMode.IMMEDIATE else mode
    db.session.execute(update(MatchAlert).where(*waiting).values(mode=later))


def _score_by_demands(pair: Pair) -> int:
    """What a company's public demands score with the technology, for a pair made of its profile; else 0."""
    if not isinstance(pair.own, Organisation):
        return 0
    statement = select(func.max(Match.score)).join(Listing, Listing.id == Match.demand_id)
    of_company = Listing.organisation_id == pair.own.id, Listing.audience == PUBLIC, Match.side == Side.WANTED
    return db.session.scalar(statement.where(*of_company, Match.technology_id == pair.technology.id)) or 0


def _settings_of(user_ids: set[int]) -> Mapping[int, AlertSetting]:
    stored = {
        row.user_id: row for row in db.session.scalars(select(AlertSetting).where(AlertSetting.user_id.in_(user_ids)))
    }
    return {
        number: stored.get(number) or AlertSetting(user_id=number, mode=DEFAULT_MODE, threshold=DEFAULT_THRESHOLD)
        for number in user_ids
    }


def _tell_person(user: User, tellings: Sequence[Telling], setting: AlertSetting, is_bulk: bool) -> int:
    """Add what he was not told of yet, best first."""
    wanted = {(row.match.id, row.match.versions): row for row in tellings}
    told = select(MatchAlert.match_id, MatchAlert.versions).where(
        MatchAlert.user_id == user.id, tuple_(MatchAlert.match_id, MatchAlert.versions).in_(list(wanted))
    )
    for match_id, versions in db.session.execute(told):
        del wanted[match_id, versions]
    if not wanted:
        return 0
    mode = AlertMode.DAILY if is_bulk and setting.mode == AlertMode.IMMEDIATE else AlertMode(setting.mode)
    now = utc_now()
    rows = sorted(wanted.values(), key=lambda row: (-row.match.score, row.match.id))
    alerts = [
        MatchAlert(
            user_id=user.id, match_id=row.match.id, versions=row.match.versions, mode=mode, reasons=row.reasons,
            created_at=now, mailed_at=now if mode is AlertMode.IMMEDIATE else None,
        )
        for row in rows
    ]  # fmt: skip
    db.session.add_all(alerts)
    db.session.flush()
    if mode is AlertMode.IMMEDIATE:
        numbers = [alert.id for alert in alerts]
        send_mail(user.email, "digest", locale=user.locale, user_id=user.id, alert_ids=numbers, at=now.isoformat())
    by_staff = [row for row in rows if row.match.origin == MatchOrigin.STAFF]
    for row in by_staff:
        _notify_proposal(user, row)
    if found := [row for row in rows if row not in by_staff]:
        _notify(user, found, is_bulk)
    return len(alerts)


def _notify_proposal(user: User, row: Telling) -> None:
    pair = row.pair
    notify(
        user.id, MATCH_PROPOSED, match_id=row.match.id, title=pair.own.name_in(user.locale), path=path_of(pair.own, pair.other),
        code="" if isinstance(pair.own, Organisation) else pair.own.code, reason=row.match.note,
    )  # fmt: skip


def _notify(user: User, rows: Sequence[Telling], is_bulk: bool) -> None:
    count = len(rows)
    if is_bulk:
        unread = Notification.user_id == user.id, Notification.kind == MATCH_FOUND, Notification.read_at.is_(None)
        for earlier in db.session.scalars(select(Notification).where(*unread)):
            if earlier.payload.get("is_bulk"):
                count += earlier.payload["count"]
                db.session.delete(earlier)
    if count > 1:
        notify(user.id, MATCH_FOUND, count=count, path="/matches", is_bulk=is_bulk)
        return
    pair, percent = rows[0].pair, rows[0].match.score
    title, path = pair.other.name_in(user.locale), path_of(pair.own, pair.other)
    notify(user.id, MATCH_FOUND, count=1, percent=percent, title=title, path=path, is_bulk=is_bulk)
