"""Where things stand that are only to be linked: their code or slug, without loading them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from techmart.db import db
from techmart.models.listing import Listing, Patent
from techmart.models.organisation import Organisation
from techmart.operations.visibility import visible_to
from techmart.rules.policy import Actor


@dataclass(frozen=True, slots=True)
class Address:
    """`kind`: offer, patent, demand or organisation; `code`: a listing's code or an organisation's slug."""

    kind: str
    code: str


def load_addresses(actor: Actor, keys: Sequence[str]) -> dict[str, Address]:
    """Index key → address for those of `keys` that the actor may see now. At most one query a table."""
    organisation_ids = [int(key.split(":")[1]) for key in keys if key.startswith("organisation:")]
    listing_ids = [int(key.split(":")[1]) for key in keys if key.split(":")[0] in ("offer", "patent", "demand")]
    found: dict[str, Address] = {}
    if organisation_ids:
        slugs = db.session.execute(
            select(Organisation.id, Organisation.slug).where(Organisation.id.in_(organisation_ids))
        )
        found |= {f"organisation:{number}": Address("organisation", slug) for number, slug in slugs}
    if listing_ids:
        table = Listing.__table__.c
        rows = db.session.execute(
            select(table.id, table.kind, table.code).where(Listing.id.in_(listing_ids), visible_to(actor.reader))
        )
        found |= {f"{kind}:{number}": Address(kind, code) for number, kind, code in rows}
    return found


def load_patent_numbers(keys: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Index key → application, publication, grant and PCT number of these patents, where they have them."""
    ids = [int(key.split(":")[1]) for key in keys if key.startswith("patent:")]
    if not ids:
        return {}
    table = Patent.__table__.c
    columns = (table.application_number, table.publication_number, table.grant_number, table.pct_number)
    rows = db.session.execute(select(table.id, *columns).where(table.id.in_(ids)))
    return {f"patent:{row[0]}": tuple(number for number in row[1:] if number) for row in rows}
