"""Use cases of attachments: prepare, attach, remove, open, sweep.

A file is read, checked and put in place by `prepare_attachment`, outside any transaction, for it may take seconds;
`attach` then writes the row. A file whose row never came is found by `sweep_uploads`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import IO

from flask import current_app
from sqlalchemy import func, select

from config import Settings
from techmart.db import db
from techmart.errors import IllegalTransition, NotFound, UploadRefused
from techmart.exchange.upload_check import MAXIMUM_FILE_BYTES, check_upload, extension_of
from techmart.exchange.upload_store import store_file, stored_path, sweep_files
from techmart.models.listing import Attachment, Listing
from techmart.models.organisation import Organisation
from techmart.operations.event import record_event
from techmart.operations.listing import find_editable, find_listing
from techmart.rules.lifecycle import EDITABLE_STATES, LIVE_STATES
from techmart.rules.policy import Actor, Permission, require
from techmart.rules.text import safe_filename

MAXIMUM_FILES = 10
_MEGABYTE = 1024 * 1024
#: A file this young may belong to a row that is not committed yet.
_ORPHAN_AGE = timedelta(days=1)


@dataclass(frozen=True)
class PreparedFile:
    """A checked file that lies in its place and waits for its row."""

    filename: str
    media_type: str
    sha256: str
    size_bytes: int


def find_attachable(actor: Actor, kind: str, code: str) -> Listing:
    """The listing, when the actor may change its attachments now.

    Raises NotFound (also for strangers and what is not visible), NotAllowed for viewers and staff, IllegalTransition
    where nothing can be edited.
    """
    listing = find_editable(actor, kind, code)
    _check_may_change(actor, listing)
    return listing


def prepare_attachment(filename: str, stream: IO[bytes]) -> PreparedFile:
    """Read, check and store a file. Takes up to 30 s, so never inside a unit of work. Raises UploadRefused."""
    extension_of(filename)  # a wrong name is refused before anything is read
    checked = check_upload(stream.read(MAXIMUM_FILE_BYTES + 1), filename)
    digest = store_file(_settings().upload_dir, checked.content)
    return PreparedFile(safe_filename(filename), checked.media_type, digest, len(checked.content))


def attach(actor: Actor, listing: Listing, prepared: PreparedFile) -> Attachment:
    """Add the row of a prepared file; the same file a second time gives the row there is.

    Raises NotAllowed, IllegalTransition, UploadRefused (`count`, `quota`).
    """
    _check_may_change(actor, listing)
    # On PostgreSQL two uploads at once must not both see room; SQLite has one writer anyway.
    db.session.get(Organisation, listing.organisation_id, with_for_update=True)
    known = select(Attachment).where(Attachment.listing_id == listing.id, Attachment.sha256 == prepared.sha256)
    if (row := db.session.scalar(known)) is not None:
        return row
    check_room(listing, prepared.size_bytes)
    attachment = Attachment(
        listing=listing,
        sha256=prepared.sha256,
        filename=prepared.filename,
        media_type=prepared.media_type,
        size_bytes=prepared.size_bytes,
        created_by_id=actor.user_id,
    )
    db.session.add(attachment)
    db.session.flush()
    record_event(actor, "listing", listing.id, "attach", changes={"attachment": [None, prepared.filename]})
    return attachment


def check_room(listing: Listing, size_bytes: int = 1) -> None:
    """Raises UploadRefused (`count`, `quota`) when a file of this size has no room; asked early to spare the work."""
    count = db.session.scalar(select(func.count()).where(Attachment.listing_id == listing.id)) or 0
    if count >= MAXIMUM_FILES:
        raise UploadRefused("count", MAXIMUM_FILES)
    quota = _settings().organisation_quota_mb * _MEGABYTE
    if used_bytes(listing.organisation_id) + size_bytes > quota:
        raise UploadRefused("quota", quota)


def add_attachment(actor: Actor, listing: Listing, *, filename: str, stream: IO[bytes]) -> Attachment:
    """`prepare_attachment` and `attach` in one, for commands and tests; pages call the two so that no writer waits."""
    _check_may_change(actor, listing)
    return attach(actor, listing, prepare_attachment(filename, stream))


def remove_attachment(actor: Actor, listing: Listing, attachment_id: int) -> None:
    """Delete the row; the bytes go with the next sweep. Raises NotAllowed, IllegalTransition, NotFound."""
    _check_may_change(actor, listing)
    attachment = db.session.get(Attachment, attachment_id)
    if attachment is None or attachment.listing_id != listing.id:
        raise NotFound
    record_event(actor, "listing", listing.id, "detach", changes={"attachment": [attachment.filename, None]})
    db.session.delete(attachment)
    db.session.flush()
    db.session.expire(listing, ["attachments"])


def open_attachment(actor: Actor, kind: str, code: str, attachment_id: int) -> tuple[Attachment, Path]:
    """The row and its file, for whoever may see the listing. Raises NotFound, also when the bytes are gone."""
    listing = find_listing(actor, kind, code)
    attachment = db.session.get(Attachment, attachment_id)
    if attachment is None or attachment.listing_id != listing.id:
        raise NotFound
    path = stored_path(_settings().upload_dir, attachment.sha256)
    if not path.is_file():
        raise NotFound
    return attachment, path


def used_bytes(organisation_id: int) -> int:
    """What the attachments of an organisation's listings take of its quota."""
    statement = select(func.sum(Attachment.size_bytes)).join(Listing).where(Listing.organisation_id == organisation_id)
    return int(db.session.scalar(statement) or 0)


def sweep_uploads(*, older_than: timedelta = _ORPHAN_AGE) -> int:
    """Delete stored files that no row names; returns how many. Safe while the site runs."""
    kept = set(db.session.scalars(select(Attachment.sha256).distinct()))
    return sweep_files(_settings().upload_dir, kept, older_than_seconds=older_than.total_seconds())


def _check_may_change(actor: Actor, listing: Listing) -> None:
    require(actor, Permission.ATTACHMENT_ADD, listing.organisation_id)
    if listing.state not in EDITABLE_STATES | LIVE_STATES:
        raise IllegalTransition("attach", listing.state)


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings
