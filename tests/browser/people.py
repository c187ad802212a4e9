"""Signing in through the pages, as people do. Each sample account signs in once; its cookies are used again."""

from __future__ import annotations

import re
from typing import Any

import pyotp
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.live_site import SAMPLE_PASSWORD, Site

INSTITUTE = "chuvien@song-be.example"
BUSINESS = "chu@an-thanh-phat.example"
MODERATOR = "moderator@techmart.example"
ADMINISTRATOR = "admin@techmart.example"
#: Registers on first use; belongs to no organisation.
NEWCOMER = "moi.den@lang-nghe.example"

NEW_PASSWORD = "men gom xanh lam lai thieu 1230"

#: The context of a Vietnamese reader. The site itself decides on Vietnamese; this is for what Chromium writes.
CONTEXT: dict[str, Any] = {"locale": "vi-VN", "timezone_id": "Asia/Ho_Chi_Minh"}


class People:
    """Signed-in people: `state_of` for a new context of the browser, `context_of` for a shared one."""

    def __init__(self, browser: Browser, site: Site) -> None:
        self._browser = browser
        self._site = site
        self._states: dict[str, Any] = {}
        self._contexts: dict[tuple[str, str], BrowserContext] = {}

    def state_of(self, email: str) -> Any:
        """Cookies of the person, who signs in now or has done so before."""
        if email not in self._states:
            context = self._browser.new_context(**CONTEXT)
            try:
                self._states[email] = self._sign_in(context, email)
            finally:
                context.close()
        return self._states[email]

    def context_of(self, email: str, locale: str) -> BrowserContext:
        """One context for all tests that only look, so that files are fetched once. Closes with the browser."""
        key = email, locale
        if key not in self._contexts:
            state = self.state_of(email) if email else None
            self._contexts[key] = self._browser.new_context(base_url=self._site.address, storage_state=state, **CONTEXT)
        return self._contexts[key]

    def _sign_in(self, context: BrowserContext, email: str) -> Any:
        page = context.new_page()
        if email == NEWCOMER:
            register(page, self._site, email)
            confirm(page, self._site, email)
            return context.storage_state()
        page.goto(self._site.url("/accounts/login"))
        type_credentials(page, email)
        if email == MODERATOR:
            enrol(page, self._site)
        return context.storage_state()


def type_credentials(page: Page, email: str, password: str = SAMPLE_PASSWORD) -> None:
    """Fill and send the login form; ends on the desk."""
    page.get_by_label("Thư điện tử").fill(email)
    page.get_by_label("Mật khẩu").fill(password)
    page.get_by_role("main").get_by_role("button", name="Đăng nhập").click()
    page.wait_for_url("**/workspace")


def enrol(page: Page, site: Site) -> None:
    """Turn the second factor on with the key the page shows; staff pages open from then on."""
    page.goto(site.url("/account/second-factor"))
    page.get_by_role("button", name="Bắt đầu").click()
    secret = page.locator("main code").inner_text()
    page.get_by_label("Mã xác thực").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Bật xác thực hai bước").click()
    page.get_by_role("heading", level=1, name="Mã khôi phục").wait_for()


def register(page: Page, site: Site, email: str) -> None:
    """Fill and send the form of a new account; ends on the page that speaks of the mail."""
    page.goto(site.url("/accounts/register"))
    page.get_by_label("Họ và tên").fill("Đặng Thu Gốm")
    page.get_by_label("Thư điện tử").fill(email)
    page.get_by_label("Mật khẩu").fill(NEW_PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Đăng ký", exact=True).click()
    page.get_by_role("heading", level=1, name="Hãy mở hộp thư").wait_for()


def confirm(page: Page, site: Site, email: str) -> None:
    """Follow the link of the mail; ends on the desk."""
    page.goto(link_in_mail(site, email, "/accounts/confirm/"))
    page.get_by_label("Mật khẩu bạn đã chọn khi đăng ký").fill(NEW_PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Xác nhận và đăng nhập").click()
    page.wait_for_url("**/workspace")


def link_in_mail(site: Site, email: str, path: str) -> str:
    """The link below `path` in the newest message to `email` that has one."""
    link = re.search(rf"http\S+{path}\S+", site.mail_to(email, having=path))
    assert link is not None
    return link.group()
