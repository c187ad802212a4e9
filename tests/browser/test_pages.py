"""Every page: no accessibility rule broken, no sideways scroll, one first heading, nothing on the console."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.live_site import Site
from tests.browser.look import WIDTHS_TO_RULE, problems_of
from tests.browser.pages import CASES, PageCase

pytestmark = pytest.mark.browser

Look = Callable[..., Page]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_page(look_at: Look, site: Site, case: PageCase) -> None:
    page = look_at(case.email)
    answer = page.goto(case.path(site))
    assert answer is not None
    assert answer.status == case.status
    # The rules are asked of every page as phones see it, and of the main ones on a desk too; the fit at every width of all.
    assert problems_of(page, widths=WIDTHS_TO_RULE if case.in_english else (390,)) == []


@pytest.mark.parametrize("case", [case for case in CASES if case.in_english], ids=lambda case: case.name)
def test_page_in_english(look_at: Look, site: Site, case: PageCase) -> None:
    page = look_at(case.email, "en")
    path = case.path(site)
    page.goto(f"{path}{'&' if '?' in path else '?'}lang=en")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    # Other words in the same elements: they may need more room, the rules were asked above.
    assert problems_of(page, widths=()) == []
