"""Staff's lists of listings, pairs and matches as rows of a table to take away.

Who stands behind an anonymous demand is left out: files travel.
"""

from __future__ import annotations

from datetime import date, datetime

from flask import current_app
from flask_babel import gettext as _

from techmart.exchange.tables import Value
from techmart.models.listing import Demand, Listing
from techmart.models.match import Match
from techmart.models.organisation import Organisation
from techmart.operations.market_pairs import MarketPair
from techmart.operations.match_pair import Pair, Thing, name_of
from techmart.operations.supply_demand import Standpoint
from techmart.rules.clock import LOCAL_ZONE
from techmart.rules.vocabulary import label
from techmart.web.match_words import ORIGINS, REASONS, SIDES, STATES


def standing_heads() -> list[str]:
    """The names of the columns in the language in force, here and below."""
    return [
        _("Mã"), _("Tên"), _("Loại tin"), _("Tổ chức"), _("Lĩnh vực"), _("Ngày đăng"), _("Kết quả so khớp"),
        _("Điểm cao nhất"), _("Mã tin khớp nhất"), _("Tin khớp nhất"), _("Địa chỉ"),
    ]  # fmt: skip


def standing_row(row: Standpoint, *, locale: str, standing: str) -> list[Value]:
    """One listing under `standing_heads`; `standing` in words."""
    listing, best = row.listing, row.best
    return [
        listing.code, listing.name_in(locale), label("listing_kind", listing.kind, locale), _owner(listing, locale),
        "; ".join(label("sector", code, locale) for code in listing.sectors), _day(listing.published_at), standing,
        row.score, best.code if best else "", best.name_in(locale) if best else "", _address(listing),
    ]  # fmt: skip


def pair_heads() -> list[str]:
    return [
        _("Điểm khớp"), _("Mã nhu cầu"), _("Nhu cầu"), _("Bên cần công nghệ"), _("Mã công nghệ"), _("Công nghệ"),
        _("Bên có công nghệ"), _("Địa chỉ nhu cầu"), _("Địa chỉ công nghệ"),
    ]  # fmt: skip


def pair_row(pair: MarketPair, *, locale: str) -> list[Value]:
    """One pair under `pair_heads`."""
    demand, technology = pair.demand, pair.technology
    return [
        pair.score, demand.code, demand.name_in(locale), _owner(demand, locale), technology.code,
        technology.name_in(locale), _owner(technology, locale), _address(demand), _address(technology),
    ]  # fmt: skip


def match_heads() -> list[str]:
    return [
        _("Điểm khớp"), _("Nguồn"), _("Bên xem"), _("Phản hồi"), _("Lý do bỏ qua"), _("Nói thêm"), _("Ngày phản hồi"),
        _("Mã hoặc tên bên cần"), _("Bên cần"), _("Mã công nghệ"), _("Công nghệ"), _("Lời nhắn của cán bộ sàn"),
    ]  # fmt: skip


def match_row(row: Match, pair: Pair, *, locale: str) -> list[Value]:
    """One match as one side has it under `match_heads`; never who decided."""
    wanted, technology = pair.wanted, pair.technology
    return [
        row.score, str(ORIGINS[row.origin]), str(SIDES[row.side]), str(STATES[row.state]),
        str(REASONS[row.reason][0]) if row.reason else "", row.reason_text, _day(row.decided_at), name_of(wanted),
        wanted.name_in(locale), technology.code, technology.name_in(locale), row.note,
    ]  # fmt: skip


def _owner(listing: Listing, locale: str) -> str:
    hides_owner = isinstance(listing, Demand) and listing.anonymous
    return str(_("Tổ chức ẩn danh")) if hides_owner else listing.organisation.name_in(locale)


def _address(thing: Thing) -> str:
    part = "organisation" if isinstance(thing, Organisation) else thing.kind
    return f"{current_app.config['SETTINGS'].base_url}/{part}s/{name_of(thing)}"


def _day(instant: datetime | None) -> date | None:
    return instant.astimezone(LOCAL_ZONE).date() if instant else None
