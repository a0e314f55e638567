"""What every page has to be: nothing for axe to find, nothing that sticks out sideways."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


# While a price is on its way the old one is dimmed, which is no colour to be judged by.
_AT_REST = "() => !document.querySelector('.htmx-request') && document.getAnimations().every(one => one.playState !== 'running')"


def violations(page: Page, part: str | None = None) -> list[str]:
    """One line for each element that axe complains about, in the whole page or in one part of it."""
    page.wait_for_function(_AT_REST)
    results = Axe().run(page, part, options={"runOnly": WCAG})
    return [
        f"{violation['id']}: {node['html'][:160]} {node['failureSummary']}"
        for violation in results.response["violations"]
        for node in violation["nodes"]
    ]


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than the window."""
    width: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return width


def assert_sound(page: Page) -> None:
    page.wait_for_load_state("networkidle")
    assert violations(page) == []
    assert overflow(page) <= 0
