"""What the journeys type. The titles hold words that no sample listing has, so that a search finds just these."""

from __future__ import annotations

from collections.abc import Mapping

from playwright.sync_api import Page

OFFER_TITLE = "Tháp zuphylit khử mùi khí thải lò đốt rác, công suất 2.000 m³/giờ"
OFFER_WORD = "zuphylit"
OFFER: Mapping[str, str] = {
    "title": OFFER_TITLE,
    "summary": "Giảm 92% mùi so với tháp than hoạt tính, chi phí vận hành bằng một nửa.",
    "problem": "Lò đốt rác sinh hoạt ở khu dân cư bị phản ánh vì mùi; than hoạt tính phải thay sáu tuần một lần.",
    "how_it_works": "Khí thải đi qua tháp đệm phủ vật liệu khoáng xốp, phun sương kiềm nhẹ, rồi qua lớp vi sinh.",
    "advantage": "Vật liệu dùng được ba năm, không sinh bùn nguy hại, điện bằng một nửa tháp than.",
    "trl_evidence": "Một tháp chạy 14 tháng tại lò đốt 20 tấn/ngày, có biên bản nghiệm thu.",
}
OFFER_CHOICES: Mapping[str, str] = {
    "trl": "7",
    "transfer_right": "non_exclusive_use",
    "price_mode": "negotiable",
    "ip_status": "pending",
}
OFFER_CHECKS: Mapping[str, str] = {"sectors": "environment", "objects": "process", "transfer_forms": "independent"}

DEMAND_TITLE = "Khử màu nước thải nhuộm hoạt tính, 300 m³/ngày, cho chuyền qarbutin"
DEMAND_WORD = "qarbutin"
DEMAND: Mapping[str, str] = {
    "title": DEMAND_TITLE,
    "summary": "Cần khử màu nước thải dệt nhuộm xuống dưới 50 Pt-Co với ít bùn hơn keo tụ.",
    "problem": "Nước sau xử lý còn đỏ nhạt khoảng ba ngày mỗi tuần; châm thêm phèn thì bùn tăng gấp đôi.",
}
ELEMENTS: Mapping[str, str] = {
    "material": "Nước thải nhuộm cotton hoạt tính; COD 900–1.400 mg/l, pH 9–11, nhiệt độ 45 °C.",
    "efficacy_target": "Độ màu từ 400 xuống dưới 50 Pt-Co, COD dưới 75 mg/l.",
    "product": "Hệ thống lắp sau bể sinh học, kèm đào tạo vận hành.",
    "application": "Nhà máy dệt nhuộm tại Tây Ninh, 300 m³/ngày, còn 60 m² cạnh bể lắng.",
}


def fill(page: Page, values: Mapping[str, str]) -> None:
    """Type into the fields of the form by their names."""
    for name, text in values.items():
        page.locator(f"#{name}").fill(text)


def fill_offer(page: Page) -> None:
    """Everything that a submission of an offer asks for."""
    fill(page, OFFER)
    for name, code in OFFER_CHOICES.items():
        page.locator(f"#{name}").select_option(code)
    for name, code in OFFER_CHECKS.items():
        page.locator(f"input[name={name}][value={code}]").check()
