"""Huge numbers, strange paths, broken and large bodies, odd headers (security matrix 49)."""

from __future__ import annotations

import time

import pytest

from techmart.db import db
from techmart.rules.lifecycle import ListingState
from tests import factories as make


@pytest.mark.parametrize("number", [0, 2**31 - 1, 2**31, 2**63 - 1, 2**63, 10**30, 10**400])
def test_case_49_huge_numbers_in_paths(world, number):
    browser, slug, code = world.kept_browser("owner"), world.institute.slug, world.drafts["offer"].code
    for path in (f"/account/sessions/{number}/end", f"/notifications/{number}/read",
                 f"/organisations/{slug}/members/{number}/role",
                 f"/organisations/{slug}/invitations/{number}/revoke",
                 f"/offers/{code}/attachments/{number}/delete"):  # fmt: skip
        assert browser.post(path, data={"role": "viewer"}).status_code == 404, path
    for path in (
        f"/offers/{code}/attachments/{number}/a.pdf",
        f"/offers/CN-2026-{number}",
        f"/offers/{number}",
        f"/organisations/{number}",
    ):
        assert browser.get(path).status_code == 404, path


@pytest.mark.parametrize(
    "text",
    [
        "%00",
        "a%00b",
        "%ED%A0%80",
        "%FF",
        "%E2%80%AE",
        "%0d%0aX:%20y",
        "..",
        "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "x" * 5000,
    ],
)
def test_case_49_strange_paths(world, text):
    browser = world.kept_browser("administrator")
    for path in ("/offers/{}", "/organisations/{}", "/pages/{}", "/moderation/{}", "/offers/{}/edit",
                 "/accounts/reset/{}", "/accounts/confirm/{}",
                 "/organisations/join/{}", "/organisations/{}/members", "/static/{}", "/{}",
                 "/offers/x/attachments/1/{}"):  # fmt: skip
        answer = browser.get(path.format(text))
        assert answer.status_code in (302, 400, 403, 404), path
        assert "root:" not in answer.text


_MULTIPART = "multipart/form-data; boundary=x"


def _parts(fields):
    """A multipart body made by hand: the client's own builder would leave a temporary file open."""
    parts = "".join(
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields
    )
    return f"{parts}--x--\r\n".encode()


def test_case_49_large_bodies(world):
    started = time.thread_time()
    owner, code = world.kept_browser("owner"), world.drafts["offer"].code
    for address in (
        "/accounts/login",
        "/accounts/register",
        f"/offers/{code}/edit",
        f"/offers/{code}/autosave",
        "/account/",
        "/organisations/new",
    ):
        for browser in (world.kept_browser("nobody"), owner):
            for size, field in ((1_000_000, "title"), (1_100_000, "title"), (10_000_000, "x")):
                answer = browser.post(address, data={field: "a" * size})
                assert answer.status_code in (302, 413, 422), (address, size)
                answer = browser.post(address, data=_parts([(field, "a" * size)]), content_type=_MULTIPART)
                assert answer.status_code in (302, 413, 422), (address, size)
            body = _parts([(f"f{number}", "x") for number in range(3000)])
            assert browser.post(address, data=body, content_type=_MULTIPART).status_code in (302, 413), address
    assert owner.post("/account/", data=b"x" * 23_000_000, content_type=_MULTIPART).status_code == 413
    assert time.thread_time() - started < 20


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"{", "application/json"), (b"[1]", "application/json"), (b"1", "application/json"),
        (b'{"name": 1, "locale": null}', "application/json"),
        (b'{"name": {"a": [1]}, "locale": []}', "application/json"), (b'{"name": "\\ud800"}', "application/json"),
        (b"[" * 100_000, "application/json"), (b"\xff\xfe", "application/x-www-form-urlencoded"),
        (b"name=%ff%00&locale=%", "application/x-www-form-urlencoded"),
        (b"name=" + b"%41" * 100_000, "application/x-www-form-urlencoded"),
        (b"--x\r\n", "multipart/form-data; boundary=x"), (b"x", "multipart/form-data"),
        (b"--x\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\na\r\n", "multipart/form-data; boundary=x"),
        (b"<a/>", "text/xml"),
        (b"name=a&locale=vi", "text/plain"), (b"name=a&locale=vi", "a" * 5000),
        (b"name=a", "application/x-www-form-urlencoded; charset=utf-7"),
        (b"--x\r\nContent-Disposition: form-data; name=\"name\"; filename=\"a\"\r\n\r\nb\r\n--x--\r\n",
        "multipart/form-data; boundary=x"),
    ],
)  # fmt: skip
def test_case_49_broken_bodies(world, body, content_type):
    owner = world.kept_browser("owner")
    for address in ("/account/", "/organisations/new", f"/offers/{world.drafts['offer'].code}/autosave",
                    "/accounts/login",
                    f"/offers/{world.drafts['offer'].code}/attachments"):  # fmt: skip
        assert owner.post(address, data=body, content_type=content_type).status_code < 500, address
    db.session.refresh(world.people["owner"])
    assert isinstance(world.people["owner"].name, str)


def test_case_49_two_organisations_with_one_number(world):
    base = {"name_vi": "Viện Số", "kind": "institute"}
    browser = world.kept_browser("newcomer")
    for id_type, expected in (("foreign", [302, 422]), ("none", [302, 302]), ("personal", [302, 422])):
        number = "079200001234" if id_type == "personal" else f"X-{id_type}-1"
        data = {**base, "id_type": id_type, "tax_code": number}
        assert [browser.post("/organisations/new", data=data).status_code for _ in range(2)] == expected, id_type


def test_case_49_stored_text_is_clean(world):
    draft = make.offer(world.institute, ListingState.DRAFT)
    data = {
        "title": "  a\x00b\u202e\u200bc\r\n d ",
        "summary": "e\u0302\u0301",
        "lang": "vi",
        "origin": "domestic",
        "version": "1",
    }
    assert world.kept_browser("owner").post(f"/offers/{draft.code}/edit", data=data).status_code == 302
    db.session.refresh(draft)
    assert draft.title == "abc d"
    assert draft.summary == "ế"


def test_case_49_long_cookies_and_headers(world):
    client = world.app.test_client()
    for name in ("techmart", "techmart-form", "lang", "x"):
        for value in ("x" * 3000, "%00", "a;b", '"', "\\", "{}", ".eJw.x.y", "1" * 3000):
            client.set_cookie(name, value)
            assert client.get("/").status_code == 200
        client.delete_cookie(name)
    for header in ("Accept-Language", "Accept", "User-Agent", "Referer", "X-Request-ID", "X-Forwarded-For", "Range",
                   "If-None-Match",
                   "If-Modified-Since", "Content-Type", "Authorization"):  # fmt: skip
        for value in (
            "x" * 10_000,
            "\x7f",
            "vi,en;q=99999999999",
            "{{91119*73331}}",
            "é",
            ",,,;;;===",
            "bytes=0-,1-,2-",
        ):
            assert client.get("/search", headers={header: value}).status_code in (200, 206, 416), header
            assert client.get("/static/css/base.css", headers={header: value}).status_code in (200, 206, 304, 416), (
                header
            )
