"""Choices of form fields from the vocabularies, in the reader's language."""

from __future__ import annotations

from techmart.rules.vocabulary import Term, code_list, organisation_kinds, provinces, sectors, trl_levels
from techmart.web.i18n import select_locale

Choices = list[tuple[str, str]]


def term_label(term: Term) -> str:
    """The term's name in the reader's language."""
    return term.en if select_locale() == "en" and term.en else term.vi


def organisation_kind_choices() -> Choices:
    return [(code, term_label(term)) for code, term in organisation_kinds().items()]


def province_choices() -> Choices:
    return [(code, term_label(term)) for code, term in provinces().items()]


def sector_choices() -> Choices:
    return [(code, term_label(term)) for code, term in sectors().items()]


def code_choices(list_name: str) -> Choices:
    """The codes of a list of code_lists.tsv."""
    return [(code, term_label(term)) for code, term in code_list(list_name).items()]


def trl_choices() -> list[tuple[int, str]]:
    """The nine levels, each with its number in front."""
    return [(level, f"{level} – {term_label(term)}") for level, term in trl_levels().items()]
