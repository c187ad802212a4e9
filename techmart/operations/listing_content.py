"""The content of listings: which fields each kind has, how they are checked, and how they are kept as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from techmart.errors import InvalidFields
from techmart.models.listing import Listing
from techmart.rules.identifiers import parse_ipc
from techmart.rules.money import MAXIMUM_VND
from techmart.rules.text import clean
from techmart.rules.vocabulary import code_list, provinces, sectors

_COMMON = (
    "lang", "title", "summary", "title_en", "summary_en", "sectors", "ipc", "keywords", "province_code", "origin",
)  # fmt: skip

#: Kind → the fields a form may set, in the order a page shows them.
FIELDS: Mapping[str, tuple[str, ...]] = {
    "offer": (
        *_COMMON, "problem", "how_it_works", "advantage", "economic_comparison", "figures", "trl", "trl_evidence",
        "objects", "transfer_right", "transfer_forms", "support", "partner_sought", "price_mode", "price_min_vnd",
        "price_max_vnd", "ip_status", "ip_note", "state_funded", "result_number", "publications",
    ),
    "patent": (
        *_COMMON, "patent_type", "application_number", "publication_number", "grant_number", "pct_number", "filing_on",
        "publication_on", "grant_on", "maintained_until", "priority", "applicants", "inventors", "owner", "agent",
        "abstract", "claims", "ip_status", "trl", "transfer_right", "transfer_forms", "price_mode", "price_min_vnd",
        "price_max_vnd",
    ),
    "demand": (
        *_COMMON, "problem", "material", "method", "excluded_methods", "efficacy_target", "product", "application",
        "constraints", "budget_min_vnd", "budget_max_vnd", "trl_min", "wanted_right", "wanted_forms", "deadline_on",
        "anonymous",
    ),
}  # fmt: skip

_LONG, _MIDDLE, _NUMBER = 6000, 2000, 40
#: Text field → maximum characters; list field → maximum items.
LIMITS: Mapping[str, int] = {
    "title": 200, "summary": 500, "title_en": 200, "summary_en": 500,
    "problem": _LONG, "how_it_works": _LONG, "advantage": _LONG, "economic_comparison": _LONG, "support": _LONG,
    "partner_sought": _LONG, "publications": _LONG, "trl_evidence": _MIDDLE, "ip_note": _MIDDLE, "result_number": 100,
    "application_number": _NUMBER, "publication_number": _NUMBER, "grant_number": _NUMBER, "pct_number": _NUMBER,
    "priority": _MIDDLE, "applicants": _MIDDLE, "inventors": _MIDDLE, "owner": _MIDDLE, "agent": _MIDDLE,
    "abstract": _LONG, "claims": 20000,
    "material": _LONG, "method": _LONG, "excluded_methods": _LONG, "efficacy_target": _LONG, "product": _LONG,
    "application": _LONG, "constraints": _LONG,
    "sectors": 10, "ipc": 20, "keywords": 12, "figures": 20,
}  # fmt: skip
KEYWORD_LIMIT = 60
FIGURE_COLUMNS = ("name", "value", "unit", "current_practice", "condition")
FIGURE_LIMIT = 200

_ONE_LINE = frozenset({
    "title", "title_en", "summary", "summary_en", "result_number", "application_number", "publication_number",
    "grant_number", "pct_number",
})  # fmt: skip
_DATES = frozenset({"filing_on", "publication_on", "grant_on", "maintained_until", "deadline_on"})
_AMOUNTS = frozenset({"price_min_vnd", "price_max_vnd", "budget_min_vnd", "budget_max_vnd"})
_LEVELS = frozenset({"trl", "trl_min"})
_FLAGS = frozenset({"state_funded", "anonymous"})
#: Field → its list in code_lists.tsv. `ip_status` has one for each kind.
_ONE_CODE = {"lang": "lang", "origin": "origin", "patent_type": "patent_type", "transfer_right": "transfer_right",
             "wanted_right": "transfer_right", "price_mode": "price_mode"}  # fmt: skip
_MANY_CODES = {"objects": "object", "transfer_forms": "transfer_form", "wanted_forms": "transfer_form"}
_NEVER_EMPTY = frozenset({"lang", "origin", "patent_type"})
#: The second may not be below the first where both are given; the problem stands beside the second.
_ORDERED = (("price_min_vnd", "price_max_vnd"), ("budget_min_vnd", "budget_max_vnd"), ("filing_on", "publication_on"),
            ("filing_on", "grant_on"))  # fmt: skip

Content = dict[str, Any]  # Any: texts, numbers, flags, dates, lists by field


class _FieldError(ValueError):
    """A value that cannot be stored; the argument is the problem code."""


def content_of(listing: Listing) -> Content:
    """Field → value as Python holds it; lists are copies."""
    values = {name: getattr(listing, name) for name in FIELDS[listing.kind]}
    return {name: _copied(value) for name, value in values.items()}


def to_json(content: Mapping[str, Any]) -> Content:  # Any: see Content
    """The same with dates as ISO texts, for `ListingRevision.content` and events."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in content.items()}


def from_json(content: Mapping[str, Any]) -> Content:  # Any: see Content
    """The inverse of `to_json`."""
    return {
        name: date.fromisoformat(value) if name in _DATES and isinstance(value, str) else value
        for name, value in content.items()
    }


def checked(kind: str, content: Mapping[str, Any]) -> Content:  # Any: see Content
    """The known fields of `content` in stored form; unknown names are left out, absent ones stay absent.

    Raises InvalidFields with every problem: too_long, unknown_value, bad_ipc, bad_money, bad_date, required, order.
    """
    values: Content = {}
    problems: dict[str, list[str]] = {}
    for name in FIELDS[kind]:
        if name in content:
            try:
                values[name] = _checked_value(kind, name, content[name])
            except _FieldError as problem:
                problems[name] = [str(problem)]
    _drop_unused_prices(values)
    for low, high in _ORDERED:
        if values.get(low) is not None and values.get(high) is not None and values[high] < values[low]:
            problems.setdefault(high, []).append("order")
    if problems:
        raise InvalidFields(problems)
    return values


def _checked_value(kind: str, name: str, value: Any) -> Any:  # Any: one value of Content
    if name in _FLAGS:
        return bool(value)
    if name in _DATES:
        return _day(value)
    if name in _AMOUNTS:
        return _whole(value, 0, MAXIMUM_VND, "bad_money")
    if name in _LEVELS:
        return _whole(value, 1, 9, "unknown_value")
    if name == "province_code":
        return _code(value, provinces())
    if name == "ip_status":
        return _code(value, code_list(f"{kind}_ip_status"))
    if name in _ONE_CODE:
        return _code(value, code_list(_ONE_CODE[name]), is_needed=name in _NEVER_EMPTY)
    if name in _MANY_CODES:
        return _codes(value, code_list(_MANY_CODES[name]))
    if name == "sectors":
        return _few(_codes(value, sectors()), name)
    if name == "ipc":
        return _few(_symbols(value), name)
    if name == "keywords":
        return _few(_texts(value), name)
    if name == "figures":
        return _few(_figures(value), name)
    text = clean(str(value or ""), keep_lines=name not in _ONE_LINE)
    if len(text) > LIMITS[name]:
        raise _FieldError("too_long")
    return text


def _code(value: object, known: Mapping[str, object], *, is_needed: bool = False) -> str | None:
    if value in (None, ""):
        if is_needed:
            raise _FieldError("required")
        return None
    if not isinstance(value, str) or value not in known:
        raise _FieldError("unknown_value")
    return value


def _codes(value: Any, known: Mapping[str, object]) -> list[str]:  # Any: one value of Content
    codes = [str(code) for code in value or ()]
    if set(codes) - known.keys():
        raise _FieldError("unknown_value")
    return list(dict.fromkeys(codes))


def _symbols(value: Any) -> list[str]:  # Any: one value of Content
    found = [parse_ipc(str(symbol)) for symbol in value or () if str(symbol).strip()]
    symbols = [symbol for symbol in found if symbol]
    if len(symbols) != len(found):
        raise _FieldError("bad_ipc")
    return list(dict.fromkeys(symbols))


def _texts(value: Any) -> list[str]:  # Any: one value of Content
    texts = [clean(str(text), keep_lines=False) for text in value or ()]
    if any(len(text) > KEYWORD_LIMIT for text in texts):
        raise _FieldError("too_long")
    return list(dict.fromkeys(text for text in texts if text))


def _figures(value: Any) -> list[dict[str, str]]:  # Any: one value of Content
    rows = [
        {column: clean(str(row.get(column) or ""), keep_lines=False) for column in FIGURE_COLUMNS}
        for row in value or ()
    ]
    if any(len(text) > FIGURE_LIMIT for row in rows for text in row.values()):
        raise _FieldError("too_long")
    return [row for row in rows if any(row.values())]


def _few(items: list[Any], name: str) -> list[Any]:  # Any: texts or rows
    if len(items) > LIMITS[name]:
        raise _FieldError("too_long")
    return items


def _whole(value: object, low: int, high: int, problem: str) -> int | None:
    if value in (None, ""):
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise _FieldError(problem)
    return value


def _day(value: object) -> date | None:
    if value in (None, ""):
        return None
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise _FieldError("bad_date") from error


def _drop_unused_prices(values: Content) -> None:
    """A price that its mode does not show is not kept: what is confidential should not lie in the public row."""
    mode = values.get("price_mode")
    if mode in ("negotiable", "confidential"):
        values["price_min_vnd"] = values["price_max_vnd"] = None
    elif mode == "fixed":
        values["price_max_vnd"] = None


def _copied(value: Any) -> Any:  # Any: one value of Content
    if isinstance(value, list):
        return [dict(item) if isinstance(item, dict) else item for item in value]
    return value
