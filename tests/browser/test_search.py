"""From a search to a decision, on a desk and on a phone: chips, filters, comparing, files, following, printing, finding nothing."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree as ET

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Locator, Page, ViewportSize, expect

from tests.browser.conftest import PHONE, WIDE
from tests.browser.people import BUSINESS

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["1280", "390"])]

Open = Callable[..., Page]


def _found(page: Page) -> int:
    """The number that the heading names."""
    return int(re.sub(r"\D", "", page.get_by_role("heading", level=1).inner_text().split("kết quả")[0]))


def _parameters(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def _understood(page: Page) -> Locator:
    return page.get_by_role("list", name="Hiểu là:").get_by_role("listitem")


def _filters(page: Page) -> None:
    """Unfold the filters where a phone has folded them."""
    panel = page.locator("details.facets")
    if panel.get_attribute("open") is None:
        panel.locator("summary").first.click()


def _fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_a_condition_that_was_understood_comes_off(open_page: Open, viewport: ViewportSize) -> None:
    page = open_page("/search?q=nước thải TRL 8%2B -sơn", viewport=viewport)
    expect(_understood(page)).to_have_count(2)
    few = _found(page)
    assert _fits(page)
    page.get_by_role("link", name="Bỏ: TRL từ 8").click()
    expect(_understood(page)).to_have_count(1)
    expect(page.locator("#q")).to_have_value("nước thải -sơn")
    assert _found(page) > few
    page.get_by_role("link", name=re.compile("^Bỏ: Không có")).click()
    expect(_understood(page)).to_have_count(0)
    expect(page.locator("#q")).to_have_value("nước thải")


def test_several_values_of_a_filter_and_an_address_to_share(open_page: Open, viewport: ViewportSize) -> None:
    page = open_page("/search?q=nước", viewport=viewport)
    counts = {}
    for name in ("Công nghệ chào bán", "Sáng chế"):
        _filters(page)
        option = page.locator("label.opt").filter(has_text=re.compile(f"^{name}"))
        counts[name] = int(option.locator("output").inner_text())
        option.get_by_role("checkbox").check()
        if viewport == PHONE:  # a phone asks when told to, so that several can be ticked
            page.get_by_role("button", name="Áp dụng bộ lọc").click()
        page.wait_for_function("count => document.querySelectorAll('.results .chip').length === count", arg=len(counts))
    assert _parameters(page)["kind"] == ["offer", "patent"]
    assert _found(page) == sum(counts.values())
    assert _fits(page)

    shared = open_page(urlsplit(page.url)._replace(scheme="", netloc="").geturl(), viewport=viewport)
    _filters(shared)
    for name, count in counts.items():  # counted without their own choice, so as before
        option = shared.locator("label.opt").filter(has_text=re.compile(f"^{name}"))
        expect(option.get_by_role("checkbox")).to_be_checked()
        expect(option.locator("output")).to_have_text(str(count))
    assert shared.locator(".card h2").all_inner_texts() == page.locator(".card h2").all_inner_texts()
    shared.get_by_role("link", name="Bỏ: Sáng chế").click()
    expect(shared.get_by_role("heading", level=1)).to_contain_text(f"{counts['Công nghệ chào bán']} kết quả")


def test_two_to_four_are_compared_with_differences_marked(open_page: Open, viewport: ViewportSize) -> None:
    page = open_page("/search?q=nước thải&kind=offer", viewport=viewport)
    boxes = page.get_by_role("checkbox", name=re.compile("^So sánh"))
    for number in range(4):
        boxes.nth(number).check()
    expect(page.get_by_role("status").filter(has_text="Đã chọn 4 trên 4")).to_be_visible()
    expect(boxes.nth(4)).to_be_disabled()
    boxes.nth(3).uncheck()
    page.get_by_role("button", name="So sánh các tin đã chọn").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("So sánh 3 tin")
    assert _fits(page)
    assert len(_parameters(page)["code"]) == 3
    marked = page.locator("tr.differs")
    expect(marked.first.get_by_text("khác nhau")).to_be_visible()
    assert marked.count() == page.get_by_text("khác nhau", exact=True).count()
    expect(page.locator("tr").filter(has_text="Loại tin").get_by_text("giống nhau")).to_be_visible()
    page.get_by_role("link", name="Chỉ hiện chỗ khác nhau").click()
    expect(page.get_by_text("giống nhau", exact=True)).to_have_count(0)
    page.get_by_role("link", name=re.compile("^Bỏ ra")).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("So sánh 2 tin")


def test_results_as_a_file(open_page: Open, viewport: ViewportSize) -> None:
    page = open_page("/search?q=nuoc thai&kind=offer", viewport=viewport)
    with page.expect_download() as download:
        page.get_by_role("link", name="XLSX", exact=True).click()
    assert download.value.suggested_filename.endswith(".xlsx")
    sheet = load_workbook(io.BytesIO(download.value.path().read_bytes())).active
    assert sheet is not None
    heads, *rows = sheet.iter_rows(values_only=True)
    assert len(rows) == _found(page)
    titles = [str(row[heads.index("Tên")]) for row in rows]
    assert titles[:3] == page.locator(".card h2").all_inner_texts()[:3]


def test_nothing_found_shows_ways_out(open_page: Open, viewport: ViewportSize) -> None:
    page = open_page("/search?q=zirconia mangg loc&kind=patent&trl=9&province=01", viewport=viewport)
    expect(page.get_by_role("heading", name="Không thấy tin nào hợp")).to_be_visible()
    assert _fits(page)
    expect(page.get_by_role("link", name="zirconia mang loc")).to_be_visible()
    relax = page.get_by_role("list", name="Bỏ điều kiện sau đây thì có kết quả:").get_by_role("link").first
    promised = int(re.sub(r"\D", "", relax.inner_text()))
    relax.click()
    expect(page.get_by_role("heading", name="Không thấy tin nào hợp")).to_have_count(0)
    assert _found(page) == promised > 0


def test_nothing_found_without_translation(open_page: Open, viewport: ViewportSize) -> None:
    page = open_page("/search?q=wastewater&kind=offer", viewport=viewport)
    found = _found(page)
    page.get_by_role("link", name="Tắt dịch").click()
    expect(page.get_by_role("link", name="Bật lại")).to_be_visible()
    assert _found(page) < found
    page.get_by_role("link", name="Bật lại").click()
    expect(page.get_by_role("link", name="Tắt dịch")).to_be_visible()
    assert _found(page) == found


def test_what_was_not_found_becomes_a_demand(open_page: Open, viewport: ViewportSize) -> None:
    words = "zzniken zzvonfram"
    page = open_page(f"/search?q={words}", email=BUSINESS, viewport=viewport)
    page.get_by_role("link", name="Đăng thành nhu cầu").click()
    page.wait_for_url("**/demands/new**")
    expect(page.locator("#title")).to_have_value(words)


def test_paper_shows_what_was_found_and_nothing_to_click(open_page: Open, viewport: ViewportSize) -> None:
    page = open_page("/search?q=nước thải TRL 5%2B&kind=offer", viewport=viewport)
    page.emulate_media(media="print")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator(".card h2").first).to_be_visible()
    expect(_understood(page).first).to_contain_text("TRL từ 5")
    for gone in (
        "nav",
        "form[role=search]",
        "details.facets",
        "#main button",
        "#main .btn",
        "#main input",
        "#main select",
    ):
        for part in page.locator(gone).all():
            expect(part).to_be_hidden()
    page.goto("/compare?code=CN-2026-0001&code=CN-2026-0002")
    expect(page.get_by_text("khác nhau", exact=True).first).to_be_visible()
    for gone in ("nav", "#main button", "#main .btn", "#main input"):
        for part in page.locator(gone).all():
            expect(part).to_be_hidden()


def test_a_search_is_kept_and_followed(open_page: Open, viewport: ViewportSize) -> None:
    page = open_page("/search?q=nước thải&kind=offer", email=BUSINESS, viewport=viewport)
    feed = page.get_by_role("link", name="Theo dõi qua RSS").get_attribute("href")
    answer = page.request.get(str(feed))
    assert answer.headers["content-type"].startswith("application/rss+xml")
    items = ET.fromstring(answer.body()).findall("channel/item")  # our own answer
    assert len(items) == _found(page)

    page.get_by_role("link", name="Lưu tìm kiếm").click()
    name = f"Nước thải {viewport['width']}"
    page.get_by_label("Tên", exact=False).first.fill(name)
    page.get_by_role("main").get_by_role("button", name=re.compile("^Lưu")).click()
    page.goto("/workspace/searches")
    expect(page.get_by_role("main")).to_contain_text(name)
    assert _fits(page)
