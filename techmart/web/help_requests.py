"""Help with a demand: the owner's page to ask and decide, the staff's list and the page where they write."""

from __future__ import annotations

from collections.abc import Collection

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from techmart.db import unit_of_work
from techmart.errors import IllegalTransition, InvalidFields, StaleVersion
from techmart.models.help_request import HelpRequest
from techmart.models.listing import Demand
from techmart.operations import help_request as helping
from techmart.rules.changes import FieldChange, compare
from techmart.rules.help import HelpState
from techmart.rules.policy import Permission
from techmart.web.actor import current_actor
from techmart.web.forms.help import HelpAnswerForm, HelpDecisionForm, HelpQuestionForm
from techmart.web.guards import guard
from techmart.web.listing_views import facts_for_editor
from techmart.web.wording import put_problems_on

bp = Blueprint("help_requests", __name__)


@bp.get("/demands/<code>/help")
@guard(Permission.WORKSPACE_VIEW)
def show(code: str) -> ResponseReturnValue:
    """Ask, wait, or decide on what staff propose."""
    return _own_page(helping.find_own(current_actor(), code))


@bp.post("/demands/<code>/help/ask")
@guard(Permission.WORKSPACE_VIEW)
def ask(code: str) -> ResponseReturnValue:
    actor, form = current_actor(), HelpQuestionForm()
    demand = helping.find_own(actor, code)
    if not form.validate_on_submit():
        return _own_page(demand, question=form, status=422)
    try:
        with unit_of_work():
            helping.ask_for_help(actor, demand, form.question.data or "")
    except IllegalTransition:
        flash(_("Chỉ bản nháp chưa gửi mới nhờ được, và mỗi lúc một lần."), "error")
    else:
        flash(_("Đã nhờ cán bộ sàn. Bạn sẽ được báo khi có đề xuất; bản nháp vẫn sửa được."), "ok")
    return redirect(url_for("help_requests.show", code=code))


@bp.post("/demands/<code>/help/withdraw")
@guard(Permission.WORKSPACE_VIEW)
def withdraw(code: str) -> ResponseReturnValue:
    actor, form = current_actor(), HelpQuestionForm()
    demand = helping.find_own(actor, code)
    if form.validate_on_submit():
        with unit_of_work():
            helping.withdraw_request(actor, demand)
        flash(_("Đã thôi nhờ. Cán bộ sàn không còn thấy bản nháp này."), "ok")
    return redirect(url_for("demands.edit", code=code))


@bp.post("/demands/<code>/help/decide")
@guard(Permission.WORKSPACE_VIEW)
def decide(code: str) -> ResponseReturnValue:
    """Take the proposed text over, or leave the draft as it is."""
    actor, form = current_actor(), HelpDecisionForm()
    demand = helping.find_own(actor, code)
    if not form.validate_on_submit():
        return _own_page(demand, decision=form, status=422)
    try:
        with unit_of_work():
            if request.form.get("act") == "accept":
                helping.accept_proposal(
                    actor, demand, version=_number(form.version.data), request_version=_number(form.request_version.data),
                    take=request.form.getlist("take"),
                )  # fmt: skip
            else:
                helping.decline_proposal(actor, demand, form.reason.data or "")
    except StaleVersion:
        form.form_errors.append(
            _("Bản nháp hoặc đề xuất vừa được lưu lại. Bên dưới là chỗ khác nhau mới nhất; hãy xem lại rồi quyết định.")
        )
        return _own_page(demand, decision=form, status=409)
    except InvalidFields as refusal:
        put_problems_on(form, refusal)
        return _own_page(demand, decision=form, status=422)
    if request.form.get("act") == "accept":
        flash(_("Đã đưa phần cán bộ sàn viết vào bản nháp. Xem lại rồi gửi duyệt."), "ok")
    else:
        flash(_("Đã giữ nguyên bản nháp của bạn."), "ok")
    return redirect(url_for("demands.edit", code=code))


@bp.get("/moderation/help")
@guard(Permission.DEMAND_HELP)
def index() -> ResponseReturnValue:
    return render_template("moderation/help.html", rows=helping.list_requests(current_actor()), states=HelpState)


@bp.route("/moderation/help/<code>", methods=["GET", "POST"])
@guard(Permission.DEMAND_HELP)
def answer(code: str) -> ResponseReturnValue:
    """The draft as staff would put it; sent to the owner, who decides."""
    actor = current_actor()
    row = helping.find_request(actor, code)
    versions = {"version": str(row.demand.version), "request_version": str(row.version)}
    form = HelpAnswerForm(data={**helping.text_to_help(row), "note": row.note, **versions})
    if form.validate_on_submit():
        try:
            with unit_of_work():
                helping.propose_text(
                    actor,
                    row,
                    form.content(),
                    note=form.note.data or "",
                    version=_number(form.version.data),
                    request_version=_number(form.request_version.data),
                )
        except InvalidFields as refusal:
            put_problems_on(form, refusal)
        except StaleVersion:
            form.version.data, form.request_version.data = str(row.demand.version), str(row.version)
            form.form_errors.append(
                _(
                    "Chủ tin hoặc cán bộ khác vừa sửa. Nội dung bạn viết vẫn ở đây; chỗ khác với bản mới nhất nêu bên dưới."
                )
            )
            return _answer_page(row, form), 409
        else:
            flash(_("Đã gửi đề xuất cho chủ tin."), "ok")
            return redirect(url_for("help_requests.index"))
    return _answer_page(row, form), 422 if request.method == "POST" else 200


def _answer_page(row: HelpRequest, form: HelpAnswerForm) -> str:
    now = helping.text_to_help(row)
    changes, _same = (
        compare(now, form.content(), list(form.content()), codes=_codes(form)) if form.form_errors else ([], [])
    )
    return render_template(
        "moderation/help_edit.html", row=row, demand=row.demand, form=form, kind="demand", changes=changes,
        **facts_for_editor("demand", form.content()),
    )  # fmt: skip


def _own_page(
    demand: Demand,
    *,
    question: HelpQuestionForm | None = None,
    decision: HelpDecisionForm | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    row = helping.open_request(demand)
    changes: list[FieldChange] = []
    contested: Collection[str] = ()
    if row is not None and row.state == HelpState.ANSWERED:
        proposal = helping.proposal_of(row)
        contested = proposal.contested
        form = HelpAnswerForm(formdata=None)
        changes, _same = compare(proposal.now, proposal.proposed, list(proposal.proposed), codes=_codes(form))
    decision = decision or HelpDecisionForm(formdata=None)
    decision.version.data, decision.request_version.data = str(demand.version), str(row.version if row else 0)
    page = render_template(
        "listings/help.html", demand=demand, row=row, changes=changes, contested=contested, kind="demand",
        taken=request.form.getlist("take"),
        question=question or HelpQuestionForm(formdata=None), form=decision,
    )  # fmt: skip
    return page, status


def _number(typed: str | None) -> int:
    """A version of a hidden field; 0, which is none, where it was tampered with."""
    return int(typed) if typed and typed.isascii() and typed.isdigit() and len(typed) < 10 else 0


def _codes(form: HelpAnswerForm) -> frozenset[str]:
    """Fields whose values are codes, not words."""
    return frozenset(name for name in form.content() if form[name].type != "TextAreaField")
