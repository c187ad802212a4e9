"""The style guide: every macro of templates/macros in every state it can take. Public, not for search engines."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, PasswordField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from config import ROOT
from techmart.models.listing import Demand, Listing, Offer, Patent
from techmart.models.organisation import Organisation
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


def _listings() -> list[Listing]:
    """Rows as a list shows them. Made for the page, never stored."""
    owner, today = Organisation(name_vi="Viện Kỹ thuật Minh hoạ", name_en="Illustrative Institute"), local_today()
    rows: list[Listing] = [
        Offer(code="CN-0000-0001", title="Công nghệ có khoảng giá và mức sẵn sàng", trl=7, price_mode="range",
              title_en="A technology with a price range", price_min_vnd=450_000_000, price_max_vnd=1_200_000_000),
        Offer(code="CN-0000-0002", title="Công nghệ giá thoả thuận, chưa khai mức sẵn sàng", price_mode="negotiable"),
        Patent(code="SC-0000-0001", title="Sáng chế chưa nêu giá, tên dài để thấy chữ xuống dòng trên màn hình hẹp"),
        Demand(code="NC-0000-0001", title="Nhu cầu ẩn danh còn nhiều ngày", anonymous=True,
               budget_max_vnd=2_000_000_000, deadline_on=today + timedelta(days=60)),
        Demand(code="NC-0000-0002", title="Nhu cầu sắp hết hạn", deadline_on=today + timedelta(days=5)),
        Demand(code="NC-0000-0003", title="Nhu cầu đã hết hạn", deadline_on=today - timedelta(days=5)),
    ]  # fmt: skip
    for row in rows:
        row.organisation, row.lang, row.province_code = owner, "vi", "79"
    return rows


def _wrong_form() -> ExampleForm:
    """The same form with a message at every field and one about the whole."""
    form = ExampleForm(prefix="loi-")
    for item in form:
        item.errors = [f"Chưa đúng ở mục {item.label.text}."]
    form.form_errors.append("Người khác vừa lưu; nội dung bạn gõ vẫn ở đây.")
    return form
