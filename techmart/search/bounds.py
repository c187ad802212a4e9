"""What a query says of a number: readiness levels and prices, from it up, up to it, between two.

Pure; patterns without nested repetition, on folded text of bounded length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from techmart.rules.money import NotMoney, parse_money


class Bound(NamedTuple):
    """Where it stands in the text, and its inclusive bounds; None is open."""

    start: int
    end: int
    low: int | None
    high: int | None


# What is said of a number: from it up, above it, up to it, below it.
_FROM: Final = "tu|toi thieu|it nhat|from|at least|>=|≥"
_ABOVE: Final = "tren|cao hon|lon hon|nhieu hon|hon|over|above|more than|>"
_UP_TO: Final = "toi da|khong qua|den|up to|at most|<=|≤"
_BELOW: Final = "duoi|thap hon|nho hon|it hon|under|below|less than|<"
_ANY_BOUND: Final = rf"({_FROM}|{_UP_TO}|{_BELOW}|{_ABOVE})"
_UPWARDS: Final = r"tro len|or more|or higher|\+"
_DOWNWARDS: Final = r"tro xuong|tro lai|or less|or lower"

_TRL: Final = re.compile(
    rf"(?<!\w)(?:{_ANY_BOUND}\s{{0,3}})?trl\s{{0,3}}(?:{_ANY_BOUND}\s{{0,3}})?([1-9])(?:\s{{0,3}}(?:-|–|den|to)\s{{0,3}}([1-9]))?(?!\d)"
    rf"(?:\s{{0,3}}(?:({_UPWARDS})|({_DOWNWARDS})))?"
)


def readiness_bounds(folded: str) -> Iterator[Bound]:
    """`TRL 7+`, `TRL 4 đến 6`, `dưới TRL 5` … in a folded text, as levels."""
    for match in _TRL.finditer(folded):
        bound, level = match[2] or match[1] or "", int(match[3])
        low: int | None = level
        high: int | None = level
        if match[4]:
            low, high = sorted((level, int(match[4])))
        elif match[5] or bound in _FROM.split("|"):
            high = None
        elif match[6] or bound in _UP_TO.split("|"):
            low = None
        elif bound in _ABOVE.split("|"):
            low, high = min(level + 1, 9), None
        elif bound in _BELOW.split("|"):
            low, high = None, max(level - 1, 1)
        yield Bound(match.start(), match.end(), low, high)


_SAYS_PRICE: Final = r"(?<!\w)(?:(?:gia|ngan sach|kinh phi|price|budget)\s{1,3})?"
_UNIT: Final = r"ty|ti|trieu|tr|nghin|ngan|million|billion"
_NUMBER: Final = r"\d{1,6}(?:[.,]\d{1,3})?"
_WHOLE: Final = r"\d{1,3}(?:[.,]\d{3}){2,4}|\d{7,13}"
# "2 triệu tấn" is no price.
_NO_MORE: Final = (
    r"(?:\s{0,2}(?:dong|vnd|d))?(?!\w)"
    r"(?!\s{1,3}(?:tan|con|cay|lit|nguoi|san pham|chiec|bo|ho|m2|m3|m²|m³|kwh|kw|mw|ha|lieu|tons?|people|units?|litres?)(?!\w))"
)
_MONEY: Final = rf"((?:{_NUMBER})\s{{0,2}}(?:{_UNIT})|{_WHOLE}){_NO_MORE}"
_BETWEEN: Final = re.compile(
    rf"{_SAYS_PRICE}(?:tu\s{{1,3}}|from\s{{1,3}}|khoang\s{{1,3}})?({_WHOLE}|{_NUMBER})\s{{0,2}}({_UNIT})?(?:\s{{0,2}}(?:dong|vnd|d))?"
    rf"\s{{0,3}}(?:den|toi|to|-|–)\s{{0,3}}{_MONEY}"
)
_AT_MOST: Final = re.compile(rf"{_SAYS_PRICE}(?:{_UP_TO}|{_BELOW})\s{{0,3}}{_MONEY}")
_AT_LEAST: Final = re.compile(rf"{_SAYS_PRICE}(?:{_FROM}|{_ABOVE})\s{{0,3}}{_MONEY}")
_OR_LESS: Final = re.compile(rf"{_SAYS_PRICE}{_MONEY}\s{{0,3}}(?:{_DOWNWARDS})")
_OR_MORE: Final = re.compile(rf"{_SAYS_PRICE}{_MONEY}\s{{0,3}}(?:{_UPWARDS})")


def price_bounds(folded: str) -> Iterator[Bound]:
    """`dưới 500 triệu`, `từ 1 đến 2 tỷ`, `2 tỷ trở lên` … in a folded text, in đồng. Spans come first; later ones may overlap."""
    for match in _BETWEEN.finditer(folded):
        if span := _span(match[1], match[2] or "", match[3]):
            yield Bound(match.start(), match.end(), *span)
    for pattern, is_least in ((_AT_MOST, False), (_OR_LESS, False), (_OR_MORE, True), (_AT_LEAST, True)):
        for match in pattern.finditer(folded):
            if (amount := _amount(match[1])) is not None:
                low, high = (amount, None) if is_least else (None, amount)
                yield Bound(match.start(), match.end(), low, high)


def _span(first: str, unit: str, second: str) -> tuple[int, int] | None:
    """Both ends in đồng. Without a unit the first number has that of the second, or is in millions ("500 đến 1 tỷ")."""
    high = _amount(second)
    named = re.search(_UNIT, second)
    low = _amount(f"{first} {unit or (named[0] if named else '')}")
    if low is None or high is None:
        return None
    if low > high and not unit and len(first) > 1:
        low = _amount(f"{first} trieu") or low
    return min(low, high), max(low, high)


def _amount(written: str) -> int | None:
    try:
        return parse_money(written)
    except NotMoney:
        return None
