"""Suggestions under the search field: typed in three ways, chosen by keyboard and mouse, on a desk and on a phone."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import CDPSession, Locator, Page, expect

from tests.browser.conftest import PHONE, WIDE

pytestmark = pytest.mark.browser

_LABEL = "Tìm công nghệ, sáng chế, nhu cầu, tổ chức"
#: What an input method shows while "nước" is typed with Telex, one key after the other.
_TELEX_STEPS = ("n", "nu", "nư", "nưo", "nươ", "nươc", "nước")


def _field(page: Page) -> Locator:
    return page.get_by_role("combobox", name=_LABEL)


def _options(page: Page) -> Locator:
    return page.get_by_role("listbox", name="Gợi ý").get_by_role("option")


def _says(page: Page, text: str) -> None:
    expect(_options(page).filter(has_text=re.compile(re.escape(text), re.IGNORECASE)).first).to_be_visible()


def _asks(typed: str) -> re.Pattern[str]:
    """The address that is asked for suggestions to it."""
    return re.compile(re.escape(f"/suggest?q={quote(typed)}") + "$")


@pytest.fixture(params=[WIDE, PHONE], ids=["1280", "390"])
def page(request: pytest.FixtureRequest, open_page) -> Page:
    """The home page, on a desk and on a phone, with the field focused."""
    opened: Page = open_page("/", viewport=request.param)
    _field(opened).focus()
    return opened


def test_plain_keys_open_a_list_that_fits_the_page(page: Page) -> None:
    page.keyboard.type("xu ly nuoc")
    _says(page, "xử lý nước")
    expect(_field(page)).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_role("status").filter(has_text="gợi ý")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    box = page.get_by_role("listbox").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= page.evaluate("innerWidth")


def test_composition_is_answered_while_it_goes_on_and_left_alone(page: Page) -> None:
    session: CDPSession = page.context.new_cdp_session(page)
    page.evaluate("""() => {
        const q = document.querySelector("#q");
        const own = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value");
        const set = (value) => { window.rewrites++; own.set.call(q, value); };
        window.rewrites = 0;
        Object.defineProperty(q, "value", { get: () => own.get.call(q), set });
    }""")
    for step in _TELEX_STEPS:
        session.send("Input.imeSetComposition", {"text": step, "selectionStart": len(step), "selectionEnd": len(step)})
    _says(page, "nước")  # nothing has been committed yet
    # Keys belong to the input method: neither the list nor the page takes them.
    page.evaluate("""() => {
        for (const key of ["ArrowDown", "Enter", "Escape"])
            document.querySelector("#q").dispatchEvent(
                new KeyboardEvent("keydown", { key, isComposing: true, bubbles: true, cancelable: true }));
    }""")
    expect(_field(page)).not_to_have_attribute("aria-activedescendant", re.compile("."))
    expect(_options(page).first).to_be_visible()
    session.send("Input.insertText", {"text": "nước "})
    for step in ("t", "th", "tha", "thai", "thải"):
        session.send("Input.imeSetComposition", {"text": step, "selectionStart": len(step), "selectionEnd": len(step)})
    _says(page, "nước thải")
    session.send("Input.insertText", {"text": "thải"})
    expect(_field(page)).to_have_value("nước thải")
    assert page.evaluate("window.rewrites") == 0
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?**")
    expect(page.get_by_role("heading", level=1)).to_contain_text("nước thải")


def test_an_input_method_that_erases_and_inserts(page: Page) -> None:
    # Unikey: "nuoc" + tone key → Backspaces, then the accented letters.
    for typed, erased, inserted in (("nuo", 2, "ươ"), ("c", 2, "ớc"), (" tha", 1, "ả"), ("i", 0, "")):
        page.keyboard.type(typed)
        for _ in range(erased):
            page.keyboard.press("Backspace")
        if inserted:
            page.keyboard.insert_text(inserted)
    expect(_field(page)).to_have_value("nước thải")
    _says(page, "nước thải")


def test_arrows_move_escape_closes_enter_chooses(page: Page) -> None:
    page.keyboard.type("xu ly nuoc")
    _says(page, "xử lý nước")
    page.keyboard.press("ArrowDown")
    first = _options(page).first
    expect(first).to_have_attribute("aria-selected", "true")
    expect(_field(page)).to_have_attribute("aria-activedescendant", str(first.get_attribute("id")))
    expect(_field(page)).to_have_value("xu ly nuoc")
    page.keyboard.press("ArrowUp")
    expect(_field(page)).not_to_have_attribute("aria-activedescendant", re.compile("."))
    page.keyboard.press("ArrowUp")
    expect(_options(page).last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_have_count(0)
    expect(_field(page)).to_have_value("xu ly nuoc")
    page.keyboard.press("ArrowDown")
    expect(_options(page).first).to_be_visible()
    page.keyboard.press("ArrowDown")
    chosen = _options(page).first.locator("span").inner_text()
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?**")
    expect(_field(page)).to_have_value(chosen)
    expect(page.get_by_role("listbox")).to_have_count(0)


def test_an_answer_on_its_way_does_not_take_the_place_away(page: Page) -> None:
    page.keyboard.type("xu ly nuo")
    _says(page, "xử lý nước")
    page.evaluate("""() => {
        const own = window.fetch;
        window.fetch = async (...asked) => {
            const answer = await own(...asked);
            await new Promise((go) => setTimeout(go, 500));
            return answer;
        };
    }""")
    with page.expect_request(_asks("xu ly nuoc")):
        page.keyboard.type("c")
    page.keyboard.press("ArrowDown")
    expect(_options(page).first).to_have_attribute("aria-selected", "true")
    page.wait_for_timeout(700)
    expect(_options(page).first).to_have_attribute("aria-selected", "true")


def test_a_title_leads_to_its_page_by_mouse(page: Page) -> None:
    with page.expect_response(_asks("nuoc thai")) as answered:  # the list of fewer keys may begin with another title
        page.keyboard.type("nuoc thai")
    expect(_options(page).locator("span")).to_have_text([row["text"] for row in answered.value.json()])
    option = _options(page).filter(has=page.locator("small", has_text="Công nghệ chào bán")).first
    title = option.locator("span").inner_text()
    option.click()
    page.wait_for_url(re.compile("/offers/"))
    expect(page.get_by_role("heading", level=1)).to_contain_text(title[:40])


def test_enter_without_a_choice_searches_what_was_typed(page: Page) -> None:
    page.keyboard.type("say lanh")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?**q=say+lanh**")


def test_a_misspelt_query_is_offered_its_correction(wide: Page) -> None:
    wide.goto("/search?q=nuwowcs thari")
    wide.get_by_role("link", name="nước thải", exact=True).click()
    expect(_field(wide)).to_have_value("nước thải")
    expect(wide.locator(".card").first).to_be_visible()


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["1280", "390"])
def test_an_empty_field_offers_the_sectors_looked_at_last(open_page, viewport) -> None:
    page: Page = open_page("/search?sector=environment", viewport=viewport)
    page.goto("/search?sector=health&sector=energy")
    page.goto("/")
    _field(page).focus()
    expect(_options(page)).to_have_count(3)
    expect(_options(page).first).to_contain_text("Lĩnh vực vừa xem")
    expect(_options(page).last).to_contain_text("Tài nguyên và môi trường")
    page.keyboard.press("Escape")
    expect(_options(page)).to_have_count(0)
    page.keyboard.type("xu ly nuoc")
    _says(page, "xử lý nước")
    _field(page).fill("")
    expect(_options(page)).to_have_count(3)
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?sector=environment")
