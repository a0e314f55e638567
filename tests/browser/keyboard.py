"""Moving through a page with nothing but keys."""

from __future__ import annotations

from playwright.sync_api import Locator, Page

MOST_STOPS = 120


def tab_to(page: Page, target: Locator, *, backwards: bool = False) -> None:
    """Press Tab until the element has the focus, as somebody without a mouse does."""
    target.wait_for(state="attached")
    for _ in range(MOST_STOPS):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Shift+Tab" if backwards else "Tab")
    raise AssertionError(f"{MOST_STOPS} tab stops did not lead to {target}")


def focused(page: Page) -> str:
    """The focused element's name for assistive technology, or its text."""
    name: str = page.evaluate("""() => {
        const element = document.activeElement;
        return element.getAttribute("aria-label") || element.labels?.[0]?.innerText || element.innerText || element.name || "";
    }""")
    return name
