"""Which person a request belongs to: our cookie, the session row behind it, and whether the second factor was given."""

from __future__ import annotations

import ipaddress

from flask import Flask, Request, current_app, g, request, session
from flask.wrappers import Response
from flask_login import current_user

from config import Settings
from techmart.db import db, unit_of_work
from techmart.extensions import login_manager
from techmart.models.account import User, UserSession
from techmart.operations.session import (
    ABSOLUTE_LIMIT,
    end_session,
    find_session,
    needs_touch,
    open_session,
    touch_session,
)
from techmart.rules.policy import Actor

#: A longer value was not made by us.
_MAXIMUM_COOKIE_LENGTH = 100


def init_app(app: Flask) -> None:
    """Let Flask-Login ask the session table instead of trusting a signed cookie."""
    login_manager.request_loader(_load_user)
    app.before_request(_touch)
    app.after_request(_set_cookie)


def cookie_name() -> str:
    """`__Host-` binds the cookie to this host, path `/` and https; plain http (development) cannot use it."""
    return "__Host-techmart" if _settings().is_https else "techmart"


def current_session() -> UserSession | None:
    """The session row of this request."""
    row: UserSession | None = g.get("user_session")
    return row


def has_second_factor() -> bool:
    """Whether staff permissions count in this session. Development does not ask for a second factor nobody has set up."""
    row = current_session()
    if row is None:
        return False
    return row.second_factor_at is not None or not (_settings().is_production or row.user.has_second_factor)


def sign_in(user: User, *, with_second_factor: bool) -> None:
    """Open a session for this browser, with a new secret and a new form token (nothing of the old ones is kept)."""
    language = session.get("lang")
    if (old := current_session()) is not None:
        db.session.delete(old)
    secret = open_session(
        user,
        user_agent=request.user_agent.string,
        ip_prefix=network_of(request.remote_addr),
        with_second_factor=with_second_factor,
    )
    session.clear()
    if language:
        session["lang"] = language
    g.new_cookie = secret


def sign_out() -> None:
    """End this browser's session."""
    if (row := current_session()) is not None:
        end_session(Actor(user_id=row.user_id), row.id)
    session.clear()
    g.new_cookie = ""


def network_of(address: str | None) -> str:
    """The /24 or /48 network of an address: enough to recognise a place, not a person."""
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return ""
    return str(ipaddress.ip_network(f"{parsed}/{24 if parsed.version == 4 else 48}", strict=False))


def _load_user(incoming: Request) -> User | None:
    secret = incoming.cookies.get(cookie_name(), "")
    if not secret or len(secret) > _MAXIMUM_COOKIE_LENGTH:
        return None
    row = find_session(secret)
    g.user_session = row
    return row.user if row is not None else None


def _touch() -> None:
    if request.endpoint in (None, "static") or not current_user.is_authenticated:
        return
    row = current_session()
    if row is not None and needs_touch(row):
        session_id = row.id
        with unit_of_work():
            touch_session(session_id)


def _set_cookie(response: Response) -> Response:
    secret = g.get("new_cookie")
    if secret is None:
        return response
    # An empty secret is a sign-out: the cookie is overwritten and expires at once.
    lifetime = int(ABSOLUTE_LIMIT.total_seconds()) if secret else 0
    response.set_cookie(
        cookie_name(),
        secret,
        max_age=lifetime,
        expires=None if secret else 0,
        path="/",
        secure=_settings().is_https,
        httponly=True,
        samesite="Lax",
    )
    return response


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings
