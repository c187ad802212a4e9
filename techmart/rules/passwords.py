"""Which passwords are refused (NIST SP 800-63B-4): too short, too long, too common, or saying who one is. No other rule."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import Path

from techmart.rules.text import fold

MINIMUM_CHARACTERS = 15
MAXIMUM_BYTES = 1024
_BLOCKLIST = Path(__file__).resolve().parent.parent / "data/reference/common_passwords.txt"
_MINIMUM_DISTINCT = 5


def password_problems(password: str, *, email: str = "", name: str = "") -> list[str]:
    """Problem codes: `too_short`, `too_long`, `common`, `contains_identity`; empty when it is good."""
    password = unicodedata.normalize("NFC", password)
    if len(password.encode("utf-8", "surrogatepass")) > MAXIMUM_BYTES:
        return ["too_long"]
    problems = []
    if len(password) < MINIMUM_CHARACTERS:
        problems.append("too_short")
    bare = _bare(password)
    if _is_common(bare):
        problems.append("common")
    identities = [_bare(part) for part in (email.split("@")[0], name) if len(_bare(part)) >= 5]
    if any(identity in bare and len(bare) - len(identity) < 8 for identity in identities):
        problems.append("contains_identity")
    return problems


def _is_common(bare: str) -> bool:
    """A listed password, one repeated or stretched with digits, or one of very few different characters."""
    if len(set(bare)) < _MINIMUM_DISTINCT:
        return True
    letters = "".join(character for character in bare if not character.isdigit())
    return any(_repeats_listed(core) for core in {bare, letters} if core)


def _repeats_listed(core: str) -> bool:
    """Whether `core` is a listed password once, or over and over (the last time perhaps cut short)."""
    listed = _common()
    return core in listed or any(
        core[:size] in listed and core == (core[:size] * (len(core) // size + 1))[: len(core)]
        for size in range(4, len(core))
    )


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", fold(text))


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    lines = _BLOCKLIST.read_text(encoding="utf-8").splitlines()
    return frozenset(_bare(line) for line in lines if line.strip() and not line.startswith("#"))
