"""Looking something up by what it is called in registers: codes, numbers, IPC symbols, places."""

from __future__ import annotations

import pytest
from flask import Flask

from techmart.search.query import Query, run_query
from techmart.search.service import current_engine, sync_lock_path
from techmart.search.sync import sync_index
from tests import factories as make


@pytest.fixture(scope="module")
def keys(module_app: Flask) -> dict[str, str]:
    """Name → key of what is in the index."""
    things = {
        "offer": make.offer(ipc=["C02F 3/30"]),
        "sister": make.offer(ipc=["C02F 3/28"]),
        "cousin": make.offer(ipc=["C02F 1/44"], province_code="01"),
        "patent": make.patent(
            application_number="1-2022-04417", publication_number="VN92030A", grant_number="1-0045678",
            pct_number="PCT/KR2020/014862", ipc=["A61K 9/20"],
        ),
    }  # fmt: skip
    firm = make.organisation(tax_code="0100109106", name_vi="Công ty Mã Số")
    named = {name: row.key for name, row in things.items()} | {"code": things["cousin"].code, "firm": firm.key}
    sync_index(current_engine(), sync_lock_path())
    return named


def found(text: str) -> list[str]:
    hits = run_query(current_engine(), None, Query(text)).result.hits
    return [hit.key for hit in hits if hit.kind != "organisation"]


def test_a_code_finds_its_listing_alone(keys: dict[str, str]):
    assert found(keys["code"]) == [keys["cousin"]]
    assert found(keys["code"].lower()) == [keys["cousin"]]


@pytest.mark.parametrize(
    "typed",
    [
        "1-0045678", "VN 1-0045678", "1-0045678-000", "10045678", "bằng số 1-0045678", "SC 45678",
        "1-2022-04417", "1 2022 04417", "1202204417", "VN 1-2022-04417", "VN1202204417", "Số đơn: 1-2022-04417",
        "VN92030A", "VN 92030 A", "vn92030", "92030A", "PCT/KR2020/014862", "pct/kr2020/14862",
    ],
)  # fmt: skip
def test_a_patent_number_in_any_written_form_finds_its_patent_alone(keys: dict[str, str], typed: str):
    assert found(typed) == [keys["patent"]]


@pytest.mark.parametrize("typed", ["0100109106", "MST 0100109106", "mã số thuế: 0100 109 106"])
def test_a_tax_code_finds_its_organisation(keys: dict[str, str], typed: str):
    hits = run_query(current_engine(), None, Query(typed)).result.hits
    assert [hit.key for hit in hits] == [keys["firm"]]


@pytest.mark.parametrize("typed", ["1-2022-99999", "CN-2026-9999", "1-0099999", "H05B 3/10", "mst 0100109107"])
def test_what_can_only_be_a_number_is_not_looked_for_as_words(keys: dict[str, str], typed: str):
    answer = run_query(current_engine(), None, Query(typed))
    assert answer.result.total == 0
    assert answer.understanding.of("identifier")


def test_a_group_that_nothing_has_finds_its_subclass(keys: dict[str, str]):
    assert set(found("c02f9/99")) == {keys["offer"], keys["sister"], keys["cousin"]}


def test_an_ipc_symbol_finds_itself_first_and_then_its_relatives(keys: dict[str, str]):
    hits = found("C02F 3/30")
    assert hits[0] == keys["offer"]
    assert set(hits[1:]) == {keys["sister"], keys["cousin"]}


def test_a_place_alone_finds_what_lies_there(keys: dict[str, str]):
    assert found("tại Hà Nội") == [keys["cousin"]]
