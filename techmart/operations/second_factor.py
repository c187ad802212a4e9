"""Time-based one-time codes (RFC 6238) and recovery codes for staff. A code works once."""

from __future__ import annotations

import secrets
from hmac import compare_digest

import pyotp
from sqlalchemy import delete, select

from techmart.db import db
from techmart.errors import CodeRefused
from techmart.models.account import RecoveryCode, User
from techmart.operations.event import record_event
from techmart.operations.throttle import CODE_PER_ACCOUNT, check_limit, clear_tries, count_try
from techmart.operations.token import hash_secret
from techmart.rules.clock import utc_now
from techmart.rules.policy import Actor

RECOVERY_CODE_COUNT = 10
_STEP_SECONDS = 30
#: Codes of the neighbouring steps are taken too, for clocks that differ a little.
_DRIFT_STEPS = (0, -1, 1)


def begin_enrolment(user: User) -> str:
    """A new secret (160 bits, base 32), not in force until a first code confirms it."""
    user.totp_secret, user.totp_confirmed_at, user.totp_last_step = pyotp.random_base32(), None, None
    return user.totp_secret


def provisioning_uri(user: User, site_name: str) -> str:
    """The `otpauth://` address that a telephone reads from the QR code."""
    return pyotp.TOTP(user.totp_secret or "").provisioning_uri(name=user.email, issuer_name=site_name)


def confirm_enrolment(user: User, code: str) -> list[str]:
    """Put the secret in force with a first code; returns the recovery codes, shown this once. Raises CodeRefused, Throttled."""
    check_limit(CODE_PER_ACCOUNT, str(user.id))
    _accept_code(user, code)
    user.totp_confirmed_at = utc_now()
    record_event(Actor(user_id=user.id), "account", user.id, "enrol_second_factor")
    return renew_recovery_codes(user)


def renew_recovery_codes(user: User) -> list[str]:
    """Replace all recovery codes; returns the new ones in the form `abcd-efgh-jkmn`."""
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    codes = ["-".join(_word() for _ in range(3)) for _ in range(RECOVERY_CODE_COUNT)]
    for code in codes:
        db.session.add(RecoveryCode(user_id=user.id, code_hash=hash_secret(code)))
    return codes


def verify_second_factor(user: User, code: str) -> None:
    """Accept a one-time or a recovery code. Raises Throttled after five wrong ones, CodeRefused otherwise.

    The caller counts a refusal with `record_refused_code` in a unit of work of its own, since this one is rolled back.
    """
    check_limit(CODE_PER_ACCOUNT, str(user.id))
    typed = code.strip().lower().replace(" ", "")
    if typed.isdigit() and len(typed) == 6:
        _accept_code(user, typed)
    else:
        _accept_recovery_code(user, typed)
    clear_tries(CODE_PER_ACCOUNT, str(user.id))


def record_refused_code(user: User) -> None:
    """Count a wrong code."""
    count_try(CODE_PER_ACCOUNT, str(user.id))
    record_event(Actor(), "account", user.id, "code_refused")


def _accept_code(user: User, code: str) -> None:
    if not user.totp_secret:
        raise CodeRefused
    totp = pyotp.TOTP(user.totp_secret)
    current_step = int(utc_now().timestamp()) // _STEP_SECONDS
    for drift in _DRIFT_STEPS:
        step = current_step + drift
        if compare_digest(totp.at(step * _STEP_SECONDS), code.strip()):
            if user.totp_last_step is not None and step <= user.totp_last_step:
                raise CodeRefused
            user.totp_last_step = step
            return
    raise CodeRefused


def _accept_recovery_code(user: User, code: str) -> None:
    row = db.session.scalar(
        select(RecoveryCode).where(
            RecoveryCode.user_id == user.id, RecoveryCode.code_hash == hash_secret(code), RecoveryCode.used_at.is_(None)
        )
    )
    if row is None:
        raise CodeRefused
    row.used_at = utc_now()
    record_event(Actor(user_id=user.id), "account", user.id, "use_recovery_code")


def _word() -> str:
    return "".join(secrets.choice("abcdefghjkmnpqrstuvwxyz23456789") for _ in range(4))
