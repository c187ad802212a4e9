"""Choices of form fields from the vocabularies, in the reader's language."""

from __future__ import annotations

from techmart.rules.vocabulary import Term, organisation_kinds, provinces, sectors
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
