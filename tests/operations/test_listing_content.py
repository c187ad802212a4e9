"""What may be stored in a listing, in which form."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import inspect

from techmart.errors import InvalidFields
from techmart.models.listing import LISTING_CLASSES
from techmart.operations.listing_content import FIELDS, LIMITS, checked, from_json, to_json
from techmart.rules.completeness import ELEMENTS, REQUIRED

#: Columns that no form sets.
NOT_CONTENT = {
    "id", "code", "kind", "organisation_id", "created_by_id", "state", "audience", "illustrative", "source",
    "source_id", "created_at", "updated_at", "submitted_at", "published_at", "confirmed_at", "confirm_due_on",
    "reviewer_id", "version",
}  # fmt: skip


@pytest.mark.parametrize("kind", FIELDS)
def test_the_fields_are_exactly_the_content_columns(kind: str):
    columns = {column.key for column in inspect(LISTING_CLASSES[kind]).column_attrs}
    assert set(FIELDS[kind]) == columns - NOT_CONTENT
    assert len(FIELDS[kind]) == len(set(FIELDS[kind]))
    assert REQUIRED[kind].keys() <= set(FIELDS[kind])


@pytest.mark.parametrize("kind", FIELDS)
def test_no_limit_is_above_what_its_column_holds(kind: str):
    columns = inspect(LISTING_CLASSES[kind]).columns
    lengths = {name: getattr(columns[name].type, "length", None) for name in FIELDS[kind] if name in LIMITS}
    assert [name for name, length in lengths.items() if length is not None and LIMITS[name] > length] == []


def test_the_elements_of_a_demand_are_fields():
    assert {element.name for element in ELEMENTS} <= set(FIELDS["demand"])


def test_json_and_back():
    content = {"filing_on": date(2021, 3, 15), "grant_on": None, "title": "2021-03-15", "trl": 4, "sectors": ["health"]}
    assert to_json(content)["filing_on"] == "2021-03-15"
    assert from_json(to_json(content)) == content


@pytest.mark.parametrize(
    ("kind", "name", "given", "stored"),
    [
        ("offer", "title", "  Tên\ncó  dòng\u200b mới ", "Tên có dòng mới"),
        ("offer", "problem", "dòng một\r\ndòng hai\x00", "dòng một\ndòng hai"),
        ("offer", "problem", None, ""),
        ("offer", "ipc", ["c02f3/30", "C02F 3/30", " "], ["C02F 3/30"]),
        ("offer", "keywords", ["màng", " màng ", ""], ["màng"]),
        ("offer", "sectors", ["health", "health"], ["health"]),
        ("offer", "province_code", "", None),
        ("offer", "figures", [{"name": "COD", "value": "5", "other": "x"}, {"name": " "}],
         [{"name": "COD", "value": "5", "unit": "", "current_practice": "", "condition": ""}]),
        ("offer", "state_funded", "y", True),
        ("patent", "filing_on", "2021-03-15", date(2021, 3, 15)),
        ("demand", "deadline_on", "", None),
        ("demand", "budget_max_vnd", 0, 0),
    ],
)  # fmt: skip
def test_stored_form(kind: str, name: str, given: Any, stored: Any):
    assert checked(kind, {name: given}) == {name: stored}


@pytest.mark.parametrize(
    ("kind", "content", "problems"),
    [
        ("offer", {"title": "x" * 201, "trl": 10}, {"title": ["too_long"], "trl": ["unknown_value"]}),
        ("offer", {"keywords": ["x" * 61]}, {"keywords": ["too_long"]}),
        ("offer", {"keywords": [str(n) for n in range(13)]}, {"keywords": ["too_long"]}),
        ("offer", {"ipc": ["C02F 3/30", "không phải"]}, {"ipc": ["bad_ipc"]}),
        ("offer", {"lang": ""}, {"lang": ["required"]}),
        ("offer", {"lang": "fr", "origin": "moon"}, {"lang": ["unknown_value"], "origin": ["unknown_value"]}),
        ("offer", {"ip_status": "lapsed"}, {"ip_status": ["unknown_value"]}),  # a patent's
        ("offer", {"objects": ["process", "people"]}, {"objects": ["unknown_value"]}),
        ("offer", {"price_min_vnd": -1}, {"price_min_vnd": ["bad_money"]}),
        ("offer", {"price_mode": "range", "price_min_vnd": 5, "price_max_vnd": 4}, {"price_max_vnd": ["order"]}),
        ("demand", {"budget_min_vnd": 5, "budget_max_vnd": 4}, {"budget_max_vnd": ["order"]}),
        ("demand", {"deadline_on": "31/02/2026"}, {"deadline_on": ["bad_date"]}),
        ("demand", {"budget_max_vnd": 10**18}, {"budget_max_vnd": ["bad_money"]}),
        ("patent", {"filing_on": date(2024, 1, 1), "grant_on": date(2023, 1, 1)}, {"grant_on": ["order"]}),
    ],
)
def test_refused(kind: str, content: dict[str, Any], problems: dict[str, list[str]]):
    with pytest.raises(InvalidFields) as refusal:
        checked(kind, content)
    assert refusal.value.problems == problems


def test_unknown_names_are_left_out_and_absent_ones_stay_absent():
    assert checked("offer", {"state": "published", "code": "CN-1", "audience": "public", "trl": 3}) == {"trl": 3}


@pytest.mark.parametrize("mode", ["confidential", "negotiable"])
def test_a_price_that_is_not_shown_is_not_kept(mode: str):
    values = checked("offer", {"price_mode": mode, "price_min_vnd": 5, "price_max_vnd": 4})
    assert (values["price_min_vnd"], values["price_max_vnd"]) == (None, None)
