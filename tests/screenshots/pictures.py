"""The product's own picture for every picture of the design: same page, same size, same state, from the demo team's day."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.browser.playground import foot, prompt_of
from tests.browser.product import Product
from tests.screenshots.demo import afternoon, rows
from tests.screenshots.settled import play, settle
from tests.screenshots.sheet import sheet

KLING = "/models/kie/kling-3.0/video"
PROMPT = (
    "One continuous 8-second shot. Low camera skims just above the swell toward the sun at golden hour; spray catches the light"
    " and the horizon stays level. Slow push-in, 35 mm. Audio: wind, water lapping, distant gulls."
)
MODELS = "&".join(f"model=kie/{model}" for model in ("kling-3.0/video", "veo3_fast", "bytedance/seedance-1.5-pro", "wan/2-5-text-to-video"))
GALLERY = f"/gallery?scope=team&{MODELS}&when=30"
PLAYED_SECONDS = 2.04
# A busy machine is slow, and nothing is measured here.
PATIENCE_MS = 120_000
expect.set_options(timeout=PATIENCE_MS)


@dataclass(slots=True)
class Studio:
    """A running product with the demo team's day in it; `at` is what rows.day says."""

    browser: Browser
    product: Product
    cookies: str
    at: dict[str, str]

    def hold(self) -> None:
        """Taking pictures takes longer than what they show."""
        rows(self.product, "hold", self.at["running"])

    def page(self, name: str, **more: Any) -> Page:
        """As wide, as dense and as dark as the design's picture of this name is."""
        phone: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True}
        look: dict[str, Any] = phone if "mobile" in name else {"viewport": {"width": 1440, "height": 900}}
        look |= {"color_scheme": "dark" if name.endswith("dark") else "light", "timezone_id": afternoon()} | more
        context = self.browser.new_context(base_url=self.product.url, storage_state=self.cookies, **look)
        context.set_default_timeout(PATIENCE_MS)
        return context.new_page()


def market(studio: Studio, page: Page) -> None:
    page.goto("/models")


def written(page: Page) -> None:
    """The design's words in the form: they ask for another length than the field."""
    with page.expect_response("**/quote"):
        prompt_of(page).fill(PROMPT)
    expect(page.locator("#f")).to_contain_text("The prompt asks for 8 s")
    expect(foot(page)).not_to_have_class(re.compile("htmx-request"))
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")


def playground(studio: Studio, page: Page) -> None:
    studio.hold()
    page.goto(f"{KLING}?take={studio.at['done']}")
    written(page)
    settle(page)
    play(page, "#stage video", PLAYED_SECONDS)
    # The controls are there for whoever points at the clip.
    page.locator("#stage .player").hover()


def api(studio: Studio, page: Page) -> None:
    studio.hold()
    page.goto(f"{KLING}?take={studio.at['done']}&tab=api")
    written(page)
    page.locator("[data-pane=api] .seg").first.get_by_text("Python", exact=True).click()
    page.get_by_role("combobox", name=re.compile("^Duration")).select_option("6")
    page.get_by_role("combobox", name=re.compile("^Duration")).select_option("5")
    settle(page)
    page.evaluate("document.activeElement.blur()")


def generating(studio: Studio, page: Page) -> None:
    studio.hold()
    page.goto(f"{KLING}?take={studio.at['running']}")
    written(page)


def form_on_a_phone(studio: Studio, page: Page) -> None:
    studio.hold()
    page.goto(f"{KLING}?take={studio.at['done']}")
    written(page)
    settle(page)
    # The strip's captions stand under the bar, as in the design's picture.
    page.evaluate("scrollTo(0, document.querySelector('#f').getBoundingClientRect().top + scrollY - 94)")


def compare(studio: Studio, page: Page) -> None:
    made = rows(studio.product, "compared")
    rows(studio.product, "hold", made["running"])
    studio.at["running"] = made["running"]
    page.goto(f"/compare/{made['id']}")


def detail(studio: Studio, page: Page) -> None:
    studio.hold()
    page.goto(f"/takes/{studio.at['detail']}?scope=team")
    settle(page)
    play(page, ".dt video", 5)
    page.locator(".dt .player").hover()


def gallery(studio: Studio, page: Page) -> None:
    studio.hold()
    page.goto(GALLERY)


def gallery_under_the_mouse(studio: Studio, page: Page) -> None:
    gallery(studio, page)
    settle(page)
    page.locator(".tile:has(.pick)").first.locator(".ph").hover()
    expect(page.locator("video.hover")).to_have_count(1)
    page.wait_for_function("() => document.querySelector('video.hover').currentTime > 1", polling="raf")


def gallery_selection(studio: Studio, page: Page) -> None:
    gallery(studio, page)
    settle(page)
    for number in (1, 4, 10):
        page.locator(".tile .pick").nth(number).click(force=True)
    page.mouse.move(5, 500)
    page.evaluate("document.activeElement.blur()")


def tasks(studio: Studio, page: Page) -> None:
    studio.hold()
    page.goto("/tasks?when=30")
    row = page.locator("tr", has_text="a couple in the foreground").first
    row.get_by_role("button", name=re.compile("^Details")).click()
    page.locator("tr.unfolded").wait_for()
    page.evaluate("document.activeElement.blur()")


def credits(studio: Studio, page: Page) -> None:
    studio.hold()
    page.goto("/credits")


# In the order in which they are taken: the last ones change the day.
PICTURES: dict[str, Callable[[Studio, Page], None]] = {
    "01-market-desktop-light": market,
    "01-market-desktop-dark": market,
    "02-playground-desktop-light": playground,
    "02-playground-desktop-dark": playground,
    "02-playground-api-dark": api,
    "02-playground-generating-light": generating,
    "02-playground-generating-dark": generating,
    "02-playground-mobile-light": playground,
    "02-playground-mobile-form-dark": form_on_a_phone,
    "04-detail-desktop-light": detail,
    "04-gallery-desktop-light": gallery_under_the_mouse,
    "04-gallery-select-desktop-dark": gallery_selection,
    "04-gallery-mobile-light": gallery,
    "04-gallery-mobile-dark": gallery,
    "05-tasks-desktop-light": tasks,
    "06-credits-desktop-light": credits,
    "06-credits-desktop-dark": credits,
    "03-compare-desktop-light": compare,
}
SHEET = "10-states-light"


def take_pictures(studio: Studio, folder: Path, wanted: Callable[[str], bool]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, show in PICTURES.items():
        if wanted(name):
            page = studio.page(name)
            show(studio, page)
            settle(page)
            page.screenshot(path=folder / f"{name}.png")
            page.context.close()
            print(f"{folder.parent.name}/{folder.name}/{name}.png", flush=True)
    if wanted(SHEET):
        sheet(studio, folder / f"{SHEET}.png")
