"""What is typed: markup, templates, SQL, strange characters, huge requests (security matrix 42, 44, 47 to 49)."""

from __future__ import annotations

import re
from itertools import chain

import pytest

from techmart.db import db, unit_of_work
from techmart.models.account import User
from techmart.models.listing import Listing
from techmart.models.organisation import Organisation
from techmart.operations import lifecycle
from techmart.operations.listing_content import FIELDS, FIGURE_COLUMNS, LIMITS
from techmart.operations.mail import deliver_mail
from techmart.rules.lifecycle import Action, ListingState
from techmart.rules.policy import STAFF_PERMISSIONS
from techmart.search.service import current_engine, sync_lock_path
from techmart.search.sync import sync_index
from techmart.web.guards import PUBLIC_MARK, declared_guard
from tests import factories as make
from tests.security.html_check import what_could_run
from tests.security.payloads import DATABASE, MARKUP, STRANGE, forms_of
from tests.security.world import KINDS, browser_of, rules_of

_LISTS = ("sectors", "ipc", "keywords", "figures")
_TEXTS = {
    kind: [name for name in FIELDS[kind] if name in LIMITS and name not in _LISTS] for kind in KINDS
}  # fmt: skip


@pytest.fixture(scope="module")
def filled_forms(world):
    """Every form that can be filled in: (role, where it goes, the form)."""
    found = {}
    for role in ("nobody", "owner", "moderator"):
        addresses = [world.address(rule) for rule in rules_of(world.app, "GET")]
        addresses += [f"/{kind}s/{world.drafts[kind].code}/edit" for kind in KINDS]
        for address in addresses:
            answer = world.kept_browser(role).get(address)
            if answer.mimetype == "text/html" and answer.status_code == 200:
                for form in forms_of(answer.text):
                    found.setdefault((form.action or address, tuple(form.typed)), (role, form.action or address, form))
    assert len(found) >= 15
    return list(found.values())


def _check(answer, where):
    assert answer.status_code < 500 or "/readyz" in str(where), where
    if answer.mimetype == "text/html":
        assert what_could_run(answer.text) == [], where
        assert "6681847389" not in answer.text, where


def _fill(world, forms, texts, *, choose=False):
    """Post every form with `texts` in its fields, each field with another one of them each time."""
    for role, target, form in forms:
        names = form.typed + (form.chosen if choose else [])
        rounds = -(-len(texts) // max(1, len(names)))
        for turn in range(min(rounds, 5)):
            data = {name: texts[(turn * len(names) + place) % len(texts)] for place, name in enumerate(names)}
            answer = world.kept_browser(role).post(target, data=_encoded({**form.fixed, **data}))
            _check(answer, (target, data))
            assert role == "nobody" or "/accounts/login" not in answer.headers.get("Location", "")


def _encoded(data):
    """As bytes, so that lone surrogates travel as well."""
    return {name: value.encode("utf-8", "surrogatepass") for name, value in data.items()}


def _counts():
    return {table: db.session.query(table).count() for table in (Listing, Organisation, User)}


def test_case_42_markup_in_every_form(world, filled_forms):
    _fill(world, filled_forms, MARKUP)


def _limited(kind, texts):
    """Content with markup in every text, cut to its limit."""
    values = {name: next(texts)[: LIMITS[name]] for name in _TEXTS[kind]}
    values |= {"keywords": [next(texts)[:60] for _ in range(6)]}
    if kind == "offer":
        values["figures"] = [{column: next(texts)[:200] for column in FIGURE_COLUMNS} for _ in range(4)]
    return values


def test_case_42_markup_is_shown_as_typed(world):
    """Lists, pages, review, history and JSON with markup in every text; nothing of it runs."""
    texts = chain.from_iterable(MARKUP for _ in range(40))
    bad = make.organisation(name_vi="<script>alert(1)</script> {{91119*73331}}", name_en="<img src=x onerror=alert(1)>",
                            capability="</textarea><svg onload=alert(1)>", address='" onmouseover="alert(1)',
                            website="https://vidu.example/\"onclick=alert(1)", slug="xau")  # fmt: skip
    owner = make.member(bad, person=make.user(name='<b onclick="alert(1)">{{91119*73331}}</b>'))
    made = [
        make.listing(kind, bad, state, **_limited(kind, texts))
        for kind in KINDS
        for state in (ListingState.PUBLISHED, ListingState.SUBMITTED) * 2
    ]
    sync_index(current_engine(), sync_lock_path())
    current_engine().refresh()
    stranger, member, moderator = (
        world.kept_browser("nobody"),
        browser_of(world.app, owner),
        world.kept_browser("moderator"),
    )
    for listing in made:
        path = f"/{listing.kind}s/{listing.code}"
        for address in (path, f"{path}?lang=en", f"{path}/edit", f"{path}/preview"):
            _check(member.get(address), address)
        _check(stranger.get(path), path)
        _check(moderator.get(f"/moderation/{listing.code}"), path)
    for browser in (stranger, member, moderator):
        for address in ("/", "/organisations/xau", "/organisations/xau/edit", "/organisations/xau/members",
                        "/workspace",
                        "/account/", "/search?q=alert", "/search?q=script", "/search?kind=organisation",
                        "/moderation"):  # fmt: skip
            _check(browser.get(address), address)
    page = world.kept_browser("nobody").get(f"/offers/{made[0].code}").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    found = world.kept_browser("nobody").get("/api/v1/search?q=alert")
    assert found.mimetype == "application/json"
    assert found.headers["X-Content-Type-Options"] == "nosniff"


def test_case_42_markup_and_line_ends_in_mails(app):
    owner = make.user(name="Lê An\r\nBcc: x@vidu.example {{91119*73331}}")
    institute = make.organisation(owner)
    listing = make.offer(
        institute, ListingState.SUBMITTED, title="<b>{{91119*73331}}</b> {% raw %} \r\nBcc: x@vidu.example"
    )
    moderator = make.actor(make.staff())
    with unit_of_work():
        row = db.session.get(Listing, listing.id)
        lifecycle.perform(
            moderator, row, Action.REQUEST_CHANGES, reason="<script>{{91119*73331}}\r\nTo: y@vidu.example"
        )
    assert deliver_mail() == 1
    (file,) = app.config["SETTINGS"].mail_dir.glob("*.txt")
    head, _, body = file.read_text(encoding="utf-8").partition("\n\n")
    assert [line.split(":")[0] for line in head.splitlines()] == ["To", "From", "Subject", "Date", "Message-ID"]
    assert "6681847389" not in head + body
    assert "{{91119*73331}}" in body


def test_case_44_structured_data_cannot_be_left(world):
    listing = make.offer(
        world.institute, title="</script><script>alert(1)</script>\u2028\u2029<!--", summary="]]></script>"
    )
    page = world.kept_browser("nobody").get(f"/offers/{listing.code}").text
    assert what_could_run(page) == []
    for block in re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL):
        assert "<" not in block
        assert "\u2028" not in block


def test_case_48_sql_in_every_form(world, filled_forms):
    before = db.session.query(User).count()
    _fill(world, filled_forms, DATABASE, choose=True)
    assert db.session.query(Listing).count() > 0
    assert db.session.query(User).count() >= before


_NAMES = ("q", "kind", "sort", "page", "lang", "next", "sector", "province", "trl", "off", "price_from", "price_to",
          "ipc_section",
          "ip_status", "verified", "organisation_kind", "transfer_form", "limit", "check", "title", "order",
          "id")  # fmt: skip


def _pages_of(world, role):
    """The pages that are this role's own: public ones are looked at by a stranger, an owner's by the owner."""
    for rule in rules_of(world.app, "GET"):
        guard = declared_guard(world.app.view_functions[rule.endpoint])
        own = "nobody" if guard == PUBLIC_MARK else "administrator" if guard in STAFF_PERMISSIONS else "owner"
        if own == role and rule.endpoint != "health.ready":
            yield rule


@pytest.mark.parametrize("role", ["nobody", "owner", "administrator"])
def test_case_48_sql_in_addresses(world, role):
    browser = world.kept_browser(role)
    before = _counts()
    for rule in _pages_of(world, role):
        address = world.address(rule)
        for start in (0, 11):
            values = {name: DATABASE[(start + place) % len(DATABASE)] for place, name in enumerate(_NAMES)}
            _check(browser.get(address, query_string=values), (address, values))
        texts = {name for name, kind in rule._converters.items() if kind.__class__.__name__ == "UnicodeConverter"}
        for number, text in enumerate(DATABASE if texts else ()):
            if number % 5 == 0 and "/" not in text:
                path = world.address(rule, **dict.fromkeys(texts, text))
                answer = browser.get(path)
                _check(answer, path)
                assert answer.status_code in (302, 400, 403, 404), path
    assert _counts() == before


def test_case_49_strange_text_in_every_form(world, filled_forms):
    _fill(world, filled_forms, STRANGE, choose=True)


def test_case_49_strange_values_in_addresses(world):
    for role in ("nobody", "owner", "administrator"):
        browser = world.kept_browser(role)
        for rule in _pages_of(world, role):
            address = world.address(rule)
            for start in range(0, len(STRANGE), len(_NAMES)):
                values = {name: STRANGE[(start + place) % len(STRANGE)] for place, name in enumerate(_NAMES)}
                _check(browser.get(address, query_string=_encoded(values)), (address, values))
    stranger = world.kept_browser("nobody")
    for query in ("page=1&page=2&page=x", "kind[]=offer&kind[0]=patent", "q[a]=1", "q", "=", "&&&", "%", "%zz",
                  "%ff%fe", "q=%ed%a0%80",
                  "q=%00", "q=%F0%28%8C%28", "page=1000000000", "page=-1", "page=1e3", "page=" + "9" * 5000,
                  "trl=" + "9" * 5000,
                  "limit=" + "9" * 5000, "limit=-1", "price_from=" + "9" * 5000, "lang=" + "x" * 10_000,
                  "&".join(["kind=offer"] * 5000),
                  "next=" + "/" * 100_000, ";".join("a" * 1000)):  # fmt: skip
        for address in ("/search", "/api/v1/search", "/accounts/login"):
            _check(stranger.get(f"{address}?{query}"), (address, query[:40]))
        _check(world.kept_browser("owner").get(f"/workspace?{query}"), query[:40])
