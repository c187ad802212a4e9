"""Results as a file: at once where they are few, else by the worker, with a page that shows how far it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from io import BytesIO

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    jsonify,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from config import Settings
from techmart.db import unit_of_work
from techmart.errors import IllegalTransition, InvalidFields, NotFound
from techmart.exchange.result_rows import result_heads, result_row
from techmart.exchange.tables import FORMATS, Value, write_table
from techmart.extensions import limiter
from techmart.models.export import ExportJob
from techmart.operations import export as exports
from techmart.operations.found import load_found
from techmart.rules.clock import local_today
from techmart.rules.policy import ANONYMOUS, Permission
from techmart.rules.text import slugify
from techmart.search.glossary_store import current_glossary
from techmart.search.query import Answer, run_query
from techmart.search.search_args import SearchArgs
from techmart.search.service import current_engine
from techmart.web.actor import current_actor
from techmart.web.attachments import disposition
from techmart.web.formats import number
from techmart.web.forms.account import ActionForm
from techmart.web.guards import guard, public
from techmart.web.i18n import select_locale
from techmart.web.saved_search_view import words_of

bp = Blueprint("exports", __name__)


@bp.get("/search/export")
@public
@limiter.limit("30 per minute")
def at_once() -> ResponseReturnValue:
    """The results of a search as a file; too many for one request lead to the page that asks the worker."""
    kind, args = _kind(), _search()
    answer = _ask(args, exports.ROWS_AT_ONCE)
    if answer.result.total > exports.ROWS_AT_ONCE:
        return redirect(with_format(args.url(url_for("exports.create")), kind))
    locale, base_url = select_locale(), _settings().base_url
    found = load_found(ANONYMOUS, [hit.key for hit in answer.result.hits])
    rows = (result_row(thing, locale=locale, base_url=base_url) for thing in found.values())
    return table_file(args.text, result_heads(), rows)


@bp.route("/exports/new", methods=["GET", "POST"])
@guard(Permission.EXPORT_MAKE)
def create() -> ResponseReturnValue:
    """Ask the worker. The search stands in the address, so that it outlives a sign-in on the way here."""
    kind, args, form = _kind(), _search(), ActionForm()
    total = _ask(args, 1).result.total
    status = 200
    if form.validate_on_submit():
        try:
            with unit_of_work():
                job = exports.create_export(
                    current_actor(), kind=kind, parameters=args.pairs(), total=total, locale=select_locale(),
                    file_name=_file_name(args.text, kind),
                )  # fmt: skip
                export_id = job.id
            return redirect(url_for("exports.show", export_id=export_id))
        except InvalidFields:
            flash(_("Bạn đang có %(count)s tệp chờ ghi. Hãy đợi hoặc huỷ bớt.", count=exports.MOST_OPEN), "error")
            status = 422
    page = render_template(
        "exports/new.html", form=form, kind=kind, total=total, most=exports.MOST_ROWS, words=words_of(args),
        back=args.url(url_for("search.results")), days=exports.KEPT.days, nav="workspace",
    )  # fmt: skip
    return page, status


@bp.get("/exports")
@guard(Permission.EXPORT_MAKE)
def index() -> ResponseReturnValue:
    rows = [(job, words_of(SearchArgs.of_pairs(job.parameters))) for job in exports.list_exports(current_actor())]
    return render_template("exports/index.html", rows=rows, days=exports.KEPT.days, nav="workspace")


@bp.get("/exports/<int:export_id>")
@guard(Permission.EXPORT_MAKE)
def show(export_id: int) -> ResponseReturnValue:
    job = exports.find_export(current_actor(), export_id)
    args = SearchArgs.of_pairs(job.parameters)
    return render_template(
        "exports/show.html", job=job, is_outdated=exports.is_outdated(job), words=words_of(args), back=args.url(url_for("search.results")), form=ActionForm(),
        again=with_format(args.url(url_for("exports.create")), job.format), nav="workspace",
    )  # fmt: skip


@bp.get("/exports/<int:export_id>/state")
@guard(Permission.EXPORT_MAKE)
def state(export_id: int) -> ResponseReturnValue:
    """What the page's script asks every few seconds."""
    job = exports.find_export(current_actor(), export_id)
    return jsonify(state=job.state, done=job.done, total=job.total, text=_progress_text(job))


@bp.post("/exports/<int:export_id>/cancel")
@guard(Permission.EXPORT_MAKE)
def cancel(export_id: int) -> ResponseReturnValue:
    with unit_of_work():
        state_now = exports.cancel_export(current_actor(), export_id).state
    if state_now == "cancelled":
        flash(_("Đã huỷ xuất tệp."), "ok")
    return redirect(url_for("exports.show", export_id=export_id))


@bp.get("/exports/<int:export_id>/file")
@guard(Permission.EXPORT_MAKE)
def download(export_id: int) -> ResponseReturnValue:
    try:
        job, path = exports.open_export(current_actor(), export_id)
    except IllegalTransition:  # its page says why and offers a new one
        return redirect(url_for("exports.show", export_id=export_id))
    return _as_file(send_file(path, conditional=False), job.format, job.file_name)


@bp.app_template_global("export_progress")
def _progress_text(job: ExportJob) -> str:
    if job.state == "queued":
        return str(_("Đang chờ đến lượt."))
    return str(_("Đã ghi %(done)s trên %(total)s dòng.", done=number(job.done), total=number(job.total)))


def table_file(words: str, heads: Sequence[str], rows: Iterable[Sequence[Value]]) -> Response:
    """A table as a download named after `words` and the day, in the format the address names. Raises NotFound for an unknown one."""
    kind, file = _kind(), BytesIO()
    write_table(file, kind, heads, rows)
    return _as_file(Response(file.getvalue()), kind, _file_name(words, kind))


def _search() -> SearchArgs:
    return replace(SearchArgs.read(request.args), page=1)


def _ask(args: SearchArgs, limit: int) -> Answer:
    return run_query(current_engine(), current_glossary(), args.query(limit=limit), facets=())


def _kind() -> str:
    kind = request.args.get("format", "xlsx")
    if kind not in FORMATS:
        raise NotFound
    return kind


def with_format(address: str, kind: str) -> str:
    """The address of a search's export in that format."""
    return f"{address}{'&' if '?' in address else '?'}format={kind}"


def _file_name(words: str, kind: str) -> str:
    """`techmart-nuoc-thai-20261124.xlsx`."""
    name = slugify(words)[:60].strip("-")
    return "-".join(part for part in ("techmart", name, f"{local_today():%Y%m%d}") if part) + f".{kind}"


def _as_file(response: Response, kind: str, name: str) -> Response:
    response.headers["Content-Type"] = FORMATS[kind]
    response.headers["Content-Disposition"] = disposition(name)
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings
