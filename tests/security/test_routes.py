"""Every route: who it is for, and what each role gets (security matrix 33 and 34)."""

from __future__ import annotations

import pytest

from techmart.db import db
from techmart.rules.policy import Permission
from techmart.web.guards import PUBLIC_MARK, declared_guard, public
from tests import factories as make
from tests.security.world import ROLES, rules_of, sibling_of

#: Whatever is not in this list needs an account.
PUBLIC = {
    "accounts.change_email", "accounts.confirm", "accounts.login", "accounts.logout", "accounts.register",
    "accounts.request_reset", "accounts.reset", "accounts.second_factor", "attachments.download", "demands.show",
    "health.alive", "health.ready", "home.index", "offers.show", "organisations.show", "pages.show", "patents.show",
    "search.results", "styleguide.index",
    "search_feed.feed", "compare.show", "exports.at_once", "suggest.suggest",
    "unsubscribe.show", "unsubscribe.turn_off", "unsubscribe.undo",
}  # fmt: skip
#: Open by nature, where the part of the site that brings them is installed.
PUBLIC_BLUEPRINTS = {"api", "feeds", "seo"}


def _is_open_part(rule):
    return rule.endpoint.split(".")[0].split("_")[0] in PUBLIC_BLUEPRINTS


#: What a GET answers, in the order of ROLES:
#: nobody, newcomer, viewer, editor, owner, rival, moderator, administrator. L: to the login page.
READING = """
/{kind}s/{public}            200 200 200 200 200 200 200 200
/{kind}s/{draft}             404 404 200 200 200 404 404 404
/{kind}s/{waiting}           404 404 200 200 200 404 200 200
/{kind}s/{public}/edit       L   404 403 200 200 404 403 403
/{kind}s/{draft}/edit        L   404 403 200 200 404 404 404
/{kind}s/{waiting}/edit      L   404 403 302 302 404 403 403
/{kind}s/{public}/preview    L   404 403 200 200 404 403 403
/{kind}s/{draft}/preview     L   404 403 200 200 404 404 404
/{kind}s/{draft}/delete      L   404 403 200 200 404 404 404
/{kind}s/{public}/delete     L   404 403 404 404 404 403 403
/{kind}s/{draft}/act/withdraw   L 404 302 302 302 404 404 404
/{kind}s/{public}/act/withdraw  L 302 302 200 200 302 200 200
/{kind}s/{public}/act/approve   L 404 404 404 404 404 404 404
/{kind}s/new                 L   302 302 200 200 200 302 302
/organisations/{slug}          200 200 200 200 200 200 200 200
/organisations/{slug}/edit     L   403 403 403 200 404 200 200
/organisations/{slug}/members  L   403 403 403 200 404 403 403
/organisations/new             L   200 200 200 200 200 200 200
/moderation                    L   403 403 403 403 403 200 200
/moderation/{waiting}          L   403 403 403 403 403 200 200
/moderation/{draft}            L   403 403 403 403 403 404 404
/moderation/supply-demand      L   403 403 403 403 403 200 200
/moderation/supply-demand/demands              L 403 403 403 403 403 200 200
/moderation/supply-demand/demands/export       L 403 403 403 403 403 200 200
/moderation/supply-demand/technologies         L 403 403 403 403 403 200 200
/moderation/supply-demand/technologies/export  L 403 403 403 403 403 200 200
/moderation/supply-demand/pairs                L 403 403 403 403 403 200 200
/moderation/supply-demand/pairs/export         L 403 403 403 403 403 200 200
/moderation/help               L   403 403 403 403 403 200 200
/moderation/help/{draft}       L   403 403 403 403 403 404 404
/demands/{draft}/help          L   404 404 404 404 404 404 404
/moderation/proposals          L   403 403 403 403 403 200 200
/moderation/proposals/new      L   403 403 403 403 403 200 200
/moderation/proposals/new?one={public}  L 403 403 403 403 403 200 200
/moderation/proposals/new?one={draft}   L 403 403 403 403 403 200 200
/moderation/matches            L   403 403 403 403 403 200 200
/moderation/matches/list       L   403 403 403 403 403 200 200
/moderation/matches/export     L   403 403 403 403 403 200 200
/workspace                     L   200 200 200 200 200 200 200
/workspace/searches            L   200 200 200 200 200 200 200
/workspace/searches/new?q=abc  L   200 200 200 200 200 200 200
/workspace/searches/{saved}    L   404 404 404 302 404 404 404
/exports                       L   200 200 200 200 200 200 200
/exports/new?format=csv        L   200 200 200 200 200 200 200
/exports/{export}              L   404 404 404 200 404 404 404
/exports/{export}/state        L   404 404 404 200 404 404 404
/exports/{export}/file         L   404 404 404 404 404 404 404
/notifications                 L   200 200 200 200 200 200 200
/account/                      L   200 200 200 200 200 200 200
/account/alerts                L   200 200 200 200 200 200 200
/matches                       L   200 200 200 200 200 200 200
"""

#: What a POST answers. `new…` are listings made for the one request. 302 says that it was done, 307 and 303 alike.
WRITING = """
/{kind}s/{newdraft}/edit         L 404 403 302 302 404 404 404
/{kind}s/{newpublic}/edit        L 404 403 302 302 404 403 403
/{kind}s/{newdraft}/autosave     L 404 403 200 200 404 404 404
/{kind}s/{newdraft}/submit       L 404 403 303 303 404 404 404
/{kind}s/{newdraft}/delete       L 404 403 302 302 404 404 404
/{kind}s/{newwaiting}/delete     L 404 403 409 409 404 403 403
/{kind}s/{newdraft}/copy         L 404 403 302 302 404 404 404
/{kind}s/{newpublic}/copy        L 403 403 302 302 403 403 403
/{kind}s/{newpublic}/act/withdraw L 403 403 302 302 403 302 302
/{kind}s/{newpublic}/act/confirm  L 403 403 302 302 403 403 403
/{kind}s/{newwaiting}/act/recall  L 404 403 302 302 404 403 403
/{kind}s/{newwaiting}/act/approve L 404 404 404 404 404 404 404
/{kind}s/{newdraft}/attachments  L 403 403 302 302 404 403 403
/moderation/{newwaiting}         L 403 403 403 403 403 302 302
/moderation/{newdraft}           L 403 403 403 403 403 404 404
/moderation/help/{newdraft}      L 403 403 403 403 403 404 404
/moderation/proposals/new        L 403 403 403 403 403 422 422
/moderation/proposals/999/withdraw L 403 403 403 403 403 404 404
/moderation/supply-demand/run    L 403 403 403 403 403 302 302
/workspace/searches/new                   L 302 302 302 302 302 302 302
/workspace/searches/{newsaved}            L 404 404 404 302 404 404 404
/workspace/searches/{newsaved}/edit       L 404 404 404 302 404 404 404
/workspace/searches/{newsaved}/delete     L 404 404 404 302 404 404 404
/account/alerts                           L 302 302 302 302 302 302 302
/matches/seen                             L 403 403 302 302 302 403 403
/exports/new?format=xlsx                  L 302 302 302 302 302 302 302
/exports/{newexport}/cancel               L 404 404 404 302 404 404 404
/organisations/{slug}/edit                L 403 403 403 302 404 302 302
/organisations/{slug}/members             L 403 403 403 302 404 403 403
/organisations/{slug}/invitations/999/revoke L 403 403 403 404 404 403 403
/organisations/{slug}/verify              L 403 403 403 403 403 302 302
/organisations/{slug}/revoke-verification L 403 403 403 403 403 302 302
/organisations/{slug}/members/{viewer}/role L 404 403 403 302 404 403 403
"""
_FORM = {
    "decision": "approve", "email": "moi@vidu.example", "evidence": "giấy tờ", "kind": "institute",
    "name_vi": "Viện Thử",
    "id_type": "none", "reason": "vì thế", "role": "viewer", "version": "1", "title": "Tiêu đề", "lang": "vi",
    "origin": "domestic", "patent_type": "invention", "name": "Tên", "notify": "none",
    "mode": "weekly", "threshold": "60",
}  # fmt: skip


def _rows(table):
    for line in table.strip().splitlines():
        address, *answers = line.split()
        kinds = ("offer", "patent", "demand") if "{kind}" in address else ("offer",)
        for kind in kinds:
            yield pytest.param(address, kind, answers, id=f"{address.replace('{kind}', kind)}")


def _addresses(world, kind):
    return {
        "kind": kind,
        "public": world.public[kind].code,
        "draft": world.drafts[kind].code,
        "waiting": world.waiting[kind].code,
        "slug": world.institute.slug,
        "viewer": world.people["viewer"].id,
        "saved": world.saved.id,
        "export": world.export.id,
    }


def _shown(answer):
    is_login = answer.status_code == 302 and answer.headers["Location"].startswith("/accounts/login")
    return "L" if is_login else str(answer.status_code)


def test_case_33_every_route_declares_its_guard(module_app):
    public_ones = set()
    for rule in module_app.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        declared = declared_guard(module_app.view_functions[rule.endpoint])
        assert declared == PUBLIC_MARK or isinstance(declared, Permission), rule
        if declared == PUBLIC_MARK and not _is_open_part(rule):
            public_ones.add(rule.endpoint)
    assert public_ones == PUBLIC


def test_case_33_open_blueprints_only_read(module_app):
    for rule in module_app.url_map.iter_rules():
        if _is_open_part(rule):
            assert (rule.methods or set()) <= {"GET", "HEAD", "OPTIONS"}, rule


def test_case_33_a_route_without_a_guard_is_refused(module_app):
    with sibling_of(module_app) as other:
        other.add_url_rule("/forgotten", "forgotten", lambda: "seen")
        other.add_url_rule("/open", "open", public(lambda: "seen"))
        assert other.test_client().get("/forgotten").status_code == 403
        assert other.test_client().get("/open").text == "seen"


def test_case_33_guarded_pages_send_strangers_to_the_login(world):
    stranger = world.browser("nobody")
    for rule in rules_of(world.app, "GET"):
        if declared_guard(world.app.view_functions[rule.endpoint]) != PUBLIC_MARK:
            answer = stranger.get(world.address(rule))
            assert _shown(answer) in ("L", "404"), rule
            assert answer.mimetype == "text/html"
    for rule in rules_of(world.app, "POST"):
        if declared_guard(world.app.view_functions[rule.endpoint]) != PUBLIC_MARK:
            assert _shown(stranger.post(world.address(rule))) == "L", rule


def test_case_34_rows_cover_the_listing_organisation_and_moderation_routes(world):
    """No route of these parts is left out of the two tables."""
    values = dict.fromkeys(("kind", "slug", "viewer", "saved", "newsaved", "export", "newexport"), "*")
    values |= {f"{new}{state}": "*" for new in ("", "new") for state in ("public", "draft", "waiting")}
    listed = {line.split()[0].format(**values) for line in (READING + WRITING).strip().splitlines() if line}
    adapter = world.app.url_map.bind("localhost")
    covered = set()
    for pattern in listed:
        for kind in ("offer", "patent", "demand"):
            address = pattern.replace("*s/", f"{kind}s/", 1) if pattern.startswith("/*s/") else pattern
            address = address.replace("/members/*/", "/members/1/")
            for method in ("GET", "POST"):
                if method in adapter.allowed_methods(address):
                    covered.add((adapter.match(address, method=method)[0], method))
    for rule in world.app.url_map.iter_rules():
        part = rule.endpoint.split(".")[0]
        if part in ("offers", "patents", "demands", "organisations", "moderation"):
            for method in {"GET", "POST"} & (rule.methods or set()):
                if rule.endpoint not in ("organisations.join",) and (rule.endpoint, method) not in _ELSEWHERE:
                    assert (rule.endpoint, method) in covered, (rule, method)


#: Their forms need more than a table row can say: tests/web holds them.
_ELSEWHERE = {(f"{part}.create", "POST") for part in ("offers", "patents", "demands", "organisations")} | {
    ("organisations.revoke_invitation", "GET")
}


@pytest.mark.parametrize(("address", "kind", "answers"), [*_rows(READING)])
def test_case_34_who_may_read(world, address, kind, answers):
    address = address.format(**_addresses(world, kind))
    assert [_shown(world.kept_browser(role).get(address)) for role in ROLES] == answers


@pytest.mark.parametrize(("address", "kind", "answers"), [*_rows(WRITING)])
def test_case_34_who_may_write(world, address, kind, answers):
    found = []
    for role in ROLES:
        values = _addresses(world, kind)
        for name, state in (("newdraft", "draft"), ("newpublic", "published"), ("newwaiting", "submitted")):
            if f"{{{name}}}" in address:
                values[name] = make.listing(kind, world.institute, state).code
        if "{newexport}" in address:
            values["newexport"] = make.export(world.people["owner"]).id
        if "{newsaved}" in address:
            values["newsaved"] = make.saved_search(world.people["owner"]).id
        data = {**_FORM, "version": str(_version(world))} if address.startswith("/organisations") else _FORM
        data = {**data, "email": f"moi-{role}-{len(found)}@vidu.example"}
        found.append(_shown(world.kept_browser(role).post(address.format(**values), data=data)))
    assert found == answers


def _version(world):
    db.session.refresh(world.institute)
    return world.institute.version
