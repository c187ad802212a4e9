"""The reader's side of visibility; `audience` holds the row's side and the explanation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

PUBLIC = "public"
STAFF_SUFFIX = "+staff"


@dataclass(frozen=True)
class Reader:
    """The tokens of one reader."""

    organisation_ids: frozenset[int] = frozenset()
    is_staff: bool = False

    @classmethod
    def of(cls, organisation_ids: Iterable[int], *, is_staff: bool = False) -> Reader:
        return cls(frozenset(organisation_ids), is_staff)

    @property
    def tokens(self) -> frozenset[str]:
        """Every token this reader meets, except the open-ended staff suffix."""
        own = {f"org:{number}{suffix}" for number in self.organisation_ids for suffix in ("", STAFF_SUFFIX)}
        return frozenset({PUBLIC, *own})

    def sees(self, audience: str) -> bool:
        """Whether a row with this token may be shown to the reader."""
        return audience in self.tokens or (self.is_staff and audience.endswith(STAFF_SUFFIX))


ANYONE = Reader()
