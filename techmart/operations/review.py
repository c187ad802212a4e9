"""Use cases of moderation: look at what waits, and decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import joinedload, selectinload

from techmart.db import db
from techmart.errors import IllegalTransition, NotFound, StaleVersion
from techmart.models.event import Event
from techmart.models.listing import Attachment, Listing, ListingRevision
from techmart.operations.lifecycle import open_revision, perform, perform_on_revision
from techmart.operations.listing_content import FIELDS, content_of, from_json
from techmart.operations.review_figures import QueueFigures, queue_figures
from techmart.operations.review_queue import (
    DECISION_HOURS,
    QueueItem,
    age_in_hours,
    list_queue,
    proposed_content,
    waiting_codes,
)
from techmart.operations.review_risks import CODE_FIELDS, duplicates_of, risks_of
from techmart.rules.changes import FieldChange, compare, filled
from techmart.rules.clock import utc_now
from techmart.rules.lifecycle import LIVE_STATES, Action, ListingState, RevisionState
from techmart.rules.policy import Actor, Permission, can, require
from techmart.rules.risk import RiskFinding, risk_level

__all__ = [
    "DECISIONS",
    "DECISION_HOURS",
    "QueueFigures",
    "QueueItem",
    "Review",
    "decide",
    "list_queue",
    "load_review",
    "neighbours",
    "queue_figures",
]  # fmt: skip

DECISIONS = frozenset({Action.APPROVE, Action.REQUEST_CHANGES, Action.REJECT})


@dataclass(frozen=True)
class Review:
    """Everything a reviewer looks at. `compared_with` says what `changes` are against: `public` (the text readers see),
    `previous` (the last submission) or None (a first submission: `unchanged` then names all filled fields)."""

    listing: Listing
    revision: ListingRevision | None
    content: dict[str, Any]  # Any: field values
    compared_with: str | None
    changes: Sequence[FieldChange]
    unchanged: Sequence[str]
    findings: Sequence[RiskFinding]
    level: int
    duplicates: Sequence[Listing]
    history: Sequence[Event]
    attachments: Sequence[Attachment]
    submitted_at: datetime
    age_hours: int
    version: int
    is_decidable: bool
    previous_code: str | None
    next_code: str | None

    @property
    def hours_left(self) -> int:
        """Until the promised answer; negative when overdue."""
        return DECISION_HOURS - self.age_hours

    @property
    def revision_number(self) -> int | None:
        return self.revision.number if self.revision else None


def load_review(actor: Actor, code: str) -> Review:
    """What waits under `code`. Raises NotAllowed, NotFound, IllegalTransition when nothing waits there any more."""
    require(actor, Permission.MODERATION_VIEW)
    listing = _find(actor, code)
    revision = _waiting(listing, "review")
    content = proposed_content(listing, revision)
    history = _history(listing)
    before, compared_with = _before(listing, revision, history)
    fields = [*(name for name in FIELDS[listing.kind] if name != "lang"), "lang"]  # what matters little comes last
    changes, unchanged = (
        compare(before, content, fields, codes=CODE_FIELDS) if before is not None else ([], filled(content, fields))
    )
    duplicates = duplicates_of([(listing.id, str(content["title"]))]).get(listing.id, [])
    findings = risks_of(listing, content, has_duplicate_title=bool(duplicates))
    submitted_at = (revision or listing).submitted_at or utc_now()
    previous_code, next_code = neighbours(actor, code)
    return Review(
        listing=listing,
        revision=revision,
        content=content,
        compared_with=compared_with,
        changes=changes,
        unchanged=unchanged,
        findings=findings,
        level=risk_level(findings),
        duplicates=duplicates,
        history=history,
        attachments=listing.attachments,
        submitted_at=submitted_at,
        age_hours=age_in_hours(submitted_at),
        version=(revision or listing).version,
        is_decidable=can(actor, Permission.LISTING_REVIEW, listing.organisation_id),
        previous_code=previous_code,
        next_code=next_code,
    )


def decide(
    actor: Actor, code: str, action: Action, reason: str | None, version: int, *, revision_number: int | None = None
) -> None:
    """Approve, ask for changes or reject what was shown as `version` of the listing or of the numbered revision.

    Raises NotFound, NotAllowed (also for one's own organisation), StaleVersion when something else waits by now,
    IllegalTransition when nothing does, ReasonRequired.
    """
    require(actor, Permission.MODERATION_VIEW)
    listing = _find(actor, code)
    require(actor, Permission.LISTING_REVIEW, listing.organisation_id)
    if action not in DECISIONS:
        raise IllegalTransition(action, listing.state)
    revision = _waiting(listing, action)
    current = (revision or listing).version
    if current != version or (revision.number if revision else None) != revision_number:
        raise StaleVersion(given=version, current=current)
    if revision is None:
        perform(actor, listing, action, reason=reason)
    else:
        perform_on_revision(actor, revision, action, reason=reason)


def neighbours(actor: Actor, code: str) -> tuple[str | None, str | None]:
    """The codes before and after `code` in the queue that the actor may decide on.

    After the last one comes the oldest again; for a code that no longer waits, the oldest is next.
    """
    rows = waiting_codes()
    place = next((index for index, row in enumerate(rows) if row.code == code), len(rows))
    before = [row for row in rows[:place] if can(actor, Permission.LISTING_REVIEW, row.organisation_id)]
    after = [row for row in rows[place + 1 :] if can(actor, Permission.LISTING_REVIEW, row.organisation_id)]
    following = [*after, *before]
    return before[-1].code if before else None, following[0].code if following else None


def _find(actor: Actor, code: str) -> Listing:
    """The listing with all that a review shows; to staff a draft does not exist."""
    listing = db.session.scalar(
        select(Listing)
        .where(Listing.code == code)
        .options(joinedload(Listing.organisation), selectinload(Listing.attachments), selectinload(Listing.revisions))
    )
    if listing is None or not actor.reader.sees(listing.audience):
        raise NotFound
    return listing


def _waiting(listing: Listing, action: str) -> ListingRevision | None:
    """The submitted revision, or None when the listing itself waits; raises IllegalTransition when neither does."""
    if listing.state == ListingState.SUBMITTED:
        return None
    revision = open_revision(listing) if listing.state in LIVE_STATES else None
    if revision is None or revision.state != RevisionState.SUBMITTED:
        raise IllegalTransition(action, listing.state)
    return revision


def _history(listing: Listing) -> Sequence[Event]:
    """The steps of the listing and its revisions, oldest first; edits in between are not steps."""
    steps = [f"{subject}:{action}" for subject in ("listing", "revision") for action in Action]
    revisions = [revision.id for revision in listing.revisions]
    statement = (
        select(Event)
        .where(
            or_(
                and_(Event.subject_kind == "listing", Event.subject_id == listing.id),
                and_(Event.subject_kind == "revision", Event.subject_id.in_(revisions)),
            ),
            Event.action.in_(steps),
        )
        .options(joinedload(Event.actor))
        .order_by(Event.id)
    )
    return db.session.scalars(statement).all()


def _before(
    listing: Listing, revision: ListingRevision | None, history: Sequence[Event]
) -> tuple[dict[str, Any] | None, str | None]:  # Any: field values
    """The text to compare with, and what it is."""
    if revision is not None:
        return content_of(listing), "public"
    snapshots = [
        event.changes["content"] for event in history if event.action == "listing:submit" and "content" in event.changes
    ]
    return (from_json(snapshots[-2]), "previous") if len(snapshots) > 1 else (None, None)
