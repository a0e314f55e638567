"""What every page has to be: nothing for axe to find, nothing that sticks out sideways."""

from __future__ import annotations

from collections.abc import Sequence

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.scripting import has_script

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# What may differ between two themes of one page.
COLOURS = ["color-contrast", "link-in-text-block"]
_DEAD = """() => {
    const isShown = element => getComputedStyle(element).display !== "none";
    // A closed menu counts as open: its own button is looked at, too.
    const isSeen = element => {
        const menu = element.closest("[popover]:not(:popover-open)");
        if (!menu) return element.checkVisibility({visibilityProperty: true, opacityProperty: true});
        for (let one = element; one !== menu; one = one.parentElement) if (!isShown(one)) return false;
        return true;
    };
    const mayBeSent = form => form && [...form.elements].some(one => one.type === "submit" && !one.disabled);
    const isAlive = element => {
        if (element.disabled || element.readOnly) return true;
        if (element.matches("a")) return element.hasAttribute("href");
        if (element.matches("button")) return Boolean(element.popoverTargetElement || (element.type !== "button" && element.form));
        return mayBeSent(element.form);
    };
    const all = [...document.querySelectorAll("a, button, input, select, textarea")];
    return all.filter(one => isSeen(one) && !isAlive(one)).map(one => one.outerHTML.slice(0, 160));
}"""
# While a price is on its way the old one is dimmed, which is no colour to be judged by. The heartbeat dims nothing, and
# where an answer takes long one follows the other: no page with a running job would ever be without a request.
_AT_REST = """() => !document.querySelector(".htmx-request:not(#pulse)")
    && document.getAnimations().every(one => one.playState !== "running")"""
# What loads when it is seen begins to with the first picture of the page.
_NEXT_PICTURE = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))"


def violations(page: Page, part: str | None = None, rules: Sequence[str] = WCAG) -> list[str]:
    """One line for each element that axe complains about, in the whole page or in one part of it."""
    page.evaluate(_NEXT_PICTURE)
    page.wait_for_function(_AT_REST)
    results = Axe().run(page, part, options={"runOnly": list(rules)})
    return [
        f"{violation['id']}: {node['html'][:160]} {node['failureSummary']}"
        for violation in results.response["violations"]
        for node in violation["nodes"]
    ]


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than the window."""
    width: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return width


def dead(page: Page) -> list[str]:
    """What one can see, and press or fill in, in vain, as long as no script runs: it is sent by no form and opens nothing."""
    found: list[str] = page.evaluate(_DEAD)
    return found


def assert_sound(page: Page) -> None:
    # Half a page has forms without their buttons.
    page.wait_for_load_state()
    if has_script(page):
        assert violations(page) == []
    else:
        # axe is a script that waits for others.
        assert dead(page) == []
    assert overflow(page) <= 0
