"""A demand is published: the institute is told on the site and by mail, and turns the mails off from the mail."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, WIDE
from tests.browser.content import fill
from tests.browser.live_site import Site
from tests.browser.look import problems_of
from tests.browser.people import BUSINESS, INSTITUTE, MODERATOR

pytestmark = pytest.mark.browser

#: From the approval to the mail: index, match, decide, send.
ALERT_SECONDS = 15

#: Meets an offer of the institute: dye works effluent, ozone, water used again.
TITLE = "Cần tái sử dụng nước thải dệt nhuộm bằng ozon xúc tác cho khâu giặt, 400 m³/ngày"
DEMAND: Mapping[str, str] = {
    "title": TITLE,
    "summary": "Xử lý nước thải dệt nhuộm bằng giá thể di động và ozon xúc tác, tái sử dụng 60 % nước cho khâu giặt.",
    "problem": "Nước thải dệt nhuộm sau xử lý còn màu và COD, chưa tái sử dụng được cho khâu giặt; giá nước tăng.",
    "material": "Nước thải dệt nhuộm hoạt tính, COD 900–1.400 mg/l, độ màu 400 Pt-Co.",
    "method": "Giá thể di động, ozon xúc tác; không dùng thêm phèn.",
    "efficacy_target": "Độ màu dưới 20 Pt-Co, tái sử dụng ít nhất 60 % nước.",
    "product": "Hệ thống xử lý và tái sử dụng nước thải dệt nhuộm.",
    "application": "Nhà máy dệt nhuộm 400 m³/ngày, nước tái sử dụng cho khâu giặt.",
}


def _publish(business: Page, moderator: Page) -> str:
    """Write the demand, hand it in, approve it; returns its code."""
    fill(business, DEMAND)
    business.locator("input[name=sectors][value=environment]").check()
    business.get_by_role("main").get_by_role("button", name="Lưu nháp", exact=True).click()
    business.wait_for_url("**/edit")
    code = business.url.split("/")[-2]
    business.get_by_role("main").get_by_role("button", name="Gửi duyệt", exact=True).click()
    expect(business.locator("main")).to_contain_text("Đang chờ cán bộ sàn duyệt")
    moderator.goto("/moderation")
    moderator.get_by_role("link", name=f"Mở {code}", exact=True).click()
    moderator.get_by_role("main").get_by_role("button", name="Duyệt, đăng tin", exact=True).click()
    expect(moderator.locator(".flash-ok")).to_contain_text(code)
    return code


def test_from_publication_to_unsubscribing(open_page: Callable[..., Page], site: Site) -> None:
    institute = open_page("/account/alerts", email=INSTITUTE)
    institute.get_by_label("Ngay khi có").check()
    institute.get_by_label(re.compile("Từ 50%")).check()
    assert problems_of(institute) == []
    institute.get_by_role("main").get_by_role("button", name="Lưu", exact=True).click()
    expect(institute.locator(".flash-ok")).to_be_visible()

    code = _publish(open_page("/demands/new", email=BUSINESS), open_page(email=MODERATOR))
    started = time.monotonic()
    mail = site.mail_to(INSTITUTE, having=TITLE)
    assert time.monotonic() - started < ALERT_SECONDS
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in mail
    assert f"/{code}\n" in mail
    assert "Cùng lĩnh vực: " in mail

    # On the site: told, counted as new, and read by looking at the pair.
    institute.goto("/notifications")
    expect(institute.locator("main")).to_contain_text(re.compile("kết quả khớp mới|Khớp "))
    institute.goto("/matches")
    expect(institute.locator("h1")).to_contain_text(re.compile(r"\d+ mới"))
    assert problems_of(institute) == []
    pair = re.search(rf"/matches/\S+/{code}", mail)
    assert pair is not None
    institute.goto(pair[0])
    expect(institute.get_by_role("heading", level=1)).to_be_visible()

    # From the mail, by somebody who is not signed in, on a phone too.
    link = re.search(r"List-Unsubscribe: <(\S+)>", mail)
    assert link is not None
    for viewport in (WIDE, PHONE):
        reader = open_page(link[1], viewport=viewport)
        expect(reader.get_by_role("heading", level=1)).to_have_text("Ngừng nhận thư?")
        assert problems_of(reader) == []
        reader.set_viewport_size(viewport)
        reader.get_by_role("main").get_by_role("button", name="Ngừng nhận thư", exact=True).click()
        expect(reader.get_by_role("heading", level=1)).to_have_text("Đã ngừng gửi thư")
        assert problems_of(reader) == []
        institute.goto("/account/alerts")
        expect(institute.get_by_label("Không gửi thư")).to_be_checked()
        reader.get_by_role("button", name="Bấm nhầm? Bật lại như cũ").click()
        expect(reader.get_by_role("heading", level=1)).to_have_text("Đã bật lại thư")
        institute.goto("/account/alerts")
        expect(institute.get_by_label("Ngay khi có")).to_be_checked()
