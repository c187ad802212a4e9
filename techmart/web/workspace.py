"""The desk of a signed-in person: what waits for him, his listings, his organisations, what is new."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from techmart.models.listing import Listing, ListingRevision
from techmart.models.saved_search import SavedSearch
from techmart.operations import listing as listings
from techmart.operations import notification as notifications
from techmart.operations.lifecycle import open_revision
from techmart.operations.match import count_new as count_new_matches
from techmart.operations.organisation import list_own_organisations
from techmart.operations.saved_search import list_saved
from techmart.rules.completeness import problems_before_submission
from techmart.rules.lifecycle import ListingState, RevisionState
from techmart.rules.policy import Actor, Permission, can
from techmart.web.actor import current_actor
from techmart.web.forms.account import ActionForm
from techmart.web.guards import guard
from techmart.web.notification_words import lines_of
from techmart.web.saved_search_view import count_new

bp = Blueprint("workspace", __name__)

PAGE_SIZE = 25
SEARCHES_SHOWN = 5
KINDS = ("offer", "patent", "demand")
_WAITING = frozenset({ListingState.CHANGES_REQUESTED, ListingState.DUE, ListingState.STALE, ListingState.HIDDEN})
_LATE = frozenset({ListingState.STALE, ListingState.HIDDEN})


@dataclass(frozen=True)
class Row:
    """A listing as the desk shows it: a note under its state, and the next step as a button."""

    listing: Listing
    revision: ListingRevision | None
    note: str
    step: str
    href: str
    #: The step changes something, so it is posted rather than followed.
    is_posted: bool
    waits: bool
    is_late: bool


@bp.get("/workspace")
@guard(Permission.WORKSPACE_VIEW)
def index() -> ResponseReturnValue:
    actor = current_actor()
    rows = [_row(actor, listing) for listing in listings.list_own(actor)]
    kind = request.args.get("kind", "")
    chosen = [row for row in rows if kind not in KINDS or row.listing.kind == kind]
    pages = max(1, -(-len(chosen) // PAGE_SIZE))
    page = min(max(1, request.args.get("page", 1, type=int)), pages)
    return render_template(
        "workspace/index.html",
        waiting=sorted((row for row in rows if row.waits), key=lambda row: not row.is_late),
        rows=chosen[(page - 1) * PAGE_SIZE : page * PAGE_SIZE],
        counts={name: sum(row.listing.kind == name for row in rows) for name in KINDS},
        kind=kind if kind in KINDS else "",
        page=page,
        pages=pages,
        total=len(chosen),
        organisations=list_own_organisations(actor),
        may_create=can(actor, Permission.LISTING_CREATE),
        lines=lines_of(notifications.list_notifications(actor, limit=6)),
        new_matches=count_new_matches(actor),
        searches=_newest_searches(actor),
        action_form=ActionForm(),
        nav="workspace",
    )


def _newest_searches(actor: Actor) -> list[tuple[SavedSearch, int]]:
    """The first saved searches with the number of new things, those with most first."""
    counted = [(row, count_new(row)) for row in list_saved(actor)]
    return sorted(counted, key=lambda pair: -pair[1])[:SEARCHES_SHOWN]


def _row(actor: Actor, listing: Listing) -> Row:
    revision = open_revision(listing)
    state = ListingState(listing.state)
    may_edit = can(actor, Permission.LISTING_EDIT, listing.organisation_id)
    asked = revision is not None and revision.state == RevisionState.CHANGES_REQUESTED
    step, view = _next_step(state, revision) if may_edit else (_("Mở"), "show")
    values = {"code": listing.code, "action": "confirm"} if view == "act" else {"code": listing.code}
    href = url_for(f"{listing.kind}s.{view}", **values)  # type: ignore[arg-type]  # mypy takes them for url_for's own options
    return Row(
        listing, revision, _note(listing, state, revision), step, href,
        is_posted=view == "act", waits=may_edit and (state in _WAITING or asked), is_late=state in _LATE,
    )  # fmt: skip


def _next_step(state: ListingState, revision: ListingRevision | None) -> tuple[str, str]:
    """The words of the button and the view it leads to."""
    if state is ListingState.DRAFT:
        return _("Soạn tiếp"), "edit"
    if state is ListingState.CHANGES_REQUESTED or (revision and revision.state == RevisionState.CHANGES_REQUESTED):
        return _("Sửa"), "edit"
    if state in (ListingState.DUE, ListingState.STALE, ListingState.HIDDEN):
        return _("Xác nhận"), "act"
    if revision and revision.state == RevisionState.DRAFT:
        return _("Sửa tiếp"), "edit"
    return _("Mở"), "show"


def _note(listing: Listing, state: ListingState, revision: ListingRevision | None) -> str:
    """One line under the state: what is missing, or until when."""
    if state is ListingState.DRAFT:
        missing = len(problems_before_submission(listing.kind, listings.edit_state(listing).content))
        return str(_("Còn thiếu %(count)s mục", count=missing) if missing else _("Đủ để gửi duyệt"))
    if state in (ListingState.DUE, ListingState.STALE) and listing.confirm_due_on:
        return str(_("Hạn xác nhận %(day)s", day=f"{listing.confirm_due_on:%d/%m/%Y}"))
    if state is ListingState.HIDDEN:
        return str(_("Xác nhận là tin hiện lại"))
    if revision is not None:
        words: dict[str, str] = {
            RevisionState.DRAFT: _("Có bản sửa chưa gửi"),
            RevisionState.SUBMITTED: _("Bản sửa đang chờ duyệt"),
            RevisionState.CHANGES_REQUESTED: _("Bản sửa cần sửa thêm"),
        }
        return words.get(revision.state, "")
    return ""
