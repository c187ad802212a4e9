"""What a listing would have to say to be matched better, for the people of its organisation and for staff.

It is made of what anybody may read: public counterparts of others, less those the owner put aside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from flask import Flask, url_for

from techmart.matching.lacking import FEWEST, LackingTerm, lacking_facts, lacking_terms
from techmart.matching.match import Match, Thing, find_matches
from techmart.matching.profile import profile_of
from techmart.matching.weights import PARTS
from techmart.models.listing import Listing
from techmart.operations.found import load_found
from techmart.operations.listing import edit_state
from techmart.operations.match import decisions_of
from techmart.operations.match_pair import Pair, make_pair, may_pair
from techmart.rules.clock import local_today
from techmart.rules.matching import MatchState
from techmart.rules.policy import ANONYMOUS, Permission, can
from techmart.search.glossary_store import current_glossary
from techmart.search.service import current_engine
from techmart.web.actor import current_actor

_COUNTERPARTS: Final = 15
#: Part of the score → the field of a technology and of a demand that says it.
_FIELDS: Final[Mapping[str, tuple[str, str]]] = {
    "sector": ("sectors", "sectors"),
    "ipc": ("ipc", "ipc"),
    "trl": ("trl", "trl_min"),
    "budget": ("price_min_vnd", "budget_max_vnd"),
    "place": ("province_code", "province_code"),
    "transfer": ("transfer_right", "wanted_right"),
}


@dataclass(frozen=True)
class LackingView:
    """`terms`: each with the address of a search for it; `among`: how many counterparts were looked at;
    `facts`: (how many state it, most points, its field). `edit_href`: empty for who may not edit."""

    among: int
    terms: tuple[tuple[LackingTerm, str], ...]
    facts: tuple[tuple[int, int, str], ...]
    edit_href: str


def init_app(app: Flask) -> None:
    """Give templates the two."""
    app.jinja_env.globals.update(lacking_panel=lacking_panel, lacking_of_pair=lacking_of_pair)


def lacking_panel(own: Listing) -> LackingView | None:
    """What the best counterparts share and the listing does not say; None for strangers and where there is nothing."""
    actor = current_actor()
    if own.organisation_id not in actor.organisation_roles and not actor.is_staff:
        return None
    found = _counterparts(own)
    side = make_pair(own, found[0].thing).side if found else ""
    rows = lacking_facts(side, [match.score.findings for match in found])
    facts = tuple((row.count, PARTS[row.part], _field(own, row.part)) for row in rows)
    return _view(own, len(found), _terms(own, found), facts)


def lacking_of_pair(pair: Pair) -> LackingView | None:
    """Those of the shared terms that the counterpart of the pair holds; what it leaves open stands with its score."""
    if not isinstance(pair.own, Listing) or pair.own_organisation_id not in current_actor().organisation_roles:
        return None
    found = _counterparts(pair.own)
    terms = [row for row in _terms(pair.own, found) if pair.other.key in row.holders]
    return _view(pair.own, len(found), terms, ())


def _view(
    own: Listing, among: int, terms: Sequence[LackingTerm], facts: tuple[tuple[int, int, str], ...]
) -> LackingView | None:
    if not terms and not facts:
        return None
    may_edit = can(current_actor(), Permission.LISTING_EDIT, own.organisation_id) and not edit_state(own).is_locked
    href = url_for(f"{own.kind}s.edit", code=own.code) if may_edit else ""
    kinds = ["offer", "patent"] if own.kind == "demand" else ["demand"]
    rows = tuple((row, url_for("search.results", q=f'"{row.phrase}"', kind=kinds)) for row in terms)
    return LackingView(among, rows, facts, href)


def _counterparts(own: Listing) -> list[Match]:
    """The best matches among what anybody may see, of other organisations and not put aside."""

    def load(keys: Sequence[str]) -> Mapping[str, Thing]:
        things = {key: thing for key, thing in load_found(ANONYMOUS, keys).items() if may_pair(own, thing)}
        decisions = decisions_of(own, list(things.values()))
        put_aside = {key for key, row in decisions.items() if row.state == MatchState.DISMISSED}
        return {key: thing for key, thing in things.items() if key not in put_aside}

    return find_matches(
        current_engine().snapshot(), profile_of(own), load, current_glossary(),
        today=local_today(), limit=_COUNTERPARTS, explained=False,
    )  # fmt: skip


def _terms(own: Listing, found: Sequence[Match]) -> Sequence[LackingTerm]:
    if len(found) < FEWEST:
        return ()
    counterparts = [(profile_of(match.thing), match.score.total) for match in found]
    return lacking_terms(current_engine().snapshot(), profile_of(own), current_glossary(), counterparts)


def _field(own: Listing, part: str) -> str:
    of_technology, of_demand = _FIELDS[part]
    return of_demand if own.kind == "demand" else of_technology
