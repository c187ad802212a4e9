"""Words for refusals: problem codes of operations become sentences beside their fields."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from flask_wtf import FlaskForm

from techmart.errors import InvalidFields, Throttled, UploadRefused

PROBLEMS: Mapping[str, LazyString] = {
    "already_member": _l("Người này đã là thành viên."),
    "bad_date": _l("Ngày không hợp lệ. Hãy viết ngày/tháng/năm, ví dụ 30/11/2026."),
    "bad_ipc": _l("Ký hiệu IPC không hợp lệ. Ví dụ đúng: C02F 3/30."),
    "bad_money": _l("Không đọc được số tiền. Ví dụ: 1.250.000 hoặc 1,25 tỷ."),
    "bad_tax_code": _l("Mã số thuế không đúng: chữ số kiểm tra không khớp."),
    "bad_url": _l("Địa chỉ web phải bắt đầu bằng http:// hoặc https://."),
    "common": _l("Mật khẩu này quá phổ biến, dễ bị đoán ra."),
    "contains_identity": _l("Mật khẩu không được chứa tên hay thư điện tử của bạn."),
    "last_owner": _l("Tổ chức phải còn ít nhất một người quản lý."),
    "equipment_alone": _l(
        "Máy móc, thiết bị chỉ được chuyển giao kèm một đối tượng công nghệ khác (Luật 07/2017, điều 4)."
    ),
    "no_figure": _l("Cần ít nhất một con số kèm đơn vị."),
    "order": _l("Giá trị sau phải lớn hơn hoặc bằng giá trị trước."),
    "past": _l("Ngày này đã qua."),
    "required": _l("Cần điền mục này."),
    "taken": _l("Giá trị này đã được dùng."),
    "too_many": _l("Đã đủ số lượng cho phép. Hãy xoá bớt rồi thử lại."),
    "too_long": _l("Nội dung dài quá giới hạn."),
    "too_short": _l("Nội dung còn quá ngắn."),
    "unchanged": _l("Bạn chưa sửa mục nào."),
    "unknown_value": _l("Giá trị không có trong danh mục."),
    "wrong_password": _l("Mật khẩu hiện tại không đúng."),
}


def problem_text(code: str) -> str:
    """The sentence for a problem code; an unknown code gives a plain one rather than an error."""
    return str(PROBLEMS.get(code) or _("Giá trị không hợp lệ."))


def put_problems_on(form: FlaskForm, refusal: InvalidFields) -> None:
    """Put each problem beside its field; one without a field goes to the top of the form."""
    for name, codes in refusal.problems.items():
        texts = [problem_text(code) for code in codes]
        if name in form:
            form[name].errors = [*form[name].errors, *texts]
        else:
            form.form_errors.extend(texts)


def wait_text(refusal: Throttled) -> str:
    """How long to wait, in whole minutes."""
    minutes = max(1, round(refusal.retry_after_seconds / 60))
    return str(
        _(
            "Đã thử quá nhiều lần. Hãy thử lại sau %(minutes)s phút, hoặc dùng liên kết đặt lại mật khẩu.",
            minutes=minutes,
        )
    )


_MEGABYTE = 1024 * 1024

UPLOAD_PROBLEMS: Mapping[str, LazyString] = {
    "empty": _l("Tệp rỗng, không có nội dung."),
    "type": _l("Chỉ nhận tệp PDF, DOCX, XLSX, PPTX, JPG, PNG hoặc WEBP, và nội dung phải đúng với đuôi tệp."),
    "structure": _l("Không đọc được tệp này. Hãy mở tệp, lưu lại rồi thử lần nữa."),
    "active_content": _l("Tệp chứa mã lệnh hoặc tệp nhúng. Hãy xuất lại thành bản chỉ để đọc."),
    "archive": _l("Tệp có quá nhiều thành phần hoặc được nén bất thường. Hãy chia nhỏ hoặc xuất sang PDF."),
    "encrypted": _l("Tệp đang được khoá bằng mật khẩu. Hãy bỏ mật khẩu rồi gửi lại."),
    "external": _l("Tài liệu tự nạp dữ liệu từ nơi khác (ảnh, mẫu, bảng liên kết). Hãy nhúng hẳn vào hoặc xuất sang PDF."),
    "macro": _l("Tài liệu chứa macro. Hãy lưu lại thành bản không có macro."),
    "polyglot": _l("Tệp chứa thêm nội dung thuộc loại khác. Hãy xuất lại tệp từ chương trình gốc."),
    "too_complex": _l("Tệp quá phức tạp để kiểm tra. Hãy chia nhỏ hoặc xuất lại tệp."),
}  # fmt: skip


def upload_text(refusal: UploadRefused) -> str:
    """Why a file was not stored, and what its sender can do about it."""
    limit = refusal.limit or 0
    if refusal.reason == "too_large":
        return str(_("Tệp quá lớn. Mỗi tệp tối đa %(limit)s MB.", limit=limit // _MEGABYTE))
    if refusal.reason == "count":
        return str(_("Mỗi tin có tối đa %(limit)s tệp. Hãy gỡ bớt một tệp trước.", limit=limit))
    if refusal.reason == "quota":
        megabytes = limit // _MEGABYTE
        return str(_("Tổ chức đã dùng hết %(limit)s MB dành cho tệp đính kèm. Hãy gỡ bớt tệp cũ.", limit=megabytes))
    if refusal.detail == "pixels":
        return str(_("Ảnh quá lớn. Ảnh tối đa %(limit)s triệu điểm ảnh.", limit=limit // 1_000_000))
    text = UPLOAD_PROBLEMS.get(refusal.detail or "") or UPLOAD_PROBLEMS.get(refusal.reason)
    return str(text or UPLOAD_PROBLEMS["structure"])
