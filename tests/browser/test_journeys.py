"""The way of a listing from draft to withdrawal, as institute, business, moderator and stranger see it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.content import DEMAND, DEMAND_TITLE, DEMAND_WORD, ELEMENTS, OFFER_TITLE, OFFER_WORD, fill, fill_offer
from tests.browser.live_site import Site, wait_until
from tests.browser.people import BUSINESS, INSTITUTE, MODERATOR
from tests.web import upload_files

pytestmark = pytest.mark.browser

#: From the click to what a search shows.
SEARCH_SECONDS = 15

Open = Callable[..., Page]


def _button(page: Page, name: str) -> None:
    page.get_by_role("main").get_by_role("button", name=name, exact=True).click()


def _status(page: Page, path: str) -> int:
    answer = page.goto(path)
    assert answer is not None
    return answer.status


def _save_draft(page: Page) -> str:
    """Save the new listing; returns its code."""
    _button(page, "Lưu nháp")
    page.wait_for_url("**/edit")
    expect(page.locator(".flash-ok")).to_contain_text("Đã lưu lúc")
    return page.url.split("/")[-2]


def _until_search(page: Page, site: Site, word: str, *, finds: bool) -> None:
    """Fails unless a stranger's search for `word` finds something (or nothing) soon enough."""
    started = time.monotonic()

    def is_so() -> bool:
        found = page.request.get(site.url(f"/api/v1/search?q={word}")).json()["total"] > 0
        return bool(found == finds)

    wait_until(is_so, seconds=SEARCH_SECONDS, what=f"{word} {'found' if finds else 'gone'}")
    assert time.monotonic() - started < SEARCH_SECONDS


def _decide(page: Page, code: str, button: str, reason: str = "") -> None:
    """As the moderator: open the listing from the queue and press a button."""
    page.goto("/moderation")
    page.get_by_role("link", name=f"Mở {code}", exact=True).click()
    if reason:
        page.get_by_label("Lời gửi bên đăng").fill(reason)
    _button(page, button)
    expect(page.locator(".flash-ok")).to_contain_text(code)


def test_an_offer_from_draft_to_withdrawal(open_page: Open, site: Site) -> None:
    institute = open_page("/offers/new", email=INSTITUTE)
    moderator = open_page(email=MODERATOR)
    stranger = open_page()

    # A draft, one more sentence that saves itself, a file, and off it goes.
    fill_offer(institute)
    code = _save_draft(institute)
    institute.locator("#support").fill("Đào tạo ba người vận hành trong hai tuần.")
    with institute.expect_response("**/autosave") as saved:
        institute.locator("#partner_sought").focus()
    assert saved.value.status == 200
    expect(institute.locator("[data-autosave-status]")).to_contain_text(re.compile(r"Đã lưu lúc \d\d:\d\d"))
    institute.locator("#file").set_input_files(
        files=[{"name": "Biên bản nghiệm thu.pdf", "mimeType": "application/pdf", "buffer": upload_files.pdf()}]
    )
    _button(institute, "Tải lên")
    expect(institute.locator(".flash-ok")).to_contain_text("Biên bản nghiệm thu.pdf")
    expect(institute.locator("#support")).to_have_value("Đào tạo ba người vận hành trong hai tuần.")
    _button(institute, "Gửi duyệt")
    expect(institute.locator("main")).to_contain_text("Đang chờ cán bộ sàn duyệt")

    assert _status(stranger, f"/offers/{code}") == 404

    # The moderator wants to know more.
    reason = "Hãy ghi rõ lượng điện tiêu thụ."
    _decide(moderator, code, "Đề nghị sửa", reason)

    # The institute is told, mends and hands in again.
    institute.goto("/notifications")
    expect(institute.locator("main")).to_contain_text(reason)
    institute.get_by_role("link", name=re.compile(code)).first.click()
    expect(institute.locator("main")).to_contain_text(reason)
    institute.get_by_role("link", name="Sửa tin").click()
    advantage = "Vật liệu dùng được ba năm, không sinh bùn nguy hại, điện 0,8 kWh cho 1.000 m³ khí."
    institute.locator("#advantage").fill(advantage)
    _button(institute, "Gửi duyệt")
    expect(institute.locator("main")).to_contain_text("Đang chờ cán bộ sàn duyệt")

    # The moderator sees which words are new, and lets it pass.
    moderator.goto(f"/moderation/{code}")
    expect(moderator.locator("dl.diff ins").filter(has_text="0,8 kWh")).to_be_visible()
    expect(moderator.locator("dl.diff del").filter(has_text="một nửa")).to_be_visible()
    _decide(moderator, code, "Duyệt, đăng tin")
    _until_search(stranger, site, OFFER_WORD, finds=True)
    stranger.goto(f"/search?q={OFFER_WORD}")
    stranger.get_by_role("link", name=OFFER_TITLE, exact=True).click()
    expect(stranger.get_by_role("heading", level=1)).to_have_text(OFFER_TITLE)
    with stranger.expect_download() as download:
        stranger.get_by_role("link", name="Biên bản nghiệm thu.pdf").click()
    assert download.value.suggested_filename == "Biên bản nghiệm thu.pdf"

    # Withdrawn, it is gone for everybody else.
    institute.goto(f"/offers/{code}")
    institute.get_by_role("link", name="Rút tin").click()
    _button(institute, "Rút tin")
    expect(institute.locator(".flash-ok")).to_be_visible()
    _until_search(stranger, site, OFFER_WORD, finds=False)
    assert _status(stranger, f"/offers/{code}") == 404


def test_a_demand_from_meter_to_matches(open_page: Open, site: Site) -> None:
    business = open_page("/demands/new", email=BUSINESS)
    moderator = open_page(email=MODERATOR)
    stranger = open_page()

    # The meter rises with each element, without a reload.
    preview = business.locator("[data-advice] .hits .score")
    expect(preview).to_have_count(0)
    fill(business, DEMAND)
    expect(preview.first).to_be_visible()
    # So does the preview of what fits.
    before = preview.first.inner_text()
    business.locator("input[name=sectors][value=environment]").check()
    expect(preview.first).not_to_have_text(before)
    assert _percent(preview.first.inner_text()) > _percent(before)
    code = _save_draft(business)
    meter = business.locator("[data-meter] h2")
    expect(meter).to_have_text("Đủ 0 trên 5 yếu tố")
    for number, (name, text) in enumerate(ELEMENTS.items(), start=1):
        fill(business, {name: text})
        business.locator("#constraints").focus()
        expect(meter).to_have_text(f"Đủ {number} trên 5 yếu tố")
    expect(business.locator("#h-truoc")).to_have_text(re.compile(r"Xem trước: \d+ công nghệ khớp"))
    _button(business, "Gửi duyệt")
    expect(business.locator("main")).to_contain_text("Đang chờ cán bộ sàn duyệt")

    _decide(moderator, code, "Duyệt, đăng tin")
    _until_search(stranger, site, DEMAND_WORD, finds=True)

    # On its page: what fits, how well and why.
    business.goto("/workspace")
    business.get_by_role("main").get_by_role("link", name=DEMAND_TITLE).first.click()
    first = business.locator("#khop details.mt").first
    expect(first.locator(".score")).to_contain_text(re.compile(r"Khớp \d+%"))
    expect(first.locator("dl.parts progress").first).to_be_visible()
    expect(first.locator("ul.marks li.ok").first).to_be_visible()


def _percent(score: str) -> int:
    return int("".join(filter(str.isdigit, score)))


def test_somebody_elses_save_is_not_overwritten(open_page: Open) -> None:
    first = open_page("/offers/new", email=INSTITUTE)
    first.locator("#title").fill("Bản nháp hai người cùng sửa")
    code = _save_draft(first)
    second = open_page(f"/offers/{code}/edit", email=INSTITUTE)
    second.locator("#summary").fill("Câu của người thứ hai.")
    _button(second, "Lưu nháp")
    expect(second.locator(".flash-ok")).to_be_visible()
    first.locator("#problem").fill("Đoạn của người thứ nhất.")
    _button(first, "Lưu nháp")
    expect(first.get_by_role("heading", name="Người khác vừa lưu tin này")).to_be_visible()
    expect(first.locator("#problem")).to_have_value("Đoạn của người thứ nhất.")
    expect(first.get_by_role("main")).to_contain_text("Câu của người thứ hai.")
