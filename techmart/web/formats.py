"""Filters of templates: days, money, numbers and codes as words, in the reader's language."""

from __future__ import annotations

import re
from datetime import date, datetime

from flask import Flask, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from techmart.models.listing import Listing
from techmart.rules.clock import LOCAL_ZONE, local_today
from techmart.rules.identifiers import parse_ipc
from techmart.rules.money import format_money_range, format_money_short
from techmart.rules.text import truncate
from techmart.rules.vocabulary import label
from techmart.web.i18n import select_locale

STATE_NAMES = {
    "draft": _l("Bản nháp"),
    "submitted": _l("Chờ duyệt"),
    "changes_requested": _l("Cần sửa"),
    "published": _l("Đang đăng"),
    "due": _l("Cần xác nhận"),
    "stale": _l("Chưa xác nhận lại"),
    "hidden": _l("Tạm ẩn"),
    "archived": _l("Lưu trữ"),
    "withdrawn": _l("Đã rút"),
    "rejected": _l("Bị từ chối"),
    "transferred": _l("Đã chuyển giao"),
    "approved": _l("Đã duyệt"),
    "discarded": _l("Đã bỏ"),
}


def state_name(code: str) -> str:
    """The name of a state of a listing or revision."""
    return str(STATE_NAMES.get(str(code), code))


def dmy(value: date | datetime | None) -> str:
    """`03/11/2026`, instants in Vietnamese time; empty for None."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.astimezone(LOCAL_ZONE)
    return value.strftime("%d/%m/%Y")


def dmy_time(value: datetime | None) -> str:
    """`03/11/2026 14:05` in Vietnamese time."""
    return value.astimezone(LOCAL_ZONE).strftime("%d/%m/%Y %H:%M") if value else ""


def days_left(day: date | None) -> int | None:
    """Whole days until `day`, negative when past."""
    return (day - local_today()).days if day else None


def number(value: int | float) -> str:
    """`1.859` and `2,5`, or `1,859` and `2.5` in English; no decimals where they are nought."""
    text = f"{int(value) if value == int(value) else value:,}"
    return text if select_locale() == "en" else text.replace(",", "_").replace(".", ",").replace("_", ".")


def price_of(listing: object) -> str:
    """The price or budget of a listing as one phrase; empty when it says nothing."""
    locale = select_locale()
    if getattr(listing, "kind", "") == "demand":
        low, high = getattr(listing, "budget_min_vnd", None), getattr(listing, "budget_max_vnd", None)
        return format_money_range(low, high, locale)
    mode = getattr(listing, "price_mode", None)
    shown = format_money_range(getattr(listing, "price_min_vnd", None), getattr(listing, "price_max_vnd", None), locale)
    if mode in ("negotiable", "confidential") or not shown:
        return label("price_mode", mode, locale) if mode else ""
    return shown


def listing_url(listing: Listing) -> str:
    """Where a listing is read: `/offers/CN-2026-0001`."""
    return url_for(f"{listing.kind}s.show", code=listing.code)


def device(user_agent: str) -> str:
    """A browser and system a person recognises, from the user agent; a plain phrase when it says nothing we know."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    if not browser and not system:
        return str(_("Trình duyệt không rõ"))
    return " · ".join(part for part in (browser, system) if part)


_BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("coc_coc", "Cốc Cốc"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def init_app(app: Flask) -> None:
    """Register the filters and the globals built on them."""
    env = app.jinja_env
    env.trim_blocks = env.lstrip_blocks = True
    env.filters.update(
        dmy=dmy,
        dmy_time=dmy_time,
        days_left=days_left,
        number=number,
        money=lambda amount: format_money_short(amount, select_locale()),
        to_tuple=tuple,
        device=device,
        shorten=truncate,
        paragraphs=lambda text: [part.strip() for part in re.split(r"\n\s*\n|\n", text or "") if part.strip()],
        ipc=lambda symbol: parse_ipc(symbol) or symbol,
    )
    env.globals.update(
        listing_url=listing_url,
        locale_is_en=lambda: select_locale() == "en",
        state_name=state_name,
        price_of=price_of,
        label=lambda name, code: label(name, code, select_locale()),
        today=local_today,
    )
