"""The rows of the sample catalogue (`data/sample/*.jsonl`) and the moments at which they seem to have happened."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from techmart.rules.clock import LOCAL_ZONE, local_today, utc_now
from techmart.rules.text import slugify

_DIRECTORY = Path(__file__).resolve().parent.parent / "data/sample"
_FILES = {"offers_1": "offer", "offers_2": "offer", "patents": "patent", "demands": "demand"}
#: What a row says beside its content.
_AROUND = frozenset({"organisation", "state", "reason", "age_days", "deadline_in_days", "revision"})


@dataclass(frozen=True)
class SampleListing:
    """One listing. `age_days`: how long it has been in `state`; `revision`: fields of a proposed new text, if any."""

    kind: str
    source_id: str
    organisation: str
    state: str
    age_days: int
    reason: str | None
    deadline_in_days: int | None
    content: Mapping[str, Any]  # Any: field values
    revision: Mapping[str, Any] | None  # Any: field values


def read_users() -> list[dict[str, Any]]:  # Any: texts or None
    """The accounts, owners before other members."""
    return sorted(_read("users"), key=lambda row: row["role"] not in (None, "owner"))


def read_organisations() -> list[dict[str, Any]]:  # Any: texts, numbers, lists
    """The organisations; `ref` is what other rows call them."""
    return _read("organisations")


def read_answers() -> list[dict[str, str]]:
    """Who answered what to which match, by titles; `decision` is one of rules.matching, or `propose` by the staff."""
    return _read("answers")


@lru_cache(maxsize=1)
def read_listings() -> tuple[SampleListing, ...]:
    """All listings, oldest first, so that codes and the audit trail follow the calendar."""
    rows = [_listing(kind, row) for name, kind in _FILES.items() for row in _read(name)]
    return tuple(sorted(rows, key=lambda row: (-row.age_days, row.source_id)))


def source_id_of(title: str) -> str:
    """What `source_id` says of the listing of that title."""
    return slugify(title)[:200]


def moment(age_days: int, hour: int, place: int = 0) -> datetime:
    """`age_days` ago in Vietnam, some minutes past `hour`; `place` (a row's number) spreads rows over the hour.

    Never in the future: what happened today happened before now.
    """
    day = local_today() - timedelta(days=age_days)
    return min(datetime.combine(day, time(hour, place * 17 % 60), LOCAL_ZONE), utc_now() - timedelta(minutes=5))


def _listing(kind: str, row: Mapping[str, Any]) -> SampleListing:  # Any: one line of a file
    return SampleListing(
        kind=kind,
        source_id=source_id_of(row["title"]),
        organisation=row["organisation"],
        state=row["state"],
        age_days=row["age_days"],
        reason=row.get("reason"),
        deadline_in_days=row.get("deadline_in_days"),
        content={name: value for name, value in row.items() if name not in _AROUND},
        revision=row.get("revision"),
    )


def _read(name: str) -> list[dict[str, Any]]:  # Any: one line of a file
    lines = (_DIRECTORY / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]
