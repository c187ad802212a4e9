"""No pattern of the program takes more than a moment on 50,000 hostile characters, wherever in a text it is looked for."""

from __future__ import annotations

import pkgutil
import re
import time
from importlib import import_module

import pytest

import techmart

_LENGTH = 50_000
_SECONDS = 1.0  # one that backtracks takes tens
_PIECES = (
    "a", "1", " ", "a ", "1.", "-", '"', "<", "a1", ".", "1 ", "trl ", "từ 1 đến ", "dưới ", '"a', "a-", "0,", "\n", "ắ", "@", "a@",
    "A01G ", "1-2022-", "U.S.", "(a", "https://", "số ", "GPHI ", "\t", "&", "%", "{", "a.b@", "0/",
)  # fmt: skip


def _patterns() -> dict[str, re.Pattern[str]]:
    found: dict[str, re.Pattern[str]] = {}
    for module in pkgutil.walk_packages(techmart.__path__, "techmart."):
        for name, value in vars(import_module(module.name)).items():
            for number, pattern in enumerate(value if isinstance(value, tuple | list) else (value,)):
                if isinstance(pattern, re.Pattern) and isinstance(pattern.pattern, str):
                    found[f"{module.name}.{name}.{number}"] = pattern
    return found


PATTERNS = _patterns()


def test_there_are_patterns():
    assert len(PATTERNS) > 40


@pytest.mark.parametrize("name", list(PATTERNS))
def test_hostile_text_is_read_in_one_go(name: str):
    pattern = PATTERNS[name]
    slow = []
    for piece in _PIECES:
        text = piece * (_LENGTH // len(piece))
        started = time.thread_time()
        for found in pattern.finditer(text):
            assert found.end() <= len(text)
        pattern.fullmatch(text)
        if time.thread_time() - started > _SECONDS:
            slow.append(piece)
    assert slow == []
