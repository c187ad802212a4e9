"""A small market to attack: one person in each role, listings in each state, and an address for every route."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from techmart import create_app
from techmart.db import db, unit_of_work
from techmart.models.account import User
from techmart.models.export import ExportJob
from techmart.models.listing import Listing
from techmart.models.organisation import Organisation
from techmart.models.saved_search import SavedSearch
from techmart.operations.session import open_session
from techmart.rules.lifecycle import ListingState
from techmart.rules.policy import MemberRole, StaffRole
from tests import factories as make

#: `nobody` has no account, `newcomer` no organisation, `rival` owns another one.
ROLES = ("nobody", "newcomer", "viewer", "editor", "owner", "rival", "moderator", "administrator")
KINDS = ("offer", "patent", "demand")
#: Long enough, and none of the common ones.
PASSWORD = "bốn con cò đậu trên cành mềm"


@dataclass
class World:
    """What the tests walk through. `listings` holds a public one and a draft of each kind, all of `institute`."""

    app: Flask
    people: dict[str, User]
    institute: Organisation
    rival: Organisation
    public: dict[str, Listing]
    drafts: dict[str, Listing]
    waiting: dict[str, Listing]
    #: A search the owner keeps.
    saved: SavedSearch
    #: A file the owner asked for.
    export: ExportJob
    _kept: dict[str, FlaskClient] = field(default_factory=dict)

    def browser(self, role: str) -> FlaskClient:
        """A browser signed in as somebody of that role."""
        return browser_of(self.app, None if role == "nobody" else self.people[role])

    def kept_browser(self, role: str) -> FlaskClient:
        """The same, one for all: for tests that neither sign out nor set the clock."""
        if role not in self._kept:
            self._kept[role] = self.browser(role)
        return self._kept[role]

    def address(self, rule: Rule, **given: object) -> str:
        """An address the rule answers to: a public listing of its kind, or what waits for moderation."""
        kind = rule.endpoint.split(".")[0].removesuffix("s")
        code = self.waiting["offer"].code if kind == "moderation" else self.public.get(kind, self.public["offer"]).code
        values: dict[str, object] = {
            "action": "withdraw", "attachment_id": 1, "code": code, "filename": "a.pdf", "invitation_id": 1,
            "kind": "offer", "part": "demands",
            "name": "rules", "notification_id": 1, "secret": "x" * 43, "session_id": 1, "slug": self.institute.slug,
            "search_id": self.saved.id, "export_id": self.export.id, "token": "x" * 43,
            "user_id": self.people["viewer"].id,
        }  # fmt: skip
        values |= {"other": self.public["offer"].code, "own": self.public["demand"].code}
        values |= given
        arguments = {name: values.get(name, 1) for name in rule.arguments}
        return self.app.url_map.bind("localhost").build(rule.endpoint, arguments, append_unknown=False)


def build_world(app: Flask) -> World:
    """Make everything; the application context of `app` is open."""
    institute, rival = make.organisation(), make.organisation()
    people = {
        "newcomer": make.user(),
        "viewer": make.member(institute, MemberRole.VIEWER),
        "editor": make.member(institute, MemberRole.EDITOR),
        "owner": make.member(institute, MemberRole.OWNER),
        "rival": make.member(rival, MemberRole.OWNER),
        "moderator": make.staff(),
        "administrator": make.staff(StaffRole.ADMINISTRATOR),
    }
    return World(
        app,
        people,
        institute,
        rival,
        public={kind: make.listing(kind, institute) for kind in KINDS},
        drafts={kind: make.listing(kind, institute, ListingState.DRAFT) for kind in KINDS},
        waiting={kind: make.listing(kind, institute, ListingState.SUBMITTED) for kind in KINDS},
        saved=make.saved_search(people["owner"]),
        export=make.export(people["owner"]),
    )


def browser_of(app: Flask, person: User | None, *, with_second_factor: bool = True) -> FlaskClient:
    """A browser with a live session of `person`, or of nobody."""
    client = app.test_client()
    if person is not None:
        with unit_of_work():
            secret = open_session(person, with_second_factor=with_second_factor)
        is_https = app.config["SETTINGS"].is_https
        client.set_cookie("__Host-techmart" if is_https else "techmart", secret, secure=is_https)
    return client


@contextmanager
def sibling_of(app: Flask, **settings: Any) -> Iterator[Flask]:  # Any: values of Settings
    """Another application on the same database, with other settings: a second process, say."""
    other = create_app(replace(app.config["SETTINGS"], **settings))
    other.config["WTF_CSRF_ENABLED"] = False
    other.test_client_class = app.test_client_class
    other.jinja_env.bytecode_cache = app.jinja_env.bytecode_cache
    try:
        yield other
    finally:
        with other.app_context():
            db.session.remove()
            db.engine.dispose()


def rules_of(app: Flask, method: str) -> list[Rule]:
    """The routes that answer to `method`, static files left out."""
    return [rule for rule in app.url_map.iter_rules() if method in (rule.methods or ()) and rule.endpoint != "static"]
