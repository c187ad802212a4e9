"""What people do who come to look, with a mouse, with a keyboard alone, and without JavaScript; and how one joins."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.live_site import Site
from tests.browser.people import INSTITUTE, confirm, register, type_credentials

pytestmark = pytest.mark.browser

Open = Callable[..., Page]

_NEW_EMAIL = "nguoi.moi@xuong-gom.example"


def _main_button(page: Page, name: str) -> Locator:
    return page.get_by_role("main").get_by_role("button", name=name, exact=True)


def test_typed_without_accents_finds_what_is_written_with_them(phone: Page) -> None:
    phone.goto("/")
    phone.locator("#q").fill("xu ly nuoc thai")
    phone.get_by_role("button", name="Tìm kiếm", exact=True).click()
    marked = [unicodedata.normalize("NFC", text).lower() for text in phone.locator(".card mark").all_inner_texts()]
    assert "xử lý nước thải" in marked
    whole = phone.locator(".card mark").filter(has_text=re.compile("xử lý nước thải", re.IGNORECASE))
    expect(whole.first).to_be_visible()
    phone.locator(".card h2 a").first.click()
    expect(phone.get_by_role("main")).to_contain_text(re.compile("nước thải", re.IGNORECASE))


def test_filters_narrow_and_come_off(wide: Page) -> None:
    wide.goto("/search?q=nước")
    all_found = int(re.sub(r"\D", "", wide.get_by_role("heading", level=1).inner_text().split(" ")[0]))
    wide.get_by_role("checkbox", name=re.compile("^Nhu cầu")).check()
    wide.wait_for_url("**kind=demand**")
    found = int(re.sub(r"\D", "", wide.get_by_role("heading", level=1).inner_text().split(" ")[0]))
    assert 0 < found < all_found
    assert set(wide.locator(".card .kick .tag:first-child").all_inner_texts()) == {"Nhu cầu công nghệ"}
    wide.get_by_role("link", name=re.compile("^Bỏ: .*Nhu cầu")).click()
    expect(wide.get_by_role("heading", level=1)).to_contain_text(str(all_found))


def test_search_by_keyboard_alone(wide: Page) -> None:
    wide.goto("/")
    wide.keyboard.press("Tab")
    expect(wide.locator(".skip")).to_be_focused()
    expect(wide.locator(".skip")).to_be_in_viewport()
    wide.keyboard.press("Enter")
    _tab_to(wide, wide.locator("#q"))
    wide.keyboard.type("say go nang luong mat troi")
    wide.keyboard.press("Enter")
    wide.wait_for_url("**/search?**")
    first = wide.locator(".card h2 a").first
    _tab_to(wide, wide.get_by_role("link", name="Bỏ qua bộ lọc, đến kết quả"))
    wide.keyboard.press("Enter")
    _tab_to(wide, first)
    assert first.evaluate("element => getComputedStyle(element).outlineStyle") != "none"
    title = first.inner_text()
    wide.keyboard.press("Enter")
    expect(wide.get_by_role("heading", level=1)).to_have_text(title)


def _tab_to(page: Page, target: Locator) -> None:
    for _ in range(80):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("not reached by Tab")


def test_a_stranger_sees_no_draft(wide: Page, site: Site) -> None:
    for kind in ("offer", "patent", "demand"):
        answer = wide.goto(site.listing_path(kind, "draft"))
        assert answer is not None
        assert answer.status == 404
        expect(wide.get_by_role("heading", level=1)).to_be_visible()


def test_search_login_and_draft_without_javascript(open_page: Open) -> None:
    page = open_page("/search?q=nuoc+thai", java_script_enabled=False)
    page.get_by_role("checkbox", name=re.compile("^Nhu cầu")).check()
    page.get_by_role("button", name="Áp dụng bộ lọc").click()
    page.wait_for_url("**kind=demand**")
    assert set(page.locator(".card .kick .tag:first-child").all_inner_texts()) == {"Nhu cầu công nghệ"}

    page.goto("/offers/new")
    expect(page.get_by_role("heading", level=1)).to_have_text("Đăng nhập")
    page.get_by_label("Thư điện tử").fill(INSTITUTE)
    page.get_by_label("Mật khẩu").fill("sai-mat-khau-roi")
    _main_button(page, "Đăng nhập").click()
    expect(page.get_by_role("alert")).to_contain_text("không đúng")
    page.goto("/accounts/login")
    type_credentials(page, INSTITUTE)

    page.goto("/offers/new")
    page.locator("#title").fill("Bản nháp viết không có JavaScript")
    page.locator("#price_min_vnd").fill("một tỷ hai chữ")
    _main_button(page, "Lưu nháp").click()
    expect(page.get_by_role("alert")).to_contain_text("Giá từ")
    expect(page.locator("#title")).to_have_value("Bản nháp viết không có JavaScript")
    page.locator("#price_min_vnd").fill("1,2 tỷ")
    _main_button(page, "Lưu nháp").click()
    page.wait_for_url("**/edit")
    expect(page.locator(".read")).to_contain_text("1,2 tỷ")
    _main_button(page, "Xem trước").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Bản nháp viết không có JavaScript")


def test_from_registration_to_a_first_draft(open_page: Open, site: Site) -> None:
    page = open_page()
    register(page, site, _NEW_EMAIL)
    confirm(page, site, _NEW_EMAIL)

    # No listing without an organisation.
    page.goto("/demands/new")
    page.wait_for_url("**/organisations/new")
    page.get_by_label("Tên tiếng Việt").fill("Xưởng gốm Thu Gốm")
    page.get_by_label("Loại mã số").select_option("none")
    _main_button(page, "Lưu hồ sơ").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Xưởng gốm Thu Gốm")

    page.goto("/demands/new")
    page.locator("#title").fill("Men gốm nung thấp không chì")
    _main_button(page, "Lưu nháp").click()
    page.wait_for_url("**/edit")
    page.goto("/workspace")
    expect(page.get_by_role("main").get_by_role("link", name="Men gốm nung thấp không chì")).to_be_visible()
