"""A draft of a demand given to staff to complete, and what they propose."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from techmart.db import Base, UtcDateTime
from techmart.models.account import User
from techmart.models.listing import Demand
from techmart.rules.clock import utc_now
from techmart.rules.help import HelpState


class HelpRequest(Base):
    """One request. `answer`: field → proposed value of the fields that staff changed, as JSON of a listing's content; `before`:
    the same fields as they stood in the text that staff worked on."""

    __tablename__ = "help_request"
    __table_args__ = (
        CheckConstraint("state IN ('asked','answered','accepted','declined','withdrawn')", name="state_known"),
        Index("ix_help_request_demand_id_state", "demand_id", "state"),
        Index("ix_help_request_state", "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    demand_id: Mapped[int] = mapped_column(ForeignKey("demand.id", ondelete="CASCADE"))
    state: Mapped[str] = mapped_column(String(12), default=HelpState.ASKED)
    #: What the owner asks, what staff say to their proposal, and why it was declined.
    question: Mapped[str] = mapped_column(String(1000), default="")
    note: Mapped[str] = mapped_column(String(1000), default="")
    reason: Mapped[str] = mapped_column(String(1000), default="")
    answer: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # Any: as in ListingRevision.content
    before: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    demand: Mapped[Demand] = relationship()
    asked_by: Mapped[User | None] = relationship(foreign_keys=[asked_by_id])
    answered_by: Mapped[User | None] = relationship(foreign_keys=[answered_by_id])

    __mapper_args__ = {"version_id_col": version}
