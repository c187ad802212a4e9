"""What became of the suggestions of a listing, for its owners and staff: figures, reasons, and for each reason what to change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from flask import Flask, url_for
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from techmart.models.listing import Listing
from techmart.operations.listing import edit_state
from techmart.operations.match_feedback import FEWEST_ORGANISATIONS, feedback_on
from techmart.rules.matching import DeclineReason
from techmart.rules.policy import Permission, can
from techmart.web.actor import current_actor
from techmart.web.field_names import field_name
from techmart.web.match_figures import STEP_NAMES
from techmart.web.match_words import REASONS

#: Hint and, by kind of listing, the field it is about.
Hint = tuple[LazyString, Mapping[str, str]]
_OF_TECHNOLOGIES: Final[Mapping[str, Hint]] = {
    DeclineReason.TOO_EARLY: (
        _l("Nêu nơi đã chạy thật, trong bao lâu, kết quả ra sao, ai xác nhận; ghi đúng mức TRL."),
        {"offer": "trl_evidence", "patent": "trl"},
    ),
    DeclineReason.BENEFIT_UNCLEAR: (
        _l("So với cách đang làm bằng con số: tiết kiệm bao nhiêu, đạt mức nào, trong điều kiện nào."),
        {"offer": "advantage", "patent": "summary"},
    ),
    DeclineReason.ROUTE_UNCLEAR: (
        _l("Nói rõ lắp vào đâu, cần gì sẵn có, mất bao lâu và bạn hỗ trợ những bước nào."),
        {"offer": "support", "patent": "transfer_forms"},
    ),
    DeclineReason.TEXT_UNCLEAR: (
        _l("Viết lại câu tóm tắt cho người không cùng ngành hiểu; giải thích chữ viết tắt, bổ sung mục còn trống."),
        {"offer": "summary", "patent": "summary"},
    ),
    DeclineReason.PRICE: (
        _l("Nêu giá gồm những gì, khoảng giá theo quy mô, cách thanh toán hoặc hình thức chuyển giao khác."),
        {"offer": "price_mode", "patent": "price_mode"},
    ),
    DeclineReason.WRONG_FIELD: (
        _l("Xem lại lĩnh vực và từ khoá: bỏ những gì công nghệ này không làm."),
        {"offer": "sectors", "patent": "sectors"},
    ),
    DeclineReason.ALREADY_SOLVED: (
        _l("Nêu điều mà các cách có sẵn chưa làm được và công nghệ này làm được."),
        {"offer": "economic_comparison", "patent": "summary"},
    ),
    DeclineReason.OTHER: (_l("Đọc lời kèm theo trong thông báo, nếu có."), {}),
}
_OF_DEMANDS: Final[Mapping[str, Hint]] = {
    DeclineReason.TOO_EARLY: (
        _l("Nói rõ mức sẵn sàng tối thiểu, và có nhận thử nghiệm cùng bên có công nghệ hay không."),
        {"demand": "trl_min"},
    ),
    DeclineReason.BENEFIT_UNCLEAR: (
        _l("Nêu mức cần đạt và quy mô bằng con số, để bên có công nghệ thấy việc đáng làm."),
        {"demand": "efficacy_target"},
    ),
    DeclineReason.ROUTE_UNCLEAR: (
        _l("Tả nơi sẽ dùng: dây chuyền hiện có, mặt bằng, điện nước, người vận hành."),
        {"demand": "application"},
    ),
    DeclineReason.TEXT_UNCLEAR: (
        _l("Tả vướng mắc bằng việc cụ thể: đang làm thế nào, hỏng ở đâu, tốn bao nhiêu."),
        {"demand": "problem"},
    ),
    DeclineReason.PRICE: (
        _l("Nêu ngân sách hoặc cách trả, và hình thức chuyển giao bạn nhận được."),
        {"demand": "budget_max_vnd"},
    ),
    DeclineReason.WRONG_FIELD: (
        _l("Xem lại lĩnh vực và từ khoá; ghi phương pháp không nhận để khỏi bị gợi ý nhầm."),
        {"demand": "sectors"},
    ),
    DeclineReason.ALREADY_SOLVED: (
        _l("Nêu cách đang dùng và vì sao chưa đủ; nếu đã giải quyết xong, hãy rút tin."),
        {"demand": "problem"},
    ),
    DeclineReason.OTHER: (_l("Xem lại tin bằng mắt của người chưa biết bạn: còn thiếu gì để quyết định?"), {}),
}


@dataclass(frozen=True)
class ReasonRow:
    """`field`: the name of what to change, and `href`, its place in the editor; both may be empty."""

    name: str
    count: int
    hint: str
    field: str
    href: str


@dataclass(frozen=True)
class FeedbackView:
    """`steps`: (name, figure, None where it stays unsaid); `reasons`: None where they stay unsaid, as `fewest` explains."""

    steps: tuple[tuple[str, int | None], ...]
    reasons: tuple[ReasonRow, ...] | None
    fewest: int = FEWEST_ORGANISATIONS

    @property
    def is_whole(self) -> bool:
        """Whether every figure is told."""
        return self.reasons is not None and all(count is not None for _, count in self.steps)


def init_app(app: Flask) -> None:
    """Give templates the view."""
    app.jinja_env.globals.update(listing_feedback=listing_feedback)


def listing_feedback(own: Listing) -> FeedbackView | None:
    """None for whom it does not concern, and for a listing that nobody was suggested yet."""
    actor = current_actor()
    may_decide = can(actor, Permission.MATCH_DECIDE, own.organisation_id)
    if not may_decide and not can(actor, Permission.MODERATION_VIEW):
        return None
    found = feedback_on(actor, own)
    if not found.steps["suggested"]:
        return None
    is_editable = may_decide and not edit_state(own).is_locked
    rows = None
    if found.reasons is not None:
        rows = tuple(_row(own, reason, count, is_editable) for reason, count in found.reasons.items())
    return FeedbackView(tuple((str(STEP_NAMES[step]), count) for step, count in found.steps.items()), rows)


def _row(own: Listing, reason: str, count: int, is_editable: bool) -> ReasonRow:
    hint, fields = (_OF_DEMANDS if own.kind == "demand" else _OF_TECHNOLOGIES)[reason]
    field = fields.get(own.kind, "")
    href = f"{url_for(f'{own.kind}s.edit', code=own.code)}#{field}" if field and is_editable else ""
    return ReasonRow(str(REASONS[reason][0]), count, str(hint), field_name(field, own.kind) if field else "", href)
