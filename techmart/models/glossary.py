"""Terms that staff add to the bilingual glossary of the search."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from techmart.db import Base, UtcDateTime
from techmart.models.account import User
from techmart.rules.clock import utc_now


class GlossaryTerm(Base):
    """One Vietnamese–English pair that staff added. Shipped terms and imported dictionaries are files, not rows."""

    __tablename__ = "glossary_term"
    __table_args__ = (
        UniqueConstraint("vi", "en"),
        CheckConstraint("vi <> '' AND en <> ''", name="both_sides_given"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    vi: Mapped[str] = mapped_column(String(120))
    en: Mapped[str] = mapped_column(String(120))
    #: A code of the list `glossary_domain`.
    domain: Mapped[str] = mapped_column(String(20), default="general")
    #: Both sides folded, for looking a term up without accents.
    folded: Mapped[str] = mapped_column(String(250), index=True)
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now, onupdate=utc_now)
    version: Mapped[int] = mapped_column(default=1)

    added_by: Mapped[User | None] = relationship()

    __mapper_args__ = {"version_id_col": version}
