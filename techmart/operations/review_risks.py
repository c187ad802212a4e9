"""The facts of a listing that risk flags are read from, and listings of the same title."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select

from techmart.db import db
from techmart.models.listing import Listing
from techmart.rules.identifiers import parse_patent_number
from techmart.rules.lifecycle import ListingState
from techmart.rules.risk import RiskFacts, RiskFinding, find_risks
from techmart.rules.text import unify_tones

#: Texts that are codes: compared whole, and no words to look for in.
CODE_FIELDS = frozenset(
    {"lang", "province_code", "origin", "transfer_right", "wanted_right", "price_mode", "ip_status", "patent_type",
     "application_number", "publication_number", "grant_number", "pct_number", "result_number"}
)  # fmt: skip
#: Links belong in a list of publications.
_NOT_READ = CODE_FIELDS | {"publications"}
_NUMBERS = ("application_number", "publication_number", "grant_number", "pct_number")


def risks_of(
    listing: Listing, content: Mapping[str, Any], *, has_duplicate_title: bool
) -> list[RiskFinding]:  # Any: field values
    """The flags of `content`, which may be a revision's; the organisation must be loaded."""
    return find_risks(
        RiskFacts(
            texts=tuple(_texts(content)),
            title=str(content.get("title") or ""),
            is_organisation_verified=listing.organisation.is_verified,
            # Only offers have a place to state the evidence.
            trl=content.get("trl") if listing.kind == "offer" else None,
            trl_evidence=str(content.get("trl_evidence") or ""),
            state_funded=bool(content.get("state_funded")),
            result_number=str(content.get("result_number") or ""),
            has_unrecognised_number=any(
                not parse_patent_number(str(content[name]), content.get("patent_type")).is_recognised
                for name in _NUMBERS
                if content.get(name)
            ),
            has_duplicate_title=has_duplicate_title,
        )
    )


def duplicates_of(titles: Iterable[tuple[int, str]]) -> dict[int, list[Listing]]:
    """Listing id → other listings, of any organisation, under the same title; drafts are nobody's business.

    The database compares spellings exactly, so the usual ones (as typed, capitals, small, sentence case) are asked for.
    """
    wanted = {number: title for number, title in titles if title.strip()}
    spellings = {
        spelling for title in wanted.values() for spelling in (title, title.upper(), title.lower(), title.capitalize())
    }
    if not spellings:
        return {}
    statement = (
        select(Listing)
        .where(Listing.title.in_(sorted(spellings)), Listing.state != ListingState.DRAFT)
        .order_by(Listing.id)
    )
    same: dict[str, list[Listing]] = {}
    for row in db.session.scalars(statement):
        same.setdefault(_key(row.title), []).append(row)
    return {number: [row for row in same.get(_key(title), ()) if row.id != number] for number, title in wanted.items()}


def _key(title: str) -> str:
    return " ".join(unify_tones(title).lower().split())


def _texts(content: Mapping[str, Any]) -> Iterable[tuple[str, str]]:  # Any: field values
    for name, value in content.items():
        if isinstance(value, str) and value and name not in _NOT_READ:
            yield name, value
        elif name == "figures":
            yield name, "\n".join(" ".join(str(cell) for cell in row.values()) for row in value or ())
        elif name == "keywords":
            yield name, "\n".join(value or ())
