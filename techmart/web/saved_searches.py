"""Saved searches of a signed-in person: save from the results page, look, rename, choose mails, delete."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from techmart.db import unit_of_work
from techmart.errors import InvalidFields
from techmart.models.organisation import Organisation
from techmart.models.saved_search import SavedSearch
from techmart.operations import saved_search as saved_searches
from techmart.operations.match_pair import ADOPTER_KINDS
from techmart.operations.organisation import list_own_organisations
from techmart.rules.policy import Permission
from techmart.search.search_args import SearchArgs
from techmart.web.actor import current_actor
from techmart.web.form_page import form_page
from techmart.web.forms.account import ActionForm
from techmart.web.forms.saved_search import SavedSearchForm
from techmart.web.guards import guard
from techmart.web.saved_search_view import proposed_name, saved_views, words_of
from techmart.web.wording import put_problems_on

bp = Blueprint("saved_searches", __name__, url_prefix="/workspace/searches")


@bp.get("")
@guard(Permission.SEARCH_SAVE)
def index() -> ResponseReturnValue:
    return _list_page()


@bp.route("/new", methods=["GET", "POST"])
@guard(Permission.SEARCH_SAVE)
def create() -> ResponseReturnValue:
    """The search stands in the address, so that it outlives a sign-in on the way here."""
    args = SearchArgs.read(request.args)
    form = SavedSearchForm() if request.method == "POST" else SavedSearchForm(data={"name": proposed_name(args)})
    form.offer_organisations(_companies())
    if form.validate_on_submit():
        try:
            with unit_of_work():
                saved_searches.save_search(
                    current_actor(), name=form.name.data, parameters=args.pairs(), notify=form.notify.data,
                    organisation_id=form.chosen_organisation,
                )  # fmt: skip
            flash(_("Đã lưu tìm kiếm. Tin mới của nó hiện ở bàn làm việc."), "ok")
            return redirect(url_for("saved_searches.index"))
        except InvalidFields as refusal:
            put_problems_on(form, refusal)
    back = args.url(url_for("search.results"))
    return form_page("searches/save.html", form, words=words_of(args), back=back, nav="workspace")


@bp.route("/<int:search_id>", methods=["GET", "POST"])
@guard(Permission.SEARCH_SAVE)
def look(search_id: int) -> ResponseReturnValue:
    """To the results, newest first. Posted, from a button, they count as seen from now on; a link of a mail only leads."""
    if request.method == "POST":
        with unit_of_work():
            saved_searches.mark_seen(current_actor(), search_id)
    args = SearchArgs.of_pairs(saved_searches.find_saved(current_actor(), search_id).parameters)
    return redirect(args.url(url_for("search.results"), sort="newest"))


@bp.post("/<int:search_id>/edit")
@guard(Permission.SEARCH_SAVE)
def edit(search_id: int) -> ResponseReturnValue:
    row = saved_searches.find_saved(current_actor(), search_id)
    form = _form_of(row)
    if form.validate_on_submit():
        try:
            with unit_of_work():
                saved_searches.change_saved(
                    current_actor(), search_id, name=form.name.data, notify=form.notify.data,
                    organisation_id=form.chosen_organisation,
                )  # fmt: skip
            flash(_("Đã lưu thay đổi."), "ok")
            return redirect(url_for("saved_searches.index"))
        except InvalidFields as refusal:
            put_problems_on(form, refusal)
    return _list_page(form, search_id), 422


@bp.post("/<int:search_id>/delete")
@guard(Permission.SEARCH_SAVE)
def delete(search_id: int) -> ResponseReturnValue:
    with unit_of_work():
        saved_searches.delete_saved(current_actor(), search_id)
    flash(_("Đã xoá tìm kiếm đã lưu."), "ok")
    return redirect(url_for("saved_searches.index"))


def _list_page(refused: SavedSearchForm | None = None, refused_id: int = 0) -> str:
    rows = saved_searches.list_saved(current_actor())
    forms = {row.id: refused if refused is not None and row.id == refused_id else _form_of(row) for row in rows}
    return render_template(
        "searches/index.html",
        views=saved_views(rows),
        forms=forms,
        open_id=refused_id,
        limit=saved_searches.MAXIMUM_SEARCHES,
        action_form=ActionForm(),
        nav="workspace",
    )


def _form_of(row: SavedSearch) -> SavedSearchForm:
    """Each row has its own, under a prefix, so that ids are unique on the page."""
    form = SavedSearchForm(obj=row, prefix=f"s{row.id}-")
    form.offer_organisations(_companies())
    return form


def _companies() -> list[Organisation]:
    """Those of the reader's organisations that technologies are suggested to."""
    return [row for row in list_own_organisations(current_actor()) if row.kind in ADOPTER_KINDS]
