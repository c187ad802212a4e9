"""The form of a saved search."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField
from wtforms.validators import DataRequired, Length

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
