"""Words of moderation: risk flags, steps of a listing's history, and replies to pick from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from techmart.rules.risk import RiskFlag


@dataclass(frozen=True)
class FlagWords:
    """What a flag asks (`title`), why (`help`), and its sign."""

    title: LazyString
    help: LazyString
    icon: str = "flag"


FLAGS: Mapping[RiskFlag, FlagWords] = {
    RiskFlag.CONTACT_IN_TEXT: FlagWords(
        _l("Có số điện thoại hoặc thư điện tử trong nội dung"),
        _l("Liên hệ đi qua sàn; thông tin cá nhân không nên nằm trong tin công khai."),
        "mail",
    ),
    RiskFlag.DUPLICATE_TITLE: FlagWords(
        _l("Trùng tên với tin khác"), _l("Mở tin kia để xem có phải cùng một nội dung đăng hai lần không."), "copy"
    ),
    RiskFlag.EVIDENCE_MISSING: FlagWords(
        _l("Thiếu bằng chứng cho mức sẵn sàng công nghệ"),
        _l("Từ TRL 4 cần biên bản, kết quả đo hoặc nơi đã thử nghiệm."),
        "scale",
    ),
    RiskFlag.HIDDEN_CHARACTERS: FlagWords(
        _l("Có ký tự ẩn"), _l("Ký tự không nhìn thấy có thể đổi thứ tự hoặc che bớt chữ."), "eye"
    ),
    RiskFlag.LINK_IN_TEXT: FlagWords(
        _l("Có liên kết trong nội dung"),
        _l("Kiểm tra liên kết có dẫn đến quảng cáo hay trang giả mạo không."),
        "info-circle",
    ),
    RiskFlag.PATENT_NUMBER_UNRECOGNISED: FlagWords(
        _l("Số đơn hoặc số bằng không đúng dạng"), _l("Đối chiếu với công báo sở hữu công nghiệp."), "file-certificate"
    ),
    RiskFlag.RESTRICTED_WORD: FlagWords(
        _l("Có từ cần đối chiếu danh mục hạn chế, cấm chuyển giao"),
        _l("Luật 07/2017, điều 10 và 11. Từ này chưa nói lên kết luận nào; cán bộ đối chiếu rồi quyết định."),
        "shield-check",
    ),
    RiskFlag.SHOUTING: FlagWords(_l("Tên viết hoa gần hết"), _l("Đề nghị viết thường để dễ đọc và dễ tìm.")),
    RiskFlag.STATE_FUNDED_WITHOUT_NUMBER: FlagWords(
        _l("Dùng ngân sách nhà nước nhưng chưa có số đăng ký kết quả"),
        _l("Kết quả nhiệm vụ dùng ngân sách cần giấy chứng nhận đăng ký và quyết định giao quyền."),
        "file-text",
    ),
    RiskFlag.SUPERLATIVE: FlagWords(
        _l("Lời quảng cáo quá mức"), _l("Đề nghị thay bằng số liệu kèm điều kiện đo."), "message-circle"
    ),
    RiskFlag.UNVERIFIED_ORGANISATION: FlagWords(
        _l("Tổ chức chưa được thẩm định"), _l("Xem hồ sơ tổ chức trước khi đăng tin đầu tiên."), "building"
    ),
}

#: Action of an event → what the person did, after his name.
STEPS: Mapping[str, LazyString] = {
    "submit": _l("gửi duyệt"),
    "recall": _l("rút lại để sửa"),
    "request_changes": _l("đề nghị sửa"),
    "approve": _l("duyệt, cho đăng"),
    "reject": _l("từ chối"),
    "confirm": _l("xác nhận thông tin vẫn đúng"),
    "mark_due": _l("nhắc xác nhận"),
    "mark_stale": _l("ghi là chưa xác nhận lại"),
    "hide": _l("tạm ẩn"),
    "archive": _l("đưa vào lưu trữ"),
    "withdraw": _l("rút tin"),
    "reopen": _l("mở lại thành bản nháp"),
    "mark_transferred": _l("ghi nhận đã chuyển giao"),
    "discard": _l("bỏ bản sửa"),
}


@dataclass(frozen=True)
class Reply:
    """A ready answer: its name in the list and its text."""

    name: LazyString
    text: LazyString


REPLIES: Mapping[str, Reply] = {
    "evidence": Reply(
        _l("Thiếu bằng chứng cho TRL"),
        _l("Đề nghị bổ sung bằng chứng cho mức TRL đã nêu: biên bản thử nghiệm, kết quả đo, nơi và thời gian."),
    ),
    "figures": Reply(
        _l("Thiếu số liệu so sánh"),
        _l("Đề nghị nêu số liệu so với cách làm hiện nay, kèm điều kiện đo, để doanh nghiệp đánh giá được."),
    ),
    "advertising": Reply(
        _l("Lời quảng cáo quá mức"),
        _l("Đề nghị bỏ các cụm từ như “tốt nhất”, “duy nhất”, hoặc thay bằng số liệu có nguồn."),
    ),
    "contact": Reply(
        _l("Thông tin liên hệ trong nội dung"),
        _l("Đề nghị bỏ số điện thoại, thư điện tử khỏi nội dung. Bên quan tâm liên hệ qua sàn."),
    ),
    "rights": Reply(
        _l("Chưa rõ quyền sở hữu"),
        _l("Đề nghị làm rõ ai là chủ sở hữu và quyền chuyển giao: số văn bằng, hợp đồng hoặc quyết định giao quyền."),
    ),
    "vague": Reply(
        _l("Nhu cầu chưa đủ cụ thể"),
        _l(
            "Đề nghị nêu rõ vật liệu đầu vào, hiệu quả cần đạt (có con số), sản phẩm và nơi ứng dụng để gợi ý được đúng."
        ),
    ),
    "duplicate": Reply(
        _l("Trùng tin đã có"),
        _l("Tin này trùng với một tin đã có trên sàn. Đề nghị cập nhật tin cũ thay vì đăng tin mới."),
    ),
    "outside": Reply(
        _l("Ngoài phạm vi của sàn"),
        _l("Nội dung không phải công nghệ, sáng chế hay nhu cầu công nghệ nên không đăng được trên sàn."),
    ),
}
REASON_LIMIT = 2000

#: Reasons that the daily run gives as codes; people write theirs in their own words.
_REASONS: Mapping[str, LazyString] = {"not_confirmed": _l("quá hạn mà thông tin chưa được xác nhận lại")}


def step_words(action: str) -> str:
    """`listing:approve` as words."""
    name = action.partition(":")[2]
    return str(STEPS.get(name, name))


def reason_words(reason: str) -> str:
    """A reason as it is shown: a code in words, anything else as written."""
    return str(_REASONS.get(reason, reason))
