"""Use cases of listings: create, find, list, copy, delete. `revision` holds editing, `lifecycle` the state tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import joinedload, selectin_polymorphic, selectinload

from techmart.db import db
from techmart.errors import IllegalTransition, NotAllowed, NotFound
from techmart.models.event import Event
from techmart.models.listing import LISTING_CLASSES, Demand, Listing, ListingRevision, Offer, Patent
from techmart.operations.code import next_code
from techmart.operations.event import record_event
from techmart.operations.listing_content import checked, content_of
from techmart.operations.revision import EditState, discard_revision, edit_state, save_listing, submit_listing
from techmart.rules.audience import audience_of
from techmart.rules.identifiers import parse_listing_code
from techmart.rules.lifecycle import ListingState
from techmart.rules.policy import Actor, Permission, can, require

__all__ = ["EditState", "copy_listing", "create_listing", "delete_draft", "discard_revision", "edit_state", "events_of",
           "find_editable", "find_listing", "list_own", "save_listing", "submit_listing"]  # fmt: skip


def create_listing(
    actor: Actor,
    kind: str,
    organisation_id: int,
    content: Mapping[str, Any],  # Any: see Content
) -> Listing:
    """A draft of `kind` (offer, patent, demand) with a code of its own.

    Raises NotAllowed, InvalidFields, NotFound for an unknown kind.
    """
    require(actor, Permission.LISTING_CREATE, organisation_id)
    if kind not in LISTING_CLASSES:
        raise NotFound
    values = checked(kind, content)
    listing = LISTING_CLASSES[kind](
        code=next_code(db.session(), kind),
        organisation_id=organisation_id,
        created_by_id=actor.user_id,
        state=ListingState.DRAFT,
        audience=audience_of(ListingState.DRAFT, organisation_id),
        **values,
    )
    db.session.add(listing)
    db.session.flush()
    record_event(actor, "listing", listing.id, "create", to_state=ListingState.DRAFT)
    return listing


def find_listing(actor: Actor, kind: str, code: str) -> Listing:
    """The listing of this kind and code. Raises NotFound when there is none or the actor may not know of it."""
    model = LISTING_CLASSES.get(kind)
    canonical = parse_listing_code(code)
    if model is None or canonical is None:
        raise NotFound
    listing = db.session.scalar(select(model).where(model.code == canonical).options(joinedload(model.organisation)))
    if listing is None or not actor.reader.sees(listing.audience):
        raise NotFound
    return listing


def find_editable(actor: Actor, kind: str, code: str) -> Listing:
    """The same for somebody who wants to change it. Raises NotFound for strangers, NotAllowed for viewers and staff."""
    listing = find_listing(actor, kind, code)
    if can(actor, Permission.LISTING_EDIT, listing.organisation_id):
        return listing
    if actor.is_staff or listing.organisation_id in actor.organisation_roles:
        raise NotAllowed(Permission.LISTING_EDIT)
    raise NotFound


def delete_draft(actor: Actor, listing: Listing) -> None:
    """Remove a draft that was never handed in. Raises NotAllowed, IllegalTransition for anything else."""
    require(actor, Permission.LISTING_EDIT, listing.organisation_id)
    if listing.state != ListingState.DRAFT or listing.submitted_at is not None:
        raise IllegalTransition("delete", listing.state)
    changes = {"code": [listing.code, None]}
    record_event(actor, "listing", listing.id, "delete", from_state=ListingState.DRAFT, changes=changes)
    db.session.delete(listing)


def copy_listing(actor: Actor, listing: Listing) -> Listing:
    """A new draft of the same organisation with the same content, without attachments. Raises NotAllowed."""
    require(actor, Permission.LISTING_CREATE, listing.organisation_id)
    return create_listing(actor, listing.kind, listing.organisation_id, content_of(listing))


def list_own(actor: Actor, *, kind: str | None = None) -> Sequence[Listing]:
    """All listings of the actor's organisations, the one changed last first; organisations and revisions are loaded."""
    statement = (
        select(Listing)
        .where(Listing.organisation_id.in_(actor.organisation_roles))
        .order_by(Listing.updated_at.desc(), Listing.id.desc())
        .options(
            selectin_polymorphic(Listing, [Offer, Patent, Demand]),
            selectinload(Listing.organisation),
            selectinload(Listing.revisions),
        )
    )
    if kind is not None:
        statement = statement.where(Listing.kind == kind)
    return db.session.scalars(statement).all()


def events_of(actor: Actor, listing: Listing) -> Sequence[Event]:
    """What happened to the listing and its revisions, oldest first. Raises NotAllowed for strangers."""
    if not (actor.is_staff or listing.organisation_id in actor.organisation_roles):
        raise NotAllowed(Permission.WORKSPACE_VIEW)
    revisions = select(ListingRevision.id).where(ListingRevision.listing_id == listing.id)
    about_listing = and_(Event.subject_kind == "listing", Event.subject_id == listing.id)
    about_revision = and_(Event.subject_kind == "revision", Event.subject_id.in_(revisions))
    statement = select(Event).where(or_(about_listing, about_revision)).options(joinedload(Event.actor))
    return db.session.scalars(statement.order_by(Event.id)).all()
