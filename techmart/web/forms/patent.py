"""The form of a patent or utility solution."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import SelectField

from techmart.web.forms.listing import ListingForm, Section, code_field, long_text, one_line, trl_field
from techmart.web.forms_base import DayField, MoneyField, MultiCheckboxField


class PatentForm(ListingForm):
    """The data of the gazette (INID codes of WIPO ST.9 in brackets) and the terms of transfer."""

    KIND = "patent"
    CODE_LISTS = {
        "patent_type": "patent_type", "ip_status": "patent_ip_status", "transfer_right": "transfer_right",
        "transfer_forms": "transfer_form", "price_mode": "price_mode",
    }  # fmt: skip
    TRL_FIELDS = ("trl",)
    SECTIONS = (
        Section("gioi-thieu", _l("Giới thiệu"), _l("Phần này hiện trong kết quả tìm kiếm."),
                ("organisation_id", "lang", "title", "summary", "sectors", "keywords", "ipc")),
        Section("so-don", _l("Số đơn, số bằng và ngày"), _l("Chép đúng như trên công báo hoặc văn bằng. Ngày viết ngày/tháng/năm."),
                ("patent_type", "ip_status", "application_number", "filing_on", "publication_number", "publication_on",
                 "grant_number", "grant_on", "maintained_until", "pct_number", "priority")),
        Section("nguoi", _l("Người nộp, tác giả, chủ bằng"), "", ("applicants", "inventors", "owner", "agent")),
        Section("noi-dung", _l("Nội dung"), "", ("abstract", "claims")),
        Section("chuyen-giao", _l("Chuyển giao"), _l("Gõ giá bằng số hoặc chữ đều được: 500000000 hoặc “500 triệu”."),
                ("trl", "transfer_right", "transfer_forms", "price_mode", "price_min_vnd", "price_max_vnd", "origin", "province_code")),
        Section("tieng-anh", _l("Bản tiếng Anh"), "", ("title_en", "summary_en")),
    )  # fmt: skip

    title = one_line("title", _l("Như trên đơn hoặc văn bằng. Ví dụ: Cụm màng lọc tự rửa ngược theo áp suất."))
    summary = long_text(
        "summary", _l("Cho người không chuyên. Ví dụ: Màng lọc tự làm sạch khi áp suất tăng, bớt hai phần ba số lần dừng máy để rửa."), rows=2,
    )  # fmt: skip
    patent_type = SelectField(default="invention")
    ip_status = code_field(_l("Tính đến hôm nay. Cán bộ sàn đối chiếu với cơ sở dữ liệu của Cục Sở hữu trí tuệ."))
    application_number = one_line("application_number", _l("Ví dụ: 1-2023-01234."))
    publication_number = one_line("publication_number", _l("Ví dụ: VN 94321 A."))
    grant_number = one_line("grant_number", _l("Khi đã cấp. Ví dụ: 1-0032145."))
    pct_number = one_line("pct_number", _l("Ví dụ: PCT/VN2023/000012."))
    filing_on = DayField(description=_l("Ví dụ: 03/06/2023."))
    publication_on = DayField()
    grant_on = DayField()
    maintained_until = DayField(description=_l("Theo lần nộp phí duy trì gần nhất."))
    priority = long_text("priority", _l("Số, ngày, nước, mỗi quyền một dòng."), rows=1)
    applicants = long_text("applicants", _l("Mỗi người một dòng, kèm địa chỉ nếu có trên công báo."), rows=2)
    inventors = long_text("inventors", _l("Mỗi người một dòng."), rows=2)
    owner = long_text("owner", _l("Khi khác người nộp đơn hoặc đã chuyển nhượng."), rows=1)
    agent = long_text("agent", _l("Tổ chức đại diện sở hữu công nghiệp, nếu có."), rows=1)
    abstract = long_text("abstract", _l("Bản tóm tắt nguyên văn của đơn."), rows=6)
    claims = long_text(
        "claims", _l("Mỗi điểm một đoạn, đánh số như trong đơn. Giúp so khớp với nhu cầu sát hơn tóm tắt."), rows=6
    )
    trl = trl_field(_l("Không bắt buộc. Mức cao nhất đã có bằng chứng."))
    transfer_right = code_field(_l("Bên nhận được sở hữu hay được sử dụng, và có phải là bên duy nhất."))
    transfer_forms = MultiCheckboxField(description=_l("Chọn mọi hình thức bạn sẵn sàng bàn."))
    price_mode = code_field()
    price_min_vnd = MoneyField()
    price_max_vnd = MoneyField(description=_l("Chỉ khi nêu khoảng giá."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # Any: WTForms' options
        super().__init__(*args, **kwargs)
        self.patent_type.choices = self.patent_type.choices[1:]  # a type is always known
