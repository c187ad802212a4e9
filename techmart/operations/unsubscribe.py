"""Turning mails off by a link in them, without signing in (RFC 8058): signed, good for a year, for one person's mails only."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer

from config import Settings
from techmart.db import db
from techmart.errors import InvalidToken
from techmart.models.account import User
from techmart.models.saved_search import SavedSearch
from techmart.operations.alert import set_mode, setting_of
from techmart.rules.clock import utc_now
from techmart.rules.matching import AlertMode

#: The subject of a link that stands for mails about matches; a saved search has its number instead.
MATCHES = 0
OFF_FOR_SEARCHES = "none"
#: RFC 8058 names no time; people look for the link in old mails.
LIFETIME = timedelta(days=365)
UNDO_LIFETIME = timedelta(hours=24)
_LONGEST = 1_000
_SALT, _UNDO_SALT = "unsubscribe", "unsubscribe-undo"


@dataclass(frozen=True)
class MailKind:
    """One kind of mail a link stands for: matches (`search_id` 0), or a saved search with its name. `mode`: as it is now."""

    search_id: int
    name: str
    mode: str

    @property
    def is_on(self) -> bool:
        return self.mode not in (AlertMode.OFF, OFF_FOR_SEARCHES)


@dataclass(frozen=True)
class Subscription:
    """What a link speaks of. Kinds that are gone, such as a deleted search, are left out."""

    user_id: int
    kinds: tuple[MailKind, ...]


def make_token(user_id: int, subjects: Sequence[int]) -> str:
    """A link's token for these mails of the person: MATCHES and numbers of saved searches."""
    return _serializer(_SALT).dumps([user_id, sorted(set(subjects)), int(utc_now().timestamp())])


def read_subscription(token: str) -> Subscription:
    """What the link speaks of, changing nothing. Raises InvalidToken: forged, altered, older than LIFETIME, or the person is gone."""
    user_id, subjects = _read(token, _SALT, LIFETIME)
    return Subscription(user_id, tuple(kind for number in subjects if (kind := _kind_of(user_id, number)) is not None))


def turn_off(token: str) -> str:
    """Turn these mails off; returns a token that takes it back, empty when they were off already. Raises InvalidToken."""
    subscription = read_subscription(token)
    before = {kind.search_id: kind.mode for kind in subscription.kinds if kind.is_on}
    for number in before:
        _set(subscription.user_id, number, AlertMode.OFF if number == MATCHES else OFF_FOR_SEARCHES)
    if not before:
        return ""
    # Bound to the link it came from, so that it is worth nothing beside another.
    content = [subscription.user_id, sorted(before.items()), int(utc_now().timestamp()), _digest(token)]
    return _serializer(_UNDO_SALT).dumps(content)


def undo_turn_off(token: str, undo: str) -> Subscription:
    """Put back what `turn_off` found, where nothing was chosen since. Raises InvalidToken."""
    subscription = read_subscription(token)
    user_id, modes, *rest = _read_signed(undo, _UNDO_SALT, UNDO_LIFETIME)
    if user_id != subscription.user_id or rest != [_digest(token)]:
        raise InvalidToken
    before: Mapping[int, str] = dict(modes)
    for kind in subscription.kinds:
        if not kind.is_on and kind.search_id in before:
            _set(user_id, kind.search_id, before[kind.search_id])
    return read_subscription(token)


def _kind_of(user_id: int, number: int) -> MailKind | None:
    if number == MATCHES:
        return MailKind(MATCHES, "", setting_of(user_id).mode)
    row = db.session.get(SavedSearch, number)
    return MailKind(row.id, row.name, row.notify) if row is not None and row.user_id == user_id else None


def _set(user_id: int, number: int, mode: str) -> None:
    if number == MATCHES:
        set_mode(user_id, AlertMode(mode))
    elif (row := db.session.get(SavedSearch, number)) is not None:
        row.notify = mode
        row.notified_at = utc_now() if mode != OFF_FOR_SEARCHES else row.notified_at


def _read(token: str, salt: str, lifetime: timedelta) -> tuple[int, list[int]]:
    user_id, subjects = _read_signed(token, salt, lifetime)
    if db.session.get(User, user_id) is None:
        raise InvalidToken
    return user_id, subjects


def _read_signed(token: str, salt: str, lifetime: timedelta) -> list[Any]:  # Any: what was signed
    """The signed list without its third place, when it was signed."""
    if len(token) > _LONGEST:
        raise InvalidToken
    try:
        content = _serializer(salt).loads(token)
    except BadData as error:
        raise InvalidToken from error
    signed_at = content.pop(2)
    if not 0 <= utc_now().timestamp() - signed_at + 1 <= lifetime.total_seconds():
        raise InvalidToken
    return list(content)


def _serializer(salt: str) -> URLSafeSerializer:
    settings: Settings = current_app.config["SETTINGS"]
    # The last signs, all are accepted.
    return URLSafeSerializer([*settings.secret_key_fallbacks, settings.secret_key], salt=salt)


def _digest(token: str) -> str:
    return hmac.new(b"undo", token.encode(), "sha256").hexdigest()[:16]
