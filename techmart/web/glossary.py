"""The operator's own glossary terms: search, add, change, remove."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from techmart.db import unit_of_work
from techmart.errors import InvalidFields, StaleVersion
from techmart.models.glossary import GlossaryTerm
from techmart.operations import glossary as terms
from techmart.rules.policy import Permission
from techmart.rules.text import clean
from techmart.search.analysis import split_words
from techmart.search.glossary_store import glossary_store
from techmart.web.actor import current_actor
from techmart.web.arguments import page_number
from techmart.web.forms.account import ActionForm
from techmart.web.forms.glossary import TermForm
from techmart.web.guards import guard
from techmart.web.wording import put_problems_on

bp = Blueprint("glossary", __name__, url_prefix="/moderation/glossary")

#: What a removed term is handed back in, so that one press on "add" undoes the removal.
_FIELDS = ("vi", "en", "domain")
_LONGEST_QUERY = 200


@bp.route("", methods=["GET", "POST"])
@guard(Permission.GLOSSARY_MANAGE)
def index() -> ResponseReturnValue:
    """The list and the form for a new term."""
    if request.method == "GET":
        given = {name: request.args[name] for name in _FIELDS if name in request.args}
        return _page(TermForm(formdata=None, data=given or None))
    form = TermForm()
    if form.validate_on_submit():
        try:
            with unit_of_work():
                term = terms.add_term(current_actor(), form.content())
                vi, en = term.vi, term.en
            flash(_("Đã thêm “%(vi)s – %(en)s”. Tìm kiếm dùng thuật ngữ này sau vài giây.", vi=vi, en=en), "ok")
            return redirect(url_for("glossary.index"))
        except InvalidFields as refusal:
            put_problems_on(form, refusal)
    return _page(form), 422


@bp.route("/<int:term_id>", methods=["GET", "POST"])
@guard(Permission.GLOSSARY_MANAGE)
def edit(term_id: int) -> ResponseReturnValue:
    term = terms.find_term(current_actor(), term_id)
    form = TermForm(obj=term)
    if form.validate_on_submit():
        try:
            with unit_of_work():
                terms.change_term(current_actor(), term, form.content(), version=form.shown_version())
            flash(_("Đã lưu thuật ngữ."), "ok")
            return redirect(url_for("glossary.index"))
        except InvalidFields as refusal:
            put_problems_on(form, refusal)
        except StaleVersion as refusal:
            form.form_errors.append(
                _("Người khác vừa sửa thuật ngữ này. Nội dung bạn nhập vẫn ở đây; lưu lần nữa để ghi đè.")
            )
            form.version.data = str(refusal.current)
            return _page(form, term), 409
    return _page(form, term), 422 if form.errors else 200


@bp.post("/<int:term_id>/remove")
@guard(Permission.GLOSSARY_MANAGE)
def remove(term_id: int) -> ResponseReturnValue:
    """Remove at once, and offer the term again in the form."""
    term = terms.find_term(current_actor(), term_id)
    removed = {name: getattr(term, name) for name in _FIELDS}
    with unit_of_work():
        terms.remove_term(current_actor(), term)
    flash(_("Đã xoá “%(vi)s – %(en)s”. Nếu xoá nhầm, bấm Thêm để đưa lại.", vi=removed["vi"], en=removed["en"]), "ok")
    return redirect(url_for("glossary.index", **removed))


def _page(form: TermForm, term: GlossaryTerm | None = None) -> str:
    text = clean(request.args.get("q", ""), keep_lines=False)[:_LONGEST_QUERY]
    glossary_store().look_again()  # whoever has just added a term sees it used
    return render_template(
        "moderation/glossary.html",
        form=form,
        term=term,
        remove_form=ActionForm(),
        text=text,
        found=terms.list_terms(current_actor(), text=text, page=page_number()),
        counts=glossary_store().counts(),
        known=_known(text),
        page_url=lambda number: url_for("glossary.index", q=text or None, page=number),
    )


def _known(text: str) -> list[tuple[str, tuple[str, ...]]]:
    """How a search for the text would be translated now: (phrase, translations), from both languages."""
    words, glossary = split_words(text), glossary_store().glossary()
    matches = [*glossary.match_vietnamese(words), *glossary.match_english(words)]
    return [(" ".join(words[match.start : match.end]), match.translations) for match in matches]
