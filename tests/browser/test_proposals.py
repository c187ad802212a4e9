"""Staff find a demand in the figures, propose a patent for it, and read what became of that."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.live_site import Site
from tests.browser.look import problems_of
from tests.browser.people import BUSINESS, INSTITUTE, MODERATOR

pytestmark = pytest.mark.browser

NOTE = "Hai bên cùng thành phố; nên xem thử nghiệm ba tháng ở xưởng nhuộm trước khi bàn giá."


def _press(page: Page, name: str) -> None:
    page.get_by_role("main").get_by_role("button", name=name, exact=True).click()


def test_from_the_figures_to_an_answer(open_page: Callable[..., Page], site: Site) -> None:
    demand, patent = (
        site.listing_path(kind, "published", email).rsplit("/", 1)[1]
        for kind, email in (("demand", BUSINESS), ("patent", INSTITUTE))
    )

    # From a number to its list, to the desk.
    moderator = open_page("/moderation/supply-demand", email=MODERATOR)
    moderator.get_by_role("link", name=re.compile("Nhu cầu đang đăng")).click()
    moderator.get_by_label("Thứ tự").select_option("newest")
    _press(moderator, "Lọc")
    while not (link := moderator.get_by_role("link", name=f"Đề xuất {demand}", exact=True)).count():
        moderator.get_by_role("link", name="Sau", exact=True).click()
    link.click()

    # The other side by its code; a note is asked for, and what was chosen stays.
    moderator.get_by_label("Công nghệ hoặc sáng chế").fill(patent)
    _press(moderator, "Tìm")
    _press(moderator, "Gửi đề xuất")
    expect(moderator.locator(".errsum")).to_be_focused()
    moderator.get_by_label("Lời nhắn").fill(NOTE)
    _press(moderator, "Gửi đề xuất")
    expect(moderator.locator(".flash-ok")).to_be_visible()
    expect(moderator.locator("tbody")).to_contain_text(NOTE)
    assert problems_of(moderator) == []

    # Both sides see it in the panel; the business reads the note where it is told, and says no.
    institute = open_page(f"/patents/{patent}", email=INSTITUTE)
    expect(institute.locator("#khop")).to_contain_text(NOTE)
    business = open_page("/notifications", email=BUSINESS)
    expect(business.locator("main")).to_contain_text(f"Lời nhắn: {NOTE}")
    told = business.get_by_role("link", name=re.compile(f"Cán bộ sàn đề xuất.*{demand}"))
    told.and_(business.locator(f"a[href='/matches/{demand}/{patent}']")).click()
    expect(business.locator("main")).to_contain_text(NOTE)
    assert problems_of(business) == []
    business.get_by_label(re.compile("Giá hoặc điều kiện")).check()
    _press(business, "Bỏ qua cặp này")
    expect(business.locator(".flash-ok")).to_be_visible()

    # Counted apart, with the reason; not to be taken back or sent again.
    moderator.goto("/moderation/matches")
    moderator.get_by_role("link", name=re.compile("^Không phù hợp, Cán bộ sàn đề xuất, Bên cần công nghệ")).click()
    expect(moderator.locator("tbody")).to_contain_text("Giá hoặc điều kiện")
    assert problems_of(moderator) == []
    moderator.goto("/moderation/matches")
    assert problems_of(moderator) == []
    moderator.goto("/moderation/proposals")
    expect(moderator.get_by_role("row").filter(has_text=NOTE)).to_contain_text("Đã có bên xem")
    moderator.goto(f"/moderation/proposals/new?one={demand}&other={patent}")
    expect(moderator.get_by_role("alert")).to_contain_text("Một bên đã bỏ qua cặp này")
