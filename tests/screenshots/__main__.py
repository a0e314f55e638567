"""Pictures of the product; with words as arguments only those whose name contains one. Three sorts of them:

- screenshots/pictures/<name>.png, from the demo team: one for every picture of the design. SCREENSHOTS_DATA names a data
  directory that `seed_demo` has filled already; it is copied.
- screenshots/beside/<name>.png: the design's (PICTURES names its folder) and ours, next to each other.
- screenshots/<width>-<theme>/<page>.png: every page and every state, from rows that were arranged.

Nothing is compared here: that is what eyes are for.
"""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.chromium import launch
from tests.browser.inputs import Inputs
from tests.browser.playground import KLING, VEO, prompt_of, run_button
from tests.browser.product import OWNER, ROOT, WEB_ALONE, Product
from tests.screenshots import demo
from tests.screenshots.beside import DESIGN, put_beside
from tests.screenshots.demo import signed_in
from tests.screenshots.pictures import PICTURES, SHEET, Studio, take_pictures
from tests.screenshots.scenes import SCENES
from tests.screenshots.settled import play, settle

TARGET = ROOT / "screenshots"
SIZES = {"1440": (1440, 900), "390": (390, 844)}
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def shots(still: Product, filled: Product, states: dict[str, tuple[int, str]]) -> Iterator[tuple[Product, str, str]]:
    """Of which product, under which name, which address."""
    latest = filled.arrange("latest", KLING)["number"]
    yield filled, "playground", f"{KLING}?take={latest}"
    yield filled, "playground-json", f"{KLING}?take={latest}&tab=json"
    yield filled, "playground-api", f"{KLING}?take={latest}&tab=api"
    yield filled, "playground-empty", VEO
    yield filled, "playground-example", f"{VEO}?prompt=example"
    yield filled, "models", "/models"
    yield filled, "models-nothing-found", "/models?q=no+such+model"
    yield filled, "models-filtered", "/models?input=image&can=4k&sort=price"
    yield filled, "model-about", "/models/kie/kling-3.0/video/about"
    yield filled, "model-retired", "/models/kie/sora-2-text-to-video"
    yield filled, "own-price", "/models/kie/kling-3.0/video/price"
    yield filled, "gallery-mine", "/gallery?scope=mine"
    yield filled, "gallery-team", "/gallery?scope=team"
    yield filled, "credits", "/credits"
    yield filled, "account", "/account"
    yield filled, "password", "/account/password"
    yield filled, "not-found", "/no-such-page"
    yield still, "gallery-with-running", "/gallery?scope=mine"
    yield still, "credits-with-holds", "/credits"
    for state, (number, job_id) in states.items():
        yield still, f"stage-{state}", f"{VEO}?take={number}"
        if state in ("done", "generating", "refused-by-the-model"):
            yield still, f"task-{state}", f"/tasks/{job_id}"


def rejuvenate(still: Product, states: dict[str, tuple[int, str]]) -> None:
    """Taking pictures takes longer than the states that are pictured."""
    ages = {"waiting": 1, "sending": 1, "queuing": 3, "generating": 4, "generating-with-progress": 4, "saving": 9}
    still.arrange("rejuvenate", *(f"{states[name][0]}:{age}" for name, age in ages.items()))


def take(page: Page, folder: Path, name: str) -> None:
    settle(page)
    page.screenshot(path=folder / f"{name}.png")
    if page.evaluate("document.documentElement.scrollHeight > innerHeight + 8"):
        page.screenshot(path=folder / f"{name}-whole.png", full_page=True)


def forms(page: Page, folder: Path) -> None:
    """What the form says to wrong input, to hints and to the keyboard."""
    page.goto(VEO)
    prompt_of(page).fill("fog " * 5002)
    run_button(page).click()
    page.locator("#problems").wait_for()
    take(page, folder, "playground-prompt-too-long")
    page.goto(KLING)
    prompt_of(page).fill("An eight-second shot, 9:16, of a harbour at night. She says: “Look!” Waves crash, loud music.")
    settle(page)
    take(page, folder, "playground-hints")


def signed_out(page: Page, product: Product, folder: Path) -> None:
    for name, path in {"sign-in": "/login", "sign-in-link": product.sign_in_link(), "sign-in-link-gone": "/sign-in/gone"}.items():
        page.goto(path)
        take(page, folder, name)


def for_the_readme(browser: Browser, product: Product, cookies: str) -> None:
    """The picture of README.md, with the clip playing; docs/images/playground.webp is a copy of it."""
    context = browser.new_context(base_url=product.url, storage_state=cookies, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(f"{KLING}?take={product.arrange('latest', KLING)['number']}")
    settle(page)
    play(page, "#stage video", 1.5)
    Image.open(io.BytesIO(page.screenshot())).save(TARGET / "readme.webp", quality=82, method=6)
    context.close()


def photograph(browser: Browser, still: Product, filled: Product, states: dict[str, tuple[int, str]], words: list[str]) -> None:
    cookies = {product.url: signed_in(browser, product, OWNER) for product in (still, filled)}
    inputs = Inputs(filled.data_dir)
    TARGET.mkdir(exist_ok=True)
    if not words:
        for_the_readme(browser, filled, cookies[filled.url])
    wanted = [shot for shot in shots(still, filled, states) if is_wanted(shot[1], words)]
    for width, (w, h) in SIZES.items():
        for theme in THEMES:
            folder = TARGET / f"{width}-{theme}"
            folder.mkdir(parents=True, exist_ok=True)
            look = {"viewport": {"width": w, "height": h}, "color_scheme": theme, "reduced_motion": "reduce"}
            for product in (filled, still):
                context = browser.new_context(base_url=product.url, storage_state=cookies[product.url], **look)  # type: ignore[arg-type]
                page = context.new_page()
                for owner, name, path in wanted:
                    if owner is product:
                        if name in ("stage-waiting", "stage-saving"):
                            rejuvenate(still, states)
                        page.goto(path)
                        take(page, folder, name)
                if product is filled:
                    brought_about(page, folder, inputs, words)
                context.close()
            if not words:
                context = browser.new_context(base_url=filled.url, **look)  # type: ignore[arg-type]
                signed_out(context.new_page(), filled, folder)
                context.close()
            print(f"{folder.relative_to(ROOT)}: {len(list(folder.glob('*.png')))} pictures", flush=True)


def brought_about(page: Page, folder: Path, inputs: Inputs, words: list[str]) -> None:
    if not words:
        forms(page, folder)
    for name, show in SCENES.items():
        if is_wanted(name, words):
            show(page, inputs)
            take(page, folder, name)


def is_wanted(name: str, words: list[str]) -> bool:
    return not words or any(word in name for word in words)


def of_the_design(browser: Browser, folder: Path, words: list[str]) -> None:
    if not any(is_wanted(name, words) for name in (*PICTURES, SHEET)):
        return
    with demo.filled(folder) as product:
        at = demo.rows(product, "day")
        studio = Studio(browser, product, demo.signed_in(browser, product, demo.OWNER, demo.afternoon()), at)
        take_pictures(studio, TARGET / "pictures", lambda name: is_wanted(name, words))
    pairs = put_beside(DESIGN, TARGET / "pictures", TARGET / "beside")
    print(f"screenshots/beside: {pairs} pairs" if pairs else f"No pictures of the design in {DESIGN}; PICTURES= names another folder.")


def of_every_state(browser: Browser, folder: Path, words: list[str]) -> None:
    with ExitStack() as stack:
        still, filled = (Product(folder / name, WEB_ALONE, SANDBOX_DETAIL="1") for name in ("still", "filled"))
        states = still.arrange("every-state")
        filled.arrange("gallery")
        filled.arrange("grok-takes", "A paper lantern in the rain", "Dunes in the first light")
        stack.enter_context(still)
        stack.enter_context(filled)
        photograph(browser, still, filled, states, words)


def main(words: list[str]) -> int:
    with tempfile.TemporaryDirectory(prefix="rushes-screenshots-") as folder, sync_playwright() as playwright:
        browser = launch(playwright)
        of_the_design(browser, Path(folder) / "demo", words)
        if not words or not all(word[:2].isdigit() for word in words):
            of_every_state(browser, Path(folder), words)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
