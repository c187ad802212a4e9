"""Use cases of the operator's own glossary terms: add, change, remove, list."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from techmart.db import db
from techmart.errors import InvalidFields, NotFound, StaleVersion
from techmart.models.glossary import GlossaryTerm
from techmart.operations.event import record_event
from techmart.rules.policy import Actor, Permission, require
from techmart.rules.text import clean, fold, unify_tones
from techmart.rules.vocabulary import code_list

MAX_CHARACTERS: Final = 120
#: A longer one is a sentence, which nobody types and no text repeats.
MAX_WORDS: Final = 8
PAGE_SIZE: Final = 50

_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class TermPage:
    """One page of a list; `pages` is at least 1, `total` counts all pages' terms."""

    terms: Sequence[GlossaryTerm]
    total: int
    page: int
    pages: int


def list_terms(actor: Actor, *, text: str = "", page: int = 1) -> TermPage:
    """The terms in which `text` occurs (with or without accents, either side), newest first. Raises NotAllowed."""
    require(actor, Permission.GLOSSARY_MANAGE)
    matching = select(GlossaryTerm)
    if text:
        matching = matching.where(GlossaryTerm.folded.contains(fold(unify_tones(text)), autoescape=True))
    total = db.session.scalar(select(func.count()).select_from(matching.subquery())) or 0
    pages = max(1, -(-total // PAGE_SIZE))
    page = min(max(page, 1), pages)
    newest_first = matching.options(joinedload(GlossaryTerm.added_by)).order_by(GlossaryTerm.id.desc())
    rows = db.session.scalars(newest_first.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)).all()
    return TermPage(rows, total, page, pages)


def find_term(actor: Actor, term_id: int) -> GlossaryTerm:
    """Raises NotAllowed, NotFound."""
    require(actor, Permission.GLOSSARY_MANAGE)
    term = db.session.get(GlossaryTerm, term_id)
    if term is None:
        raise NotFound
    return term


def add_term(actor: Actor, content: Mapping[str, str]) -> GlossaryTerm:
    """A new pair from `vi`, `en` and `domain`. Raises NotAllowed, InvalidFields."""
    require(actor, Permission.GLOSSARY_MANAGE)
    term = GlossaryTerm(**_checked(content), added_by_id=actor.user_id)
    db.session.add(term)
    db.session.flush()
    record_event(actor, "glossary", term.id, "add", changes={"vi": ["", term.vi], "en": ["", term.en]})
    return term


def change_term(actor: Actor, term: GlossaryTerm, content: Mapping[str, str], *, version: int) -> None:
    """Save the form of a term. Raises NotAllowed, StaleVersion, InvalidFields."""
    require(actor, Permission.GLOSSARY_MANAGE)
    if term.version != version:
        raise StaleVersion(given=version, current=term.version)
    values = _checked(content, term_id=term.id)
    changes = {name: [getattr(term, name), value] for name, value in values.items() if getattr(term, name) != value}
    if not changes:
        return
    for name, (_old, value) in changes.items():
        setattr(term, name, value)
    changes.pop("folded", None)
    record_event(actor, "glossary", term.id, "change", changes=changes)


def remove_term(actor: Actor, term: GlossaryTerm) -> None:
    """Take a pair out; the audit trail keeps it. Raises NotAllowed."""
    require(actor, Permission.GLOSSARY_MANAGE)
    record_event(actor, "glossary", term.id, "remove", changes={"vi": [term.vi, ""], "en": [term.en, ""]})
    db.session.delete(term)


def _checked(content: Mapping[str, str], *, term_id: int | None = None) -> dict[str, str]:
    problems: dict[str, list[str]] = {}
    values = {name: clean(content.get(name) or "", keep_lines=False) for name in ("vi", "en")}
    for name, text in values.items():
        words = len(_WORD.findall(text))
        if not words:
            problems[name] = ["required"]
        elif len(text) > MAX_CHARACTERS or words > MAX_WORDS:
            problems[name] = ["too_long"]
    values["domain"] = content.get("domain") or "general"
    if values["domain"] not in code_list("glossary_domain"):
        problems["domain"] = ["unknown_value"]
    values["folded"] = fold(f"{unify_tones(values['vi'])} | {values['en']}")
    if not problems and _is_taken(values, term_id):
        problems["en"] = ["taken"]
    if problems:
        raise InvalidFields(problems)
    return values


def _is_taken(values: Mapping[str, str], term_id: int | None) -> bool:
    """Whether another row is the same pair, upper case and the placement of tones aside."""
    alike = db.session.scalars(select(GlossaryTerm).where(GlossaryTerm.folded == values["folded"]))
    return any(row.id != term_id and _key(row.vi, row.en) == _key(values["vi"], values["en"]) for row in alike)


def _key(vi: str, en: str) -> tuple[str, str]:
    return unify_tones(vi).casefold(), en.casefold()
