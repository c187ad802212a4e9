"""Password hashes: argon2id. The library's defaults (64 MiB, 3 passes) cost about 0.2 s; tests use cheap ones."""

from __future__ import annotations

import threading
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from flask import current_app

MAXIMUM_BYTES = 1024

_NORMAL = PasswordHasher()
_CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
#: Each hash takes 64 MiB: no more than two at once in a process.
_slots = threading.BoundedSemaphore(2)
#: What an unknown address is checked against, so that it takes as long as a known one.
_DUMMY_PASSWORD = "no account has this"  # noqa: S105  # not a secret
_dummies: dict[int, str] = {}


def hash_password(password: str) -> str:
    """The argon2id hash of the NFC form."""
    with _slots:
        return _hasher().hash(_prepared(password))


def is_password(stored: str | None, password: str) -> bool:
    """Whether `password` belongs to the stored hash. Takes the same time when there is none."""
    hasher = _hasher()
    if len(password.encode("utf-8", "surrogatepass")) > MAXIMUM_BYTES:
        return False
    reference = stored or _dummies.get(id(hasher)) or _dummies.setdefault(id(hasher), hasher.hash(_DUMMY_PASSWORD))
    try:
        with _slots:
            hasher.verify(reference, _prepared(password))
    except (VerifyMismatchError, InvalidHashError):
        return False
    return stored is not None


def needs_rehash(stored: str) -> bool:
    """Whether the hash was made with older settings."""
    return _hasher().check_needs_rehash(stored)


def _hasher() -> PasswordHasher:
    return _CHEAP if current_app.config["SETTINGS"].environment == "testing" else _NORMAL


def _prepared(password: str) -> bytes:
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
