"""Points for facts that agree, and conditions that are not met. A fact that either side leaves out gives nothing and costs nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final

from techmart.matching.profile import Facts, Profile
from techmart.matching.weights import PARTS


@dataclass(frozen=True)
class Finding:
    """One fact looked at. state: agrees | unmet | unknown. `values` are codes or numbers for wording.

    `missing_on`: for unknown ones, which side would have to say it (`wanted`, `offered`, or both).
    """

    part: str
    state: str
    points: float
    values: tuple[object, ...] = ()
    missing_on: tuple[str, ...] = ()


#: The deepest IPC level both sides share → share of the points (section, class, subclass, main group, group).
_IPC_SHARES: Final = {1: 0.2, 3: 0.4, 4: 0.7, 5: 0.9, 6: 1.0}


def compare_facts(wanted: Facts, offered: Facts, *, today: date) -> list[Finding]:
    """Every fact part of weights.PARTS, in its order, and the deadline. `wanted` is the side that needs."""
    findings = [compare(wanted, offered) for compare in _COMPARISONS]
    if wanted.deadline is not None and wanted.deadline < today:
        findings.append(Finding("deadline", "unmet", 0.0, (wanted.deadline,)))
    return findings


def wanted_and_offered(one: Profile, other: Profile) -> tuple[Profile, Profile]:
    """The two profiles in the order (side that needs, side that has)."""
    return (other, one) if other.kind == "demand" or one.kind in ("offer", "patent") else (one, other)


def _unknown(part: str, has_wanted: bool, has_offered: bool) -> Finding:
    sides = [name for name, known in (("wanted", has_wanted), ("offered", has_offered)) if not known]
    return Finding(part, "unknown", 0.0, (), tuple(sides))


def _sector(wanted: Facts, offered: Facts) -> Finding:
    if not wanted.sectors or not offered.sectors:
        return _unknown("sector", bool(wanted.sectors), bool(offered.sectors))
    shared = tuple(sorted(wanted.sectors & offered.sectors))
    # All points for one shared sector, so that naming a further one never costs any.
    return Finding("sector", "agrees" if shared else "unmet", PARTS["sector"] if shared else 0.0, shared)


def _ipc(wanted: Facts, offered: Facts) -> Finding:
    if not wanted.ipc or not offered.ipc:
        return _unknown("ipc", bool(wanted.ipc), bool(offered.ipc))
    shared = max(wanted.ipc & offered.ipc, key=lambda level: (_depth(level), level), default="")
    points = PARTS["ipc"] * _IPC_SHARES.get(_depth(shared), 0.0)
    return Finding("ipc", "agrees" if shared else "unmet", points, (shared,) if shared else ())


def _depth(level: str) -> int:
    return (5 if level.endswith("/00") else 6) if "/" in level else len(level)


def _trl(wanted: Facts, offered: Facts) -> Finding:
    if wanted.trl_min is None or offered.trl is None:
        return _unknown("trl", wanted.trl_min is not None, offered.trl is not None)
    met = offered.trl >= wanted.trl_min
    return Finding("trl", "agrees" if met else "unmet", PARTS["trl"] if met else 0.0, (offered.trl, wanted.trl_min))


def _budget(wanted: Facts, offered: Facts) -> Finding:
    budget = wanted.price_high if wanted.price_high is not None else wanted.price_low
    price = offered.price_low if offered.price_low is not None else offered.price_high
    if budget is None or price is None:
        return _unknown("budget", budget is not None, price is not None)
    met = price <= budget
    return Finding("budget", "agrees" if met else "unmet", PARTS["budget"] if met else 0.0, (price, budget))


def _place(wanted: Facts, offered: Facts) -> Finding:
    if wanted.province is None or offered.province is None:
        return _unknown("place", wanted.province is not None, offered.province is not None)
    same = wanted.province == offered.province
    # Technology travels: another province is no failure, only no bonus.
    return Finding(
        "place", "agrees" if same else "apart", PARTS["place"] if same else 0.0, (wanted.province, offered.province)
    )


def _transfer(wanted: Facts, offered: Facts) -> Finding:
    has_wanted = bool(wanted.transfer_right or wanted.transfer_forms)
    has_offered = bool(offered.transfer_right or offered.transfer_forms)
    if not has_wanted or not has_offered:
        return _unknown("transfer", has_wanted, has_offered)
    asked = [
        agrees
        for said, agrees in (
            (wanted.transfer_right and offered.transfer_right, wanted.transfer_right == offered.transfer_right),
            (wanted.transfer_forms and offered.transfer_forms, bool(wanted.transfer_forms & offered.transfer_forms)),
        )
        if said
    ]
    if not asked:
        return _unknown("transfer", False, False)
    points = PARTS["transfer"] / 2 * sum(asked)
    return Finding(
        "transfer",
        "agrees" if all(asked) else "unmet",
        points,
        tuple(sorted(wanted.transfer_forms & offered.transfer_forms)),
    )


_COMPARISONS: Final[tuple[Callable[[Facts, Facts], Finding], ...]] = (_sector, _ipc, _trl, _budget, _place, _transfer)
