"""Moderation pages: the queue, one review, the decision."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from techmart.db import unit_of_work
from techmart.errors import IllegalTransition, ReasonRequired, StaleVersion
from techmart.operations import review as reviews
from techmart.rules.lifecycle import Action
from techmart.rules.policy import Permission
from techmart.rules.risk import risk_level
from techmart.web.actor import current_actor
from techmart.web.forms.moderation import DecisionForm
from techmart.web.guards import guard
from techmart.web.review_words import FLAGS, reason_words, step_words

bp = Blueprint("moderation", __name__, url_prefix="/moderation")

KINDS = ("offer", "patent", "demand")
SORT_NAMES = {"oldest": _l("Gửi lâu nhất trước"), "newest": _l("Mới gửi trước"), "risk": _l("Rủi ro cao trước")}
_DONE: dict[Action, LazyString] = {
    Action.APPROVE: _l("Đã duyệt và đăng %(code)s."),
    Action.REQUEST_CHANGES: _l("Đã gửi đề nghị sửa cho %(code)s."),
    Action.REJECT: _l("Đã từ chối %(code)s."),
}


@bp.get("")
@guard(Permission.MODERATION_VIEW)
def queue() -> ResponseReturnValue:
    actor = current_actor()
    kind, sort = request.args.get("kind", ""), request.args.get("sort", "")
    kind, sort = kind if kind in KINDS else "", sort if sort in SORT_NAMES else "oldest"
    return render_template(
        "moderation/queue.html",
        items=reviews.list_queue(actor, kind=kind or None, sort=sort),
        figures=reviews.queue_figures(actor),
        kind=kind,
        kinds=KINDS,
        sort=sort,
        sorts=SORT_NAMES,
        flags=FLAGS,
        limit=reviews.DECISION_HOURS,
    )


@bp.get("/<code>")
@guard(Permission.MODERATION_VIEW)
def review(code: str) -> ResponseReturnValue:
    return _page(code, DecisionForm())


@bp.post("/<code>")
@guard(Permission.LISTING_REVIEW)
def decide(code: str) -> ResponseReturnValue:
    """Carry the decision out and open the next item; a refusal shows the page again with what was typed."""
    form, actor = DecisionForm(), current_actor()
    if not form.validate_on_submit():
        return _page(code, form, 422)
    action = Action(form.decision.data)
    # Asked before the decision: afterwards this item has no place in the queue.
    next_code = reviews.neighbours(actor, code)[1]
    try:
        with unit_of_work():
            reviews.decide(
                actor, code, action, form.answer() or None, form.shown_version(), revision_number=form.shown_revision()
            )
    except ReasonRequired:
        form.reason.errors = [_("Hãy viết lý do để bên đăng biết cần làm gì.")]
        return _page(code, form, 422)
    except StaleVersion:
        form.form_errors.append(
            _("Nội dung đã đổi trong lúc bạn xem. Bên dưới là bản mới nhất; hãy xem lại rồi quyết định.")
        )
        return _page(code, form, 409)
    except IllegalTransition:
        return _gone(code)
    flash(str(_DONE[action]) % {"code": code}, "ok")
    return redirect(url_for("moderation.review", code=next_code) if next_code else url_for("moderation.queue"))


def _page(code: str, form: DecisionForm, status: int = 200) -> ResponseReturnValue:
    try:
        shown = reviews.load_review(current_actor(), code)
    except IllegalTransition:
        return _gone(code)
    form.version.data, form.revision.data = str(shown.version), str(shown.revision_number or "")
    page = render_template(
        "moderation/review.html",
        review=shown,
        listing=shown.listing,
        kind=shown.listing.kind,
        form=form,
        flags=FLAGS,
        level_of=lambda finding: risk_level([finding]),
        step_words=step_words,
        reason_words=reason_words,
    )
    return page, status


def _gone(code: str) -> ResponseReturnValue:
    flash(_("%(code)s không còn chờ duyệt: đã có người quyết định, hoặc bên đăng đã rút lại.", code=code), "error")
    return redirect(url_for("moderation.queue"))
