"""What happened (never edited or deleted) and what a person is told about it on the site."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from techmart.db import Base, UtcDateTime
from techmart.models.account import User
from techmart.rules.clock import utc_now


class Event(Base):
    """One row of the audit trail. Codes and values, no sentences: staff of any language read it."""

    __tablename__ = "event"
    __table_args__ = (Index("ix_event_subject", "subject_kind", "subject_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now, index=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"), index=True)
    #: `listing`, `revision`, `organisation`, `account`, …
    subject_kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int]
    #: `subject:action`, e.g. `listing:approve`, `account:login_failed`.
    action: Mapped[str] = mapped_column(String(60))
    from_state: Mapped[str | None] = mapped_column(String(20))
    to_state: Mapped[str | None] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(Text)
    #: Field → [old, new].
    changes: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # Any: field values

    actor: Mapped[User | None] = relationship()


class Notification(Base):
    """A line in a person's inbox on the site; `kind` and `payload` are worded when shown, in his language."""

    __tablename__ = "notification"
    __table_args__ = (Index("ix_notification_user_unread", "user_id", "read_at", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(60))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # Any: codes, titles, numbers
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
