"""Suggested pairs of a need and a technology, what each side did with them, and who was told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from techmart.db import Base, UtcDateTime
from techmart.models.account import User
from techmart.models.listing import Demand, Listing
from techmart.models.organisation import Organisation
from techmart.rules.clock import utc_now
from techmart.rules.matching import DEFAULT_MODE, DEFAULT_THRESHOLD, MatchOrigin, MatchState


class Match(Base):
    """One side's view of a pair. What is needed is a demand, or an organisation by its profile.

    `wanted_version` and `offered_version` name the texts that were compared (operations.match_version); a decision
    holds for these. `score` is in points of 100 as that side sees it, 0 where the present texts no longer match.
    """

    __tablename__ = "match"
    __table_args__ = (
        CheckConstraint("(demand_id IS NULL) <> (organisation_id IS NULL)", name="one_need"),
        CheckConstraint("side IN ('wanted','offered')", name="side_known"),
        CheckConstraint("origin IN ('automatic','staff')", name="origin_known"),
        CheckConstraint("state IN ('new','seen','interested','kept','dismissed')", name="state_known"),
        CheckConstraint("(state = 'dismissed') = (reason IS NOT NULL)", name="dismissed_with_reason"),
        CheckConstraint("(origin = 'staff') = (proposed_at IS NOT NULL)", name="proposed_by_staff"),
        CheckConstraint("score BETWEEN 0 AND 100", name="score_range"),
        UniqueConstraint("demand_id", "technology_id", "side"),
        UniqueConstraint("organisation_id", "technology_id", "side"),
        Index("ix_match_technology_id_side", "technology_id", "side"),
        Index("ix_match_side_state", "side", "state"),
        Index("ix_match_origin_proposed_at", "origin", "proposed_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    demand_id: Mapped[int | None] = mapped_column(ForeignKey("demand.id", ondelete="CASCADE"))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"))
    technology_id: Mapped[int] = mapped_column(ForeignKey("listing.id", ondelete="CASCADE"))
    side: Mapped[str] = mapped_column(String(10))
    wanted_version: Mapped[str] = mapped_column(String(16))
    offered_version: Mapped[str] = mapped_column(String(16))
    score: Mapped[int] = mapped_column(default=0)
    origin: Mapped[str] = mapped_column(String(10), default=MatchOrigin.AUTOMATIC)
    state: Mapped[str] = mapped_column(String(12), default=MatchState.NEW)
    reason: Mapped[str | None] = mapped_column(String(20))
    reason_text: Mapped[str] = mapped_column(String(500), default="")
    #: Why staff propose the pair.
    note: Mapped[str] = mapped_column(String(500), default="")
    proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    #: When staff proposed the pair; later than `created_at` where matching had found it before.
    proposed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now, onupdate=utc_now)

    demand: Mapped[Demand | None] = relationship(foreign_keys=[demand_id])
    organisation: Mapped[Organisation | None] = relationship(foreign_keys=[organisation_id])
    technology: Mapped[Listing] = relationship(foreign_keys=[technology_id])
    proposed_by: Mapped[User | None] = relationship(foreign_keys=[proposed_by_id])

    @property
    def versions(self) -> str:
        """The pair of texts, as alerts name it."""
        return f"{self.wanted_version}:{self.offered_version}"


class MatchAlert(Base):
    """A person was told of a match in these versions, once. `mailed_at` is empty until a mail is on its way."""

    __tablename__ = "match_alert"
    __table_args__ = (
        UniqueConstraint("user_id", "match_id", "versions"),
        CheckConstraint("mode IN ('immediate','daily','weekly','off')", name="mode_known"),
        Index("ix_match_alert_mode_mailed_at", "mode", "mailed_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    match_id: Mapped[int] = mapped_column(ForeignKey("match.id", ondelete="CASCADE"), index=True)
    versions: Mapped[str] = mapped_column(String(33))
    mode: Mapped[str] = mapped_column(String(10))
    #: Phrases and facts in codes, worded when the mail is written.
    reasons: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # Any: texts, codes and numbers
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    mailed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    user: Mapped[User] = relationship()
    match: Mapped[Match] = relationship()


class AlertSetting(Base):
    """When and from how many points on a person is told of matches; without a row the defaults hold."""

    __tablename__ = "alert_setting"
    __table_args__ = (
        CheckConstraint("mode IN ('immediate','daily','weekly','off')", name="mode_known"),
        CheckConstraint("threshold BETWEEN 30 AND 100", name="threshold_range"),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True)
    mode: Mapped[str] = mapped_column(String(10), default=DEFAULT_MODE)
    threshold: Mapped[int] = mapped_column(default=DEFAULT_THRESHOLD)


class MatchedText(Base):
    """Which text of a public thing was matched last: each is matched once. No row: not matched yet, or not public."""

    __tablename__ = "matched_text"

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    #: operations.match_pair.matched_version
    version: Mapped[str] = mapped_column(String(32))
    matched_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
