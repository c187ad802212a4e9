"""Numbers in addresses."""

from __future__ import annotations

from flask import Flask
from werkzeug.routing import IntegerConverter, Map


class RowIdConverter(IntegerConverter):
    """`<int:…>` as far as a row number goes: a larger one would be an error of the database; so it is no such page."""

    regex = r"\d{1,10}"

    def __init__(
        self,
        map: Map,  # noqa: A002  # the names of the base class
        fixed_digits: int = 0,
        min: int | None = None,  # noqa: A002
        max: int | None = None,  # noqa: A002
        signed: bool = False,
    ) -> None:
        super().__init__(map, fixed_digits, min, 2**31 - 1 if max is None else max, signed)


def init_app(app: Flask) -> None:
    """Replace the converter before any route is added."""
    app.url_map.converters["int"] = RowIdConverter
