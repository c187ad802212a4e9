"""The table of figures in the form of an offer: rows of five short texts, without script."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import ValidationError
from wtforms.fields.core import Field
from wtforms.utils import unset_value

from techmart.operations.listing_content import FIGURE_COLUMNS, FIGURE_LIMIT, LIMITS
from techmart.rules.text import clean

#: Rows shown at first; a listing with more has as many as it needs and one more.
ROWS = 8


class FiguresField(Field):
    """Data is a list of {column: text} without the empty rows. Inputs are named `figures-0-name`, `figures-0-value`, …"""

    data: list[dict[str, str]]

    column_names = {
        "name": _l("Chỉ tiêu"), "value": _l("Công nghệ này"), "unit": _l("Đơn vị"),
        "current_practice": _l("Cách làm hiện nay"), "condition": _l("Điều kiện đo"),
    }  # fmt: skip

    def process(
        self, formdata: Any, data: Any = unset_value, extra_filters: Any = None
    ) -> None:  # Any: WTForms' shapes
        super().process(None, data, extra_filters)
        self.data = list(self.data or ())
        if formdata is not None and f"{self.name}-0-name" in formdata:
            rows = [
                {column: self._typed(formdata, row, column) for column in FIGURE_COLUMNS}
                for row in range(LIMITS["figures"])
            ]
            self.data = [row for row in rows if any(row.values())]

    def pre_validate(self, form: Any) -> None:  # Any: WTForms' signature
        if any(len(text) > FIGURE_LIMIT for row in self.data for text in row.values()):
            raise ValidationError(_("Mỗi ô không quá %(count)s ký tự.", count=FIGURE_LIMIT))

    @property
    def rows(self) -> list[list[tuple[str, str, str]]]:
        """What the page shows: for each row the (input name, column, text) of its cells, empty rows included."""
        count = min(LIMITS["figures"], max(ROWS, len(self.data) + 1))
        filled: list[dict[str, str]] = [*self.data, *[{} for _row in range(count)]][:count]
        return [
            [(f"{self.name}-{number}-{column}", column, str(row.get(column, ""))) for column in FIGURE_COLUMNS]
            for number, row in enumerate(filled)
        ]

    def _typed(self, formdata: Any, row: int, column: str) -> str:  # Any: as above
        return clean(formdata.get(f"{self.name}-{row}-{column}", ""), keep_lines=False)
