"""A demand as it is being typed: a row that is compared and never stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from techmart.errors import InvalidFields
from techmart.models.listing import Demand
from techmart.operations.listing_content import checked
from techmart.rules.clock import utc_now

_LISTS = ("sectors", "ipc", "keywords", "wanted_forms")
_TEXTS = ("title", "summary", "title_en", "summary_en", "problem", "material", "method", "excluded_methods",
          "efficacy_target", "product", "application", "constraints")  # fmt: skip
_NOTHING_YET = ("province_code", "budget_min_vnd", "budget_max_vnd", "trl_min", "wanted_right", "deadline_on")


def unsaved_demand(content: Mapping[str, Any], *, organisation_id: int) -> Demand:  # Any: see Content
    """A Demand outside the session with what of the content can be stored; the rest is as good as not typed yet."""
    values: dict[str, Any] = dict(content)  # Any: as above
    try:
        values = checked("demand", values)
    except InvalidFields as refusal:
        values = checked("demand", {name: value for name, value in values.items() if name not in refusal.problems})
    blank: dict[str, Any] = {
        **{name: [] for name in _LISTS}, **dict.fromkeys(_TEXTS, ""), **dict.fromkeys(_NOTHING_YET), "lang": "vi",
    }  # Any: as above  # fmt: skip
    return Demand(kind="demand", organisation_id=organisation_id, created_at=utc_now(), **{**blank, **values})
