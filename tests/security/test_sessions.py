"""Cookies and sessions (security matrix 10 to 16)."""

from __future__ import annotations

import pytest
from flask.sessions import SecureCookieSessionInterface

from techmart.db import db, unit_of_work
from techmart.models.account import UserSession
from techmart.operations.account import set_disabled, set_staff_role
from techmart.operations.organisation import change_member_role
from techmart.operations.session import delete_dead_sessions
from techmart.operations.token import hash_secret
from techmart.rules.policy import MemberRole, StaffRole
from tests import factories as make
from tests.security.world import PASSWORD, browser_of, sibling_of

COOKIE = "techmart"


@pytest.fixture
def person(app):
    return make.user(password=PASSWORD)


def _sign_in(client, person, password=PASSWORD, **options):
    return client.post("/accounts/login", data={"email": person.email, "password": password}, **options)


def _secret(client):
    cookie = client.get_cookie(COOKIE)
    return cookie.value if cookie else None


def _copy(app, client):
    """Another browser with the same cookie."""
    thief = app.test_client()
    thief.set_cookie(COOKIE, _secret(client))
    return thief


def _is_signed_in(client):
    status = client.get("/account/").status_code
    assert status in (200, 302)
    return status == 200


def test_case_10_cookie_attributes(app, person):
    with sibling_of(app, base_url="https://localhost") as secure:
        client = secure.test_client()
        secure.config["WTF_CSRF_ENABLED"] = True
        client.get("/accounts/login", base_url="https://localhost")
        secure.config["WTF_CSRF_ENABLED"] = False
        response = _sign_in(client, person, base_url="https://localhost")
        assert response.status_code == 302
        cookies = [*response.headers.getlist("Set-Cookie")]
        login = client.get("/accounts/login?lang=en", base_url="https://localhost")
        cookies += login.headers.getlist("Set-Cookie")
        names = {line.split("=")[0] for line in cookies}
        assert names == {"__Host-techmart", "__Host-techmart-form"}
        for line in cookies:
            parts = {part.strip().lower() for part in line.split(";")[1:]}
            assert {"secure", "httponly", "samesite=lax", "path=/"} <= parts, line
            assert not any(part.startswith("domain") for part in parts), line
            assert len(line) < 4096


def test_case_10_no_other_cookie_over_http(client, person):
    response = _sign_in(client, person)
    (line,) = [line for line in response.headers.getlist("Set-Cookie") if line.startswith(COOKIE + "=")]
    assert "HttpOnly" in line
    assert "SameSite=Lax" in line


def test_case_11_new_secret_at_sign_in(app, client, person):
    planted = "planted-by-somebody-else-000000000000000000"
    client.set_cookie(COOKIE, planted)
    assert _sign_in(client, person).status_code == 302
    first = _secret(client)
    assert first
    assert first != planted
    assert len(first) >= 43
    # In the database lies a hash, not the secret.
    stored = db.session.query(UserSession.token_hash).all()
    assert stored == [(hash_secret(first),)]

    client.post("/accounts/logout")
    assert _sign_in(client, person).status_code == 302
    assert _secret(client) not in (first, planted)


def test_case_11_form_token_changes_at_sign_in(app, client, person):
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        page = client.get("/accounts/login").text
        token = page.split('name="csrf_token" ')[1].split('value="')[1].split('"')[0]
        data = {"email": person.email, "password": PASSWORD, "csrf_token": token}
        assert client.post("/accounts/login", data=data).status_code == 302
        assert client.post("/accounts/logout", data={"csrf_token": token}).status_code == 400
    finally:
        app.config["WTF_CSRF_ENABLED"] = False


def test_case_12_copied_cookie_dies_with_the_logout(app, client, person):
    _sign_in(client, person)
    thief = _copy(app, client)
    assert _is_signed_in(thief)
    assert client.post("/accounts/logout").status_code == 302
    assert not _is_signed_in(thief)
    assert not _is_signed_in(client)
    assert db.session.query(UserSession).count() == 0


def test_case_13_password_change_ends_other_sessions(app, client, person):
    other = browser_of(app, person)
    _sign_in(client, person)
    answer = client.post("/account/password", data={"current": PASSWORD, "new": PASSWORD + " nữa"})
    assert answer.status_code == 302
    assert _is_signed_in(client)
    assert not _is_signed_in(other)


def test_case_13_disabled_account_is_out_at_once(app, person):
    browser = browser_of(app, person)
    boss = make.actor(make.staff(StaffRole.ADMINISTRATOR))
    with unit_of_work():
        set_disabled(boss, person.id, disabled=True, reason="thử")
    assert not _is_signed_in(browser)
    assert _sign_in(app.test_client(), person).status_code == 422
    with unit_of_work():
        set_disabled(boss, person.id, disabled=False, reason="thử")
    assert not _is_signed_in(browser)


def test_case_13_waiting_second_factor_of_a_disabled_account(app, client):
    """A right password waits five minutes for its code; an account disabled meanwhile does not get in."""
    person = make.user(password=PASSWORD)
    with unit_of_work():
        person.totp_secret, person.totp_confirmed_at = "JBSWY3DPEHPK3PXP", person.created_at
    assert "/second-factor" in _sign_in(client, person).headers["Location"]
    boss = make.actor(make.staff(StaffRole.ADMINISTRATOR))
    with unit_of_work():
        set_disabled(boss, person.id, disabled=True, reason="thử")
    assert "/accounts/login" in client.get("/accounts/second-factor").headers["Location"]


def test_case_13_changed_staff_role_ends_sessions(app):
    person = make.staff(StaffRole.MODERATOR)
    browser = browser_of(app, person)
    assert browser.get("/moderation").status_code == 200
    boss = make.actor(make.staff(StaffRole.ADMINISTRATOR))
    with unit_of_work():
        set_staff_role(boss, person.id, None)
    assert not _is_signed_in(browser)


def test_case_13_membership_counts_as_it_is_now(app):
    institute = make.organisation()
    owner, editor = make.member(institute, MemberRole.OWNER), make.member(institute, MemberRole.EDITOR)
    draft = make.offer(institute, "draft")
    browser = browser_of(app, editor)
    assert browser.get(f"/offers/{draft.code}/edit").status_code == 200
    actor = make.actor(owner)
    with unit_of_work():
        change_member_role(actor, institute, editor.id, MemberRole.VIEWER)
    assert browser.get(f"/offers/{draft.code}/edit").status_code == 403
    with unit_of_work():
        change_member_role(actor, institute, editor.id, None)
    assert browser.get(f"/offers/{draft.code}").status_code == 404


@pytest.mark.parametrize(("is_staff", "idle_minutes"), [(False, 8 * 60), (True, 30)])
def test_case_14_idle_time_out(app, clock, is_staff, idle_minutes):
    browser = browser_of(app, make.staff() if is_staff else make.user())
    for _ in range(3):
        clock.advance(minutes=idle_minutes - 1)
        assert _is_signed_in(browser)
    clock.advance(minutes=idle_minutes + 1)
    assert not _is_signed_in(browser)
    clock.advance(minutes=-2)
    assert _is_signed_in(browser), "the row was there: only the time decided"


@pytest.mark.parametrize(("is_staff", "hours"), [(False, 30 * 24), (True, 12)])
def test_case_14_absolute_time_out(app, clock, is_staff, hours):
    browser = browser_of(app, make.staff() if is_staff else make.user())

    def used_all_the_time_for(**span):
        clock.advance(**span)
        with unit_of_work():
            db.session.query(UserSession).one().last_seen_at = clock.now
        return _is_signed_in(browser)

    assert used_all_the_time_for(hours=hours - 1)
    assert not used_all_the_time_for(hours=1, minutes=1)
    clock.advance(days=31)
    with unit_of_work():
        assert delete_dead_sessions() == 1


def test_case_15_forged_cookies_are_worth_nothing(app, client, person):
    _sign_in(client, person)
    secret = _secret(client)
    stored = hash_secret(secret)
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    signed = signer.dumps({"_user_id": str(person.id), "user_id": person.id, "_fresh": True})
    forged = [secret[:-1] + ("A" if secret[-1] != "A" else "B"), secret.upper(), secret + "A", stored, str(person.id),
              "", "x" * 4000, "' OR 1=1--", "%00", "\xff\xfe", signed, f'"{stored}"']  # fmt: skip
    for value in forged:
        thief = app.test_client()
        thief.set_cookie(COOKIE, value)
        thief.set_cookie("techmart-form", signed)
        thief.set_cookie("session", signed)
        thief.set_cookie("remember_token", f"{person.id}|{stored}")
        assert not _is_signed_in(thief), value


def test_case_15_form_cookie_signed_with_another_key(app, client, person):
    with sibling_of(app, secret_key="another-key-" * 4) as other, other.test_request_context():
        signer = SecureCookieSessionInterface().get_signing_serializer(other)
        value = signer.dumps({"pending_login": [person.id, 4102444800]})
    with unit_of_work():
        person.totp_secret, person.totp_confirmed_at = "JBSWY3DPEHPK3PXP", person.created_at
    client.set_cookie("techmart-form", value)
    assert "/accounts/login" in client.get("/accounts/second-factor").headers["Location"]


def test_case_15_old_key_is_still_read(app, client, person):
    client.get("/?lang=en")
    with sibling_of(app, secret_key="new-key-" * 6, secret_key_fallbacks=(app.config["SECRET_KEY"],)) as rotated:
        moved = rotated.test_client()
        moved.set_cookie("techmart-form", client.get_cookie("techmart-form").value)
        assert '<html lang="en">' in moved.get("/").text


def test_case_16_own_sessions_can_be_listed_and_ended_others_not(app, client, person):
    stranger = make.user()
    browser_of(app, stranger)
    elsewhere = browser_of(app, person)
    _sign_in(client, person)
    rows = {row.user_id: row for row in db.session.query(UserSession).order_by(UserSession.id.desc())}
    page = client.get("/account/").text
    assert page.count("/account/sessions/") >= 2
    assert f"/account/sessions/{rows[stranger.id].id}/end" not in page
    assert client.post(f"/account/sessions/{rows[stranger.id].id}/end").status_code == 404
    assert client.post("/account/sessions/999999/end").status_code == 404
    mine = rows[person.id].id
    assert client.post(f"/account/sessions/{mine}/end").status_code == 302
    assert not _is_signed_in(elsewhere)
    assert _is_signed_in(client)
    browser_of(app, person)
    assert client.post("/account/sessions/end-others").status_code == 302
    assert db.session.query(UserSession).filter_by(user_id=person.id).count() == 1
    assert db.session.query(UserSession).filter_by(user_id=stranger.id).count() == 1
