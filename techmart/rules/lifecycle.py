"""State tables of listings and their revisions, as data, and the pure step that reads them.

A state never follows from the clock alone: a daily command performs `mark_due`, `mark_stale`, `hide` and `archive`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from techmart.errors import IllegalTransition, ReasonRequired
from techmart.rules.policy import Permission


class ListingState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    CHANGES_REQUESTED = "changes_requested"
    PUBLISHED = "published"
    DUE = "due"
    STALE = "stale"
    HIDDEN = "hidden"
    ARCHIVED = "archived"
    WITHDRAWN = "withdrawn"
    REJECTED = "rejected"
    TRANSFERRED = "transferred"


class RevisionState(StrEnum):
    """A revision is a proposed new text of a published listing; the old text stays public until it is approved."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    CHANGES_REQUESTED = "changes_requested"
    APPROVED = "approved"
    REJECTED = "rejected"
    DISCARDED = "discarded"


class Action(StrEnum):
    SUBMIT = "submit"
    RECALL = "recall"
    REQUEST_CHANGES = "request_changes"
    APPROVE = "approve"
    REJECT = "reject"
    CONFIRM = "confirm"
    MARK_DUE = "mark_due"
    MARK_STALE = "mark_stale"
    HIDE = "hide"
    ARCHIVE = "archive"
    WITHDRAW = "withdraw"
    REOPEN = "reopen"
    MARK_TRANSFERRED = "mark_transferred"
    DISCARD = "discard"


S = TypeVar("S", bound=StrEnum)


@dataclass(frozen=True)
class Transition(Generic[S]):
    """One row of a state table: what leads where, who may, and whether a reason must be given."""

    action: Action
    sources: frozenset[S]
    target: S
    permission: Permission
    reason_required: bool = False


L, R = ListingState, RevisionState


def _listing(
    action: Action,
    sources: Iterable[ListingState],
    target: ListingState,
    permission: Permission,
    *,
    reason: bool = False,
) -> Transition[ListingState]:
    return Transition(action, frozenset(sources), target, permission, reason)


def _revision(
    action: Action,
    sources: Iterable[RevisionState],
    target: RevisionState,
    permission: Permission,
    *,
    reason: bool = False,
) -> Transition[RevisionState]:
    return Transition(action, frozenset(sources), target, permission, reason)


_LIVE = (L.PUBLISHED, L.DUE, L.STALE)

LISTING_TRANSITIONS: tuple[Transition[ListingState], ...] = (
    _listing(Action.SUBMIT, (L.DRAFT, L.CHANGES_REQUESTED), L.SUBMITTED, Permission.LISTING_SUBMIT),
    _listing(Action.RECALL, (L.SUBMITTED,), L.DRAFT, Permission.LISTING_SUBMIT),
    _listing(Action.REQUEST_CHANGES, (L.SUBMITTED,), L.CHANGES_REQUESTED, Permission.LISTING_REVIEW, reason=True),
    _listing(Action.APPROVE, (L.SUBMITTED,), L.PUBLISHED, Permission.LISTING_REVIEW),
    _listing(Action.REJECT, (L.SUBMITTED,), L.REJECTED, Permission.LISTING_REVIEW, reason=True),
    _listing(Action.CONFIRM, (*_LIVE, L.HIDDEN), L.PUBLISHED, Permission.LISTING_CONFIRM),
    _listing(Action.MARK_DUE, (L.PUBLISHED,), L.DUE, Permission.LISTING_AGE),
    _listing(Action.MARK_STALE, (L.DUE,), L.STALE, Permission.LISTING_AGE),
    _listing(Action.HIDE, _LIVE, L.HIDDEN, Permission.LISTING_AGE, reason=True),
    _listing(Action.ARCHIVE, (L.HIDDEN, L.WITHDRAWN, L.REJECTED), L.ARCHIVED, Permission.LISTING_AGE),
    _listing(
        Action.WITHDRAW, (*_LIVE, L.SUBMITTED, L.CHANGES_REQUESTED, L.HIDDEN), L.WITHDRAWN, Permission.LISTING_WITHDRAW
    ),
    _listing(Action.REOPEN, (L.WITHDRAWN, L.REJECTED, L.ARCHIVED), L.DRAFT, Permission.LISTING_SUBMIT),
    _listing(Action.MARK_TRANSFERRED, _LIVE, L.TRANSFERRED, Permission.LISTING_WITHDRAW),
)

REVISION_TRANSITIONS: tuple[Transition[RevisionState], ...] = (
    _revision(Action.SUBMIT, (R.DRAFT, R.CHANGES_REQUESTED), R.SUBMITTED, Permission.LISTING_SUBMIT),
    _revision(Action.RECALL, (R.SUBMITTED,), R.DRAFT, Permission.LISTING_SUBMIT),
    _revision(Action.REQUEST_CHANGES, (R.SUBMITTED,), R.CHANGES_REQUESTED, Permission.LISTING_REVIEW, reason=True),
    _revision(Action.APPROVE, (R.SUBMITTED,), R.APPROVED, Permission.LISTING_REVIEW),
    _revision(Action.REJECT, (R.SUBMITTED,), R.REJECTED, Permission.LISTING_REVIEW, reason=True),
    _revision(Action.DISCARD, (R.DRAFT, R.CHANGES_REQUESTED), R.DISCARDED, Permission.LISTING_EDIT),
)

#: States in which the owner edits the listing itself; in live states an edit opens a revision instead.
EDITABLE_STATES = frozenset({L.DRAFT, L.CHANGES_REQUESTED})
LIVE_STATES = frozenset(_LIVE)


def find_transition(table: Iterable[Transition[S]], action: Action, state: S, *, reason: str | None) -> Transition[S]:
    """The row of `table` for `action` from `state`.

    Raises IllegalTransition when the action leads nowhere from here, ReasonRequired when it must say why and does not.
    """
    for row in table:
        if row.action is action and state in row.sources:
            if row.reason_required and not (reason or "").strip():
                raise ReasonRequired(action)
            return row
    raise IllegalTransition(action, state)


def actions_from(table: Iterable[Transition[S]], state: S) -> tuple[Transition[S], ...]:
    """The rows that lead out of `state`, in table order; a page offers those its reader is permitted."""
    return tuple(row for row in table if state in row.sources)
