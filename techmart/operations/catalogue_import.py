"""Bulk import of listings: safe to repeat, since a row is known by its source and its id there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from flask import current_app
from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session, selectin_polymorphic

from techmart.db import mark_bulk, unit_of_work
from techmart.exchange.mapping import ImportRow
from techmart.models.listing import LISTING_CLASSES, Demand, Listing, Offer, Patent
from techmart.models.organisation import Organisation
from techmart.operations.code import next_code
from techmart.operations.event import record_event
from techmart.rules.audience import audience_of
from techmart.rules.clock import LOCAL_ZONE, utc_now
from techmart.rules.lifecycle import ListingState
from techmart.rules.policy import Actor, Permission, require
from techmart.rules.text import slugify

BATCH_ROWS = 250
_NO_OWNER = "(chưa rõ đơn vị)"


@dataclass
class ImportCounts:
    """What an import did, by row."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0

    def __add__(self, other: ImportCounts) -> ImportCounts:
        return ImportCounts(
            self.created + other.created, self.changed + other.changed, self.unchanged + other.unchanged
        )


def import_rows(actor: Actor, rows: Iterable[ImportRow]) -> Iterator[tuple[int, ImportCounts]]:
    """Store rows in batches, each one transaction; yields (rows done in this batch, its counts).

    New rows are published at once: an import is an administrator's act on a source he answers for. A row already there is
    updated when its content differs. Stopped half-way, a second run goes on where the first ended. Raises NotAllowed.
    """
    require(actor, Permission.LISTING_IMPORT)
    iterator = iter(rows)
    while batch := list(islice(iterator, BATCH_ROWS)):
        with unit_of_work() as session:
            mark_bulk(session)
            counts = _store(session, actor, batch)
            session.flush()
        yield len(batch), counts


def _store(session: Session, actor: Actor, batch: Sequence[ImportRow]) -> ImportCounts:
    counts = ImportCounts()
    present = _present(session, batch)
    organisations = _organisations(session, batch)
    created: list[Listing] = []
    for row in {(row.source, row.source_id): row for row in batch}.values():
        listing = present.get((row.source, row.source_id))
        if listing is None:
            listing = _new_listing(row, organisations[_organisation_key(row)], next_code(session, row.kind))
            session.add(listing)
            created.append(listing)
            counts.created += 1
        elif _apply(listing, row):
            counts.changed += 1
            record_event(actor, "listing", listing.id, "reimport")
        else:
            counts.unchanged += 1
    session.flush()
    for listing in created:
        record_event(actor, "listing", listing.id, "import", to_state=listing.state)
    return counts


def _present(session: Session, batch: Sequence[ImportRow]) -> dict[tuple[str | None, str | None], Listing]:
    keys = [(row.source, row.source_id) for row in batch]
    statement = (
        select(Listing)
        .where(tuple_(Listing.source, Listing.source_id).in_(keys))
        .options(selectin_polymorphic(Listing, [Offer, Patent, Demand]))
    )
    return {(listing.source, listing.source_id): listing for listing in session.scalars(statement)}


def _new_listing(row: ImportRow, organisation: Organisation, code: str) -> Listing:
    now = utc_now()
    state = ListingState.PUBLISHED
    confirmation = timedelta(days=current_app.config["SETTINGS"].confirmation_days)
    return LISTING_CLASSES[row.kind](
        code=code,
        organisation_id=organisation.id,
        source=row.source,
        source_id=row.source_id,
        origin="domestic" if row.country == "VN" else "foreign",
        state=state,
        audience=audience_of(state, organisation.id),
        submitted_at=now,
        published_at=now,
        confirmed_at=now,
        confirm_due_on=(now + confirmation).astimezone(LOCAL_ZONE).date(),
        **row.content,
    )


def _apply(listing: Listing, row: ImportRow) -> bool:
    """Set what differs; whether anything did."""
    if listing.kind != row.kind:
        return False
    different = {name: value for name, value in row.content.items() if getattr(listing, name) != value}
    for name, value in different.items():
        setattr(listing, name, value)
    return bool(different)


def _organisation_key(row: ImportRow) -> tuple[str, str]:
    return row.source, row.organisation or _NO_OWNER


def _organisations(session: Session, batch: Sequence[ImportRow]) -> dict[tuple[str, str], Organisation]:
    """The owning organisations of a batch, made where they are not known yet from this source."""
    wanted = {_organisation_key(row): row for row in batch}
    statement = select(Organisation).where(tuple_(Organisation.source, Organisation.source_id).in_(list(wanted)))
    found = {(str(row.source), str(row.source_id)): row for row in session.scalars(statement)}
    for key, row in wanted.items():
        if key in found:
            continue
        source, name = key
        shown = name if row.organisation else f"{name} – {source}"
        base = slugify(f"{shown}")[:60] or "don-vi"
        slug, number = base, 2
        while session.scalar(select(Organisation.id).where(Organisation.slug == slug)) is not None:
            slug, number = f"{base}-{number}", number + 1
        found[key] = Organisation(
            slug=slug,
            kind="agency" if row.kind == "demand" else "institute",
            name_vi=shown[:200],
            name_en=shown[:200] if row.country != "VN" else "",
            country=row.country,
            source=source,
            source_id=name[:200],
        )
        session.add(found[key])
        session.flush()
    return found
