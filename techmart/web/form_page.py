"""A page with a form, and the status that goes with what became of it."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from techmart.errors import Throttled
from techmart.web.wording import wait_text


def put_wait_on(form: FlaskForm, refusal: Throttled) -> None:
    """Say at the top of the form how long to wait; `form_page` then answers 429 with Retry-After."""
    form.form_errors.append(wait_text(refusal))
    form.retry_after_seconds = refusal.retry_after_seconds


def form_page(template: str, form: FlaskForm, **values: object) -> ResponseReturnValue:
    """200 for a form nothing is wrong with, 422 with problems, 429 after too many tries."""
    page = render_template(template, form=form, **values)
    retry_after = getattr(form, "retry_after_seconds", None)
    if retry_after is not None:
        return page, 429, {"Retry-After": str(retry_after)}
    return page, 422 if form.errors or form.form_errors else 200
