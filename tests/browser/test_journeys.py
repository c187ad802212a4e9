"""The way of a listing from draft to withdrawal, as institute, business, moderator and stranger see it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import WIDE
from tests.browser.content import DEMAND, DEMAND_TITLE, DEMAND_WORD, ELEMENTS, OFFER_TITLE, OFFER_WORD, fill, fill_offer
from tests.browser.live_site import Site, wait_until
from tests.browser.look import problems_of
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
    institute.get_by_role("link", name="Sửa tin").first.click()
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


def test_a_demand_from_meter_to_digest(open_page: Open, site: Site) -> None:
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
    matched = "SELECT 1 FROM match JOIN listing ON listing.id = demand_id WHERE side = 'wanted' AND code = ?"
    wait_until(lambda: site.look_up(matched, code), seconds=SEARCH_SECONDS, what=f"{code} being matched")
    _answer_a_match(business, code)
    _read_the_digest(business, open_page, site, code)


def _answer_a_match(business: Page, code: str) -> None:
    """Read why, say no with a reason, find it put aside, take that back."""
    business.goto("/matches")
    row = business.locator("ul.rows > li").filter(has_text=DEMAND_TITLE).first
    row.get_by_role("heading").get_by_role("link").click()
    title = business.get_by_role("heading", level=1).inner_text()
    address = business.url
    assert f"/matches/{code}/" in address
    bars = business.locator("main dl.parts progress")
    points = round(sum(bars.evaluate_all("bars => bars.map(bar => bar.value)")), 1)
    assert sum(bars.evaluate_all("bars => bars.map(bar => bar.max)")) == 100
    assert int(points + 0.5) == _percent(business.locator("main .score").first.inner_text())
    expect(business.get_by_text("Cộng lại:")).to_contain_text(f"{points:.1f}".replace(".", ",").removesuffix(",0"))
    expect(business.locator("main ul.marks li.ok").first).to_be_visible()

    business.get_by_label(re.compile("Công nghệ còn quá sớm")).check()
    business.locator("#khong-text").fill("Chờ số liệu một năm.")
    _button(business, "Bỏ qua cặp này")
    expect(business.locator(".flash-ok")).to_contain_text("Đã bỏ qua")
    ours = business.locator("ul.rows > li").filter(has_text=DEMAND_TITLE).filter(has_text=title)
    expect(ours).to_have_count(0)
    business.get_by_role("link", name=re.compile(r"^Không phù hợp \(\d+\)")).click()
    expect(ours).to_contain_text("Công nghệ còn quá sớm")
    ours.get_by_role("button", name=re.compile("^Bỏ quyết định")).click()
    expect(business.locator(".flash-ok")).to_contain_text("Đã bỏ quyết định trước đó")
    business.goto("/matches")
    expect(ours).to_have_count(1)


def _read_the_digest(business: Page, open_page: Open, site: Site, code: str) -> None:
    """The mail of the next morning says what the page says, on paper too; its link turns it off without signing in."""
    site.send_digests_of_tomorrow()
    mail = site.mail_to(BUSINESS, having=DEMAND_TITLE)
    told = re.search(rf"(?m)^(\d+)%  .*(?:\n  .*)*?{re.escape(site.address)}(/matches/{code}/\S+)", mail)
    assert told is not None
    for medium in ("screen", "print"):
        business.emulate_media(media="print" if medium == "print" else "screen")
        business.goto(told[2])
        assert _percent(business.locator("main .score").first.inner_text()) == int(told[1])
        expect(business.locator("main dl.parts")).to_be_visible()
    expect(business.locator(".btn:visible, main form:visible")).to_have_count(0)  # nothing to press on paper
    business.emulate_media(media="screen")

    link = re.search(r"List-Unsubscribe: <(\S+)>", mail)
    assert link is not None
    reader = open_page(link[1])
    _button(reader, "Ngừng nhận thư")
    expect(reader.get_by_role("heading", level=1)).to_have_text("Đã ngừng gửi thư")
    business.goto("/account/alerts")
    expect(business.get_by_label("Không gửi thư")).to_be_checked()


def test_staff_write_a_draft_with_its_owner(open_page: Open, site: Site) -> None:
    """A draft too thin to be matched: given to staff, written on by both, taken over word by word."""
    business = open_page("/demands/new", email=BUSINESS)
    moderator = open_page(email=MODERATOR)
    title = "Sấy lá khô vụn mùa mưa cho xưởng trà vungtril"
    fill(business, {"title": title, "problem": "Lá vụn bị mốc khi mưa kéo dài.", "product": "Lá khô."})
    _button(business, "Lưu và nhờ cán bộ hỗ trợ")
    business.get_by_label(re.compile("Bạn cần giúp gì")).fill("Chưa biết viết chỉ tiêu.")
    _button(business, "Nhờ cán bộ hỗ trợ")
    expect(business.locator(".flash-ok")).to_contain_text("Đã nhờ cán bộ sàn")
    code = business.url.split("/")[-2]

    # While they wait, the owner writes on.
    business.get_by_role("main").get_by_role("link", name="Sửa bản nháp").click()
    fill(business, {"problem": "Lá vụn bị mốc khi mưa quá ba ngày.", "product": "Lá khô đóng bao 20 kg."})
    _button(business, "Lưu nháp")
    expect(business.locator(".flash-ok")).to_be_visible()

    # Staff know the question, mend three fields and say what they did.
    moderator.goto("/moderation/help")
    moderator.get_by_role("link", name=title).click()
    expect(moderator.locator("main")).to_contain_text("Chưa biết viết chỉ tiêu.")
    theirs = {
        "problem": "Lá vụn bị mốc khi mưa quá ba ngày, hỏng khoảng 15 % mỗi mẻ.",
        "product": "Lá khô độ ẩm 6–7 %, đóng bao 20 kg.",
        "efficacy_target": "Độ ẩm còn 6–7 % trong tám giờ.",
    }
    fill(moderator, theirs)
    moderator.get_by_label(re.compile("Lời nhắn cho chủ tin")).fill("Đã thêm chỉ tiêu đo được.")
    assert problems_of(moderator) == []
    moderator.set_viewport_size(WIDE)
    _button(moderator, "Gửi đề xuất")
    expect(moderator.locator(".flash-ok")).to_contain_text("Đã gửi đề xuất")

    # The owner is told, sees each difference, changes his mind on one field meanwhile, and takes some of it.
    business.goto("/notifications")
    business.get_by_role("link", name=re.compile(f"Cán bộ sàn đã viết giúp.*{code}")).click()
    expect(business.locator("main")).to_contain_text("Đã thêm chỉ tiêu đo được.")
    expect(business.locator("dl.diff ins").filter(has_text="15 %")).to_be_visible()
    business.goto(f"/demands/{code}/edit")
    own = "Lá khô đóng bao 25 kg, giao tận kho."
    fill(business, {"product": own, "problem": "Lá vụn bị mốc khi mưa quá bốn ngày."})
    _button(business, "Lưu nháp")
    expect(business.locator(".flash-ok")).to_be_visible()
    business.goto(f"/demands/{code}/help")
    assert problems_of(business) == []
    business.set_viewport_size(WIDE)
    business.locator("input[name=take][value=problem]").check()
    expect(business.locator("input[name=take][value=product]")).not_to_be_checked()
    _button(business, "Nhận đề xuất vào bản nháp")
    expect(business.locator("#problem")).to_have_value(theirs["problem"])
    expect(business.locator("#product")).to_have_value(own)
    expect(business.locator("#efficacy_target")).to_have_value(theirs["efficacy_target"])
    moderator.goto("/moderation/help")
    expect(moderator.locator("main")).not_to_contain_text(title)
    moderator.goto("/notifications")
    expect(moderator.locator("main")).to_contain_text(re.compile(f"Chủ tin đã nhận phần bạn viết giúp.*{code}"))


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
