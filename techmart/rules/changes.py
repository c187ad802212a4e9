"""What changed between two contents of a listing, field by field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from techmart.rules.text import word_difference

_EMPTY: tuple[object, ...] = (None, "", [], (), {})


@dataclass(frozen=True)
class FieldChange:
    """A changed field. `pieces` (see `word_difference`) only where both sides are texts."""

    field: str
    old: Any  # Any: field values are texts, numbers, days, lists
    new: Any
    pieces: tuple[tuple[str, str], ...] = ()


def compare(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    fields: Iterable[str],
    *,
    codes: frozenset[str] = frozenset(),
) -> tuple[list[FieldChange], list[str]]:  # Any: field values
    """The changes of `after` against `before` in the order of `fields`, and the filled fields that are as before.

    `codes` names texts that are codes: compared whole, not by words. Empty values (None, "", [], False) are one.
    """
    changes: list[FieldChange] = []
    unchanged: list[str] = []
    for name in fields:
        old, new = before.get(name), after.get(name)
        if old == new or (_is_empty(old) and _is_empty(new)):
            if not _is_empty(new):
                unchanged.append(name)
        elif name not in codes and isinstance(old or "", str) and isinstance(new or "", str):
            changes.append(FieldChange(name, old, new, tuple(word_difference(old or "", new or ""))))
        else:
            changes.append(FieldChange(name, old, new))
    return changes, unchanged


def filled(content: Mapping[str, Any], fields: Iterable[str]) -> list[str]:  # Any: field values
    """The names of the fields that say something, in the order of `fields`."""
    return [name for name in fields if not _is_empty(content.get(name))]


def _is_empty(value: object) -> bool:
    # 0 is an answer (a price of nothing), although it equals False.
    return value is False or (not isinstance(value, int | float) and value in _EMPTY)
