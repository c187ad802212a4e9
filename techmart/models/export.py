"""Exports too large for one request: asked for on a page, written by the worker, fetched by their owner."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from techmart.db import Base, UtcDateTime
from techmart.rules.clock import utc_now


class ExportJob(Base):
    """One export of a search and how far it is. The file lies in the private folder under the number of the row."""

    __tablename__ = "export_job"
    __table_args__ = (
        CheckConstraint("format IN ('csv', 'xlsx')", name="format_known"),
        CheckConstraint("state IN ('queued', 'running', 'done', 'failed', 'cancelled')", name="state_known"),
        CheckConstraint("done >= 0 AND done <= total", name="done_within_total"),
        Index("ix_export_job_user_id_created_at", "user_id", "created_at"),
        Index("ix_export_job_state", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    format: Mapped[str] = mapped_column(String(10))
    #: The pairs of the search's address.
    parameters: Mapped[list[list[str]]] = mapped_column(JSON)
    locale: Mapped[str] = mapped_column(String(5), default="vi")
    state: Mapped[str] = mapped_column(String(10), default="queued")
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    #: What the browser shall call the file.
    file_name: Mapped[str] = mapped_column(String(150))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)

    @property
    def is_open(self) -> bool:
        """Whether a worker still has something to do for it."""
        return self.state in ("queued", "running")
