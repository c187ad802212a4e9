"""Numbering of listings: `CN-2026-0012`, counted per kind and year."""

from __future__ import annotations

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from techmart.models.listing import CodeCounter
from techmart.rules.clock import local_today

CODE_PREFIXES = {"offer": "CN", "patent": "SC", "demand": "NC"}


def next_code(session: Session, kind: str) -> str:
    """The next free code of `kind` in the current year (Vietnam), counted on inside the session's transaction.

    One statement makes or moves the counter, because of the first two writers of a year neither finds a row to lock.
    """
    prefix = f"{CODE_PREFIXES[kind]}-{local_today().year}"
    first = {"prefix": prefix, "last_number": 1}
    further = {"last_number": CodeCounter.last_number + 1}
    if session.get_bind().dialect.name == "postgresql":
        on_server = postgresql.insert(CodeCounter).values(first)
        number = session.scalar(
            on_server.on_conflict_do_update(index_elements=["prefix"], set_=further).returning(CodeCounter.last_number)
        )
    else:
        in_file = sqlite.insert(CodeCounter).values(first)
        number = session.scalar(
            in_file.on_conflict_do_update(index_elements=["prefix"], set_=further).returning(CodeCounter.last_number)
        )
    return f"{prefix}-{number:04d}"
