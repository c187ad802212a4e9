"""Signing in through the pages, as people do. Each sample account signs in once; its cookies are used again."""

from __future__ import annotations

from typing import Any

import pyotp
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.live_site import SAMPLE_PASSWORD, Site

INSTITUTE = "chuvien@song-be.example"
BUSINESS = "chu@an-thanh-phat.example"
MODERATOR = "moderator@techmart.example"

#: The context of a Vietnamese reader. The site itself decides on Vietnamese; this is for what Chromium writes.
CONTEXT: dict[str, Any] = {"locale": "vi-VN", "timezone_id": "Asia/Ho_Chi_Minh"}


class People:
    """`state_of(email)`: the cookies of a signed-in person, for a new context of the browser."""

    def __init__(self, browser: Browser, site: Site) -> None:
        self._browser = browser
        self._site = site
        self._states: dict[str, Any] = {}

    def state_of(self, email: str) -> Any:
        if email not in self._states:
            context = self._browser.new_context(**CONTEXT)
            try:
                self._states[email] = self._sign_in(context, email)
            finally:
                context.close()
        return self._states[email]

    def _sign_in(self, context: BrowserContext, email: str) -> Any:
        page = context.new_page()
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
