"""Texts compared word by word."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from techmart.rules.text import word_difference


@pytest.mark.parametrize(
    ("old", "new", "pieces"),
    [
        ("", "", []),
        ("màng lọc", "màng lọc", [("same", "màng lọc")]),
        ("", "màng", [("added", "màng")]),
        ("giảm 92% mùi", "giảm 90% mùi", [("same", "giảm "), ("removed", "92"), ("added", "90"), ("same", "% mùi")]),
        (
            "điện bằng một nửa.",
            "điện 0 kWh mỗi giờ.",
            [("same", "điện "), ("removed", "bằng một nửa"), ("added", "0 kWh mỗi giờ"), ("same", ".")],
        ),
    ],
)
def test_changed_phrases_stay_whole(old: str, new: str, pieces: list[tuple[str, str]]) -> None:
    assert word_difference(old, new) == pieces


@settings(deadline=None)
@given(st.text(alphabet="ab .\n", max_size=30), st.text(alphabet="ab .\n", max_size=30))
def test_pieces_hold_both_texts(old: str, new: str) -> None:
    pieces = word_difference(old, new)
    assert "".join(text for kind, text in pieces if kind != "added") == old
    assert "".join(text for kind, text in pieces if kind != "removed") == new
