"""What the home page shows: live figures, sectors with counts, the newest offers and open demands. Public things only."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Text, cast, func, select
from sqlalchemy.orm import selectin_polymorphic, selectinload

from techmart.db import db
from techmart.models.listing import Demand, Listing, Offer, Patent
from techmart.models.organisation import Organisation
from techmart.rules.clock import local_today
from techmart.rules.reader import PUBLIC
from techmart.rules.vocabulary import sectors

_SHOWN = 5


@dataclass(frozen=True)
class SectorCount:
    """Public technologies and demands of one sector."""

    code: str
    technologies: int
    demands: int


@dataclass(frozen=True)
class HomeFigures:
    """Counts of what anyone may see."""

    technologies: int
    demands: int
    organisations: int
    verified_organisations: int


def count_public() -> HomeFigures:
    """The ledger of the home page."""
    rows = db.session.execute(
        select(Listing.kind, func.count()).where(Listing.audience == PUBLIC).group_by(Listing.kind)
    )
    by_kind = {row[0]: row[1] for row in rows}
    organisations = db.session.scalar(select(func.count()).select_from(Organisation)) or 0
    verified = db.session.scalar(select(func.count()).where(Organisation.verified_at.is_not(None))) or 0
    return HomeFigures(
        by_kind.get("offer", 0) + by_kind.get("patent", 0), by_kind.get("demand", 0), organisations, verified
    )


def count_by_sector() -> list[SectorCount]:
    """Every sector of list B in its order. A listing counts in each of its sectors."""
    technologies: Counter[str] = Counter()
    demands: Counter[str] = Counter()
    written = cast(Listing.sectors, Text)  # PostgreSQL compares texts, not JSON
    statement = (
        select(Listing.kind, written, func.count()).where(Listing.audience == PUBLIC).group_by(Listing.kind, written)
    )
    for kind, codes, count in db.session.execute(statement):
        for code in json.loads(codes):
            (demands if kind == "demand" else technologies)[code] += count
    return [
        SectorCount(code, technologies[code], demands[code])
        for code, sector in sectors().items()
        if sector.list_name == "B"
    ]


def newest_technologies() -> Sequence[Listing]:
    """The latest published offers and patents."""
    statement = (
        select(Listing)
        .where(Listing.audience == PUBLIC, Listing.kind.in_(("offer", "patent")))
        .order_by(Listing.published_at.desc(), Listing.id.desc())
        .limit(_SHOWN)
        .options(selectin_polymorphic(Listing, [Offer, Patent]), selectinload(Listing.organisation))
    )
    return db.session.scalars(statement).all()


def open_demands() -> Sequence[Listing]:
    """Demands whose deadline has not passed, newest first."""
    statement = (
        select(Demand)
        .where(Demand.audience == PUBLIC, (Demand.deadline_on.is_(None)) | (Demand.deadline_on >= local_today()))
        .order_by(Demand.published_at.desc(), Demand.id.desc())
        .limit(_SHOWN)
        .options(selectinload(Demand.organisation))
    )
    return db.session.scalars(statement).all()
