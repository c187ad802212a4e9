"""What an engine indexes: one plain document, already free of database rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SearchDocument:
    """One public thing.

    `text`: field (see weights.FIELDS) → stored text. `identifiers`: normal forms of numbers and codes (rules.identifiers).
    `facets`: name → codes. `numbers`: name → whole number (đồng, TRL, seconds since 1970); absent where unknown.
    """

    key: str
    kind: str
    id: int
    version: int
    lang: str
    text: Mapping[str, str]
    identifiers: tuple[str, ...] = ()
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    numbers: Mapping[str, int] = field(default_factory=dict)
