"""A pair of a need and a technology as one side sees it: how it is found and stored, and the versions of its texts."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, select

from techmart.db import db
from techmart.errors import NotFound
from techmart.models.listing import Demand, Listing
from techmart.models.match import Match
from techmart.models.organisation import Organisation
from techmart.operations.listing_content import content_of, to_json
from techmart.operations.organisation_sources import sources_version
from techmart.rules.identifiers import parse_listing_code
from techmart.rules.matching import MatchOrigin, MatchState, Side
from techmart.rules.policy import Actor

#: What an organisation says of itself, as far as matches are made of it.
_PROFILE_FIELDS = ("name_vi", "name_en", "capability", "sectors", "province_code")
#: What may change without a word being said: nobody who put a pair aside wants it back for a later deadline.
_SAYS_NOTHING = frozenset({"deadline_on", "maintained_until", "anonymous"})
#: Organisations that take technologies over; those of other kinds would match whatever they work on themselves.
ADOPTER_KINDS = frozenset({"business"})
Thing = Listing | Organisation


@dataclass(frozen=True)
class Pair:
    """`wanted` is what needs: a demand, or a company by its profile. `side` says whose view it is."""

    wanted: Demand | Organisation
    technology: Listing
    side: Side

    @property
    def own(self) -> Thing:
        return self.wanted if self.side is Side.WANTED else self.technology

    @property
    def other(self) -> Thing:
        return self.technology if self.side is Side.WANTED else self.wanted

    @property
    def own_organisation_id(self) -> int:
        """Whose members decide."""
        return organisation_id_of(self.own)

    @property
    def versions(self) -> tuple[str, str]:
        """Of the text that needs, and of the technology's."""
        return text_version(self.wanted), text_version(self.technology)


def text_version(thing: Thing) -> str:
    """16 hexadecimal digits that change with what the thing says and with nothing else (not with states, deadlines or fees paid).

    Empty fields are left out, so that a new field in a later release changes no version.
    """
    content: dict[str, Any]  # Any: field values
    if isinstance(thing, Organisation):
        content = {name: getattr(thing, name) for name in _PROFILE_FIELDS}
    else:
        content = {name: value for name, value in to_json(content_of(thing)).items() if name not in _SAYS_NOTHING}
    said = {name: value for name, value in content.items() if value not in (None, "", [], False)}
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]


def matched_version(thing: Thing) -> str:
    """What a run of matching is good for: the text, and for a company what it says elsewhere and whether it agreed to be suggested.

    What it says elsewhere is no part of its text: a technology that was put aside does not come back with every new listing.
    """
    is_suggestable = isinstance(thing, Organisation) and thing.is_suggestable
    return text_version(thing) + sources_version(thing) + ("+" if is_suggestable else "")


def organisation_id_of(thing: Thing) -> int:
    """The organisation whose members act for the thing."""
    return thing.id if isinstance(thing, Organisation) else thing.organisation_id


def name_of(thing: Thing) -> str:
    """Its name in addresses: a listing's code or an organisation's slug."""
    return thing.slug if isinstance(thing, Organisation) else thing.code


def path_of(own: Thing, other: Thing) -> str:
    """The page of the pair as the owner of `own` sees it."""
    return f"/matches/{name_of(own)}/{name_of(other)}"


def make_pair(own: Thing, other: Thing) -> Pair:
    """Raises NotFound for two things that are no need and technology."""
    if _is_need(own) and _is_technology(other):
        return Pair(own, other, Side.WANTED)  # type: ignore[arg-type]  # told apart just now
    if _is_technology(own) and _is_need(other):
        return Pair(other, own, Side.OFFERED)  # type: ignore[arg-type]  # as above
    raise NotFound


def find_pair(actor: Actor, own_name: str, other_name: str) -> Pair:
    """The pair of these codes or slugs.

    Raises NotFound unless the actor sees the one and anyone may see the other; a company is there for others only when
    it agreed to be suggested.
    """
    own, other = find_thing(own_name), find_thing(other_name)
    pair = make_pair(own, other)
    if isinstance(own, Organisation):
        if own.id not in actor.organisation_roles:
            raise NotFound
    elif not actor.reader.sees(own.audience):
        raise NotFound
    if not is_open(other):
        raise NotFound
    return pair


def find_public_pair(own_name: str, other_name: str) -> Pair:
    """The pair as anybody may know of it.

    Raises NotFound unless both are public (see `is_open`).
    """
    own, other = find_thing(own_name), find_thing(other_name)
    if not (is_open(own) and is_open(other)):
        raise NotFound
    return make_pair(own, other)


def is_open(thing: Thing) -> bool:
    """Whether anybody may hear of its matches: a public listing, or a company that agreed to be suggested."""
    if isinstance(thing, Organisation):
        return thing.is_suggestable and thing.kind in ADOPTER_KINDS
    return thing.is_public


def is_suggested() -> ColumnElement[bool]:
    """The same of an Organisation, as a condition."""
    return and_(Organisation.is_suggestable, Organisation.kind.in_(sorted(ADOPTER_KINDS)))


def find_match(pair: Pair) -> Match | None:
    """The stored view of the pair from its side."""
    need = Match.demand_id if isinstance(pair.wanted, Demand) else Match.organisation_id
    conditions = need == pair.wanted.id, Match.technology_id == pair.technology.id, Match.side == pair.side
    return db.session.scalar(select(Match).where(*conditions))


def pair_of(row: Match) -> Pair:
    """The things a stored match is about."""
    wanted = row.demand or row.organisation
    assert wanted is not None
    return Pair(wanted, row.technology, Side(row.side))


def new_match(pair: Pair, **values: Any) -> Match:  # Any: columns
    """A row for the pair in the versions of now, added to the session."""
    wanted, offered = pair.versions
    need = "demand_id" if isinstance(pair.wanted, Demand) else "organisation_id"
    columns: dict[str, Any] = {"state": MatchState.NEW, "origin": MatchOrigin.AUTOMATIC, **values}  # Any: as above
    row = Match(
        **{need: pair.wanted.id}, technology_id=pair.technology.id, side=pair.side,
        wanted_version=wanted, offered_version=offered, **columns,
    )  # fmt: skip
    db.session.add(row)
    return row


def is_candidate(thing: Thing, technology: Listing) -> bool:
    """Whether the technology may be suggested to the thing: a demand of somebody else, or another company."""
    if isinstance(thing, Organisation) and thing.kind not in ADOPTER_KINDS:
        return False
    return organisation_id_of(thing) != technology.organisation_id


def may_pair(one: Thing, other: Thing) -> bool:
    """Whether the one may be suggested to the other, whichever of them needs. Raises NotFound as `make_pair`."""
    pair = make_pair(one, other)
    return is_candidate(pair.wanted, pair.technology)


def is_current(row: Match, pair: Pair) -> bool:
    """Whether the row speaks of the present texts."""
    return (row.wanted_version, row.offered_version) == pair.versions


def find_thing(name: str) -> Thing:
    """The listing of that code or the organisation of that slug, whoever may see it. Raises NotFound."""
    if (code := parse_listing_code(name)) is not None:
        found: Thing | None = db.session.scalar(select(Listing).where(Listing.code == code))
    else:
        found = db.session.scalar(select(Organisation).where(Organisation.slug == name))
    if found is None:
        raise NotFound
    return found


def _is_need(thing: Thing) -> bool:
    return isinstance(thing, Demand | Organisation)


def _is_technology(thing: Thing) -> bool:
    return isinstance(thing, Listing) and thing.kind in ("offer", "patent")
