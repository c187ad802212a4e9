"""The one place that turns refusals into pages."""

from __future__ import annotations

import structlog
from flask import Flask, Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, SecurityError

from techmart import errors
from techmart.db import db

_STATUS: dict[type[errors.TechmartError], int] = {
    errors.NotFound: 404,
    errors.NotAllowed: 403,
    errors.IllegalTransition: 409,
    errors.StaleVersion: 409,
    errors.ReasonRequired: 422,
    errors.InvalidFields: 422,
    errors.InvalidToken: 404,
    errors.LoginRefused: 403,
    errors.CodeRefused: 403,
    errors.UploadRefused: 422,
    errors.Throttled: 429,
}


def init_app(app: Flask) -> None:
    """Register the handlers. Views catch what they can put beside a field; what is left arrives here."""
    app.register_error_handler(errors.TechmartError, _refusal)
    app.register_error_handler(StaleDataError, lambda error: error_page(409))
    app.register_error_handler(IntegrityError, _taken_meanwhile)
    app.register_error_handler(CSRFError, lambda error: error_page(400, "csrf"))
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)


def error_page(status: int, kind: str = "", **facts: object) -> ResponseReturnValue:
    """The page (or JSON under /api/) for an error status; `kind` picks a more helpful text."""
    if request.path.startswith("/api/"):
        return jsonify(error=kind or str(status)), status
    return render_template("errors/error.html", status=status, kind=kind, facts=facts), status


def _refusal(error: errors.TechmartError) -> ResponseReturnValue:
    response = error_page(_STATUS.get(type(error), 400), type(error).__name__, **vars(error))
    if isinstance(error, errors.Throttled) and isinstance(response, tuple):
        return response[0], 429, {"Retry-After": str(error.retry_after_seconds)}
    return response


def _taken_meanwhile(error: IntegrityError) -> ResponseReturnValue:
    """What was free when asked was taken when written: two people did the same at once. Noted, for it may be a mistake of ours."""
    structlog.get_logger().warning("integrity", path=request.path, error=repr(error.orig))
    return error_page(409)


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error
    if isinstance(error, SecurityError):
        # For a host that is not ours no addresses can be built, so there is no page either.
        return Response("400\n", 400, mimetype="text/plain")
    if error.code in (405, 429) and (
        headers := {k: v for k, v in error.get_headers() if k in ("Allow", "Retry-After")}
    ):
        page = error_page(error.code)
        return (page[0], error.code, headers) if isinstance(page, tuple) else page
    return error_page(error.code)


def _unexpected(_error: Exception) -> ResponseReturnValue:
    structlog.get_logger().exception("unexpected", path=request.path)
    try:
        db.session.rollback()  # after a failed statement PostgreSQL answers nothing more in this transaction
        return error_page(500)
    except Exception:  # outermost: the page asks the database who reads it, and that may be what is broken
        return Response("500\n", 500, mimetype="text/plain")
