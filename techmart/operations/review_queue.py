"""What waits for a decision: submitted listings, and submitted revisions of listings that are live."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import joinedload, selectinload, with_polymorphic

from techmart.db import db
from techmart.models.event import Event
from techmart.models.listing import Attachment, Listing, ListingRevision
from techmart.operations.listing_content import content_of, from_json
from techmart.operations.review_risks import duplicates_of, risks_of
from techmart.rules.clock import utc_now
from techmart.rules.lifecycle import LIVE_STATES, ListingState, RevisionState
from techmart.rules.policy import Actor, Permission, can, require
from techmart.rules.risk import RiskFinding, risk_level

#: The promise to whoever posts: an answer within two days.
DECISION_HOURS = 48
QUEUE_LIMIT = 200
SORTS = ("oldest", "newest", "risk")


@dataclass(frozen=True)
class QueueItem:
    """One waiting listing (`revision` None) or revision.

    `level` is 0 to 3, `age_hours` whole hours since submission.
    """

    listing: Listing
    revision: ListingRevision | None
    title: str
    submitted_at: datetime
    age_hours: int
    findings: tuple[RiskFinding, ...]
    level: int
    attachments: tuple[Attachment, ...]
    is_resubmission: bool
    is_decidable: bool

    @property
    def is_overdue(self) -> bool:
        return self.age_hours >= DECISION_HOURS

    @property
    def heaviest(self) -> RiskFinding | None:
        """The finding to look at first."""
        return max(self.findings, key=lambda finding: risk_level([finding]), default=None)


@dataclass(frozen=True)
class WaitingCode:
    """The place of a listing in the queue, without its text."""

    code: str
    submitted_at: datetime
    organisation_id: int


def list_queue(actor: Actor, *, kind: str | None = None, sort: str = "oldest") -> list[QueueItem]:
    """Everything that waits, at most QUEUE_LIMIT of each sort, oldest first (or `newest`, or the highest `risk` first).

    Items of the actor's own organisations are in it, not decidable. The number of statements does not grow
    with the queue. Raises NotAllowed.
    """
    require(actor, Permission.MODERATION_VIEW)
    waiting = [*((listing, None) for listing in _submitted_listings(kind)),
               *((revision.listing, revision) for revision in _submitted_revisions(kind))]  # fmt: skip
    contents = [proposed_content(listing, revision) for listing, revision in waiting]
    duplicates = duplicates_of(
        [(listing.id, str(content["title"])) for (listing, _), content in zip(waiting, contents, strict=True)]
    )
    again = _resubmitted(waiting)
    items = [
        _item(actor, listing, revision, content, bool(duplicates.get(listing.id)), _subject(listing, revision) in again)
        for (listing, revision), content in zip(waiting, contents, strict=True)
    ]
    items.sort(key=lambda item: (item.submitted_at, item.listing.id), reverse=sort == "newest")
    return sorted(items, key=lambda item: -item.level) if sort == "risk" else items


def waiting_codes() -> list[WaitingCode]:
    """The whole queue, oldest first, as codes."""
    listings = select(Listing.code, Listing.submitted_at, Listing.organisation_id).where(
        Listing.state == ListingState.SUBMITTED
    )
    revisions = (
        select(Listing.code, ListingRevision.submitted_at, Listing.organisation_id)
        .join(ListingRevision, ListingRevision.listing_id == Listing.id)
        .where(ListingRevision.state == RevisionState.SUBMITTED, Listing.state.in_(LIVE_STATES))
    )
    rows = [
        WaitingCode(code, at or utc_now(), owner)
        for part in (listings, revisions)
        for code, at, owner in db.session.execute(part)
    ]
    return sorted(rows, key=lambda row: (row.submitted_at, row.code))


def proposed_content(listing: Listing, revision: ListingRevision | None) -> dict[str, Any]:  # Any: field values
    """The text that asks to be published: the revision's, or the listing's own."""
    content = content_of(listing)
    return content if revision is None else {**content, **from_json(revision.content)}


def age_in_hours(submitted_at: datetime) -> int:
    """Whole hours since then."""
    return int((utc_now() - submitted_at).total_seconds() // 3600)


def _submitted_listings(kind: str | None) -> Sequence[Listing]:
    # One SELECT over all kinds: the risks are read from every column.
    every = with_polymorphic(Listing, "*")
    statement = (
        select(every)
        .where(every.state == ListingState.SUBMITTED, *([every.kind == kind] if kind else []))
        .options(joinedload(every.organisation), selectinload(every.attachments))
        .order_by(every.submitted_at, every.id)
        .limit(QUEUE_LIMIT)
    )
    return db.session.scalars(statement).all()


def _submitted_revisions(kind: str | None) -> Sequence[ListingRevision]:
    every = with_polymorphic(Listing, "*", flat=True)
    loaded = joinedload(ListingRevision.listing.of_type(every))
    statement = (
        select(ListingRevision)
        .join(Listing, Listing.id == ListingRevision.listing_id)
        .where(
            ListingRevision.state == RevisionState.SUBMITTED,
            Listing.state.in_(LIVE_STATES),
            *([Listing.kind == kind] if kind else []),
        )
        .options(loaded.joinedload(every.organisation), loaded.selectinload(every.attachments))
        .order_by(ListingRevision.submitted_at, ListingRevision.id)
        .limit(QUEUE_LIMIT)
    )
    return db.session.scalars(statement).all()


def _subject(listing: Listing, revision: ListingRevision | None) -> tuple[str, int]:
    return ("listing", listing.id) if revision is None else ("revision", revision.id)


def _resubmitted(waiting: Iterable[tuple[Listing, ListingRevision | None]]) -> set[tuple[str, int]]:
    """Those that were submitted more than once."""
    subjects = [_subject(listing, revision) for listing, revision in waiting]
    statement = (
        select(Event.subject_kind, Event.subject_id)
        .where(
            tuple_(Event.subject_kind, Event.subject_id).in_(subjects),
            Event.action.in_(("listing:submit", "revision:submit")),
        )
        .group_by(Event.subject_kind, Event.subject_id)
        .having(func.count() > 1)
    )
    return {(kind, number) for kind, number in db.session.execute(statement)} if subjects else set()


def _item(
    actor: Actor,
    listing: Listing,
    revision: ListingRevision | None,
    content: Mapping[str, Any],
    is_duplicate: bool,
    again: bool,
) -> QueueItem:  # Any: field values
    submitted_at = (revision or listing).submitted_at or utc_now()
    findings = tuple(risks_of(listing, content, has_duplicate_title=is_duplicate))
    return QueueItem(
        listing=listing,
        revision=revision,
        title=str(content["title"]),
        submitted_at=submitted_at,
        age_hours=age_in_hours(submitted_at),
        findings=findings,
        level=risk_level(findings),
        attachments=tuple(listing.attachments),
        is_resubmission=again,
        is_decidable=can(actor, Permission.LISTING_REVIEW, listing.organisation_id),
    )
