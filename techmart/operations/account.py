"""Use cases of accounts: register, confirm, sign in, reset, change.

Nothing here tells a known address from an unknown one: the answer is the same, the truth goes by mail.
"""

from __future__ import annotations

import unicodedata

from sqlalchemy import select

from techmart.db import db
from techmart.errors import InvalidFields, InvalidToken, LoginRefused, NotFound
from techmart.models.account import OneTimeToken, User
from techmart.operations.event import record_event
from techmart.operations.mail import send_mail
from techmart.operations.password import hash_password, is_password, needs_rehash
from techmart.operations.session import end_all_sessions
from techmart.operations.throttle import (
    LOGIN_PER_ACCOUNT,
    LOGIN_PER_ADDRESS,
    REGISTER_PER_ADDRESS,
    RESET_PER_ACCOUNT,
    check_limit,
    clear_tries,
    count_try,
)
from techmart.operations.token import (
    PURPOSE_CHANGE_EMAIL,
    PURPOSE_CONFIRM,
    PURPOSE_RESET,
    issue_token,
    peek_token,
    redeem_token,
    void_tokens,
)
from techmart.rules.clock import utc_now
from techmart.rules.passwords import password_problems
from techmart.rules.policy import Actor, MemberRole, Permission, StaffRole, require


def actor_of(user: User, *, with_staff_role: bool = True) -> Actor:
    """The facts policy asks about. Memberships count only for a confirmed address, a staff role only `with_staff_role`
    (the web layer withholds it until the second factor was given)."""
    roles = {row.organisation_id: MemberRole(row.role) for row in user.memberships} if user.email_confirmed_at else {}
    staff_role = StaffRole(user.staff_role) if user.staff_role and with_staff_role else None
    return Actor(user_id=user.id, staff_role=staff_role, organisation_roles=roles)


def normalise_email(address: str) -> str:
    """The stored form: NFC, no outer blanks, lower case."""
    return unicodedata.normalize("NFC", address).strip().lower()


def find_user(email: str) -> User | None:
    """The user with this address, in any spelling of case."""
    return db.session.scalar(select(User).where(User.email == normalise_email(email)))


def register(*, email: str, name: str, password: str, locale: str, address_key: str) -> None:
    """Begin an account: a link goes to the address, the password is kept with the link and asked again there.

    So neither an address's owner nor a stranger can end up in an account whose password the other chose. An address
    with a confirmed account gets a mail saying so. Raises InvalidFields (password), Throttled.
    """
    email = normalise_email(email)
    check_limit(REGISTER_PER_ADDRESS, address_key)
    _check_password(password, email=email, name=name)
    count_try(REGISTER_PER_ADDRESS, address_key)
    password_hash = hash_password(password)
    user = find_user(email)
    if user is not None and user.email_confirmed_at is not None:
        send_mail(email, "already_registered", locale=user.locale, name=user.name)
        return
    if user is None:
        user = User(email=email, name=name, locale=locale)
        db.session.add(user)
        db.session.flush()
    token = issue_token(user, PURPOSE_CONFIRM, name=name, password_hash=password_hash, locale=locale)
    send_mail(email, "confirm_email", locale=locale, name=name, path=f"/accounts/confirm/{token}")


def confirm_registration(token: str, password: str) -> User:
    """Finish an account with the link and the password chosen at registration.

    Raises InvalidToken for a bad link, LoginRefused for another password.
    """
    row = peek_token(token, PURPOSE_CONFIRM)
    check_limit(LOGIN_PER_ACCOUNT, row.user.email)
    if not is_password(row.payload.get("password_hash"), password):
        raise LoginRefused
    user = redeem_token(token, PURPOSE_CONFIRM).user
    if user.email_confirmed_at is not None:
        raise InvalidToken
    now = utc_now()
    user.name, user.locale = row.payload["name"], row.payload["locale"]
    user.password_hash, user.password_changed_at, user.email_confirmed_at = row.payload["password_hash"], now, now
    row.payload = {}
    record_event(actor_of(user), "account", user.id, "confirm")
    return user


def authenticate(*, email: str, password: str, address_key: str) -> User:
    """The user with this address and password, whose second factor (if any) is still to be asked.

    Raises Throttled before looking at the password, LoginRefused for every other reason. Runs outside a unit of work:
    the caller counts a failure with `record_failed_login`.
    """
    email = normalise_email(email)
    check_limit(LOGIN_PER_ACCOUNT, email)
    check_limit(LOGIN_PER_ADDRESS, address_key)
    user = find_user(email)
    matches = is_password(user.password_hash if user else None, password)
    if user is None or not matches or not user.is_active or user.email_confirmed_at is None:
        raise LoginRefused
    return user


def record_failed_login(*, email: str, address_key: str) -> None:
    """Count a failure for the account and the address, and note it in the trail of a known account."""
    email = normalise_email(email)
    count_try(LOGIN_PER_ACCOUNT, email)
    count_try(LOGIN_PER_ADDRESS, address_key)
    if (user := find_user(email)) is not None:
        record_event(Actor(), "account", user.id, "login_failed")


def record_wrong_password(actor: Actor) -> None:
    """Count a wrong present password, so that a stolen session is no way to guess it. In a unit of work of its own."""
    user = own_account(actor)
    count_try(LOGIN_PER_ACCOUNT, user.email)
    record_event(actor, "account", user.id, "wrong_password")


def record_login(user: User, password: str | None = None) -> None:
    """Forget the failures, note the login, and bring an old hash up to date."""
    clear_tries(LOGIN_PER_ACCOUNT, user.email)
    record_event(actor_of(user), "account", user.id, "login")
    if password is not None and user.password_hash and needs_rehash(user.password_hash):
        user.password_hash = hash_password(password)


def request_reset(*, email: str) -> None:
    """Mail a reset link; an unknown address gets nothing and the page says the same. Raises Throttled."""
    email = normalise_email(email)
    check_limit(RESET_PER_ACCOUNT, email)
    count_try(RESET_PER_ACCOUNT, email)
    user = find_user(email)
    if user is not None and user.is_active and user.email_confirmed_at is not None:
        token = issue_token(user, PURPOSE_RESET)
        send_mail(email, "reset_password", locale=user.locale, name=user.name, path=f"/accounts/reset/{token}")


def reset_password(token: str, password: str) -> None:
    """Set a new password with a mailed link. Ends every session; does not sign in. Raises InvalidToken, InvalidFields."""
    user = peek_token(token, PURPOSE_RESET).user
    _check_password(password, email=user.email, name=user.name)
    redeem_token(token, PURPOSE_RESET)
    _set_password(user, password)
    clear_tries(LOGIN_PER_ACCOUNT, user.email)
    end_all_sessions(user.id)


def change_password(actor: Actor, *, current: str, new: str, session_id: int) -> None:
    """Change the actor's own password; other sessions end. Raises InvalidFields on `current` or `new`, Throttled."""
    user = own_account(actor)
    check_limit(LOGIN_PER_ACCOUNT, user.email)
    if not is_password(user.password_hash, current):
        raise InvalidFields({"current": ["wrong_password"]})
    _check_password(new, email=user.email, name=user.name, field="new")
    clear_tries(LOGIN_PER_ACCOUNT, user.email)
    _set_password(user, new)
    end_all_sessions(user.id, but=session_id)


def request_email_change(actor: Actor, *, email: str, password: str) -> None:
    """Mail a link to the new address; a taken address gets a mail saying so, and the page says the same."""
    user = own_account(actor)
    check_limit(LOGIN_PER_ACCOUNT, user.email)
    if not is_password(user.password_hash, password):
        raise InvalidFields({"password": ["wrong_password"]})
    email = normalise_email(email)
    if (other := find_user(email)) is not None:
        send_mail(email, "already_registered", locale=other.locale, name=other.name)
        return
    token = issue_token(user, PURPOSE_CHANGE_EMAIL, email=email)
    send_mail(email, "change_email", locale=user.locale, name=user.name, path=f"/accounts/change-email/{token}")


def change_email(token: str) -> User:
    """Take the new address with the mailed link and tell the old one. Raises InvalidToken (also when taken meanwhile)."""
    row: OneTimeToken = redeem_token(token, PURPOSE_CHANGE_EMAIL)
    user, email = row.user, row.payload["email"]
    if find_user(email) is not None:
        raise InvalidToken
    old = user.email
    user.email = email
    void_tokens(user, PURPOSE_RESET, PURPOSE_CONFIRM)
    record_event(actor_of(user), "account", user.id, "change_email")
    send_mail(old, "email_changed", locale=user.locale, name=user.name)
    return user


def change_profile(actor: Actor, *, name: str, locale: str) -> None:
    """Change the actor's own name and language."""
    user = own_account(actor)
    user.name, user.locale = name, locale


def own_account(actor: Actor) -> User:
    """The actor's own user row; raises NotFound without one."""
    user = db.session.get(User, actor.user_id) if actor.user_id else None
    if user is None:
        raise NotFound
    return user


def create_user(
    actor: Actor,
    *,
    email: str,
    name: str,
    password: str | None,
    staff_role: StaffRole | None = None,
    locale: str = "vi",
) -> User:
    """Make a confirmed account (first administrator, staff, sample accounts). Raises InvalidFields, NotAllowed."""
    require(actor, Permission.USER_ADMINISTER)
    email = normalise_email(email)
    if find_user(email) is not None:
        raise InvalidFields({"email": ["taken"]})
    if password is not None:
        _check_password(password, email=email, name=name)
    now = utc_now()
    user = User(
        email=email,
        name=name,
        locale=locale,
        staff_role=staff_role,
        email_confirmed_at=now,
        password_hash=hash_password(password) if password else None,
        password_changed_at=now if password else None,
    )
    db.session.add(user)
    db.session.flush()
    record_event(actor, "account", user.id, "create", changes={"staff_role": [None, staff_role]})
    return user


def set_staff_role(actor: Actor, user_id: int, role: StaffRole | None) -> User:
    """Give or take a staff role; the user's sessions end. Raises NotAllowed, NotFound."""
    require(actor, Permission.USER_ADMINISTER)
    user = db.session.get(User, user_id)
    if user is None:
        raise NotFound
    record_event(actor, "account", user.id, "set_role", changes={"staff_role": [user.staff_role, role]})
    user.staff_role = role
    end_all_sessions(user.id)
    return user


def set_disabled(actor: Actor, user_id: int, *, disabled: bool, reason: str) -> User:
    """Disable or enable an account; disabling ends its sessions. Raises NotAllowed, NotFound."""
    require(actor, Permission.USER_ADMINISTER)
    user = db.session.get(User, user_id)
    if user is None or user.id == actor.user_id:
        raise NotFound
    user.disabled_at = utc_now() if disabled else None
    record_event(actor, "account", user.id, "disable" if disabled else "enable", reason=reason)
    end_all_sessions(user.id)
    return user


def _set_password(user: User, password: str) -> None:
    user.password_hash, user.password_changed_at = hash_password(password), utc_now()
    void_tokens(user, PURPOSE_RESET, PURPOSE_CHANGE_EMAIL)
    record_event(actor_of(user), "account", user.id, "change_password")
    send_mail(user.email, "password_changed", locale=user.locale, name=user.name)


def _check_password(password: str, *, email: str, name: str, field: str = "password") -> None:
    if problems := password_problems(password, email=email, name=name):
        raise InvalidFields({field: list(problems)})
