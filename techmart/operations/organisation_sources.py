"""What an organisation says elsewhere than in its own description: its listings, and searches its members let it use.

Only for its own suggestions, and shown to its members alone: an anonymous demand or a member's search would otherwise tell
the owner of a technology who looks for it. He is shown companies by the description they agreed to be suggested by.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence

from sqlalchemy import Select, select

from techmart.db import db
from techmart.models.account import User
from techmart.models.listing import Listing
from techmart.models.organisation import Membership, Organisation
from techmart.models.saved_search import SavedSearch
from techmart.rules.lifecycle import ListingState
from techmart.rules.reader import PUBLIC

#: Newest first; what an organisation published long ago says little of what it works on now.
_LISTINGS_READ = 20
_SEARCHES_READ = 20


def sources_of(thing: Listing | Organisation) -> Mapping[str, Sequence[str]]:
    """Field of a profile (matching.profile.SOURCES) → texts, and `ipc` → symbols; nothing for a listing, which says all of itself."""
    if not isinstance(thing, Organisation):
        return {}
    said: dict[str, list[str]] = {}
    for kind, title, summary, keywords, ipc in db.session.execute(_listings(thing.id)):
        field = "own_demands" if kind == "demand" else "own_offers"
        said.setdefault(field, []).append("\n".join(filter(None, [title, summary, "; ".join(keywords)])))
        if ipc:
            said.setdefault("ipc", []).extend(ipc)
    searches = [typed for parameters in db.session.scalars(_searches(thing.id)) if (typed := _typed(parameters))]
    return {**said, "saved_searches": searches} if searches else said


def sources_version(thing: Listing | Organisation) -> str:
    """Changes with the sources of a thing and with nothing else; empty where there are none."""
    if not (said := sources_of(thing)):
        return ""
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:8]


def _listings(organisation_id: int) -> Select[str, str, str, list[str], list[str]]:
    """Public ones; a technology that was handed over or a need that was met is no longer what is worked on."""
    columns = Listing.kind, Listing.title, Listing.summary, Listing.keywords, Listing.ipc
    return (
        select(*columns)
        .where(
            Listing.organisation_id == organisation_id,
            Listing.audience == PUBLIC,
            Listing.state != ListingState.TRANSFERRED,
        )
        .order_by(Listing.published_at.desc(), Listing.id.desc())
        .limit(_LISTINGS_READ)
    )


def _searches(organisation_id: int) -> Select[list[list[str]]]:
    """Of those who are members still."""
    return (
        select(SavedSearch.parameters)
        .join(User, User.id == SavedSearch.user_id)
        .join(Membership, (Membership.user_id == User.id) & (Membership.organisation_id == SavedSearch.organisation_id))
        .where(
            SavedSearch.organisation_id == organisation_id,
            User.email_confirmed_at.is_not(None),
            User.disabled_at.is_(None),
        )
        .order_by(SavedSearch.id.desc())
        .limit(_SEARCHES_READ)
    )


def _typed(parameters: Sequence[Sequence[str]]) -> str:
    return next((value for name, value in parameters if name == "q"), "")
