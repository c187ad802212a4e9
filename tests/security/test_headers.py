"""Headers, host names, proxies, methods and the start in production (security matrix 1 to 9 and 88)."""

from __future__ import annotations

import re

import pytest

from config import ROOT, SettingsError, load_settings
from techmart.db import unit_of_work
from techmart.operations.mail import deliver_mail
from techmart.operations.throttle import LOGIN_PER_ADDRESS, count_try
from tests import factories as make
from tests.security.html_check import what_could_run
from tests.security.world import PASSWORD, rules_of, sibling_of

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
PRODUCTION = {
    "TECHMART_ENV": "production",
    "SECRET_KEY": "k" * 40,
    "TRUSTED_HOSTS": "techmart.example",
    "BASE_URL": "https://techmart.example",
}


def _check_headers(response, address):
    for name, value in ALWAYS.items():
        assert response.headers.get(name) == value, (address, name)
    policy = response.headers.get("Content-Security-Policy", "")
    assert "default-src 'self'" in policy or "default-src 'none'" in policy, address
    assert "sandbox" in policy or ("frame-ancestors 'none'" in policy and "base-uri 'none'" in policy), address
    assert not re.search(r"unsafe|\*", policy), address
    assert "Server" not in response.headers or "Python" not in response.headers["Server"], address


@pytest.fixture(scope="module")
def crawl(world):
    """Address → answer, for every GET route and three roles."""
    answers = {}
    for role in ("nobody", "owner", "administrator"):
        browser = world.browser(role)
        for rule in rules_of(world.app, "GET"):
            answers[role, world.address(rule)] = browser.get(world.address(rule))
    return answers


def test_case_01_headers_on_every_get(crawl):
    for where, answer in crawl.items():
        _check_headers(answer, where)


def test_case_02_no_inline_code_in_pages(crawl):
    pages = {where: answer.text for where, answer in crawl.items() if answer.mimetype == "text/html"}
    assert len(pages) > 60
    for where, page in pages.items():
        assert what_could_run(page) == [], where
        assert "unsafe-inline" not in page


def test_case_03_policy_allows_own_origin_only(crawl):
    """The half of the crawl that needs no browser: everything a page loads comes from this site."""
    for answer in crawl.values():
        if answer.mimetype != "text/html":
            continue
        for tag in re.findall(r"<(?:script|link|img|source|iframe)\b[^>]*>", answer.text):
            is_address_only = re.search(r'rel="(?:canonical|alternate|prev|next)"', tag)
            loaded = re.search(r'(?:src|href)="([^"]*)"', tag)
            assert is_address_only or loaded is None or re.match(r"/(?!/)|data:image/", loaded[1]), tag


def test_case_04_strict_transport_only_over_https(world):
    assert "Strict-Transport-Security" not in world.browser("nobody").get("/").headers
    with sibling_of(world.app, base_url="https://localhost") as secure:
        client = secure.test_client()
        stylesheet = next(name for name in secure.extensions["techmart-assets"].values() if name.endswith(".css"))
        for address in ("/", "/nothing-here", stylesheet):
            value = client.get(address, base_url="https://localhost").headers["Strict-Transport-Security"]
            assert int(re.search(r"max-age=(\d+)", value)[1]) >= 31_536_000, address


def test_case_05_private_pages_are_not_stored_and_static_files_are(world):
    for role in ("newcomer", "owner", "moderator"):
        browser = world.browser(role)
        for address in ("/", "/workspace", "/account/", f"/offers/{world.public['offer'].code}", "/nothing-here"):
            assert browser.get(address).headers["Cache-Control"] == "no-store", address
    stylesheet = next(name for name in world.app.extensions["techmart-assets"].values() if name.endswith(".css"))
    assert "immutable" in world.browser("owner").get(stylesheet).headers["Cache-Control"]


def test_case_06_error_pages_carry_headers_and_tell_nothing(world, monkeypatch):
    def fail(*_args, **_values):
        raise RuntimeError("s3cret detail")

    monkeypatch.setattr("techmart.operations.home.count_public", fail)
    browser = world.browser("nobody")
    big = {"email": "a@vidu.example", "password": "x" * 2_000_000}
    answers = {
        404: browser.get("/nothing-here"),
        405: browser.put("/search"),
        413: browser.post("/accounts/login", data=big),
        500: browser.get("/"),
        302: browser.get("/workspace"),
        403: world.browser("owner").get("/moderation"),
    }
    for status, response in answers.items():
        assert response.status_code == status
        _check_headers(response, status)
        for word in ("Traceback", "s3cret", "RuntimeError", "Werkzeug", "Flask", "sqlalchemy", "/techmart/"):
            assert word not in response.text, (status, word)


def test_case_06_throttled_page_carries_headers(app, client):
    person = make.user()
    answers = [client.post("/accounts/reset", data={"email": person.email}) for _ in range(4)]
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["Retry-After"]) > 0
    _check_headers(answers[-1], "/accounts/reset")


def test_case_07_foreign_host_is_refused(world):
    with sibling_of(world.app, trusted_hosts=("techmart.example", ".vidu.example")) as strict:
        client = strict.test_client()
        assert client.get("/", base_url="http://techmart.example").status_code == 200
        assert client.get("/", base_url="http://san.vidu.example").status_code == 200
        for host in (
            "evil.example",
            "techmart.example.evil.example",
            "eviltechmart.example",
            "127.0.0.1",
            "a b",
            "[::1",
        ):
            response = client.get("/", base_url="http://techmart.example", headers={"Host": host})
            assert response.status_code == 400, host
            assert "evil" not in response.text
            _check_headers(response, host)


def test_case_07_mailed_links_use_the_configured_address(app, client):
    person = make.user(password=PASSWORD)
    spoofed = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    assert client.post("/accounts/reset", data={"email": person.email}, headers=spoofed).status_code == 200
    assert deliver_mail() == 1
    (mail,) = app.config["SETTINGS"].mail_dir.glob("*.txt")
    assert "http://localhost/accounts/reset/" in mail.read_text()
    assert "evil" not in mail.read_text()
    page = client.get("/", headers=spoofed).text
    assert "evil.example" not in page


def test_case_08_forwarded_addresses_count_only_behind_a_proxy(app):
    """One try is left to this machine's address; another one is not to be had by a header."""

    def try_from(target, address):
        data = {"email": "ai@vidu.example", "password": "sai mật khẩu rồi"}
        return target.test_client().post("/accounts/login", data=data, headers={"X-Forwarded-For": address}).status_code

    with unit_of_work():
        for _ in range(LOGIN_PER_ADDRESS.count - 1):
            count_try(LOGIN_PER_ADDRESS, "127.0.0.1")
    assert [try_from(app, f"203.0.113.{number}") for number in range(3)] == [422, 429, 429]
    with sibling_of(app, trusted_proxy_count=1) as behind_proxy:
        assert try_from(behind_proxy, "203.0.113.9") == 422
        assert try_from(behind_proxy, "203.0.113.9, 127.0.0.1") == 429, "the last entry is the proxy's own word"


@pytest.mark.parametrize("method", ["TRACE", "PUT", "DELETE"])
def test_case_09_other_methods_are_refused(world, method):
    """Routing refuses them, before anybody is asked who he is."""
    browser = world.browser("nobody")
    for rule in world.app.url_map.iter_rules():
        if method not in (rule.methods or ()) and rule.endpoint != "static":
            assert browser.open(world.address(rule), method=method).status_code == 405, rule


def test_case_88_production_start_is_refused_with_bad_settings(monkeypatch, tmp_path):
    monkeypatch.delenv("FLASK_DEBUG", raising=False)
    good = {**PRODUCTION, "VAR_DIR": str(tmp_path)}
    assert load_settings(good).is_production
    static = ROOT / "techmart/static"
    for name, bad in {
        "SECRET_KEY": ["", "short", "k" * 31],
        "TRUSTED_HOSTS": ["", " , "],
        "BASE_URL": ["http://techmart.example", ""],
        "DATABASE_URL": [f"sqlite:///{static}/techmart.db", f"sqlite:///{static}/a/b/techmart.db"],
        "UPLOAD_DIR": [str(static), str(static / "uploads")],
        "SEARCH_INDEX_DIR": [str(static / "index"), str(static / ".." / "static" / "index")],
        "PORT": ["0", "70000", "-1", "٣", "1e3"],
        "TECHMART_ENV": ["prod"],
        "FLASK_DEBUG": ["1", "true"],
    }.items():
        for value in bad:
            with pytest.raises(SettingsError) as refusal:
                load_settings({**good, name: value})
            assert name in str(refusal.value)


def test_case_88_made_secret_is_private(tmp_path):
    settings = load_settings({"VAR_DIR": str(tmp_path)})
    assert len(settings.secret_key) >= 32
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0
    assert load_settings({"VAR_DIR": str(tmp_path)}).secret_key == settings.secret_key
