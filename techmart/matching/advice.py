"""What helps whoever writes a demand: demands that ask the same already, and what similar ones state that this one does not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from techmart.matching.profile import Profile
from techmart.matching.score import candidates
from techmart.matching.weights import CLOSENESS
from techmart.models.listing import Demand
from techmart.search.glossary import Glossary
from techmart.search.snapshot import Snapshot

#: From this share of a match's points for words on, two demands look like the same.
SAME_FROM: Final = 0.7
#: Similar demands looked at, and how many of them have to state something before it is worth a hint.
_LOOKED_AT: Final = 10
_FEWEST: Final = 2
_SHARE: Final = 0.5
_SHOWN: Final = 5
#: What a demand may state, in the order of the form.
STATED: Final = ("material", "method", "excluded_methods", "efficacy_target", "product", "application", "constraints",
                 "budget_max_vnd", "trl_min", "wanted_forms", "deadline_on")  # fmt: skip

#: Key → demand, for those of the keys that the reader may see.
Loader = Callable[[Sequence[str]], Mapping[str, Demand]]


@dataclass(frozen=True)
class Stated:
    """`count` of the `among` similar demands state the field, which this one leaves out; `example`: the most similar one."""

    field: str
    count: int
    among: int
    example: Demand


@dataclass(frozen=True)
class Advice:
    """`same`: demands that ask for about the same, most alike first; `stated`: what similar ones state besides."""

    same: tuple[Demand, ...]
    stated: tuple[Stated, ...]


def advice_on(snapshot: Snapshot, demand: Demand, profile: Profile, load: Loader, glossary: Glossary | None) -> Advice:
    """`demand`: as it is being written, `profile` that of it; its own entry in the index, if any, is the profile's key."""
    close = [row for row in candidates(snapshot, profile, glossary, kinds=("demand",))[1] if row.may_be_shown]
    rows = load([row.key for row in close[:_LOOKED_AT]])
    found = [(row, rows[row.key]) for row in close[:_LOOKED_AT] if row.key in rows]
    same = tuple(other for row, other in found if row.text_points >= SAME_FROM * (CLOSENESS - row.meaning_most))
    similar = [other for _, other in found]
    stated = [row for field in STATED if not getattr(demand, field) and (row := _stated(field, similar)) is not None]
    stated.sort(key=lambda row: -row.count)  # stable: those stated as often in the order of the form
    return Advice(same[:3], tuple(stated[:_SHOWN]))


def _stated(field: str, similar: Sequence[Demand]) -> Stated | None:
    having = [other for other in similar if getattr(other, field)]
    if len(having) < max(_FEWEST, _SHARE * len(similar)):
        return None
    return Stated(field, len(having), len(similar), having[0])
