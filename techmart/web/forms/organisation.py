"""Forms of organisation pages."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    EmailField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Email, Length, NumberRange, Optional

from techmart.rules.policy import MemberRole
from techmart.web.choices import organisation_kind_choices, province_choices, sector_choices
from techmart.web.forms_base import BaseForm, MultiCheckboxField


class OrganisationForm(BaseForm):
    """Everything an owner says about the organisation."""

    version = HiddenField()
    kind = RadioField(_l("Loại tổ chức"), validators=[DataRequired()])
    name_vi = StringField(
        _l("Tên tiếng Việt"), validators=[DataRequired(), Length(max=200)], render_kw={"autocomplete": "organization"}
    )
    name_en = StringField(_l("Tên tiếng Anh"), validators=[Length(max=200)])
    id_type = SelectField(
        _l("Loại mã số"),
        choices=[
            ("mst", _l("Mã số thuế (10 hoặc 13 chữ số)")),
            ("personal", _l("Số định danh cá nhân (hộ kinh doanh, 12 chữ số)")),
            ("foreign", _l("Mã số nước ngoài")),
            ("none", _l("Chưa có")),
        ],
        default="mst",
    )
    tax_code = StringField(
        _l("Mã số"),
        validators=[Length(max=20)],
        description=_l("Dùng để cán bộ sàn đối chiếu khi thẩm định."),
        render_kw={"inputmode": "text"},
    )
    sectors = MultiCheckboxField(_l("Lĩnh vực"))
    province_code = SelectField(_l("Tỉnh, thành phố"), validators=[Optional()])
    address = StringField(_l("Địa chỉ"), validators=[Length(max=300)], render_kw={"autocomplete": "street-address"})
    website = StringField(_l("Trang web"), validators=[Length(max=300)], render_kw={"inputmode": "url"})
    founded_year = IntegerField(_l("Năm thành lập"), validators=[Optional(), NumberRange(min=1800, max=2100)])
    capability = TextAreaField(
        _l("Hồ sơ năng lực"),
        validators=[Length(max=6000)],
        description=_l(
            "Sản phẩm, dây chuyền, phòng thí nghiệm, đội ngũ, vùng nguyên liệu… Phần này được dùng để gợi ý công nghệ phù hợp."
        ),
        render_kw={"rows": 8},
    )
    is_suggestable = BooleanField(
        _l("Đồng ý để sàn gợi ý tổ chức này cho bên có công nghệ phù hợp"),
        description=_l("Có thể rút lại bất cứ lúc nào. Không chọn thì tổ chức không xuất hiện trong gợi ý."),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = organisation_kind_choices()
        self.province_code.choices = [("", _l("Chưa chọn")), *province_choices()]
        self.sectors.choices = sector_choices()


class InviteForm(BaseForm):
    email = EmailField(_l("Thư điện tử"), validators=[DataRequired(), Email(), Length(max=254)])
    role = SelectField(
        _l("Vai trò"),
        choices=[
            (MemberRole.EDITOR.value, _l("Biên tập: soạn và gửi tin")),
            (MemberRole.VIEWER.value, _l("Xem: chỉ đọc")),
            (MemberRole.OWNER.value, _l("Quản lý: mọi quyền, kể cả thành viên")),
        ],
    )


class VerifyForm(BaseForm):
    evidence = StringField(
        _l("Căn cứ thẩm định"),
        validators=[DataRequired(), Length(max=500)],
        description=_l("Giấy tờ đã xem, số, ngày. Ví dụ: Giấy chứng nhận đăng ký doanh nghiệp số …, cấp ngày …"),
    )


class RevokeForm(BaseForm):
    reason = StringField(_l("Lý do thu hồi"), validators=[DataRequired(), Length(max=500)])
