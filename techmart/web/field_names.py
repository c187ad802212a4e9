"""The names of listing fields and their values in words, the same in forms, reviews, histories and exports."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Flask
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from techmart.rules.identifiers import parse_ipc
from techmart.rules.money import format_money_short
from techmart.rules.vocabulary import label
from techmart.web.formats import dmy
from techmart.web.i18n import select_locale

FIELD_NAMES: Mapping[str, LazyString] = {
    "lang": _l("Ngôn ngữ của tin"),
    "title": _l("Tên"),
    "summary": _l("Lợi ích một câu"),
    "title_en": _l("Tên tiếng Anh"),
    "summary_en": _l("Tóm tắt tiếng Anh"),
    "sectors": _l("Lĩnh vực"),
    "ipc": _l("Phân loại IPC"),
    "keywords": _l("Từ khoá"),
    "province_code": _l("Tỉnh, thành phố"),
    "origin": _l("Xuất xứ"),
    "problem": _l("Vấn đề được giải quyết"),
    "how_it_works": _l("Cách hoạt động"),
    "advantage": _l("Ưu thế so với hiện nay"),
    "economic_comparison": _l("So sánh hiệu quả kinh tế"),
    "figures": _l("Số liệu kỹ thuật"),
    "trl": _l("Mức sẵn sàng công nghệ (TRL)"),
    "trl_evidence": _l("Bằng chứng cho TRL"),
    "objects": _l("Đối tượng chuyển giao"),
    "transfer_right": _l("Quyền được chuyển giao"),
    "transfer_forms": _l("Hình thức chuyển giao"),
    "support": _l("Hỗ trợ sau chuyển giao"),
    "partner_sought": _l("Đối tác cần tìm"),
    "price_mode": _l("Cách nêu giá"),
    "price_min_vnd": _l("Giá từ"),
    "price_max_vnd": _l("Giá đến"),
    "ip_status": _l("Tình trạng bảo hộ"),
    "ip_note": _l("Ghi chú sở hữu trí tuệ"),
    "state_funded": _l("Dùng ngân sách nhà nước"),
    "result_number": _l("Số đăng ký kết quả nhiệm vụ"),
    "publications": _l("Công bố khoa học"),
    "patent_type": _l("Loại văn bằng"),
    "application_number": _l("Số đơn (21)"),
    "publication_number": _l("Số công bố"),
    "grant_number": _l("Số bằng (11)"),
    "pct_number": _l("Số đơn PCT (86)"),
    "filing_on": _l("Ngày nộp đơn (22)"),
    "publication_on": _l("Ngày công bố (43)"),
    "grant_on": _l("Ngày cấp (45)"),
    "maintained_until": _l("Duy trì hiệu lực đến"),
    "priority": _l("Quyền ưu tiên (30)"),
    "applicants": _l("Người nộp đơn (71)"),
    "inventors": _l("Tác giả (72)"),
    "owner": _l("Chủ bằng (73)"),
    "agent": _l("Đại diện (74)"),
    "abstract": _l("Tóm tắt (57)"),
    "claims": _l("Yêu cầu bảo hộ"),
    "material": _l("Vật liệu, đầu vào"),
    "method": _l("Phương pháp mong muốn"),
    "excluded_methods": _l("Phương pháp không nhận"),
    "efficacy_target": _l("Hiệu quả cần đạt"),
    "product": _l("Sản phẩm đầu ra"),
    "application": _l("Nơi ứng dụng"),
    "constraints": _l("Điều kiện ràng buộc"),
    "budget_min_vnd": _l("Ngân sách từ"),
    "budget_max_vnd": _l("Ngân sách đến"),
    "trl_min": _l("TRL tối thiểu"),
    "wanted_right": _l("Quyền muốn nhận"),
    "wanted_forms": _l("Hình thức muốn nhận"),
    "deadline_on": _l("Cần trước ngày"),
    "anonymous": _l("Ẩn tên tổ chức"),
}

#: Where one field has another name for a kind.
_OF_KIND: Mapping[tuple[str, str], LazyString] = {
    ("demand", "summary"): _l("Nhu cầu trong một câu"),
    ("demand", "problem"): _l("Vấn đề đang gặp"),
    ("patent", "title"): _l("Tên (54)"),
    ("patent", "ipc"): _l("Phân loại IPC (51)"),
    ("patent", "ip_status"): _l("Tình trạng hiệu lực"),
}

_FIGURE_NAMES: Mapping[str, LazyString] = {"current_practice": _l("hiện nay"), "condition": _l("điều kiện")}

#: Field → the code list its values come from; `ip_status` depends on the kind.
_LISTS: Mapping[str, str] = {
    "lang": "lang",
    "sectors": "sector",
    "province_code": "province",
    "origin": "origin",
    "objects": "object",
    "transfer_right": "transfer_right",
    "wanted_right": "transfer_right",
    "transfer_forms": "transfer_form",
    "wanted_forms": "transfer_form",
    "price_mode": "price_mode",
    "patent_type": "patent_type",
}


def field_name(name: str, kind: str = "") -> str:
    """The name of a listing field in the reader's language; the field itself when it has none."""
    return str(_OF_KIND.get((kind, name)) or FIELD_NAMES.get(name) or name)


def field_value(name: str, value: Any, kind: str = "") -> str:  # Any: texts, numbers, days, lists
    """The value in words: codes as names, money and days as people write them, lists joined; empty for nothing.

    Rows of figures become one line each.
    """
    if value is None or value == "" or value == []:
        return ""
    if isinstance(value, bool):
        return str(_("Có")) if value else str(_("Không"))
    if isinstance(value, date):
        return dmy(value)
    if name.endswith("_vnd"):
        return format_money_short(int(value), select_locale())
    if name in ("trl", "trl_min"):
        return f"TRL {value}"
    if name == "figures":
        return "\n".join(_figure(row) for row in value)
    if isinstance(value, list | tuple):
        return "; ".join(_coded(name, item, kind) for item in value)
    return _coded(name, value, kind)


def _coded(name: str, value: object, kind: str) -> str:
    if name == "ipc":
        return parse_ipc(str(value)) or str(value)
    list_name = f"{kind}_ip_status" if name == "ip_status" and kind in ("offer", "patent") else _LISTS.get(name)
    return label(list_name, value, select_locale()) if list_name else str(value)


def _figure(row: Mapping[str, str]) -> str:
    line = " ".join(part for part in (f"{row.get('name', '')}:", row.get("value"), row.get("unit")) if part)
    notes = "; ".join(f"{text}: {row[key]}" for key, text in _FIGURE_NAMES.items() if row.get(key))
    return f"{line} ({notes})" if notes else line


def init_app(app: Flask) -> None:
    """Register `field_name` and `field_value` for templates."""
    app.jinja_env.globals.update(field_name=field_name, field_value=field_value)
