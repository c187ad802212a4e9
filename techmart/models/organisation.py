"""Organisations, their members and open invitations."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, Boolean, CheckConstraint, ForeignKey, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from techmart.db import Base, UtcDateTime
from techmart.models.account import User
from techmart.rules.clock import utc_now


def organisation_key(number: int) -> str:
    """What the organisation of that number is called in the search index and where work waits."""
    return f"organisation:{number}"


class Organisation(Base):
    """A business, institute, university, agency or intermediary. Public once created; `verified_at` says staff checked it."""

    __tablename__ = "organisation"
    __table_args__ = (
        CheckConstraint("kind IN ('business','institute','university','agency','intermediary')", name="kind_known"),
        CheckConstraint("id_type IN ('mst','personal','foreign','none')", name="id_type_known"),
        CheckConstraint(
            "(verified_at IS NULL) = (verified_by_id IS NULL) AND (verified_at IS NULL) = (verification_evidence IS NULL)",
            name="verified_by_someone_on_evidence",
        ),
        UniqueConstraint("source", "source_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    name_vi: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200), default="")
    id_type: Mapped[str] = mapped_column(String(10), default="none")
    #: Compact form, digits only; unique where given.
    tax_code: Mapped[str | None] = mapped_column(String(20), unique=True)
    sectors: Mapped[list[str]] = mapped_column(JSON, default=list)
    province_code: Mapped[str | None] = mapped_column(String(2))
    country: Mapped[str] = mapped_column(String(2), default="VN")
    address: Mapped[str] = mapped_column(String(300), default="")
    website: Mapped[str] = mapped_column(String(300), default="")
    capability: Mapped[str] = mapped_column(Text, default="")
    founded_year: Mapped[int | None]
    #: Agreed to be suggested to technology owners as a possible adopter; never pre-ticked.
    is_suggestable: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    illustrative: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    verified_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    verified_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    verification_evidence: Mapped[str | None] = mapped_column(String(500))
    source: Mapped[str | None] = mapped_column(String(60))
    source_id: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now, onupdate=utc_now)
    version: Mapped[int] = mapped_column(default=1)

    members: Mapped[list[Membership]] = relationship(back_populates="organisation", cascade="all, delete-orphan")
    verified_by: Mapped[User | None] = relationship()

    __mapper_args__ = {"version_id_col": version}

    @property
    def is_verified(self) -> bool:
        return self.verified_at is not None

    def name_in(self, locale: str) -> str:
        """The name in that language where it has one."""
        return self.name_en if locale == "en" and self.name_en else self.name_vi

    @property
    def key(self) -> str:
        """Its name in the search index."""
        return organisation_key(self.id)


class Membership(Base):
    """A user's role in an organisation."""

    __tablename__ = "membership"
    __table_args__ = (
        UniqueConstraint("organisation_id", "user_id"),
        CheckConstraint("role IN ('owner','editor','viewer')", name="role_known"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)

    organisation: Mapped[Organisation] = relationship(back_populates="members", lazy="joined")
    user: Mapped[User] = relationship(back_populates="memberships")


class Invitation(Base):
    """An offer of membership sent to an address; accepted by whoever holds the mailed link and confirms that address."""

    __tablename__ = "invitation"
    __table_args__ = (CheckConstraint("role IN ('owner','editor','viewer')", name="role_known"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"), index=True)
    email: Mapped[str] = mapped_column(String(254))
    role: Mapped[str] = mapped_column(String(10))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    invited_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    organisation: Mapped[Organisation] = relationship(lazy="joined")
