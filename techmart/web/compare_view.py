"""Listings side by side: one row a field, and whether they differ in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from flask_babel import gettext as _

from techmart.models.listing import Demand, Listing
from techmart.operations.listing_content import FIELDS
from techmart.rules.vocabulary import label
from techmart.web.field_names import field_name, field_value
from techmart.web.formats import dmy, price_of
from techmart.web.i18n import select_locale

#: Shown in words of their own above the fields, or of no use to a reader who compares.
_LEFT_OUT: Final = frozenset(
    {
        "title", "title_en", "summary_en", "lang", "province_code", "anonymous", "price_mode", "price_min_vnd",
        "price_max_vnd", "budget_min_vnd", "budget_max_vnd", "trl", "trl_min",
    }
)  # fmt: skip
#: What decides stands before the long texts.
_FIRST: Final = (
    "summary", "ip_status", "transfer_right", "transfer_forms", "wanted_right", "wanted_forms", "deadline_on", "objects",
    "sectors", "ipc",
)  # fmt: skip
#: Fields of offers and patents, and what a demand calls the same.
_SAME: Final = {"transfer_right": "wanted_right", "transfer_forms": "wanted_forms"}


@dataclass(frozen=True)
class Row:
    """One field of all listings; `values` in their order, empty where one says nothing."""

    name: str
    values: tuple[str, ...]

    @property
    def differs(self) -> bool:
        return len(set(self.values)) > 1


def compare_rows(listings: Sequence[Listing]) -> list[Row]:
    """Rows in which at least one listing says something: facts, then texts."""
    return [row for row in (*_facts(listings), *_fields(listings)) if any(row.values)]


def _facts(listings: Sequence[Listing]) -> list[Row]:
    locale = select_locale()
    return [
        Row(_("Loại tin"), tuple(label("listing_kind", row.kind, locale) for row in listings)),
        Row(_("Tổ chức"), tuple(_owner(row) for row in listings)),
        Row(_("Thẩm định"), tuple(_verified(row) for row in listings)),
        Row(field_name("province_code"), tuple(field_value("province_code", row.province_code) for row in listings)),
        Row(_("Giá hoặc ngân sách"), tuple(price_of(row) for row in listings)),
        Row(field_name("trl"), tuple(_trl(row) for row in listings)),
        Row(_("Ngày đăng"), tuple(dmy(row.published_at) for row in listings)),
    ]


def _fields(listings: Sequence[Listing]) -> list[Row]:
    kinds = list(dict.fromkeys(row.kind for row in listings))
    names = list(dict.fromkeys(name for kind in kinds for name in FIELDS[kind] if name not in _LEFT_OUT))
    names = [name for name in _FIRST if name in names] + [name for name in names if name not in _FIRST]
    if len(kinds) > 1:
        names = [name for name in names if name not in _SAME.values()]
    return [_field(name, listings, kinds[0] if len(kinds) == 1 else "") for name in names]


def _field(name: str, listings: Sequence[Listing], kind: str) -> Row:
    values = []
    for row in listings:
        own = _SAME.get(name, name) if isinstance(row, Demand) else name
        values.append(field_value(own, getattr(row, own, None), row.kind))
    return Row(field_name(name, kind), tuple(values))


def _owner(listing: Listing) -> str:
    if isinstance(listing, Demand) and listing.anonymous:
        return str(_("Tổ chức ẩn danh"))
    return listing.organisation.name_in(select_locale())


def _verified(listing: Listing) -> str:
    if isinstance(listing, Demand) and listing.anonymous:
        return ""
    return str(_("Đã thẩm định hồ sơ")) if listing.organisation.is_verified else str(_("Chưa thẩm định (tự khai)"))


def _trl(listing: Listing) -> str:
    """What an offer has, or what a demand asks for at least."""
    if isinstance(listing, Demand):
        return str(_("từ TRL %(level)s", level=listing.trl_min)) if listing.trl_min else ""
    return field_value("trl", getattr(listing, "trl", None))
