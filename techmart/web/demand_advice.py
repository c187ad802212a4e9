"""Beside the editor of a demand: the first matches of what is typed, demands that ask the same, what others also state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from techmart.extensions import limiter
from techmart.matching.advice import Advice, advice_on
from techmart.matching.match import Thing, find_matches
from techmart.matching.profile import profile_of
from techmart.models.listing import Demand, Offer, Patent
from techmart.operations.found import load_found
from techmart.operations.own_duplicates import own_look_alikes
from techmart.operations.unsaved_demand import unsaved_demand
from techmart.rules.clock import local_today
from techmart.rules.money import format_money_short
from techmart.rules.policy import ANONYMOUS, Permission
from techmart.rules.text import truncate
from techmart.rules.vocabulary import label
from techmart.search.glossary_store import current_glossary
from techmart.search.service import current_engine
from techmart.web.actor import current_actor
from techmart.web.formats import dmy
from techmart.web.forms.demand import DemandForm
from techmart.web.guards import guard
from techmart.web.i18n import select_locale
from techmart.web.listing_views import facts_for_editor
from techmart.web.match_view import MatchView, view_of_match

bp = Blueprint("demand_advice", __name__, url_prefix="/demands")

_SHOWN: Final = 4
_COUNTED: Final = 20
_SAME_SHOWN: Final = 4
#: Below so many characters there is nothing to compare yet.
_FEWEST_CHARS: Final = 20
_EXAMPLE_CHARS: Final = 110


@dataclass(frozen=True)
class DemandAdvice:
    """What the side of the editor shows. `is_short`: nothing to compare yet; `count`: of all matches, the best of which are
    `matches`; `stated`: (field, how many, of how many, their words)."""

    is_short: bool
    matches: tuple[MatchView, ...] = ()
    count: int = 0
    same: tuple[Demand, ...] = ()
    stated: tuple[tuple[str, int, int, str], ...] = ()


@bp.app_template_global("demand_advice")
def _advice(content: Mapping[str, Any], code: str) -> DemandAdvice:  # Any: field values
    return advice_of(content, code)


@bp.post("/advice")
@guard(Permission.WORKSPACE_VIEW)
@limiter.limit("60 per minute")
def show() -> ResponseReturnValue:
    """The parts of the page that change as one types, from the posted form; nothing is stored and nothing refused."""
    form = DemandForm()
    form.validate()  # reads the fields; what is wrong with them is said when they are saved
    content = form.content()
    own = request.args.get("code", "")
    return render_template(
        "listings/_advice.html", advice=advice_of(content, own), **facts_for_editor("demand", content)
    )


def advice_of(content: Mapping[str, Any], code: str = "") -> DemandAdvice:  # Any: field values
    """`code`: of the demand where it has one, so that it is not compared with itself."""
    actor = current_actor()
    demand = unsaved_demand(content, organisation_id=0)
    if len(demand.title) + len(demand.problem) + len(demand.product) < _FEWEST_CHARS:
        return DemandAdvice(is_short=True)
    profile = replace(profile_of(demand), key="")
    own_organisations = actor.organisation_roles

    def load(keys: Sequence[str]) -> Mapping[str, Thing]:
        found = load_found(ANONYMOUS, keys)
        return {
            key: thing for key, thing in found.items()
            if isinstance(thing, Offer | Patent) and thing.organisation_id not in own_organisations
        }  # fmt: skip

    def load_demands(keys: Sequence[str]) -> Mapping[str, Demand]:
        return {
            key: row for key, row in load_found(ANONYMOUS, keys).items() if isinstance(row, Demand) and row.code != code
        }

    snapshot, glossary = current_engine().snapshot(), current_glossary()
    matches = find_matches(snapshot, profile, load, glossary, today=local_today(), limit=_COUNTED)
    advice = advice_on(snapshot, demand, profile, load_demands, glossary)
    views = tuple(view_of_match(demand, match) for match in matches[:_SHOWN])
    same = (*own_look_alikes(actor, demand.title, besides=code), *advice.same)[:_SAME_SHOWN]
    return DemandAdvice(False, views, len(matches), same, _stated(advice))


def _stated(advice: Advice) -> tuple[tuple[str, int, int, str], ...]:
    return tuple((row.field, row.count, row.among, _words(row.field, row.example)) for row in advice.stated)


def _words(field: str, other: Demand) -> str:
    """What another demand says in a field, shortened."""
    value, locale = getattr(other, field), select_locale()
    if field == "wanted_forms":
        return "; ".join(label("transfer_form", code, locale) for code in value)
    if field == "deadline_on":
        return dmy(value)
    if field == "budget_max_vnd":
        return format_money_short(value, locale)
    return f"TRL {value}" if field == "trl_min" else truncate(value, _EXAMPLE_CHARS)
