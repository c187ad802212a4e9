"""Every route says who may use it: `@public` or `@guard(Permission…)`. A request to an unmarked route is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from techmart.errors import NotAllowed
from techmart.rules.policy import STAFF_PERMISSIONS, Permission, can
from techmart.web.actor import current_actor
from techmart.web.sessions import has_second_factor

F = TypeVar("F", bound=Callable[..., Any])

_ATTRIBUTE = "techmart_guard"
PUBLIC_MARK = "public"


def public(view: F) -> F:
    """Anyone may use this route."""
    setattr(view, _ATTRIBUTE, PUBLIC_MARK)
    return view


def guard(permission: Permission) -> Callable[[F], F]:
    """Only those may use this route who hold `permission` for some object; the operation asks about the object itself."""

    def mark(view: F) -> F:
        setattr(view, _ATTRIBUTE, permission)
        return view

    return mark


def declared_guard(view: Callable[..., Any]) -> str | Permission | None:
    """What the view declares, or None."""
    return getattr(view, _ATTRIBUTE, None)


def init_app(app: Flask) -> None:
    """Refuse by default, before any view runs."""

    @app.before_request
    def _check_guard() -> ResponseReturnValue | None:
        if request.endpoint is None or request.endpoint == "static":
            return None
        declared = declared_guard(app.view_functions[request.endpoint])
        if declared == PUBLIC_MARK:
            return None
        if declared is None:
            raise NotAllowed("undeclared")
        if not current_user.is_authenticated:
            target = request.full_path.rstrip("?") if request.method == "GET" else None
            return redirect(url_for("accounts.login", next=target))
        assert isinstance(declared, Permission)
        if current_user.staff_role and not has_second_factor() and declared in STAFF_PERMISSIONS:
            return redirect(url_for("accounts.second_factor", next=request.full_path.rstrip("?")))
        if not can(current_actor(), declared):
            raise NotAllowed(declared)
        return None
