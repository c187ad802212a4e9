"""Numbering of listings: `CN-2026-0012`, counted per kind and year."""

from __future__ import annotations

from sqlalchemy.orm import Session

from techmart.models.listing import CodeCounter
from techmart.rules.clock import local_today

CODE_PREFIXES = {"offer": "CN", "patent": "SC", "demand": "NC"}


def next_code(session: Session, kind: str) -> str:
    """The next free code of `kind` in the current year (Vietnam), counted on inside the session's transaction."""
    prefix = f"{CODE_PREFIXES[kind]}-{local_today().year}"
    counter = session.get(CodeCounter, prefix, with_for_update=True)
    if counter is None:
        counter = CodeCounter(prefix=prefix, last_number=0)
        session.add(counter)
        session.flush()
    counter.last_number += 1
    return f"{prefix}-{counter.last_number:04d}"
