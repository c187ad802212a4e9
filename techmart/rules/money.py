"""Amounts in đồng and dates, as people in Vietnam write and read them."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal, InvalidOperation

from techmart.rules.text import fold

_UNITS = {
    "": 1, "d": 1, "dong": 1, "vnd": 1, "k": 1_000, "nghin": 1_000, "ngan": 1_000,
    "tr": 1_000_000, "trieu": 1_000_000, "million": 1_000_000, "ty": 1_000_000_000, "ti": 1_000_000_000, "billion": 1_000_000_000,
}  # fmt: skip
_AMOUNT = re.compile(r"(\d[\d.,\s]{0,30}?)\s*(trieu|tr|ty|ti|nghin|ngan|k|million|billion)?\s*(dong|vnd|d|₫)?")
MAXIMUM_VND = 10**15


class NotMoney(ValueError):
    """The text is no amount."""


def parse_money(text: str) -> int:
    """`1250000`, `1.250.000`, `1,25 tỷ`, `500 triệu` → whole đồng. Raises NotMoney.

    A point before exactly three digits groups thousands (`1.500 triệu` is 1.5 billion); so does a comma where no unit
    follows. Otherwise it is the decimal sign.
    """
    match = _AMOUNT.fullmatch(fold(text).replace("₫", "d").strip())
    if match is None:
        raise NotMoney(text)
    number, unit = match[1].replace(" ", ""), match[2] or ""
    try:
        amount = _decimal(number, has_unit=bool(unit)) * _UNITS[unit]
    except InvalidOperation as error:
        raise NotMoney(text) from error
    if amount != amount.to_integral_value() or not 0 <= amount <= MAXIMUM_VND:
        raise NotMoney(text)
    return int(amount)


def _decimal(number: str, *, has_unit: bool) -> Decimal:
    separators = set(re.findall(r"[.,]", number))
    groups = re.split(r"[.,]", number)
    if len(groups) == 1:
        return Decimal(number)
    thousands = all(len(group) == 3 for group in groups[1:]) and 1 <= len(groups[0]) <= 3 and groups[0] != "0"
    if thousands and len(separators) == 1 and (separators == {"."} or not has_unit or len(groups) > 2):
        return Decimal("".join(groups))
    if len(groups) == 2 and (has_unit or len(groups[1]) <= 2):
        return Decimal(f"{groups[0]}.{groups[1]}")
    raise InvalidOperation


def format_money(amount_vnd: int) -> str:
    """`1.250.000.000 ₫`."""
    return f"{amount_vnd:,}".replace(",", ".") + " ₫"


def format_money_short(amount_vnd: int, locale: str = "vi") -> str:
    """`1,25 tỷ đồng`, `500 triệu đồng`, `900.000 đồng`; in English `VND 1.25 billion`."""
    for size, vi, en in ((1_000_000_000, "tỷ", "billion"), (1_000_000, "triệu", "million")):
        if amount_vnd >= size:
            figure = f"{Decimal(amount_vnd) / size:.2f}".rstrip("0").rstrip(".")
            return f"VND {figure} {en}" if locale == "en" else f"{figure.replace('.', ',')} {vi} đồng"
    return f"VND {amount_vnd:,}" if locale == "en" else f"{amount_vnd:,}".replace(",", ".") + " đồng"


def format_money_range(low: int | None, high: int | None, locale: str = "vi") -> str:
    """`từ … đến …`, `đến …`, `từ …`, or one amount; empty when neither is given."""
    if low is not None and high is not None:
        if low == high:
            return format_money_short(low, locale)
        shown = (format_money_short(low, locale), format_money_short(high, locale))
        return f"{shown[0]} – {shown[1]}"
    if high is not None:
        return f"{'up to' if locale == 'en' else 'đến'} {format_money_short(high, locale)}"
    if low is not None:
        return f"{'from' if locale == 'en' else 'từ'} {format_money_short(low, locale)}"
    return ""


def parse_date(text: str) -> date:
    """`30/11/2026`, `30-11-2026`, `30.11.2026` or ISO `2026-11-30`. Raises ValueError."""
    text = text.strip()
    if match := re.fullmatch(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})", text):
        return date(int(match[3]), int(match[2]), int(match[1]))
    return date.fromisoformat(text)
