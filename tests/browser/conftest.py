"""The site, the browser and its pages. Whatever a page does, the console stays empty and every request is answered."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from tests.browser.live_site import Site, running_site
from tests.browser.people import CONTEXT, People
from tests.browser.watch import Watch

_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip
_PATIENCE_MS = 15_000

WIDE: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}

expect.set_options(timeout=_PATIENCE_MS)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser of the system: `CHROMIUM`, else /usr/bin/chromium. Nothing is downloaded."""
    path = os.environ.get("CHROMIUM") or "/usr/bin/chromium"
    if not Path(path).exists():
        pytest.skip(f"no Chromium at {path}; install one (Debian: apt install chromium) or name it in CHROMIUM")
    return path


@pytest.fixture(scope="session")
def site(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One running site for all browser tests, so each test makes what it changes."""
    with running_site(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture(scope="session")
def browser(chromium: str, site: Site) -> Iterator[Browser]:
    # Asks for the site so that it closes first: open connections would hold up the server's end.
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=_FLAGS)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def people(browser: Browser, site: Site) -> People:
    """Signed-in sample accounts."""
    return People(browser, site)


@pytest.fixture
def watches() -> Iterator[list[Watch]]:
    """The watches of the test's contexts; fails the test on what they saw."""
    made: list[Watch] = []
    yield made
    assert [problem for watch in made for problem in watch.problems] == []


@pytest.fixture
def open_page(browser: Browser, site: Site, people: People, watches: list[Watch]) -> Iterator[Callable[..., Page]]:
    """`open_page(path, email=…, viewport=…)` → a page in a context of its own, signed in as `email` or as nobody.

    Further keywords go to Playwright's `new_context`.
    """
    contexts = []

    def open_one(path: str = "", *, email: str = "", viewport: ViewportSize = WIDE, **options: Any) -> Page:
        if email:
            options["storage_state"] = people.state_of(email)
        context = browser.new_context(base_url=site.address, viewport=viewport, **{**CONTEXT, **options})
        context.set_default_timeout(_PATIENCE_MS)
        contexts.append(context)
        watches.append(Watch(context, site.address))
        page = context.new_page()
        if path:
            page.goto(path)
        return page

    yield open_one
    for context in contexts:
        context.close()


@pytest.fixture
def look_at(site: Site, people: People, watches: list[Watch]) -> Iterator[Callable[..., Page]]:
    """`look_at(email, locale)` → an empty page in a context shared with other tests; for looking only."""
    pages = []

    def look(email: str = "", locale: str = "vi") -> Page:
        page = people.context_of(email, locale).new_page()
        page.set_default_timeout(_PATIENCE_MS)
        page.set_viewport_size(WIDE)
        pages.append(page)
        watches.append(Watch(page, site.address))
        return page

    yield look
    for page in pages:
        page.close()


@pytest.fixture
def wide(open_page: Callable[..., Page]) -> Page:
    """A stranger's page on a desk, 1280 px wide."""
    return open_page()


@pytest.fixture
def phone(open_page: Callable[..., Page]) -> Page:
    """A stranger's page on a phone, 390 px wide."""
    return open_page(viewport=PHONE)
