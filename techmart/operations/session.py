"""Server-side sessions: a cookie is worth exactly as much as its row, so a copied cookie dies with the logout.

Time-outs: idle 30 minutes for staff and 8 hours for others, absolute 12 hours and 30 days (ASVS 5.0, 7.3).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from techmart.db import db
from techmart.errors import NotFound
from techmart.models.account import User, UserSession
from techmart.operations.token import hash_secret, new_secret
from techmart.rules.clock import utc_now
from techmart.rules.policy import Actor

IDLE_LIMIT = timedelta(hours=8)
STAFF_IDLE_LIMIT = timedelta(minutes=30)
ABSOLUTE_LIMIT = timedelta(days=30)
STAFF_ABSOLUTE_LIMIT = timedelta(hours=12)
#: `last_seen_at` is written at most this often, so that reading pages does not write the database each time.
_SEEN_STEP = timedelta(minutes=2)


def open_session(user: User, *, user_agent: str = "", ip_prefix: str = "", with_second_factor: bool = False) -> str:
    """Start a session and return the secret for the cookie; it is shown nowhere else."""
    secret = new_secret()
    now = utc_now()
    db.session.add(
        UserSession(
            token_hash=hash_secret(secret),
            user_id=user.id,
            created_at=now,
            last_seen_at=now,
            second_factor_at=now if with_second_factor else None,
            user_agent=user_agent[:200],
            ip_prefix=ip_prefix[:64],
        )
    )
    return secret


def find_session(secret: str) -> UserSession | None:
    """The live session behind a cookie, or None when it is unknown, timed out, or its user is disabled."""
    row = db.session.scalar(select(UserSession).where(UserSession.token_hash == hash_secret(secret)))
    if row is None or not row.user.is_active or _has_timed_out(row):
        return None
    return row


def needs_touch(row: UserSession) -> bool:
    """Whether `last_seen_at` is old enough to be written again."""
    return utc_now() - row.last_seen_at > _SEEN_STEP


def touch_session(session_id: int) -> None:
    """Note that the session is in use."""
    if (row := db.session.get(UserSession, session_id)) is not None:
        row.last_seen_at = utc_now()


def list_sessions(actor: Actor) -> Sequence[UserSession]:
    """The actor's own live sessions, latest first."""
    rows = db.session.scalars(
        select(UserSession).where(UserSession.user_id == actor.user_id).order_by(UserSession.last_seen_at.desc())
    ).all()
    return [row for row in rows if not _has_timed_out(row)]


def end_session(actor: Actor, session_id: int) -> None:
    """End one of the actor's own sessions; raises NotFound for anybody else's."""
    row = db.session.get(UserSession, session_id)
    if row is None or row.user_id != actor.user_id:
        raise NotFound
    db.session.delete(row)


def end_all_sessions(user_id: int, *, but: int | None = None) -> None:
    """End every session of a user, except the one with id `but`."""
    for row in db.session.scalars(select(UserSession).where(UserSession.user_id == user_id)):
        if row.id != but:
            db.session.delete(row)


def delete_dead_sessions() -> int:
    """Remove rows past their absolute limit; returns how many."""
    rows = db.session.scalars(select(UserSession).where(UserSession.created_at < utc_now() - ABSOLUTE_LIMIT)).all()
    for row in rows:
        db.session.delete(row)
    return len(rows)


def _has_timed_out(row: UserSession) -> bool:
    is_staff = row.user.staff_role is not None
    now = utc_now()
    idle, absolute = (STAFF_IDLE_LIMIT, STAFF_ABSOLUTE_LIMIT) if is_staff else (IDLE_LIMIT, ABSOLUTE_LIMIT)
    return now - row.last_seen_at > idle or now - row.created_at > absolute
