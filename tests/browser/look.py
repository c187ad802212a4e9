"""Looking at a page with the eyes of the accessibility rules, at the widths of a desk and of phones."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

#: WCAG 2.2 A and AA, and what axe calls best practice.
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_OPTIONS = {"resultTypes": ["violations"], "runOnly": _RULES}
_HEIGHT = 900
WIDTHS_TO_RULE = (1280, 390)
WIDTHS_TO_FIT = (1280, 390, 320)

_TOO_WIDE = """() => {
  const page = document.documentElement;
  if (page.scrollWidth <= page.clientWidth) return [];
  const name = e => [e.tagName.toLowerCase(), ...e.classList].join('.') + (e.id && '#' + e.id);
  const reaches = e => e.getBoundingClientRect().right > page.clientWidth + 1;
  return [...document.querySelectorAll('body *')].filter(reaches).slice(0, 5).map(name);
}"""

_axe = Axe()


def problems_of(page: Page, widths: tuple[int, ...] = WIDTHS_TO_RULE) -> list[str]:
    """What is wrong with the page as it stands: rules broken, sideways scrolling, not just one first heading."""
    problems = []
    if (count := page.locator("h1").count()) != 1:
        problems.append(f"{count} h1")
    for width in WIDTHS_TO_FIT:
        page.set_viewport_size({"width": width, "height": _HEIGHT})
        if too_wide := page.evaluate(_TOO_WIDE):
            problems.append(f"{width} px: sideways scroll, by {', '.join(too_wide)}")
        if width in widths:
            problems += [f"{width} px: {line}" for line in _broken_rules(page)]
    return problems


def _broken_rules(page: Page) -> list[str]:
    return [
        f"{rule['id']}: {' | '.join(node['html'][:200] for node in rule['nodes'][:3])}"
        for rule in _axe.run(page, options=_OPTIONS).response["violations"]
    ]
