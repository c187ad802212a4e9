"""What a results page helps with beyond finding: saving, comparing, exporting, relaxing, printing."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from techmart.db import db
from techmart.models.saved_search import SavedSearch
from techmart.search.service import current_engine, sync_lock_path
from techmart.search.sync import sync_index
from tests import factories as make
from tests.conftest import Clock

Login = Callable[..., FlaskClient]


def index() -> None:
    """Bring the index up to date."""
    sync_index(current_engine(), sync_lock_path())


class TestSavedSearches:
    def test_the_search_outlives_the_login(self, app: Flask, client: FlaskClient) -> None:
        make.user(email="moi@vidu.example", password="bốn con cò đậu trên cành mềm")
        page = client.get("/search?q=nước thải&kind=offer&trl=7&page=2").text
        href = re.search(r'href="(/workspace/searches/new[^"]*)"', page)
        assert href is not None
        asked = client.get(href[1].replace("&amp;", "&"))
        assert asked.location.startswith("/accounts/login?next=")
        form = {"email": "moi@vidu.example", "password": "bốn con cò đậu trên cành mềm"}
        back = client.post(asked.location, data=form).location
        assert parse_qs(urlsplit(back).query) == {"q": ["nước thải"], "kind": ["offer"], "trl": ["7"]}
        page = client.get(back).text
        assert 'value="nước thải, Công nghệ chào bán, TRL 7"' in page
        client.post(back, data={"name": "Nước thải", "notify": "weekly"})
        row = db.session.query(SavedSearch).one()
        assert row.parameters == [["q", "nước thải"], ["kind", "offer"], ["trl", "7"]]

    def test_counts_and_looking(self, app: Flask, login: Login, clock: Clock) -> None:
        person = make.user()
        kept = make.saved_search(person, parameters=[["q", "máy sấy"], ["sort", "price"]], name="Máy <b>sấy</b>")
        clock.advance(minutes=1)
        make.offer(title="Máy sấy bơm nhiệt cho xoài")
        make.offer(state="draft", title="Máy sấy còn nháp")
        index()
        browser = login(person)
        for address in ("/workspace", "/workspace/searches"):
            page = browser.get(address).text
            assert "Máy &lt;b&gt;sấy&lt;/b&gt;" in page
            assert "1 mới" in page
        clock.advance(minutes=1)
        answer = browser.get(f"/workspace/searches/{kept.id}")
        assert parse_qs(urlsplit(answer.location).query) == {"q": ["máy sấy"], "sort": ["newest"]}
        assert "không có tin mới" in browser.get("/workspace/searches").text

    def test_refusals_stand_beside_their_field(self, app: Flask, login: Login) -> None:
        person = make.user()
        kept, other = make.saved_search(person), make.saved_search(person, parameters=[["q", "khác"]])
        browser = login(person)
        fields = {f"s{kept.id}-name": "x" * 200, f"s{kept.id}-notify": "hourly"}
        answer = browser.post(f"/workspace/searches/{kept.id}/edit", data=fields)
        assert answer.status_code == 422
        assert "x" * 200 in answer.text
        assert answer.text.count('aria-invalid="true"') == 2
        assert f'name="s{other.id}-name"' in answer.text
        answer = browser.post("/workspace/searches/new?q=a", data={"name": "", "notify": "daily"})
        assert answer.status_code == 422
        assert '<option selected value="daily">' in answer.text

    def test_a_full_list_says_so(self, app: Flask, login: Login, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("techmart.operations.saved_search.MAXIMUM_SEARCHES", 1)
        person = make.user()
        make.saved_search(person)
        answer = login(person).post("/workspace/searches/new?q=khác", data={"name": "Khác", "notify": "none"})
        assert answer.status_code == 422
        assert "Đã đủ số lượng cho phép" in answer.text

    def test_change_and_delete(self, app: Flask, login: Login) -> None:
        person = make.user()
        kept = make.saved_search(person)
        browser, number = login(person), kept.id
        fields = {f"s{number}-name": "Tên mới", f"s{number}-notify": "daily"}
        assert browser.post(f"/workspace/searches/{number}/edit", data=fields).status_code == 302
        assert "Tên mới" in browser.get("/workspace/searches").text
        browser.post(f"/workspace/searches/{number}/delete")
        assert "Chưa có tìm kiếm nào được lưu" in browser.get("/workspace/searches").text
