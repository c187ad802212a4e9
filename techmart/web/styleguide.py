"""The style guide: every macro of templates/macros in every state it can take. Public, not for search engines."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, PasswordField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from config import ROOT
from techmart.rules.clock import local_today
from techmart.rules.lifecycle import ListingState, RevisionState
from techmart.web.forms_base import BaseForm, DayField, MoneyField, MultiCheckboxField, TagsField
from techmart.web.guards import public

bp = Blueprint("styleguide", __name__)

_CHOICES = [("a", "Môi trường"), ("b", "Nông nghiệp công nghệ cao"), ("c", "Năng lượng")]


class ExampleForm(BaseForm):
    """A field of each sort."""

    class Meta(BaseForm.Meta):
        csrf = False  # nothing is sent

    text = StringField("Một dòng chữ", validators=[DataRequired()], description="Lời giải thích đứng trên ô nhập.")
    secret = PasswordField("Mật khẩu")
    long = TextAreaField("Đoạn văn", validators=[Length(max=500)], description="Ô này cho biết còn bao nhiêu ký tự.")
    short = TextAreaField("Câu trả lời ngắn", description="Cao một dòng, lớn dần theo chữ.")
    choice = SelectField("Chọn một", choices=_CHOICES)
    money = MoneyField("Số tiền", description="Gõ số hoặc chữ: 1.250.000 hoặc “1,25 tỷ”.")
    day = DayField("Ngày")
    tags = TagsField("Từ khoá", description="Cách nhau bằng dấu chấm phẩy.")
    one = RadioField("Một trong vài lựa chọn", choices=_CHOICES, default="a")
    many = MultiCheckboxField("Nhiều lựa chọn", choices=_CHOICES, description="Chọn từ một đến ba mục.")
    agreed = BooleanField("Đồng ý", description="Có thể rút lại bất cứ lúc nào.")


@dataclass(frozen=True)
class _Owner:
    name_vi: str = "Viện Kỹ thuật Minh hoạ"
    name_en: str = "Illustrative Institute of Engineering"


@dataclass(frozen=True)
class _Listing:
    """As much of a listing as its row in a list shows."""

    kind: str
    code: str
    title: str
    province_code: str = "79"
    trl: int | None = None
    anonymous: bool = False
    deadline_on: date | None = None
    price_mode: str | None = None
    price_min_vnd: int | None = None
    price_max_vnd: int | None = None
    budget_max_vnd: int | None = None
    organisation: _Owner = field(default_factory=_Owner)


@bp.get("/styleguide")
@public
def index() -> ResponseReturnValue:
    """Components without a site around them: to look at when something is changed, and for the browser tests."""
    names = (ROOT / "tools/icons.txt").read_text(encoding="utf-8").split()
    return render_template(
        "styleguide.html",
        icons=sorted(names),
        states=list(
            dict.fromkeys([*(state.value for state in ListingState), *(state.value for state in RevisionState)])
        ),
        listings=_listings(),
        form=ExampleForm(prefix="day-du-"),
        wrong=_wrong_form(),
    )


def _listings() -> list[_Listing]:
    today = local_today()
    return [
        _Listing("offer", "CN-0000-0001", "Công nghệ có khoảng giá và mức sẵn sàng", trl=7, price_mode="range",
                 price_min_vnd=450_000_000, price_max_vnd=1_200_000_000),
        _Listing("offer", "CN-0000-0002", "Công nghệ giá thoả thuận, chưa khai mức sẵn sàng", price_mode="negotiable"),
        _Listing("patent", "SC-0000-0001", "Sáng chế chưa nêu giá, tên dài để thấy chữ xuống dòng trên màn hình hẹp"),
        _Listing("demand", "NC-0000-0001", "Nhu cầu ẩn danh còn nhiều ngày", anonymous=True,
                 budget_max_vnd=2_000_000_000, deadline_on=today + timedelta(days=60)),
        _Listing("demand", "NC-0000-0002", "Nhu cầu sắp hết hạn", deadline_on=today + timedelta(days=5)),
        _Listing("demand", "NC-0000-0003", "Nhu cầu đã hết hạn", deadline_on=today - timedelta(days=5)),
    ]  # fmt: skip


def _wrong_form() -> ExampleForm:
    """The same form with a message at every field and one about the whole."""
    form = ExampleForm(prefix="loi-")
    for item in form:
        item.errors = [f"Chưa đúng ở mục {item.label.text}."]
    form.form_errors.append("Người khác vừa lưu; nội dung bạn gõ vẫn ở đây.")
    return form
