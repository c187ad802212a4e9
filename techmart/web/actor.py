"""The signed-in person as the plain Actor that operations and policy understand."""

from __future__ import annotations

from flask import g
from flask_login import current_user

from techmart.operations.account import actor_of
from techmart.rules.policy import ANONYMOUS, Actor
from techmart.web.sessions import has_second_factor


def current_actor() -> Actor:
    """The actor of this request; ANONYMOUS without a session. Looked up once per request."""
    if "actor" not in g:
        signed_in = current_user.is_authenticated
        g.actor = actor_of(current_user, with_staff_role=has_second_factor()) if signed_in else ANONYMOUS
    actor: Actor = g.actor
    return actor
