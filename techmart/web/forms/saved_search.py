"""The form of a saved search."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField
from wtforms.validators import DataRequired, Length

from techmart.models.organisation import Organisation
from techmart.operations.saved_search import MAXIMUM_NAME
from techmart.web.forms_base import BaseForm


class SavedSearchForm(BaseForm):
    name = StringField(_l("Tên dễ nhớ"), validators=[DataRequired(), Length(max=MAXIMUM_NAME)])
    notify = SelectField(
        _l("Gửi tin mới qua thư điện tử"),
        choices=[
            ("none", _l("Không gửi, tôi tự vào xem")),
            ("daily", _l("7 giờ sáng mỗi ngày có tin mới")),
            ("weekly", _l("7 giờ sáng thứ Hai, khi có tin mới")),
        ],
    )
    organisation_id = SelectField(
        _l("Dùng để gợi ý công nghệ cho doanh nghiệp"),
        description=_l(
            "Nếu bạn cho phép, điều bạn tìm góp vào gợi ý của doanh nghiệp và đồng nghiệp có thể thấy các từ này trong lý do gợi ý. "
            "Người ngoài doanh nghiệp không thấy. Đổi lại được bất cứ lúc nào."
        ),
        coerce=lambda value: int(value) if value and str(value).isdigit() else None,
        choices=[],
    )

    def offer_organisations(self, companies: Iterable[Organisation]) -> None:
        """Let it be used for one of these, for none unless chosen; no question where there are none."""
        choices = [(company.id, company.name_vi) for company in companies]
        if not choices:
            del self.organisation_id
            return
        self.organisation_id.choices = [("", _("Không dùng")), *choices]
        if not self.is_submitted() and self.organisation_id.data not in dict(choices):  # a company he left
            self.organisation_id.data = None

    @property
    def chosen_organisation(self) -> int | None:
        """The number of the organisation whose suggestions the search may be used for."""
        field = self._fields.get("organisation_id")
        return field.data if field is not None else None
