"""When a page is ready to be looked at."""

from __future__ import annotations

from playwright.sync_api import Page


def settle(page: Page) -> None:
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready.then(() => true)")
    # A poster that is still being decoded would make an empty picture; a lazy one out of sight is never loaded.
    page.evaluate("""Promise.all(
        [...document.images].filter(image => image.complete).map(image => image.decode().catch(() => undefined))
    ).then(() => true)""")


def play(page: Page, video: str, seconds: float) -> None:
    """Let a clip run up to this moment; it goes on from there."""
    page.locator(video).evaluate("video => { video.muted = true; return video.play(); }")
    page.wait_for_function(
        "([query, seconds]) => document.querySelector(query).currentTime >= seconds", arg=[video, seconds], polling="raf"
    )
