"""The form of a technology demand."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField

from techmart.web.forms.listing import ListingForm, Section, code_field, long_text, one_line, trl_field
from techmart.web.forms_base import DayField, MoneyField, MultiCheckboxField


class DemandForm(ListingForm):
    """The trouble first, then the five elements that matching works on, then limits and money."""

    KIND = "demand"
    CODE_LISTS = {"wanted_right": "transfer_right", "wanted_forms": "transfer_form"}
    TRL_FIELDS = ("trl_min",)
    SECTIONS = (
        Section("vuong-mac", _l("Vướng mắc"), "", ("organisation_id", "lang", "title", "summary", "problem", "sectors")),
        Section("nam-yeu-to", _l("Năm yếu tố để so khớp"), _l("Càng cụ thể, công nghệ tìm được càng sát."),
                ("material", "method", "excluded_methods", "efficacy_target", "product", "application")),
        Section("rang-buoc", _l("Ràng buộc và ngân sách"), _l("Gõ tiền bằng số hoặc chữ đều được: 2500000000, 2.500.000.000 hoặc “2,5 tỷ”."),
                ("constraints", "budget_min_vnd", "budget_max_vnd", "trl_min", "wanted_right", "wanted_forms")),
        Section("hien-thi", _l("Hiển thị và thời hạn"), "", ("deadline_on", "province_code", "origin", "anonymous")),
        Section("tim-thay", _l("Giúp tin dễ được tìm thấy"), "", ("keywords", "ipc", "title_en", "summary_en")),
    )  # fmt: skip

    title = one_line(
        "title", _l("Nói việc cần giải quyết, không cần nêu tên công nghệ. Ví dụ: Khử màu nước thải nhuộm hoạt tính, 300 m³/ngày."),
    )  # fmt: skip
    summary = long_text("summary", _l("Hiện trong kết quả tìm kiếm. Nêu việc, quy mô và mức cần đạt."), rows=2)
    problem = long_text(
        "problem", _l("Chuyện gì xảy ra, bao lâu một lần, gây thiệt hại thế nào. Vài câu là đủ. Ví dụ: Nước sau xử lý còn đỏ nhạt khoảng 3 ngày mỗi tuần; châm thêm phèn thì bùn tăng gấp đôi."),
    )  # fmt: skip
    material = long_text(
        "material",
        _l("Đầu vào là gì, tính chất ra sao. Ví dụ: Nước thải nhuộm cotton; COD 900–1.400 mg/l, pH 9–11, 45 °C."),
        rows=2,
    )
    method = long_text(
        "method", _l("Đang làm cách nào, muốn thử cách nào. Ví dụ: Đang keo tụ bằng phèn sắt rồi lắng; muốn cách ít bùn hơn."), rows=2,
    )  # fmt: skip
    excluded_methods = long_text(
        "excluded_methods", _l("Cách nào và vì sao. Ví dụ: Không dùng ôzôn vì điện tại chỗ đã hết công suất."), rows=1
    )
    efficacy_target = long_text(
        "efficacy_target", _l("Con số kèm đơn vị và mức hiện nay. Ví dụ: Độ màu từ 400 xuống dưới 50 Pt-Co."), rows=2,
    )  # fmt: skip
    product = long_text(
        "product", _l("Nhận về thứ gì: thiết bị, quy trình, hoá chất, dịch vụ. Ví dụ: Hệ thống lắp sau bể sinh học, kèm đào tạo vận hành."), rows=1,
    )  # fmt: skip
    application = long_text(
        "application", _l("Dùng ở đâu, công suất, điều kiện chỗ đặt. Ví dụ: Nhà máy tại Tây Ninh, 300 m³/ngày, còn 60 m² cạnh bể lắng."), rows=1,
    )  # fmt: skip
    constraints = long_text(
        "constraints", _l("Diện tích, điện, nhân lực, tiêu chuẩn phải theo, thời điểm được dừng máy."), rows=2
    )
    budget_min_vnd = MoneyField(description=_l("Không bắt buộc."))
    budget_max_vnd = MoneyField(description=_l("Không bắt buộc, nhưng giúp bên chào đưa đúng phương án."))
    trl_min = trl_field(_l("Cần dùng ngay thì chọn 7 trở lên; sẵn sàng cùng thử nghiệm thì chọn thấp hơn."))
    wanted_right = code_field()
    wanted_forms = MultiCheckboxField(description=_l("Chưa rõ thì để trống."))
    deadline_on = DayField(description=_l("Ngày/tháng/năm. Qua ngày này tin được ghi là hết hạn."))
    anonymous = BooleanField(
        description=_l(
            "Người xem chỉ thấy “Tổ chức ẩn danh”; cán bộ sàn vẫn biết. Hiện tên thường nhận được nhiều lời chào hơn."
        ),
    )
