"""Searches a person keeps, to see what is new and to be told of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from techmart.db import Base, UtcDateTime
from techmart.models.account import User
from techmart.rules.clock import utc_now


class SavedSearch(Base):
    """One kept search. `parameters` are the pairs of its address, so that a facet more needs no change here."""

    __tablename__ = "saved_search"
    __table_args__ = (CheckConstraint("notify IN ('none', 'daily', 'weekly')", name="notify_known"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    parameters: Mapped[list[list[str]]] = mapped_column(JSON)
    notify: Mapped[str] = mapped_column(String(10), default="none", index=True)
    #: The organisation whose suggestions it may be used for: its owner's choice, never preset.
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    #: What was published later is new to the owner.
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    #: Up to when mails have told of it.
    notified_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)

    user: Mapped[User] = relationship()
