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
        "patent": make.patent(grant_number="1-0045678", ipc=["A61K 9/20"]),
    }
    named = {name: row.key for name, row in things.items()} | {"code": things["cousin"].code}
    sync_index(current_engine(), sync_lock_path())
    return named


def found(text: str) -> list[str]:
    hits = run_query(current_engine(), None, Query(text)).result.hits
    return [hit.key for hit in hits if hit.kind != "organisation"]


def test_a_code_finds_its_listing_alone(keys: dict[str, str]):
    assert found(keys["code"]) == [keys["cousin"]]
    assert found(keys["code"].lower()) == [keys["cousin"]]


def test_a_patent_number_finds_its_patent_alone(keys: dict[str, str]):
    assert found("1-0045678") == [keys["patent"]]


def test_an_ipc_symbol_finds_itself_first_and_then_its_relatives(keys: dict[str, str]):
    hits = found("C02F 3/30")
    assert hits[0] == keys["offer"]
    assert set(hits[1:]) == {keys["sister"], keys["cousin"]}


def test_a_place_alone_finds_what_lies_there(keys: dict[str, str]):
    assert found("tại Hà Nội") == [keys["cousin"]]
