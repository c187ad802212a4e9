"""The SQL face of visibility: the same tokens as `rules.reader`, as a WHERE clause."""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_

from techmart.models.listing import Listing
from techmart.rules.reader import STAFF_SUFFIX, Reader


def visible_to(reader: Reader) -> ColumnElement[bool]:
    """The condition on `Listing` that holds exactly where `reader.sees(listing.audience)`."""
    condition = Listing.audience.in_(sorted(reader.tokens))
    return or_(condition, Listing.audience.endswith(STAFF_SUFFIX, autoescape=True)) if reader.is_staff else condition
