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
from techmart.search.query import run_query
from techmart.search.service import current_engine, sync_lock_path
from techmart.search.sync import sync_index
from techmart.web.relax import MOST_TRIED
from tests import factories as make
from tests.conftest import Clock

Login = Callable[..., FlaskClient]


def index() -> None:
    """Bring the index up to date."""
    sync_index(current_engine(), sync_lock_path())


class TestSavedSearches:
    def test_the_search_outlives_the_login(self, app: Flask, client: FlaskClient) -> None:
        make.user(email="moi@vidu.example", password="bốn con cò đậu trên cành mềm")
        page = client.get("/search?q=nước thải&kind=offer&trl=7&page=1").text
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
        pairs = [["q", "máy sấy"], ["kind", "offer"], ["sort", "price"]]
        kept = make.saved_search(person, parameters=pairs, name="Máy <b>sấy</b>")
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
        assert (
            browser.get(f"/workspace/searches/{kept.id}").status_code == 302
        )  # as from a mail: reading writes nothing
        assert "1 mới" in browser.get("/workspace/searches").text
        answer = browser.post(f"/workspace/searches/{kept.id}")
        assert parse_qs(urlsplit(answer.location).query) == {
            "q": ["máy sấy"], "kind": ["offer"], "sort": ["newest"],
        }  # fmt: skip
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


class TestCompare:
    def test_rows_and_differences(self, app: Flask, client: FlaskClient) -> None:
        first = make.offer(title="Máy <b>một</b>", trl=6)
        second = make.offer(title="Máy hai", trl=8)
        page = client.get(f"/compare?code={first.code}&code={second.code.lower().replace('-', ' ')}").text
        assert "So sánh 2 tin" in page
        assert "Máy &lt;b&gt;một&lt;/b&gt;" in page
        found = re.findall(r'<tr( class="differs")?><th scope="row">([^<]*) <', page)
        rows = {name: bool(mark) for mark, name in found}
        assert rows["Mức sẵn sàng công nghệ (TRL)"] is True
        assert rows["Loại tin"] is False
        assert page.count('<span class="mark">khác nhau</span>') == sum(rows.values())
        only = client.get(f"/compare?code={first.code}&code={second.code}&only=differences").text
        assert 'class="same"' not in only
        assert f'href="/compare?code={second.code}&amp;only=differences"' in only

    def test_kinds_side_by_side(self, app: Flask, client: FlaskClient) -> None:
        listings = [make.offer(), make.patent(), make.demand()]
        page = client.get("/compare?" + "&".join(f"code={row.code}" for row in listings)).text
        assert "từ TRL 7" in page
        assert page.count('scope="row">Quyền được chuyển giao') == 1
        assert "Quyền muốn nhận" not in page

    def test_at_most_four_each_once(self, app: Flask, client: FlaskClient) -> None:
        codes = [make.offer().code for _ in range(5)]
        page = client.get("/compare?" + "&".join(f"code={code}" for code in (codes[0], *codes))).text
        assert "So sánh 4 tin" in page
        assert "các tin sau bị bỏ qua" in page
        assert codes[4] not in page[page.index("<main") :]

    def test_hidden_and_strange_codes(self, app: Flask, client: FlaskClient, login: Login) -> None:
        person = make.user()
        own = make.offer(make.organisation(person), "draft", title="Bản nháp của tôi")
        page = client.get("/compare", query_string=[("code", own.code), ("code", "<i>x"), ("code", "x" * 900)]).text
        assert "Không có tin công khai nào mang mã" in page
        assert "Bản nháp của tôi" not in page
        assert "&lt;i&gt;x" in page
        assert "Bản nháp của tôi" in login(person).get(f"/compare?code={own.code}").text

    def test_anonymous_owner(self, app: Flask, client: FlaskClient) -> None:
        demand = make.demand(make.organisation(name_vi="Công ty Giấu Tên"), anonymous=True)
        assert "Giấu Tên" not in client.get(f"/compare?code={demand.code}&code={make.demand().code}").text

    def test_cards_offer_it_without_scripts(self, app: Flask, client: FlaskClient) -> None:
        listing = make.offer()
        index()
        page = client.get("/search?kind=offer").text
        assert f'<input type="checkbox" name="code" value="{listing.code}" form="compare">' in page
        assert 'id="compare" method="get" action="/compare"' in page
        assert 'id="compare"' not in client.get("/search?q=khôngcógìcả&kind=patent").text


def test_the_language_of_the_page_is_no_filter(app: Flask, client: FlaskClient) -> None:
    listing = make.offer()
    index()
    assert listing.code in client.get("/search?kind=offer&lang=en").text
    assert listing.code not in client.get("/search?kind=offer&language=en&lang=vi").text
    assert listing.code in client.get("/search?kind=offer&language=vi").text


class TestNothingFound:
    def offered(self, page: str) -> list[str]:
        link = r'<li><a class="btn btn-primary btn-sm" href="[^"]*" rel="nofollow">(?:<svg[^>]*><use[^>]*></use></svg>)?([^<]*)</a>'
        found = re.findall(link, page)
        return [" ".join(text.split()) for text in found]

    def test_conditions_to_give_up_with_their_counts(self, app: Flask, client: FlaskClient) -> None:
        for number in range(3):
            make.offer(title=f"Máy đo độ mặn {number}", trl=7)
        make.offer(title="Máy đo độ mặn cũ", trl=4)
        index()
        page = client.get("/search?q=máy đo độ mặn&kind=offer&trl=7&province=01&price_to=1").text
        assert "Không thấy tin nào hợp" in page
        assert len(self.offered(page)) == 1
        page = client.get("/search?q=máy đo độ mặn&kind=offer&trl=9").text
        assert "Bỏ “TRL 9” (4)" in self.offered(page)
        link = re.search(r'href="([^"]*)" rel="nofollow">(?:<svg[^>]*><use[^>]*></use></svg>)?Bỏ “TRL 9”', page)
        assert link is not None
        assert "4 kết quả" in client.get(link[1].replace("&amp;", "&")).text

    def test_what_was_read_into_the_words(self, app: Flask, client: FlaskClient) -> None:
        make.offer(title="Máy đo độ mặn", trl=4)
        index()
        page = client.get("/search?q=máy đo độ mặn TRL 8%2B&kind=offer").text
        assert "Bỏ “TRL từ 8” (1)" in self.offered(page)

    def test_few_questions_and_none_when_something_was_found(
        self, app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked: list[object] = []

        def counted(*args: object, **options: object) -> object:
            asked.append(args)
            return run_query(*args, **options)  # type: ignore[arg-type]

        monkeypatch.setattr("techmart.web.relax.run_query", counted)
        make.offer()
        index()
        client.get("/search?kind=offer")
        assert asked == []
        many = "&".join(f"{name}={code}" for name, code in (
            ("kind", "demand"), ("sector", "agriculture"), ("trl", "1"), ("province", "01"), ("verified", "yes"),
            ("has_attachment", "yes"), ("ipc_section", "H"), ("language", "en"), ("price_to", "1"),
        ))  # fmt: skip
        client.get(f"/search?q=màng lọc&{many}")
        assert len(asked) == MOST_TRIED

    def test_the_words_become_the_title_of_a_demand(self, app: Flask, client: FlaskClient, login: Login) -> None:
        page = client.get("/search", query_string={"q": "zzniken <b>"}).text
        link = re.search(r'href="(/demands/new[^"]*)"', page)
        assert link is not None
        person = make.user()
        make.organisation(person)
        browser = login(person)
        assert ">zzniken &lt;b&gt;</textarea>" in re.sub(r">\s+", ">", browser.get(link[1].replace("&amp;", "&")).text)
        strange = browser.get(
            "/demands/new", query_string={"title": "a\x00b\u202e\n" + "x" * 500, "organisation_id": "1"}
        )
        assert strange.status_code == 200
        assert re.search(r'id="title"[^>]*>\s*ab x+</textarea>', strange.text)
