"""The broker's desk: pairs that staff propose by hand, and how one is chosen, looked at and sent. Works without scripts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from techmart.db import unit_of_work
from techmart.errors import IllegalTransition, InvalidFields, NotAllowed, NotFound
from techmart.models.organisation import Organisation
from techmart.operations import proposal as proposals
from techmart.operations.found import load_found
from techmart.operations.match_pair import ADOPTER_KINDS, Pair, Thing, name_of
from techmart.operations.proposal_list import list_proposals
from techmart.rules.matching import Side
from techmart.rules.policy import ANONYMOUS, Permission
from techmart.rules.text import clean
from techmart.search.glossary_store import current_glossary
from techmart.search.query import run_query
from techmart.search.search_args import SearchArgs
from techmart.search.service import current_engine
from techmart.web.actor import current_actor
from techmart.web.arguments import page_number
from techmart.web.forms.account import ActionForm
from techmart.web.forms.match import ProposalForm
from techmart.web.guards import guard
from techmart.web.match_view import match_panel, score_of, view_of_pair
from techmart.web.match_words import PROPOSAL_PROBLEMS, SIDES
from techmart.web.wording import put_problems_on

bp = Blueprint("proposals", __name__, url_prefix="/moderation/proposals")

_TECHNOLOGIES: Final = ("offer", "patent")
_NEEDS: Final = ("demand", "organisation")
_LONGEST: Final = 200
_SHOWN: Final = 10


@dataclass(frozen=True)
class Choice:
    """What the address says so far. `problem`: why what was chosen will not do; `found`: what words typed instead of a code find."""

    one: Thing | None = None
    pair: Pair | None = None
    typed: str = ""
    problem: str = ""
    found: Sequence[Thing] = ()


@bp.get("")
@guard(Permission.MODERATION_VIEW)
def index() -> ResponseReturnValue:
    return render_template(
        "moderation/proposals.html",
        found=list_proposals(current_actor(), page=page_number()),
        sides=SIDES,
        name_of=name_of,
        form=ActionForm(),
        page_url=lambda number: url_for("proposals.index", page=number),
    )


@bp.get("/new")
@guard(Permission.MATCH_PROPOSE)
def new() -> ResponseReturnValue:
    """Choose the two, look at why they match, write the note."""
    return _page(_read_choice(), ProposalForm(formdata=None))


@bp.post("/new")
@guard(Permission.MATCH_PROPOSE)
def create() -> ResponseReturnValue:
    form, choice = ProposalForm(), _read_choice()
    pair = choice.pair
    if pair is None or not form.validate_on_submit():
        return _page(choice, form, 422)
    scores = {side: score_of(Pair(pair.wanted, pair.technology, side)) for side in Side}
    try:
        with unit_of_work():
            proposals.propose(current_actor(), pair, form.note.data or "", scores=scores)
    except InvalidFields as refusal:  # it was proposed or put aside while the page was open
        form.form_errors.extend(str(PROPOSAL_PROBLEMS[code]) for code in refusal.problems.get("other", ()))
        put_problems_on(
            form, InvalidFields({name: codes for name, codes in refusal.problems.items() if name != "other"})
        )
        return _page(choice, form, 422)
    flash(_("Đã đề xuất. Người nhận thấy trên sàn ngay và nhận thư theo lịch họ chọn."), "ok")
    return redirect(url_for("proposals.index"))


@bp.post("/<int:match_id>/withdraw")
@guard(Permission.MATCH_PROPOSE)
def withdraw(match_id: int) -> ResponseReturnValue:
    try:
        with unit_of_work():
            proposals.withdraw(current_actor(), match_id)
        flash(_("Đã rút đề xuất. Thư chưa gửi sẽ không gửi nữa."), "ok")
    except IllegalTransition:
        flash(_("Không rút được: một bên đã xem đề xuất này."), "error")
    return redirect(url_for("proposals.index"))


def _read_choice() -> Choice:
    actor = current_actor()
    one_name, other_name = (clean(request.args.get(name, ""), keep_lines=False)[:_LONGEST] for name in ("one", "other"))
    if not one_name:
        return Choice()
    try:
        one = proposals.load_party(actor, one_name)
    except NotFound:
        return Choice(typed=one_name, found=_search(one_name, (*_NEEDS, *_TECHNOLOGIES)))
    except NotAllowed:
        return Choice(typed=one_name, problem="conflict")
    if not other_name:
        return Choice(one)
    try:
        return Choice(one, proposals.load_proposable(actor, one_name, other_name), other_name)
    except NotFound:
        return Choice(one, typed=other_name, found=_search(other_name, _counterparts_of(one)))
    except NotAllowed:
        return Choice(one, typed=other_name, problem="conflict")
    except InvalidFields as refusal:
        return Choice(one, typed=other_name, problem=refusal.problems["other"][0])


def _counterparts_of(one: Thing) -> Collection[str]:
    is_need = isinstance(one, Organisation) or one.kind == "demand"
    return _TECHNOLOGIES if is_need else _NEEDS


def _search(text: str, kinds: Collection[str]) -> Sequence[Thing]:
    """What the words find among public things of these kinds; companies only where they could take a technology over."""
    args = SearchArgs(text=text, filters={"kind": tuple(kinds)})
    answer = run_query(current_engine(), current_glossary(), args.query(limit=_SHOWN), facets=())
    found = load_found(ANONYMOUS, [hit.key for hit in answer.result.hits]).values()
    return [thing for thing in found if not isinstance(thing, Organisation) or thing.kind in ADOPTER_KINDS]


def _page(choice: Choice, form: ProposalForm, status: int = 200) -> ResponseReturnValue:
    pair = choice.pair
    page = render_template(
        "moderation/proposal_new.html",
        one=choice.one,
        pair=pair,
        match=view_of_pair(Pair(pair.wanted, pair.technology, Side.WANTED)) if pair else None,
        readers=proposals.count_readers(pair) if pair else {},
        typed=choice.typed,
        problem=PROPOSAL_PROBLEMS[choice.problem] if choice.problem else "",
        found=choice.found,
        suggested=match_panel(choice.one, _SHOWN).matches if choice.one is not None and pair is None else (),
        sides=SIDES,
        name_of=name_of,
        form=form,
    )
    return page, status
