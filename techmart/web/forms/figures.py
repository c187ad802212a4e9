"""The table of figures in the form of an offer: a few rows of five short texts, without script."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import ValidationError
from wtforms.fields.core import Field
from wtforms.utils import unset_value

from techmart.rules.text import clean

COLUMNS = ("name", "value", "unit", "current_practice", "condition")
ROWS = 8
MAXIMUM_LENGTH = 200


class FiguresField(Field):
    """Data is a list of {column: text} without the empty rows. Inputs are named `figures-0-name` … `figures-7-condition`."""

    column_names = {
        "name": _l("Chỉ tiêu"), "value": _l("Công nghệ này"), "unit": _l("Đơn vị"),
        "current_practice": _l("Cách làm hiện nay"), "condition": _l("Điều kiện đo"),
    }  # fmt: skip
    column_examples = {
        "name": _l("Diện tích cho 200 m³/ngày"), "value": "84", "unit": "m²",
        "current_practice": "140", "condition": _l("Nước thải sinh hoạt, 6 tháng"),
    }  # fmt: skip

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:  # Any: WTForms' shapes
        super().process(None, data, extra_filters)
        self.data = list(self.data or ())
        if formdata is not None and any(f"{self.name}-{row}-name" in formdata for row in range(ROWS)):
            self.raw_data = []
            rows = [{column: self._typed(formdata, row, column) for column in COLUMNS} for row in range(ROWS)]
            self.data = [row for row in rows if any(row.values())]

    def pre_validate(self, form: Any) -> None:  # Any: WTForms' signature
        if any(not row["name"] or not row["value"] for row in self.data):
            raise ValidationError(_("Mỗi dòng cần ít nhất tên chỉ tiêu và giá trị của công nghệ này."))
        if any(len(text) > MAXIMUM_LENGTH for row in self.data for text in row.values()):
            raise ValidationError(_("Mỗi ô không quá %(count)s ký tự.", count=MAXIMUM_LENGTH))

    @property
    def rows(self) -> list[list[tuple[str, str, str]]]:
        """What the page shows: for each row the (input name, column, text) of its cells, empty rows included."""
        filled = [*self.data, *[{} for _row in range(ROWS)]][:ROWS]
        return [
            [(f"{self.name}-{number}-{column}", column, str(row.get(column, ""))) for column in COLUMNS]
            for number, row in enumerate(filled)
        ]

    def _typed(self, formdata: Any, row: int, column: str) -> str:  # Any: as above
        return clean(formdata.get(f"{self.name}-{row}-{column}", ""), keep_lines=False)
