"""Search results as rows of a table, the same whether written at once or by the worker."""

from __future__ import annotations

from datetime import date

from flask_babel import gettext as _

from techmart.exchange.tables import Value
from techmart.models.listing import Demand, Listing, Offer, Patent
from techmart.models.organisation import Organisation
from techmart.rules.clock import LOCAL_ZONE
from techmart.rules.identifiers import parse_ipc
from techmart.rules.vocabulary import label


def result_heads() -> list[str]:
    """The names of the columns in the language in force."""
    return [
        _("Loại tin"), _("Mã"), _("Tên"), _("Tên tiếng Anh"), _("Tóm tắt"), _("Tổ chức"), _("Thẩm định"),
        _("Tỉnh, thành phố"), _("Lĩnh vực"), _("Phân loại IPC"), _("TRL"), _("Giá hoặc ngân sách từ (đồng)"),
        _("Giá hoặc ngân sách đến (đồng)"), _("Cách nêu giá"), _("Quyền được chuyển giao"), _("Hình thức chuyển giao"),
        _("Tình trạng bảo hộ"), _("Số đơn (21)"), _("Số bằng (11)"), _("Hạn trả lời"), _("Ngày đăng"), _("Địa chỉ"),
    ]  # fmt: skip


def result_row(thing: Listing | Organisation, *, locale: str, base_url: str) -> list[Value]:
    """One thing as a row under `result_heads`. Prices are whole đồng, days are days."""
    if isinstance(thing, Organisation):
        return _organisation_row(thing, locale, base_url)
    return _listing_row(thing, locale, base_url)


def _organisation_row(row: Organisation, locale: str, base_url: str) -> list[Value]:
    return [
        label("listing_kind", "organisation", locale), "", row.name_vi, row.name_en, row.capability,
        row.name_in(locale), _verified(row), _place(row.province_code, locale), _names("sector", row.sectors, locale),
        "", None, None, None, "", "", "", "", "", "", None, _day(row), f"{base_url}/organisations/{row.slug}",
    ]  # fmt: skip


def _listing_row(row: Listing, locale: str, base_url: str) -> list[Value]:
    hides_owner = isinstance(row, Demand) and row.anonymous
    low, high = _span(row)
    right = row.wanted_right if isinstance(row, Demand) else getattr(row, "transfer_right", None)
    forms = row.wanted_forms if isinstance(row, Demand) else getattr(row, "transfer_forms", [])
    mode = getattr(row, "price_mode", None)
    return [
        label("listing_kind", row.kind, locale),
        row.code,
        row.title,
        row.title_en,
        row.summary_en if locale == "en" and row.summary_en else row.summary,
        _("Tổ chức ẩn danh") if hides_owner else row.organisation.name_in(locale),
        "" if hides_owner else _verified(row.organisation),
        _place(row.province_code, locale),
        _names("sector", row.sectors, locale),
        "; ".join(parse_ipc(symbol) or symbol for symbol in row.ipc),
        row.trl_min if isinstance(row, Demand) else getattr(row, "trl", None),
        low,
        high,
        label("price_mode", mode, locale) if mode else "",
        label("transfer_right", right, locale) if right else "",
        _names("transfer_form", forms, locale),
        _ip_status(row, locale),
        row.application_number if isinstance(row, Patent) else "",
        row.grant_number if isinstance(row, Patent) else "",
        row.deadline_on if isinstance(row, Demand) else None,
        _day(row),
        f"{base_url}/{row.kind}s/{row.code}",
    ]


def _span(row: Listing) -> tuple[int | None, int | None]:
    if isinstance(row, Demand):
        return row.budget_min_vnd, row.budget_max_vnd
    if isinstance(row, Offer | Patent) and row.price_mode not in ("negotiable", "confidential"):
        return row.price_min_vnd, row.price_max_vnd
    return None, None


def _ip_status(row: Listing, locale: str) -> str:
    status = row.ip_status if isinstance(row, Offer | Patent) else None
    return label(f"{row.kind}_ip_status", status, locale) if status else ""


def _day(row: Listing | Organisation) -> date:
    at = row.created_at if isinstance(row, Organisation) else row.published_at or row.created_at
    return at.astimezone(LOCAL_ZONE).date()


def _verified(organisation: Organisation) -> str:
    return str(_("Đã thẩm định hồ sơ") if organisation.is_verified else _("Chưa thẩm định (tự khai)"))


def _place(code: str | None, locale: str) -> str:
    return label("province", code, locale) if code else ""


def _names(list_name: str, codes: list[str], locale: str) -> str:
    return "; ".join(label(list_name, code, locale) for code in codes)
