"""When a person is told of matches by mail, and from how many points on, with what each choice would have let through."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from techmart.db import unit_of_work
from techmart.operations import alert as alerts
from techmart.operations.match import list_scores
from techmart.rules.matching import AlertMode
from techmart.rules.policy import Permission
from techmart.web.actor import current_actor
from techmart.web.form_page import form_page
from techmart.web.forms.match import THRESHOLDS, AlertSettingForm
from techmart.web.guards import guard

bp = Blueprint("alert_settings", __name__, url_prefix="/account/alerts")


@bp.route("", methods=["GET", "POST"])
@guard(Permission.ACCOUNT_MANAGE)
def index() -> ResponseReturnValue:
    actor = current_actor()
    setting, scores = alerts.own_setting(actor), list_scores(actor)
    # A threshold set elsewhere is shown as the next lower choice.
    chosen = max(points for points in THRESHOLDS if points <= max(setting.threshold, THRESHOLDS[0]))
    form = AlertSettingForm(data={"mode": setting.mode, "threshold": chosen})
    form.threshold.choices = [(points, _choice(points, scores)) for points in THRESHOLDS]
    if form.validate_on_submit():
        with unit_of_work():
            alerts.change_setting(actor, mode=form.mode.data, threshold=form.threshold.data)
        flash(_("Đã lưu."), "ok")
        return redirect(url_for("alert_settings.index"))
    return form_page("accounts/alerts.html", form, total=len(scores), is_off=setting.mode == AlertMode.OFF)


def _choice(points: int, scores: Sequence[int]) -> str:
    """The points, and how many present matches reach them."""
    count = sum(score >= points for score in scores)
    return str(_("Từ %(points)s%%: %(count)s trong số đó", points=points, count=count))
