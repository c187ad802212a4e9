"""Words for what owners do with matches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from techmart.rules.matching import AlertMode, DeclineReason, MatchOrigin, MatchState, Side

#: Reason → its name and what it means.
REASONS: Final[Mapping[str, tuple[LazyString, LazyString | str]]] = {
    DeclineReason.TOO_EARLY: (_l("Công nghệ còn quá sớm"), _l("Chưa đủ bằng chứng chạy thật")),
    DeclineReason.BENEFIT_UNCLEAR: (_l("Lợi ích chưa rõ"), _l("Con số chưa hơn cách đang làm")),
    DeclineReason.ROUTE_UNCLEAR: (_l("Chưa rõ cách áp dụng"), _l("Chưa thấy đường đi tới nơi dùng")),
    DeclineReason.TEXT_UNCLEAR: (_l("Thông tin khó hiểu hoặc thiếu"), ""),
    DeclineReason.PRICE: (_l("Giá hoặc điều kiện không hợp"), ""),
    DeclineReason.WRONG_FIELD: (_l("Không đúng lĩnh vực"), ""),
    DeclineReason.ALREADY_SOLVED: (_l("Đã có cách giải quyết"), ""),
    DeclineReason.OTHER: (_l("Lý do khác"), ""),
}
STATES: Final[Mapping[str, LazyString]] = {
    MatchState.NEW: _l("Mới"),
    MatchState.SEEN: _l("Đã xem"),
    MatchState.INTERESTED: _l("Quan tâm"),
    MatchState.KEPT: _l("Đã để dành"),
    MatchState.DISMISSED: _l("Không phù hợp"),
}
ORIGINS: Final[Mapping[str, LazyString]] = {
    MatchOrigin.AUTOMATIC: _l("Tự động"),
    MatchOrigin.STAFF: _l("Cán bộ sàn đề xuất"),
}
SIDES: Final[Mapping[str, LazyString]] = {
    Side.WANTED: _l("Bên cần công nghệ"),
    Side.OFFERED: _l("Bên có công nghệ"),
}
#: Why staff may not propose a pair: operations.proposal.
PROPOSAL_PROBLEMS: Final[Mapping[str, LazyString]] = {
    "conflict": _l("Bạn thuộc tổ chức của một bên nên không được đề xuất; hãy nhờ cán bộ khác."),
    "no_pair": _l("Hai bên này không ghép được: cần một bên có nhu cầu và một bên có công nghệ."),
    "same_organisation": _l("Hai bên là cùng một tổ chức."),
    "no_adopter": _l("Chỉ đề xuất công nghệ cho doanh nghiệp; tổ chức này thuộc loại khác."),
    "not_public": _l("Chỉ đề xuất được tin đang đăng và chưa chuyển giao."),
    "dismissed": _l("Một bên đã bỏ qua cặp này. Chỉ đề xuất lại được khi nội dung của một trong hai bên thay đổi."),
    "proposed_already": _l("Cặp này đã được cán bộ sàn đề xuất rồi."),
    "answered_already": _l("Cặp này đã được quan tâm hoặc để dành, không cần đề xuất nữa."),
    "nobody": _l("Không bên nào có người nhận: tổ chức chưa có ai quản lý hay biên tập trên sàn."),
}
MODES: Final[Mapping[str, LazyString]] = {
    AlertMode.IMMEDIATE: _l("Ngay khi có"),
    AlertMode.DAILY: _l("Gộp mỗi ngày một thư, 7 giờ sáng"),
    AlertMode.WEEKLY: _l("Gộp mỗi tuần một thư, sáng thứ hai"),
    AlertMode.OFF: _l("Không gửi thư, chỉ báo trên sàn"),
}


def decline_words(code: str) -> str:
    """The name of a reason for declining; an unknown one is shown as its code."""
    return str(REASONS[code][0]) if code in REASONS else code
