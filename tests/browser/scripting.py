"""With script and without: which of the two a page is in, and what a person does then in place of the script."""

from __future__ import annotations

from weakref import WeakSet

from playwright.sync_api import BrowserContext, Locator, Page

_WITHOUT: WeakSet[BrowserContext] = WeakSet()


def remember(context: BrowserContext, has_scripts: bool) -> None:
    if not has_scripts:
        _WITHOUT.add(context)


def has_script(page: Page) -> bool:
    return page.context not in _WITHOUT


def update(page: Page) -> None:
    """What follows from what was typed and chosen comes by itself, or by the form's own button."""
    press_unless_scripted(page, "Update price")


def show(page: Page, words: str) -> None:
    """Filters work at once, or with the button that only those see who have no script."""
    press_unless_scripted(page, words)


def press_unless_scripted(page: Page, words: str) -> None:
    if not has_script(page):
        # Of half a page the last button is another one, and what is not there yet is not sent.
        page.wait_for_load_state()
        page.get_by_role("button", name=words, exact=True).locator("visible=true").last.click()


def scroll_to(place: Locator) -> None:
    """In one step: what loads when it is seen may be gone before a second one."""
    place.evaluate("place => place.scrollIntoView()")
