"""The pages that one only gets to by doing something: what was typed wrongly, links out of mails, the second factor."""

from __future__ import annotations

import re
from collections.abc import Callable

import pyotp
import pytest
from playwright.sync_api import Page, expect

from tests.browser.live_site import SAMPLE_PASSWORD, Site
from tests.browser.look import problems_of
from tests.browser.people import ADMINISTRATOR, BUSINESS, INSTITUTE, MODERATOR, link_in_mail, register, type_credentials

pytestmark = pytest.mark.browser

Open = Callable[..., Page]


def _press(page: Page, name: str) -> None:
    page.get_by_role("main").get_by_role("button", name=name, exact=True).click()


def test_registration_with_mistakes_and_without(open_page: Open, site: Site) -> None:
    page = open_page("/accounts/register")
    page.get_by_label("Thư điện tử").fill("khong-phai-thu")
    page.get_by_label("Mật khẩu").fill("ngan")
    _press(page, "Đăng ký")
    expect(page.get_by_role("alert")).to_be_focused()
    assert problems_of(page) == []
    register(page, site, "tung.buoc@xuong-moc.example")
    assert problems_of(page) == []
    page.goto(link_in_mail(site, "tung.buoc@xuong-moc.example", "/accounts/confirm/"))
    assert problems_of(page) == []


def test_login_refused_then_put_off(open_page: Open) -> None:
    page = open_page("/accounts/login")
    typed = {"email": "ai.do@noi-khac.example", "password": "mot mat khau doan mo"}
    token = page.locator("main input[name=csrf_token]").input_value()
    for _ in range(10):
        page.request.post("/accounts/login", form={**typed, "csrf_token": token})
    page.get_by_label("Thư điện tử").fill(typed["email"])
    page.get_by_label("Mật khẩu").fill(typed["password"])
    _press(page, "Đăng nhập")
    expect(page.get_by_role("alert")).to_contain_text("phút")
    assert problems_of(page) == []


def test_reset_by_mail(open_page: Open, site: Site) -> None:
    page = open_page("/accounts/reset")
    page.get_by_label("Thư điện tử").fill("chuvien@ham-luong.example")
    page.get_by_role("main").get_by_role("button").click()
    assert problems_of(page) == []
    page.goto(link_in_mail(site, "chuvien@ham-luong.example", "/accounts/reset/"))
    assert problems_of(page) == []


def test_second_factor_from_key_to_codes_to_next_login(open_page: Open, site: Site) -> None:
    page = open_page("/accounts/login")
    type_credentials(page, ADMINISTRATOR)
    page.goto("/account/second-factor")
    _press(page, "Bắt đầu")
    assert problems_of(page) == []
    secret = page.locator("main code").inner_text()
    page.get_by_label("Mã xác thực").fill("000000")
    _press(page, "Bật xác thực hai bước")
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Mã xác thực").fill(pyotp.TOTP(secret).now())
    _press(page, "Bật xác thực hai bước")
    expect(page.get_by_role("heading", level=1)).to_have_text("Mã khôi phục")
    assert problems_of(page) == []
    recovery_code = page.locator("ul.codes code").first.inner_text()

    again = open_page("/accounts/login")
    again.get_by_label("Thư điện tử").fill(ADMINISTRATOR)
    again.get_by_label("Mật khẩu").fill(SAMPLE_PASSWORD)
    _press(again, "Đăng nhập")
    expect(again.get_by_role("heading", level=1)).to_have_text("Mã xác thực")
    assert problems_of(again) == []
    again.get_by_label("Mã xác thực").fill(recovery_code)
    _press(again, "Tiếp tục")
    again.wait_for_url("**/workspace")


def test_an_invitation_by_mail(open_page: Open, site: Site) -> None:
    owner = open_page(site.organisation_path(BUSINESS) + "/members", email=BUSINESS)
    owner.get_by_label("Thư điện tử").fill(INSTITUTE)
    owner.get_by_role("main").get_by_role("button", name=re.compile("mời", re.IGNORECASE)).first.click()
    expect(owner.locator(".flash-ok")).to_be_visible()
    assert problems_of(owner) == []
    invited = open_page(link_in_mail(site, INSTITUTE, "/organisations/join/"), email=INSTITUTE)
    assert problems_of(invited) == []


def test_a_form_with_errors_and_a_conflict(open_page: Open) -> None:
    first = open_page("/offers/new", email=INSTITUTE)
    first.locator("#title").fill("Bản nháp để xem trang báo lỗi")
    first.locator("#price_min_vnd").fill("khoảng chừng")
    first.locator("#keywords").fill(";".join(f"từ {number}" for number in range(20)))
    _press(first, "Lưu nháp")
    expect(first.get_by_role("alert")).to_be_focused()
    assert problems_of(first) == []
    first.locator("#price_min_vnd").fill("1,2 tỷ")
    first.locator("#keywords").fill("")
    _press(first, "Lưu nháp")
    first.wait_for_url("**/edit")
    second = open_page(first.url, email=INSTITUTE)
    second.locator("#summary").fill("Câu của người thứ hai.")
    _press(second, "Lưu nháp")
    first.locator("#summary").fill("Câu của người thứ nhất.")
    _press(first, "Lưu nháp")
    expect(first.get_by_role("heading", name="Người khác vừa lưu tin này")).to_be_visible()
    assert problems_of(first) == []
    _press(second, "Gửi duyệt")
    expect(second.locator(".errsum")).to_be_focused()
    assert problems_of(second) == []


def test_a_decision_without_a_reason(open_page: Open, site: Site) -> None:
    code = site.listing_path("patent", "submitted").rsplit("/", 1)[1]
    page = open_page(f"/moderation/{code}", email=MODERATOR)
    _press(page, "Từ chối")
    expect(page.get_by_role("alert")).to_be_visible()
    assert problems_of(page) == []


def test_a_form_that_has_grown_old(open_page: Open) -> None:
    page = open_page("/accounts/register")
    page.locator("main input[name=csrf_token]").evaluate("field => { field.value = 'khác'; }")
    _press(page, "Đăng ký")
    assert problems_of(page) == []


def test_a_match_as_a_dialog_and_as_a_page(open_page: Open, site: Site) -> None:
    page = open_page(site.listing_path("offer", "published", INSTITUTE), email=INSTITUTE)
    link = page.locator("#khop a[href*='/matches/']").first
    address = (link.get_attribute("href") or "").partition("#")[0]
    link.click()
    expect(page.locator("dialog[open]")).to_be_visible()
    assert problems_of(page) == []
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.goto(address)
    expect(page.get_by_role("main").locator("progress").first).to_be_visible()
    assert problems_of(page) == []


def test_a_saved_search(open_page: Open) -> None:
    page = open_page("/search?q=nuoc+thai", email=BUSINESS)
    page.get_by_role("main").get_by_text("Lưu tìm kiếm").first.click()
    page.get_by_role("main").get_by_role("button", name=re.compile("Lưu")).first.click()
    expect(page.locator(".flash-ok")).to_be_visible()
    page.goto("/workspace/searches")
    assert problems_of(page) == []
