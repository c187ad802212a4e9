"""The IPC table: form, completeness, and how titles are found."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import techmart
from techmart.rules.vocabulary import ipc_symbols, ipc_title

REFERENCE = Path(techmart.__file__).parent / "data/reference"
_SYMBOL = re.compile(r"[A-H](\d\d([A-Z])?)?")
_SECTIONS = 8
_LEAST_CLASSES = 120
_LEAST_SUBCLASSES = 620
_LONGEST_TITLE = 90


def test_symbols_have_the_grammar_of_sections_classes_and_subclasses() -> None:
    assert [symbol for symbol in ipc_symbols() if not _SYMBOL.fullmatch(symbol)] == []


def test_every_symbol_has_its_parents() -> None:
    symbols = set(ipc_symbols())
    assert [symbol for symbol in symbols if not {symbol[:1], symbol[:3]} <= symbols] == []


def test_the_table_is_complete() -> None:
    lengths = [len(symbol) for symbol in ipc_symbols()]
    assert lengths.count(1) == _SECTIONS
    assert lengths.count(3) >= _LEAST_CLASSES
    assert lengths.count(4) >= _LEAST_SUBCLASSES


def test_no_symbol_is_listed_twice() -> None:
    lines = (REFERENCE / "ipc.tsv").read_text(encoding="utf-8").splitlines()
    symbols = [line.split("\t")[0] for line in lines if not line.startswith("#")]
    assert symbols == sorted(set(symbols))


def test_titles_are_short_and_in_both_languages() -> None:
    for symbol, term in ipc_symbols().items():
        for title in (term.vi, term.en):
            assert title, symbol
            assert len(title) <= _LONGEST_TITLE, symbol


@pytest.mark.parametrize(
    ("symbol", "locale", "part"),
    [
        ("C02F", "vi", "nước thải"),
        ("C02F", "en", "waste water"),
        ("A01G 31/02", "vi", "Trồng rau"),
        ("A01G 31/02", "en", "crops"),
        ("H04L", "vi", "dữ liệu số"),
        ("H10W 70/00", "en", "Packaging"),
    ],
)
def test_a_title_is_found_for_a_subclass_and_a_group(symbol: str, locale: str, part: str) -> None:
    assert part in ipc_title(symbol, locale)
