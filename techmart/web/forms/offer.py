"""The form of a technology offer."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField

from techmart.web.forms.figures import FiguresField
from techmart.web.forms.listing import ListingForm, Section, code_field, long_text, one_line, trl_field
from techmart.web.forms_base import MoneyField, MultiCheckboxField


class OfferForm(ListingForm):
    """A technology for transfer, from the buyer's problem to price and rights."""

    KIND = "offer"
    CODE_LISTS = {
        "objects": "object", "transfer_right": "transfer_right", "transfer_forms": "transfer_form",
        "price_mode": "price_mode", "ip_status": "offer_ip_status",
    }  # fmt: skip
    TRL_FIELDS = ("trl",)
    SECTIONS = (
        Section("gioi-thieu", _l("Giới thiệu"), _l("Phần này hiện trong kết quả tìm kiếm."),
                ("organisation_id", "lang", "title", "summary", "sectors", "keywords", "ipc")),
        Section("cong-nghe", _l("Công nghệ"), _l("Viết cho người sẽ dùng công nghệ: vướng mắc của họ, cách giải quyết, được gì hơn."),
                ("problem", "how_it_works", "advantage", "figures", "economic_comparison")),
        Section("san-sang", _l("Mức sẵn sàng và bằng chứng"), "", ("trl", "trl_evidence", "publications")),
        Section("chuyen-giao", _l("Chuyển giao"), "",
                ("objects", "transfer_right", "transfer_forms", "support", "partner_sought")),
        Section("gia", _l("Giá tham khảo"), _l("Gõ số hoặc chữ đều được: 1250000000, 1.250.000.000 hoặc “1,25 tỷ”."),
                ("price_mode", "price_min_vnd", "price_max_vnd")),
        Section("so-huu", _l("Sở hữu trí tuệ và nguồn gốc"), "",
                ("ip_status", "ip_note", "origin", "province_code", "state_funded", "result_number")),
        Section("tieng-anh", _l("Bản tiếng Anh"), "", ("title_en", "summary_en")),
    )  # fmt: skip

    title = one_line(
        "title", _l("Nói công nghệ làm được gì, cho đối tượng nào, quy mô nào. Ví dụ: Màng lọc sinh học MBR dạng mô đun xử lý nước thải sinh hoạt, 50–500 m³/ngày."),
    )  # fmt: skip
    summary = long_text(
        "summary", _l("Con số thuyết phục nhất đặt lên trước. Ví dụ: Đạt cột A trên diện tích bằng ba phần năm bể bùn hoạt tính, lắp xong trong 5 tuần."),
        rows=2,
    )  # fmt: skip
    problem = long_text(
        "problem", _l("Ai gặp, gặp lúc nào, thiệt hại bao nhiêu. Ví dụ: Khách sạn và bệnh viện trong đô thị phải đạt cột A nhưng không còn đất cho bể lắng."),
    )  # fmt: skip
    how_it_works = long_text(
        "how_it_works", _l("Các bước chính, nguyên liệu vào, sản phẩm ra, điều kiện vận hành. Không cần nêu bí quyết; đủ để người có chuyên môn hiểu nguyên lý."),
        rows=6,
    )  # fmt: skip
    advantage = long_text(
        "advantage", _l("So với cách phổ biến nhất trên thị trường, hơn ở điểm nào và kém ở điểm nào. Ví dụ: Bùn thải giảm 57%, điện tăng 20%."),
    )  # fmt: skip
    figures = FiguresField(
        description=_l(
            "Mỗi dòng một chỉ tiêu đo được, kèm mức của cách làm hiện nay và điều kiện đo. Để trống dòng không dùng."
        ),
    )
    economic_comparison = long_text(
        "economic_comparison", _l("Vốn đầu tư, chi phí vận hành, thời gian hoàn vốn, tính trên quy mô nào. Ví dụ: Trạm 200 m³/ngày hoàn vốn sau 3 năm nhờ không phải mua thêm đất."),
    )  # fmt: skip
    trl = trl_field(_l("Chọn mức cao nhất mà bạn có bằng chứng. Từ mức 4, cần ghi bằng chứng ở mục sau."))
    trl_evidence = long_text(
        "trl_evidence", _l("Nơi, quy mô, thời gian chạy, ai xác nhận. Ví dụ: Ba trạm đang chạy tại Đồng Nai và Tây Ninh, lâu nhất 26 tháng; biên bản nghiệm thu ngày 12/05/2026."),
        rows=3,
    )  # fmt: skip
    publications = long_text(
        "publications", _l("Không bắt buộc. Bài báo, báo cáo, giải thưởng, mỗi mục một dòng."), rows=2
    )
    objects = MultiCheckboxField(
        description=_l("Theo điều 4 Luật Chuyển giao công nghệ 2017. Máy móc, thiết bị chỉ đi kèm một đối tượng khác."),
    )
    transfer_right = code_field(_l("Bên nhận được sở hữu hay được sử dụng, và có phải là bên duy nhất."))
    transfer_forms = MultiCheckboxField(description=_l("Chọn mọi hình thức bạn sẵn sàng bàn."))
    support = long_text(
        "support", _l("Đào tạo, lắp đặt, bảo hành, bảo trì. Ví dụ: Đào tạo 3 người vận hành trong 2 tuần, bảo hành 24 tháng."), rows=2,
    )  # fmt: skip
    partner_sought = long_text(
        "partner_sought", _l("Ngành, quy mô, vùng, vai trò. Ví dụ: Nhà thầu môi trường ở phía Nam có đội bảo trì tại chỗ."), rows=2,
    )  # fmt: skip
    price_mode = code_field(_l("Nêu được khoảng giá thì tin được hỏi nhiều hơn."))
    price_min_vnd = MoneyField(description=_l("Nói rõ giá cho cái gì ở mục hỗ trợ hoặc cách hoạt động."))
    price_max_vnd = MoneyField(description=_l("Chỉ khi nêu khoảng giá."))
    ip_status = code_field()
    ip_note = long_text(
        "ip_note", _l("Số, ngày, ai đứng tên. Ví dụ: Bằng độc quyền sáng chế 1-0032145, chủ bằng là viện, còn hiệu lực đến 14/08/2037."), rows=2,
    )  # fmt: skip
    state_funded = BooleanField(description=_l("Quyền chuyển giao khi đó theo quyết định giao quyền."))
    result_number = one_line("result_number", _l("Trên giấy chứng nhận đăng ký kết quả thực hiện nhiệm vụ, nếu có."))
