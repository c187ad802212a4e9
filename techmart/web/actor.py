"""The signed-in person as the plain Actor that operations and policy understand."""

from __future__ import annotations

from flask import g
from flask_login import current_user

from techmart.operations.account import actor_of
from techmart.rules.policy import ANONYMOUS, Actor


def current_actor() -> Actor:
    """The actor of this request; ANONYMOUS without a session. Looked up once per request."""
    if "actor" not in g:
        g.actor = actor_of(current_user) if current_user.is_authenticated else ANONYMOUS
    actor: Actor = g.actor
    return actor
