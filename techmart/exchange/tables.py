"""Writing tables that people open in a spreadsheet: XLSX and CSV in which no text ever becomes a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date
from typing import BinaryIO, Final

import xlsxwriter

from techmart.rules.text import clean

Value = str | int | date | None

FORMATS: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
#: What a spreadsheet takes for the beginning of a formula; the wide forms too, which some programs fold.
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_MOST_CHARACTERS: Final = 32_767  # of a cell in Excel
_WIDEST_COLUMN: Final = 60


def safe_text(text: str) -> str:
    """`text` for a CSV cell: an apostrophe before whatever a spreadsheet would calculate."""
    # Looked at before cleaning: a tab or line end in front is one of the tricks.
    is_formula = text.startswith(_FORMULA_STARTS) or text.lstrip().startswith(_FORMULA_STARTS)
    return f"'{clean(text)}" if is_formula else clean(text)


def write_table(file: BinaryIO, kind: str, heads: Sequence[str], rows: Iterable[Sequence[Value]]) -> None:
    """Write a table as `kind` (csv or xlsx). Rows are taken one by one, so that any number fits in memory."""
    if kind == "csv":
        _write_csv(file, heads, rows)
    elif kind == "xlsx":
        _write_xlsx(file, heads, rows)
    else:
        raise ValueError(kind)


def _write_csv(file: BinaryIO, heads: Sequence[str], rows: Iterable[Sequence[Value]]) -> None:
    """RFC 4180 in UTF-8 with a byte order mark, without which Excel reads Vietnamese as gibberish."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow([safe_text(head) for head in heads])
    for row in rows:
        writer.writerow([_csv_value(value) for value in row])
    text.detach()  # the file stays open for whoever opened it


def _csv_value(value: Value) -> str | int:
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, int) else safe_text(value)


def _write_xlsx(file: BinaryIO, heads: Sequence[str], rows: Iterable[Sequence[Value]]) -> None:
    options = {
        "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
    }  # fmt: skip
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        amount = book.add_format({"num_format": "#,##0", "valign": "top"})
        day = book.add_format({"num_format": "dd/mm/yyyy", "valign": "top"})
        sheet.freeze_panes(1, 0)
        for column, head in enumerate(heads):
            sheet.set_column(column, column, min(_WIDEST_COLUMN, max(14, len(head) + 2)))
            sheet.write_string(0, column, clean(head), bold)
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                if isinstance(value, date):
                    sheet.write_datetime(number, column, value, day)
                elif isinstance(value, int):
                    sheet.write_number(number, column, value, amount)
                elif value:
                    sheet.write_string(number, column, clean(value)[:_MOST_CHARACTERS], wrapped)
