"""Listings: technology offers, patents and demands as one joined table, so that search, review and audience are written once."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.schema import SchemaItem

from techmart.db import Base, UtcDateTime
from techmart.models.account import User
from techmart.models.organisation import Organisation
from techmart.rules.clock import utc_now
from techmart.rules.lifecycle import ListingState


class Listing(Base):
    """What all three kinds share. Field names are the words of forms, import files and the index."""

    __tablename__ = "listing"
    __table_args__: tuple[SchemaItem, ...] = (
        CheckConstraint("kind IN ('offer','patent','demand')", name="kind_known"),
        CheckConstraint("lang IN ('vi','en')", name="lang_known"),
        CheckConstraint(
            "(audience = 'public') = (state IN ('published','due','stale','transferred'))",
            name="audience_follows_state",
        ),
        CheckConstraint(
            "state IN ('draft','submitted','changes_requested','rejected','withdrawn','archived') "
            "OR published_at IS NOT NULL",
            name="published_has_date",
        ),
        UniqueConstraint("source", "source_id"),
        Index("ix_listing_state_submitted_at", "state", "submitted_at"),
        Index("ix_listing_kind_published_at", "kind", "published_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    kind: Mapped[str] = mapped_column(String(10))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    lang: Mapped[str] = mapped_column(String(2), default="vi")
    title: Mapped[str] = mapped_column(String(200), default="")
    summary: Mapped[str] = mapped_column(String(500), default="")
    title_en: Mapped[str] = mapped_column(String(200), default="")
    summary_en: Mapped[str] = mapped_column(String(500), default="")
    sectors: Mapped[list[str]] = mapped_column(JSON, default=list)
    ipc: Mapped[list[str]] = mapped_column(JSON, default=list)
    keywords: Mapped[list[str]] = mapped_column(JSON, default=list)
    province_code: Mapped[str | None] = mapped_column(String(2))
    origin: Mapped[str] = mapped_column(String(10), default="domestic")
    state: Mapped[ListingState] = mapped_column(String(20), default=ListingState.DRAFT)
    audience: Mapped[str] = mapped_column(String(40), index=True)
    illustrative: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    source: Mapped[str | None] = mapped_column(String(60))
    source_id: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now, onupdate=utc_now)
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    confirm_due_on: Mapped[date | None]
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    version: Mapped[int] = mapped_column(default=1)

    organisation: Mapped[Organisation] = relationship()
    created_by: Mapped[User | None] = relationship(foreign_keys=[created_by_id])
    reviewer: Mapped[User | None] = relationship(foreign_keys=[reviewer_id])
    attachments: Mapped[list[Attachment]] = relationship(
        back_populates="listing", cascade="all, delete-orphan", order_by="Attachment.id"
    )
    revisions: Mapped[list[ListingRevision]] = relationship(
        back_populates="listing", cascade="all, delete-orphan", order_by="ListingRevision.number"
    )

    __mapper_args__ = {"polymorphic_on": kind, "version_id_col": version}

    @property
    def key(self) -> str:
        """Its name in the search index."""
        return f"{self.kind}:{self.id}"

    @property
    def is_public(self) -> bool:
        return self.audience == "public"

    def name_in(self, locale: str) -> str:
        """The title in that language where it has one."""
        return self.title_en if locale == "en" and self.title_en else self.title


class Offer(Listing):
    """A technology offered for transfer. Objects, right and forms follow law 07/2017/QH14 art. 2, 4 and 5."""

    __tablename__ = "offer"
    __table_args__ = (
        CheckConstraint("trl IS NULL OR trl BETWEEN 1 AND 9", name="trl_range"),
        CheckConstraint("price_min_vnd IS NULL OR price_min_vnd >= 0", name="price_not_negative"),
        CheckConstraint(
            "price_max_vnd IS NULL OR price_min_vnd IS NULL OR price_max_vnd >= price_min_vnd", name="price_ordered"
        ),
    )

    id: Mapped[int] = mapped_column(ForeignKey("listing.id", ondelete="CASCADE"), primary_key=True)
    problem: Mapped[str] = mapped_column(Text, default="")
    how_it_works: Mapped[str] = mapped_column(Text, default="")
    advantage: Mapped[str] = mapped_column(Text, default="")
    economic_comparison: Mapped[str] = mapped_column(Text, default="")
    #: Rows of {name, value, unit, current_practice, condition}, all texts.
    figures: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    trl: Mapped[int | None]
    trl_evidence: Mapped[str] = mapped_column(Text, default="")
    objects: Mapped[list[str]] = mapped_column(JSON, default=list)
    transfer_right: Mapped[str | None] = mapped_column(String(30))
    transfer_forms: Mapped[list[str]] = mapped_column(JSON, default=list)
    support: Mapped[str] = mapped_column(Text, default="")
    partner_sought: Mapped[str] = mapped_column(Text, default="")
    price_mode: Mapped[str | None] = mapped_column(String(20))
    price_min_vnd: Mapped[int | None] = mapped_column(BigInteger)
    price_max_vnd: Mapped[int | None] = mapped_column(BigInteger)
    ip_status: Mapped[str | None] = mapped_column(String(20))
    ip_note: Mapped[str] = mapped_column(Text, default="")
    state_funded: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    result_number: Mapped[str] = mapped_column(String(100), default="")
    publications: Mapped[str] = mapped_column(Text, default="")

    __mapper_args__ = {"polymorphic_identity": "offer"}


class Patent(Listing):
    """A patent or utility solution, with the INID data (WIPO ST.9) of the gazette."""

    __tablename__ = "patent"
    __table_args__ = (
        CheckConstraint("trl IS NULL OR trl BETWEEN 1 AND 9", name="trl_range"),
        CheckConstraint("patent_type IN ('invention','utility_solution')", name="patent_type_known"),
    )

    id: Mapped[int] = mapped_column(ForeignKey("listing.id", ondelete="CASCADE"), primary_key=True)
    patent_type: Mapped[str] = mapped_column(String(20), default="invention")
    application_number: Mapped[str] = mapped_column(String(40), default="")
    publication_number: Mapped[str] = mapped_column(String(40), default="")
    grant_number: Mapped[str] = mapped_column(String(40), default="")
    pct_number: Mapped[str] = mapped_column(String(40), default="")
    filing_on: Mapped[date | None]
    publication_on: Mapped[date | None]
    grant_on: Mapped[date | None]
    maintained_until: Mapped[date | None]
    priority: Mapped[str] = mapped_column(Text, default="")
    applicants: Mapped[str] = mapped_column(Text, default="")
    inventors: Mapped[str] = mapped_column(Text, default="")
    owner: Mapped[str] = mapped_column(Text, default="")
    agent: Mapped[str] = mapped_column(Text, default="")
    abstract: Mapped[str] = mapped_column(Text, default="")
    claims: Mapped[str] = mapped_column(Text, default="")
    ip_status: Mapped[str | None] = mapped_column(String(20))
    trl: Mapped[int | None]
    transfer_right: Mapped[str | None] = mapped_column(String(30))
    transfer_forms: Mapped[list[str]] = mapped_column(JSON, default=list)
    price_mode: Mapped[str | None] = mapped_column(String(20))
    price_min_vnd: Mapped[int | None] = mapped_column(BigInteger)
    price_max_vnd: Mapped[int | None] = mapped_column(BigInteger)

    __mapper_args__ = {"polymorphic_identity": "patent"}


class Demand(Listing):
    """A technology need. The five elements material, method, efficacy, product, application are what matching works on."""

    __tablename__ = "demand"
    __table_args__ = (
        CheckConstraint("trl_min IS NULL OR trl_min BETWEEN 1 AND 9", name="trl_min_range"),
        CheckConstraint(
            "budget_max_vnd IS NULL OR budget_min_vnd IS NULL OR budget_max_vnd >= budget_min_vnd",
            name="budget_ordered",
        ),
    )

    id: Mapped[int] = mapped_column(ForeignKey("listing.id", ondelete="CASCADE"), primary_key=True)
    problem: Mapped[str] = mapped_column(Text, default="")
    material: Mapped[str] = mapped_column(Text, default="")
    method: Mapped[str] = mapped_column(Text, default="")
    excluded_methods: Mapped[str] = mapped_column(Text, default="")
    efficacy_target: Mapped[str] = mapped_column(Text, default="")
    product: Mapped[str] = mapped_column(Text, default="")
    application: Mapped[str] = mapped_column(Text, default="")
    constraints: Mapped[str] = mapped_column(Text, default="")
    budget_min_vnd: Mapped[int | None] = mapped_column(BigInteger)
    budget_max_vnd: Mapped[int | None] = mapped_column(BigInteger)
    trl_min: Mapped[int | None]
    wanted_right: Mapped[str | None] = mapped_column(String(30))
    wanted_forms: Mapped[list[str]] = mapped_column(JSON, default=list)
    deadline_on: Mapped[date | None]
    #: The organisation's name is shown only to staff and to whoever it answers.
    anonymous: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())

    __mapper_args__ = {"polymorphic_identity": "demand"}


class ListingRevision(Base):
    """A proposed or accepted text of a listing: `content` maps field names to values. Accepted ones are the history."""

    __tablename__ = "listing_revision"
    __table_args__ = (UniqueConstraint("listing_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]
    state: Mapped[str] = mapped_column(String(20), index=True)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)  # Any: field values are texts, numbers, lists
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    listing: Mapped[Listing] = relationship(back_populates="revisions")

    __mapper_args__ = {"version_id_col": version}


class Attachment(Base):
    """A file of a listing. The bytes lie outside the web root under their SHA-256; the row holds the shown name."""

    __tablename__ = "attachment"
    __table_args__ = (UniqueConstraint("listing_id", "sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id", ondelete="CASCADE"), index=True)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    filename: Mapped[str] = mapped_column(String(150))
    media_type: Mapped[str] = mapped_column(String(100))
    size_bytes: Mapped[int]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)

    listing: Mapped[Listing] = relationship(back_populates="attachments")


class CodeCounter(Base):
    """The last number given out for a code prefix and year, e.g. `CN-2026`."""

    __tablename__ = "code_counter"

    prefix: Mapped[str] = mapped_column(String(12), primary_key=True)
    last_number: Mapped[int] = mapped_column(default=0)


LISTING_CLASSES: dict[str, type[Listing]] = {"offer": Offer, "patent": Patent, "demand": Demand}
