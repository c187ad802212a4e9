"""Results as files: cells that calculate nothing, everything there, nothing hidden; large ones by the worker."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from werkzeug.test import TestResponse

from techmart import jobs
from techmart.db import db, unit_of_work
from techmart.exchange.export_store import ExportWork
from techmart.exchange.tables import safe_text, write_table
from techmart.models.account import User
from techmart.models.export import ExportJob
from techmart.models.listing import Listing
from techmart.models.outbox import TOPIC_EXPORT, OutboxRow
from techmart.operations import export as exports
from techmart.operations.export import create_export, expire_exports, release_exports
from techmart.rules.audience import PUBLIC_STATES, audience_of
from techmart.rules.lifecycle import ListingState
from techmart.search.service import current_engine, sync_lock_path
from techmart.search.sync import sync_index
from tests import factories as make
from tests.conftest import Clock

Login = Callable[..., FlaskClient]
NASTY = (
    "=1+2",
    "+84 28 3822",
    "-5",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    " =1",
    "\n+1",
    "＝1",
    'a"b,c\nd',
    '=HYPERLINK("http://x")',
)


def index() -> None:
    """Bring the index up to date."""
    sync_index(current_engine(), sync_lock_path())


def csv_rows(response: TestResponse) -> list[dict[str, str]]:
    assert response.status_code == 200
    assert response.data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(response.data.decode("utf-8-sig"), newline="")))


def xlsx_rows(data: bytes) -> list[dict[str, Any]]:
    sheet = load_workbook(io.BytesIO(data)).active
    assert sheet is not None
    heads, *rows = [list(row) for row in sheet.iter_rows()]
    for row in rows:
        assert all(cell.data_type != "f" for cell in row)
    return [{str(head.value): cell.value for head, cell in zip(heads, row, strict=True)} for row in rows]


@pytest.mark.parametrize("text", NASTY)
def test_no_text_becomes_a_formula(text: str) -> None:
    files = {}
    for kind in ("csv", "xlsx"):
        file = io.BytesIO()
        write_table(file, kind, ["Tên"], [[text], ["a\x00\x1bb"], [7], [date(2026, 3, 2)], [None]])
        files[kind] = file.getvalue()
    cells = [row[0] if row else "" for row in csv.reader(io.StringIO(files["csv"].decode("utf-8-sig"), newline=""))]
    assert cells[1] == safe_text(text)
    assert cells[1][0] not in "=+-@\t\r\n ＝"
    assert cells[2:5] == ["ab", "7", "2026-03-02"]
    rows = xlsx_rows(files["xlsx"])
    assert [row["Tên"] for row in rows[:4]] == [text.strip(), "ab", 7, datetime(2026, 3, 2)]


class TestAtOnce:
    def test_both_kinds_hold_the_same(self, app: Flask, client: FlaskClient, clock: Clock) -> None:
        owner = make.organisation(name_vi="Công ty Giấu Tên")
        offer = make.offer(owner, title="=cmd|' /C calc'!A0", trl=7)
        make.demand(owner, anonymous=True)
        make.offer(owner, "draft", title="Bản nháp kín")
        index()
        rows = csv_rows(client.get("/search/export?format=csv&kind=offer&kind=demand"))
        assert len(rows) == 2
        row = next(row for row in rows if row["Mã"] == offer.code)
        assert row["Tên"] == "'=cmd|' /C calc'!A0"
        assert (row["TRL"], row["Giá hoặc ngân sách từ (đồng)"], row["Ngày đăng"]) == ("7", "650000000", "2026-03-02")
        assert row["Địa chỉ"] == f"http://localhost/offers/{offer.code}"
        hidden = next(row for row in rows if row["Mã"] != offer.code)
        assert (hidden["Tổ chức"], hidden["Thẩm định"]) == ("Tổ chức ẩn danh", "")
        answer = client.get("/search/export?format=xlsx&kind=offer&kind=demand")
        assert "techmart-20260302.xlsx" in answer.headers["Content-Disposition"]
        sheet = {row["Mã"]: row for row in xlsx_rows(answer.data)}
        assert sheet[offer.code]["Tên"] == "=cmd|' /C calc'!A0"
        assert sheet[offer.code]["Giá hoặc ngân sách từ (đồng)"] == 650_000_000
        assert sheet[offer.code]["Ngày đăng"] == datetime(2026, 3, 2)
        assert list(rows[0]) == list(sheet[offer.code])

    def test_the_order_and_language_of_the_page(self, app: Flask, client: FlaskClient) -> None:
        codes = [make.offer(title="Máy đo", price_min_vnd=price, price_max_vnd=None).code for price in (9, 3, 6)]
        make.organisation(name_vi="Viện Máy đo", name_en="Institute of Gauges")
        index()
        rows = csv_rows(client.get("/search/export?format=csv&kind=offer&sort=price&page=7"))
        assert [row["Mã"] for row in rows] == [codes[1], codes[2], codes[0]]
        assert "Institute of Gauges" in client.get("/search/export?format=csv&kind=organisation&lang=en").text

    @pytest.mark.parametrize("kind", ["pdf", "../x", ""])
    def test_other_formats(self, kind: str, app: Flask, client: FlaskClient) -> None:
        assert client.get("/search/export", query_string={"format": kind}).status_code == 404

    def test_too_many_lead_to_the_worker(
        self, app: Flask, client: FlaskClient, login: Login, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(exports, "ROWS_AT_ONCE", 1)
        make.offer(), make.offer()
        index()
        answer = client.get("/search/export?format=csv&kind=offer")
        assert answer.location == "/exports/new?kind=offer&format=csv"
        assert client.get(answer.location).location.startswith("/accounts/login?next=")
        browser = login(make.user())
        assert "2 kết quả" in browser.get(answer.location).text
        page = browser.post(answer.location).location
        assert browser.get(page).status_code == 200


class TestByTheWorker:
    def ask(self, person: User, kind: str = "csv", **values: Any) -> int:
        facts = {"parameters": [["kind", "offer"]], "total": 5, "locale": "vi", "file_name": f"techmart.{kind}"}
        with unit_of_work():
            return create_export(make.actor(person), kind=kind, **{**facts, **values}).id

    def test_from_asking_to_fetching(self, app: Flask, login: Login, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(exports, "_BATCH", 2)
        person = make.user()
        codes = {make.offer().code for _ in range(5)}
        index()
        browser = login(person)
        number = self.ask(person)
        page = browser.get(f"/exports/{number}").text
        assert '<progress id="p" value="0" max="5"' in page
        assert f'href="/exports/{number}"' in page
        assert browser.get(f"/exports/{number}/file").status_code == 404
        jobs.export()
        state = browser.get(f"/exports/{number}/state").get_json()
        assert (state["state"], state["done"], state["total"]) == ("done", 5, 5)
        answer = browser.get(f"/exports/{number}/file")
        assert {row["Mã"] for row in csv_rows(answer)} == codes
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Tải techmart.csv" in browser.get(f"/exports/{number}").text
        assert login(make.user()).get(f"/exports/{number}/file").status_code == 404
        assert db.session.query(OutboxRow).filter_by(topic=TOPIC_EXPORT).count() == 0

    def test_xlsx_in_english_with_at_most_the_most(
        self, app: Flask, login: Login, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(exports, "MOST_ROWS", 3)
        person = make.user()
        for _ in range(5):
            make.offer()
        index()
        number = self.ask(person, "xlsx", locale="en")
        jobs.export()
        rows = xlsx_rows(login(person).get(f"/exports/{number}/file").data)
        assert len(rows) == 3

    def test_killed_in_the_middle_it_goes_on(self, app: Flask, login: Login, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(exports, "_BATCH", 2)
        person = make.user()
        codes = {make.offer().code for _ in range(5)}
        index()
        number = self.ask(person)
        add, calls = ExportWork.add, []

        def killed(self: ExportWork, key_count: int, rows: Any) -> None:  # Any: rows
            calls.append(key_count)
            if len(calls) == 2:
                raise KeyboardInterrupt
            add(self, key_count, rows)

        monkeypatch.setattr(ExportWork, "add", killed)
        with pytest.raises(KeyboardInterrupt):
            jobs.export()
        db.session.rollback()
        work = exports._directory() / f"{number}.work"
        with work.open("ab") as file:
            file.write(b'{"of": 2, "rows": [["half a li')
        jobs.export()
        assert db.session.get(ExportJob, number).state == "running"  # type: ignore[union-attr]  # leased still
        release_exports()
        jobs.export()
        assert calls == [2, 2, 2, 1]
        assert {row["Mã"] for row in csv_rows(login(person).get(f"/exports/{number}/file"))} == codes
        assert not work.exists()

    def test_cancelled_before_and_in_the_middle(
        self, app: Flask, login: Login, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(exports, "_BATCH", 1)
        person = make.user()
        make.offer(), make.offer(), make.offer()
        index()
        browser = login(person)
        first, second = self.ask(person), self.ask(person)
        browser.post(f"/exports/{first}/cancel")
        add, calls = ExportWork.add, []

        def cancelled_meanwhile(self: ExportWork, key_count: int, rows: Any) -> None:  # Any: rows
            add(self, key_count, rows)
            calls.append(key_count)
            browser.post(f"/exports/{second}/cancel")

        monkeypatch.setattr(ExportWork, "add", cancelled_meanwhile)
        jobs.export()
        assert calls == [1]
        for number in (first, second):
            assert "Đã huỷ xuất tệp" in browser.get(f"/exports/{number}").text
            assert browser.get(f"/exports/{number}/file").status_code == 404
        assert list(exports._directory().glob("*")) == []

    def test_a_failing_one_gives_up_and_says_so(
        self, app: Flask, login: Login, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        person = make.user()
        number = self.ask(person)

        def broken(*args: Any) -> list[str]:  # Any: whatever is given
            raise OSError("disk")

        monkeypatch.setattr(jobs, "_keys_of", broken)
        for _ in range(4):
            jobs.export()
            clock.advance(minutes=6)
        assert "Không ghi được tệp" in login(person).get(f"/exports/{number}").text

    def test_a_few_at_a_time(self, app: Flask, login: Login) -> None:
        person = make.user()
        browser = login(person)
        for _ in range(exports.MOST_OPEN):
            assert browser.post("/exports/new?format=csv").status_code == 302
        answer = browser.post("/exports/new?format=csv")
        assert answer.status_code == 422
        assert "đang có 3 tệp chờ ghi" in answer.text

    @pytest.mark.parametrize("state", [state for state in ListingState if state not in PUBLIC_STATES])
    def test_what_is_hidden_is_in_no_file(self, app: Flask, login: Login, state: ListingState) -> None:
        """Neither where it was hidden before the file was written, nor where it was hidden since."""
        person, kept, hidden = make.user(), make.offer(), make.offer()
        index()
        browser, early, late = login(person), self.ask(person), self.ask(person)

        def turn(into: ListingState) -> None:
            with unit_of_work() as session:
                row = session.get_one(Listing, hidden.id)
                row.state, row.audience = into, audience_of(into, row.organisation_id)

        with unit_of_work() as session:  # the second one later, when it is hidden and the index does not know yet
            session.query(OutboxRow).filter_by(topic=TOPIC_EXPORT, key=str(late)).update({"topic": "later"})
        jobs.export()
        turn(state)
        answer = browser.get(f"/exports/{early}/file")
        assert (answer.status_code, answer.location) == (302, f"/exports/{early}")
        page = browser.get(answer.location).text
        assert "Xuất lại" in page
        assert f"/exports/{early}/file" not in page
        with unit_of_work() as session:
            session.query(OutboxRow).filter_by(topic="later").update({"topic": TOPIC_EXPORT})
        jobs.export()
        assert [row["Mã"] for row in csv_rows(browser.get(f"/exports/{late}/file"))] == [kept.code]
        turn(ListingState.PUBLISHED)
        assert len(csv_rows(browser.get(f"/exports/{early}/file"))) == 2

    def test_what_is_hidden_between_two_batches_is_left_out(
        self, app: Flask, login: Login, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(exports, "_BATCH", 1)
        person, offers = make.user(), [make.offer() for _ in range(3)]
        index()
        number = self.ask(person)
        add, gone = ExportWork.add, []

        def hide(self: ExportWork, key_count: int, rows: Any) -> None:  # Any: rows
            add(self, key_count, rows)
            if not gone:
                gone.extend(rows)
                with unit_of_work() as session:
                    row = session.get_one(Listing, int(gone[0].split(":")[1]))
                    row.state, row.audience = ListingState.HIDDEN, f"org:{row.organisation_id}+staff"

        monkeypatch.setattr(ExportWork, "add", hide)
        jobs.export()
        codes = {offer.code for offer in offers if offer.key not in gone}
        assert {row["Mã"] for row in csv_rows(login(person).get(f"/exports/{number}/file"))} == codes
        assert len(codes) == 2

    def test_files_go_after_their_days(self, app: Flask, login: Login, clock: Clock) -> None:
        person = make.user()
        make.offer()
        index()
        number = self.ask(person)
        jobs.export()
        path: Path = exports._directory() / f"{number}.csv"
        assert path.exists()
        clock.advance(days=6)
        expire_exports()
        assert path.exists()
        clock.advance(days=1)
        assert login(person).get(f"/exports/{number}/file").status_code == 404
        expire_exports()
        assert db.session.get(ExportJob, number) is None
        assert not list(path.parent.glob(f"{number}.*"))
