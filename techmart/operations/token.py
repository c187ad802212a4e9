"""Secrets that travel in cookies and mails: 256 random bits outside, a SHA-256 inside."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import select

from techmart.db import db
from techmart.errors import InvalidToken
from techmart.models.account import OneTimeToken, User
from techmart.rules.clock import utc_now

PURPOSE_CONFIRM = "confirm_email"
PURPOSE_RESET = "reset_password"
PURPOSE_CHANGE_EMAIL = "change_email"
PURPOSE_LOGIN = "login_link"

LIFETIMES: dict[str, timedelta] = {
    PURPOSE_CONFIRM: timedelta(days=2),
    PURPOSE_RESET: timedelta(minutes=30),
    PURPOSE_CHANGE_EMAIL: timedelta(hours=2),
    PURPOSE_LOGIN: timedelta(minutes=15),
}


def new_secret() -> str:
    """43 URL-safe characters, 256 bits."""
    return secrets.token_urlsafe(32)


def hash_secret(secret: str) -> str:
    """The stored form. A plain hash is enough for a random 256-bit value."""
    return hashlib.sha256(secret.encode()).hexdigest()


def issue_token(user: User, purpose: str, **payload: str) -> str:
    """A new one-time token for `user`; earlier unused ones of the same purpose die."""
    for old in db.session.scalars(
        select(OneTimeToken).where(
            OneTimeToken.user_id == user.id, OneTimeToken.purpose == purpose, OneTimeToken.used_at.is_(None)
        )
    ):
        old.used_at = utc_now()
    secret = new_secret()
    expires_at = utc_now() + LIFETIMES[purpose]
    db.session.add(
        OneTimeToken(
            token_hash=hash_secret(secret), purpose=purpose, user_id=user.id, payload=payload, expires_at=expires_at
        )
    )
    return secret


def peek_token(secret: str, purpose: str) -> OneTimeToken:
    """The live token, unused; raises InvalidToken when it is unknown, used, too old or of another purpose."""
    row = db.session.scalar(select(OneTimeToken).where(OneTimeToken.token_hash == hash_secret(secret)))
    if row is None or row.purpose != purpose or row.used_at is not None or row.expires_at <= utc_now():
        raise InvalidToken
    return row


def redeem_token(secret: str, purpose: str) -> OneTimeToken:
    """The same, and used from now on."""
    row = peek_token(secret, purpose)
    row.used_at = utc_now()
    return row


def void_tokens(user: User, *purposes: str) -> None:
    """Make the user's open tokens of these purposes worthless (after a password change, say)."""
    for row in db.session.scalars(
        select(OneTimeToken).where(
            OneTimeToken.user_id == user.id, OneTimeToken.purpose.in_(purposes), OneTimeToken.used_at.is_(None)
        )
    ):
        row.used_at = utc_now()
