"""An owner's matches: the list, the page of one pair, and his decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from techmart.db import unit_of_work
from techmart.errors import InvalidFields, ReasonRequired
from techmart.operations import match as matches
from techmart.operations.match_pair import Pair, find_match, find_pair, is_current, organisation_id_of
from techmart.rules.matching import Decision, MatchState, Side
from techmart.rules.policy import Permission, require
from techmart.web.actor import current_actor
from techmart.web.arguments import page_number
from techmart.web.forms.match import MatchDecisionForm
from techmart.web.guards import guard
from techmart.web.match_view import score_of, view_of_pair
from techmart.web.match_words import STATES
from techmart.web.redirects import safe_path
from techmart.web.wording import put_problems_on

bp = Blueprint("matches", __name__, url_prefix="/matches")

#: The tabs of the list: name → the states it shows.
TABS: Final[Mapping[str, Sequence[str]]] = {
    "open": (MatchState.NEW, MatchState.SEEN),
    "interested": (MatchState.INTERESTED,),
    "kept": (MatchState.KEPT,),
    "dismissed": (MatchState.DISMISSED,),
}
TAB_NAMES: Final[Mapping[str, LazyString]] = {
    "open": _l("Chưa quyết định"),
    "interested": STATES[MatchState.INTERESTED],
    "kept": STATES[MatchState.KEPT],
    "dismissed": STATES[MatchState.DISMISSED],
}


@bp.get("")
@guard(Permission.WORKSPACE_VIEW)
def index() -> ResponseReturnValue:
    tab = request.args.get("state", "")
    tab = tab if tab in TABS else "open"
    found = matches.list_matches(current_actor(), states=TABS[tab], page=page_number())
    # As the page of the pair says it: the points that were stored are those of the day it was matched.
    points = {row.id: score_of(pair) for row, pair in found.pairs}
    return render_template(
        "matching/index.html",
        found=found,
        points=points,
        pairs=sorted(found.pairs, key=lambda row: -points[row[0].id]),
        tab=tab,
        tabs=TAB_NAMES,
        counts={name: sum(found.counts.get(state, 0) for state in states) for name, states in TABS.items()},
        new=found.counts.get(MatchState.NEW, 0),
        form=MatchDecisionForm(formdata=None),
        nav="workspace",
    )


@bp.post("/seen")
@guard(Permission.MATCH_DECIDE)
def see_all() -> ResponseReturnValue:
    """Mark everything new as seen."""
    with unit_of_work():
        count = matches.mark_all_seen(current_actor())
    flash(_("Đã đánh dấu %(count)s kết quả là đã xem.", count=count), "ok")
    return redirect(url_for("matches.index"))


@bp.get("/<own>/<other>")
@guard(Permission.MATCH_DECIDE)
def show(own: str, other: str) -> ResponseReturnValue:
    pair = _load(own, other)
    if request.method == "GET":  # a HEAD looks at nothing
        row = find_match(pair)
        if row is not None and row.state == MatchState.NEW:
            with unit_of_work():
                matches.mark_seen(current_actor(), pair)
    return _page(pair, MatchDecisionForm(formdata=None))


@bp.post("/<own>/<other>")
@guard(Permission.MATCH_DECIDE)
def decide(own: str, other: str) -> ResponseReturnValue:
    """Carry the decision out and go back to where the button stood; a refusal shows the pair with what was typed."""
    pair, form = _load(own, other), MatchDecisionForm()
    if not form.validate_on_submit():
        return _page(pair, form, 422)
    decision, score = Decision(form.decision.data), score_of(pair)
    try:
        with unit_of_work():
            matches.decide(
                current_actor(), pair, decision, score=score, reason=form.reason.data or None, text=form.text.data or ""
            )
    except ReasonRequired:
        form.reason.errors = [_("Hãy chọn một lý do.")]
        return _page(pair, form, 422)
    except InvalidFields as refusal:
        put_problems_on(form, refusal)
        return _page(pair, form, 422)
    flash(_done(decision, pair), "ok")
    return redirect(safe_path(request.form.get("next")) or url_for("matches.index"))


def _load(own: str, other: str) -> Pair:
    """The pair, for editors of its side."""
    actor = current_actor()
    pair = find_pair(actor, own, other)
    require(actor, Permission.MATCH_DECIDE, organisation_id_of(pair.own))
    return pair


def _page(pair: Pair, form: MatchDecisionForm, status: int = 200) -> ResponseReturnValue:
    row = find_match(pair)
    page = render_template(
        "matching/show.html",
        pair=pair,
        match=view_of_pair(pair),
        may_decide=matches.may_be_decided(pair),
        row=row if row is not None and is_current(row, pair) else None,
        form=form,
        nav="workspace",
    )
    return page, status


def _done(decision: Decision, pair: Pair) -> str:
    if decision is Decision.DISMISS:
        if pair.side is Side.WANTED:
            return str(_("Đã bỏ qua. Bên có công nghệ nhận được lý do, không kèm tên bạn."))
        return str(_("Đã bỏ qua."))
    return {
        Decision.INTERESTED: str(_("Đã ghi nhận là quan tâm.")),
        Decision.KEEP: str(_("Đã để dành để xem sau.")),
        Decision.UNDO: str(_("Đã bỏ quyết định trước đó.")),
    }[decision]
