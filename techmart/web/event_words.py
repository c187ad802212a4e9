"""The steps of a listing's history in words."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

_STEPS: Mapping[str, LazyString] = {
    "create": _l("Tạo bản nháp"),
    "copy": _l("Tạo bản sao"),
    "import": _l("Nhập từ tệp"),
    "change": _l("Sửa nội dung"),
    "save": _l("Sửa nội dung"),
    "edit": _l("Sửa nội dung"),
    "submit": _l("Gửi duyệt"),
    "recall": _l("Thu hồi để sửa"),
    "request_changes": _l("Cán bộ sàn yêu cầu sửa"),
    "approve": _l("Được duyệt"),
    "reject": _l("Không được duyệt"),
    "confirm": _l("Xác nhận thông tin còn đúng"),
    "mark_due": _l("Đến hạn xác nhận"),
    "mark_stale": _l("Quá hạn xác nhận"),
    "hide": _l("Tạm ẩn"),
    "archive": _l("Đưa vào lưu trữ"),
    "withdraw": _l("Rút tin"),
    "reopen": _l("Mở lại thành bản nháp"),
    "mark_transferred": _l("Ghi nhận đã chuyển giao"),
    "ask_for_help": _l("Nhờ cán bộ sàn viết giúp"),
    "withdraw_help": _l("Thôi nhờ viết giúp"),
    "propose_text": _l("Cán bộ sàn đề xuất nội dung"),
    "accept_text": _l("Nhận nội dung cán bộ sàn đề xuất"),
    "decline_text": _l("Không dùng nội dung đề xuất"),
    "attach": _l("Thêm tệp"),
    "detach": _l("Gỡ tệp"),
    "add": _l("Thêm tệp"),
    "remove": _l("Gỡ tệp"),
}


#: Where a step of a revision has words of its own; the others get “(bản sửa)”.
_REVISION_STEPS: Mapping[str, LazyString] = {"create": _l("Soạn bản sửa"), "discard": _l("Bỏ bản sửa")}


def event_name(action: str) -> str:
    """The step `subject:action` in words; an unknown one is shown as its code."""
    subject, _colon, step = action.partition(":")
    if subject != "revision":
        return str(_STEPS.get(step, step))
    return str(_REVISION_STEPS.get(step) or _("%(step)s (bản sửa)", step=_STEPS.get(step, step)))
