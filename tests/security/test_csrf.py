"""Form tokens, foreign origins, harmless reading and redirects (security matrix 29 to 32)."""

from __future__ import annotations

import re

import pytest

from techmart.db import db
from techmart.extensions import csrf
from techmart.models.account import UserSession
from techmart.web.redirects import safe_path
from tests import factories as make
from tests.security.world import PASSWORD, browser_of, rules_of

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@pytest.fixture
def guarded(world):
    """The application with form tokens asked for."""
    world.app.config["WTF_CSRF_ENABLED"] = True
    yield world.app
    world.app.config["WTF_CSRF_ENABLED"] = False


def _content():
    """Every row of the database, as SQL."""
    with db.engine.connect() as connection:
        return set(connection.connection.driver_connection.iterdump())


def _token(client, address="/account/"):
    return _TOKEN.search(client.get(address).text)[1]


def test_case_29_every_change_needs_a_token(world, guarded):
    # What mail programs post to (RFC 8058): a signed address, and no session plays a part.
    assert csrf._exempt_views == {"techmart.web.unsubscribe.turn_off"}
    assert not csrf._exempt_blueprints
    before = _content_without_sessions(world)
    tried = 0
    for role in ("nobody", "owner"):
        browser = world.browser(role)
        for rule in guarded.url_map.iter_rules():
            for method in sorted((rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}):
                address = world.address(rule)
                if rule.endpoint == "unsubscribe.turn_off":
                    assert browser.open(address, method=method).status_code == 404
                    continue
                answers = [browser.open(address, method=method)]
                if role == "owner":
                    answers += [browser.open(address, method=method, data={"csrf_token": "x" * 91})]
                    answers += [browser.open(address, method=method, json={"a": 1})]
                assert {answer.status_code for answer in answers} == {400}, (role, method, address)
                tried += 1
    assert tried > 60
    assert _content_without_sessions(world) == before


def _content_without_sessions(world):
    """Signing in itself makes rows; they are removed."""
    db.session.query(UserSession).delete()
    db.session.commit()
    return _content()


def test_case_29_with_its_token_the_same_form_passes(world, guarded):
    browser = world.browser("owner")
    data = {"csrf_token": _token(browser), "name": "Lê An", "locale": "vi"}
    assert browser.post("/account/", data=data).status_code == 302
    token = {"X-CSRFToken": data.pop("csrf_token")}
    assert browser.post("/account/", data=data, headers=token).status_code == 302


def test_case_30_token_of_somebody_else(world, guarded):
    attacker, victim = world.browser("rival"), world.browser("owner")
    data = {"name": "Đổi Trộm", "locale": "vi", "csrf_token": _token(attacker)}
    assert victim.post("/account/", data=data).status_code == 400
    _token(victim)
    assert victim.post("/account/", data=data).status_code == 400
    assert victim.post("/account/", data={**data, "csrf_token": _token(victim)[:-1]}).status_code == 400


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "http://localhost.evil.example", "null", "http://localhost:9999", "http://evil.example#localhost",
     "http://localhost@evil.example", ""],
)  # fmt: skip
def test_case_30_foreign_origin(world, guarded, origin):
    browser = world.browser("owner")
    data = {"csrf_token": _token(browser), "name": "Lê An", "locale": "vi"}
    assert browser.post("/account/", data=data, headers={"Origin": origin}).status_code == 400
    assert browser.post("/account/", data=data, headers={"Origin": "http://localhost"}).status_code == 302


def test_case_31_reading_changes_nothing(world, clock):
    """Every page and every address linked from it, with GET and, where it could also be posted, with HEAD."""
    posted = {str(rule) for rule in rules_of(world.app, "POST")}
    for role in ("owner", "administrator"):
        browser = world.browser(role)
        before = _content()
        addresses = [world.address(rule) for rule in rules_of(world.app, "GET")]
        heads = [world.address(rule) for rule in rules_of(world.app, "GET") if str(rule) in posted]
        for kind, listing in [*world.drafts.items(), *world.waiting.items()]:
            addresses += [f"/{kind}s/{listing.code}", f"/{kind}s/{listing.code}/preview"]
            heads += [f"/{kind}s/{listing.code}/{rest}" for rest in ("edit", "delete", "act/withdraw", "act/recall")]
        linked = set()
        for address in [*addresses, *heads]:
            page = browser.get(address)
            assert page.status_code in (200, 302, 403, 404, 503), address
            if page.mimetype == "text/html":
                linked |= {link.replace("&amp;", "&") for link in re.findall(r'href="(/[^"#]*)', page.text)}
        for address in heads:
            assert browser.head(address).status_code in (200, 302, 403, 404), address
        for address in sorted(linked - set(addresses) - set(heads)):
            if not address.startswith("/static/") and "lang=" not in address:
                assert browser.get(address).status_code < 500, address
        assert _content() ^ before == set(), role


def test_case_31_changes_are_not_to_be_had_by_get(world):
    browser = world.browser("administrator")
    for rule in world.app.url_map.iter_rules():
        methods = rule.methods or set()
        if "POST" in methods and "GET" not in methods:
            others = [other for other in rules_of(world.app, "GET") if str(other) == str(rule)]
            if not others:
                assert browser.get(world.address(rule)).status_code in (404, 405), rule


AWAY = [
    "//evil.example", "///evil.example", "////evil.example", "https:evil.example", "https://evil.example", "http:///evil.example",
    "/\\evil.example", "\\\\evil.example", "/\\/evil.example", "javascript:alert(1)", "data:text/html,x",
    "/%09//evil.example",
    "\t//evil.example", " //evil.example", "/\n/evil.example", "/%0a/evil.example", "/%5cevil.example",
    "/%2f/evil.example",
    "/%2fevil.example", "/%252fevil.example", "/%255cevil.example", "http://localhost@evil.example", "evil.example",
    "@evil.example",
    "/workspace\r\nSet-Cookie: a=b", "/workspace%0d%0aSet-Cookie:%20a=b", "/\u200b/evil.example",
    "?next=//evil.example", "", "/" * 3000,
    ".evil.example", ":80", "/.//evil.example", "/..//evil.example", "http:evil.example", "//localhost:80@evil.example",
]  # fmt: skip


@pytest.mark.parametrize("target", AWAY)
def test_case_32_next_never_leads_away(world, target):
    assert safe_path(target) is None
    client = world.app.test_client()
    signed_in = world.browser("owner").get("/accounts/login", query_string={"next": target})
    assert signed_in.headers["Location"] == "/workspace"
    assert (
        client.post("/accounts/second-factor", query_string={"next": target})
        .headers["Location"]
        .startswith("/accounts/login")
    )


def test_case_32_next_after_sign_in(app):
    person = make.user(password=PASSWORD)
    for target, expected in (
        ("/workspace?kind=offer&page=2", None),
        ("//evil.example", "/workspace"),
        ("/%2f%2fevil", "/workspace"),
    ):
        answer = app.test_client().post(
            "/accounts/login", query_string={"next": target}, data={"email": person.email, "password": PASSWORD}
        )
        assert answer.headers["Location"] == (expected or target)


def test_case_32_no_redirect_leads_to_another_site(world):
    """Whatever is put into the address of a page, its answer stays here."""
    for role in ("nobody", "owner"):
        browser = world.browser(role)
        for rule in rules_of(world.app, "GET"):
            answer = browser.get(world.address(rule), query_string={"next": "//evil.example", "url": "//evil.example"})
            where = answer.headers.get("Location", "/")
            assert re.match(r"/(?![/\\])", where), where


def test_case_32_login_returns_to_the_page_asked_for(app):
    person = make.user(password=PASSWORD)
    client = app.test_client()
    answer = client.get("/notifications?lang=en")
    assert answer.headers["Location"] == "/accounts/login?next=/notifications?lang%3Den"
    answer = client.post(answer.headers["Location"], data={"email": person.email, "password": PASSWORD})
    assert answer.headers["Location"] == "/notifications?lang=en"
    assert browser_of(app, person).get("/notifications").status_code == 200
