"""How complete a listing is: what submission requires, and the five elements that matching works on.

A demand's five elements (material, method, efficacy, product, application) follow the literature on technology-demand
matching (Systems 13(11):1008, 2025): demands that state them are matched well, colloquial ones are not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Element:
    """One element of a demand. `weight` in points of 100; full points from `enough` characters on."""

    name: str
    weight: int
    enough: int
    needs_figure: bool = False


ELEMENTS: tuple[Element, ...] = (
    Element("material", 20, 40),
    Element("method", 15, 40),
    Element("efficacy_target", 25, 30, needs_figure=True),
    Element("product", 20, 30),
    Element("application", 20, 30),
)

#: A demand below this cannot be handed in: it is kept as a draft and may be given to staff to be completed.
GOOD_ENOUGH = 60

_FIGURE = re.compile(r"\d")


@dataclass(frozen=True)
class Hint:
    """What to do about an element: `problem` is missing | short | figure."""

    element: str
    problem: str


@dataclass(frozen=True)
class Completeness:
    """Score 0–100, points per element in order, and hints for what is weak."""

    score: int
    points: tuple[tuple[str, int, int], ...]
    hints: tuple[Hint, ...]


def demand_completeness(content: Mapping[str, Any]) -> Completeness:  # Any: field values
    """The meter of a demand: half the points for a beginning, all for enough text with a figure where one is needed."""
    points: list[tuple[str, int, int]] = []
    hints: list[Hint] = []
    for element in ELEMENTS:
        text = str(content.get(element.name) or "").strip()
        earned = element.weight * min(1.0, len(text) / element.enough)
        problem = "" if len(text) >= element.enough else "short" if text else "missing"
        if element.needs_figure and text and not _FIGURE.search(text):
            earned, problem = earned / 2, "figure"
        points.append((element.name, round(earned), element.weight))
        if problem:
            hints.append(Hint(element.name, problem))
    return Completeness(sum(earned for _, earned, _ in points), tuple(points), tuple(hints))


_CODES = {"missing": "required", "short": "too_short", "figure": "no_figure"}

#: Field → minimum characters (texts) or items (lists) that a submission needs.
REQUIRED: Mapping[str, Mapping[str, int]] = {
    "offer": {"title": 10, "summary": 20, "problem": 40, "how_it_works": 60, "advantage": 30, "trl": 1, "sectors": 1,
              "transfer_right": 1, "transfer_forms": 1, "price_mode": 1, "ip_status": 1, "objects": 1},
    "patent": {"title": 10, "summary": 20, "abstract": 60, "application_number": 3, "filing_on": 1, "ip_status": 1,
               "applicants": 3, "sectors": 1},
    "demand": {"title": 10, "summary": 20, "problem": 40, "product": 3, "application": 3, "sectors": 1},
}  # fmt: skip


def problems_before_submission(kind: str, content: Mapping[str, Any]) -> dict[str, list[str]]:  # Any: field values
    """Field → problem codes (`required`, `too_short`, `no_figure`); empty when the listing may be submitted."""
    problems: dict[str, list[str]] = {}
    for name, minimum in REQUIRED[kind].items():
        value = content.get(name)
        if isinstance(value, str):
            value = value.strip()
        if value in (None, "", [], ()):
            problems[name] = ["required"]
        elif isinstance(value, str) and len(value) < minimum:
            problems[name] = ["too_short"]
    if kind == "offer":
        problems |= _offer_problems(content)
    return {**_weak_elements(content), **problems} if kind == "demand" else problems


def _weak_elements(content: Mapping[str, Any]) -> dict[str, list[str]]:  # Any: field values
    """What lacks, where the elements together say too little to be matched."""
    meter = demand_completeness(content)
    if meter.score >= GOOD_ENOUGH:
        return {}
    return {hint.element: [_CODES[hint.problem]] for hint in meter.hints}


def _offer_problems(content: Mapping[str, Any]) -> dict[str, list[str]]:  # Any: field values
    problems: dict[str, list[str]] = {}
    if (content.get("trl") or 0) >= 4 and len(str(content.get("trl_evidence") or "").strip()) < 20:
        problems["trl_evidence"] = ["required"]
    if content.get("objects") == ["equipment"]:
        # Law 07/2017 art. 4: machinery only together with another object.
        problems["objects"] = ["equipment_alone"]
    mode = content.get("price_mode")
    if mode == "fixed" and content.get("price_min_vnd") is None:
        problems["price_min_vnd"] = ["required"]
    if mode == "range":
        missing = [name for name in ("price_min_vnd", "price_max_vnd") if content.get(name) is None]
        problems |= {name: ["required"] for name in missing}
    return problems
