"""Two models side by side: run, watch, play in step, pick."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import OpenPage, Still
from tests.browser.playground import DONE_MS, STATUS_MS, balance, prompt_of
from tests.browser.product import Product
from tests.browser.scripting import update
from tests.browser.soundness import assert_sound

BOTH = "/compare?m=modkie/google/veo-3-1&m=modkie/kling/kling-3-0"
RUN_ALL = re.compile("^Run all")
# Two frames of the sandbox's clips, and what passes between two readings.
IN_STEP = """from => {
    const [one, other] = [...document.querySelectorAll(".cmp video")].map(video => video.currentTime);
    return Math.min(one, other) > from && Math.abs(one - other) <= 0.1;
}"""


def run_all(page: Page, prompt: str) -> None:
    page.goto(BOTH)
    prompt_of(page).fill(prompt)
    page.get_by_role("button", name=RUN_ALL).click()
    page.wait_for_url(re.compile("/compare/[0-9a-f-]{36}$"))


def play_in_step(page: Page) -> None:
    videos = page.locator(".cmp video")
    page.get_by_role("button", name="Play together").click()
    for number in (0, 1):
        expect(videos.nth(number)).to_have_js_property("paused", False)
    # The first moments are for loading; from then on what falls behind catches up.
    page.wait_for_function(IN_STEP, arg=1.5)
    # At rest, so that none gets there by playing on.
    videos.evaluate_all("videos => videos.forEach(video => video.pause())")
    page.locator("[data-seek]").first.fill("800")
    page.wait_for_function(IN_STEP, arg=3.5)


def test_two_models_run_at_once_play_in_step_and_one_is_picked(open_page: OpenPage, product: Product, script: bool) -> None:
    page = open_page(product)
    page.goto(BOTH)
    before = balance(page)
    run_all(page, "A low camera skims the swell toward the sun")
    expect(page.locator("#balance")).to_contain_text(f"{before - 95:,}", timeout=STATUS_MS)
    # Without script the page reloads itself until both are done.
    expect(page.locator(".cmp video")).to_have_count(2, timeout=DONE_MS)
    if script:
        play_in_step(page)

    page.get_by_role("button", name="Pick this one: Kling 3.0").click()
    picked = page.get_by_role("button", name="Picked: Kling 3.0")
    expect(picked).to_be_focused() if script else expect(picked).to_be_visible()
    page.get_by_role("button", name="Pick this one: Veo 3.1").click()
    expect(page.get_by_role("button", name="Picked: Veo 3.1")).to_be_visible()
    expect(picked).to_have_count(0)
    assert_sound(page)
    page.goto("/models?sort=picked")
    card = page.locator(".card").filter(has=page.locator('a[href="/models/modkie/google/veo-3-1"]'))
    expect(card).to_contain_text(re.compile("picked (once|\\d+ times)"))


@pytest.mark.script("a price that comes by itself")
def test_a_price_that_arrives_while_run_all_is_pressed_does_not_take_it_away(open_page: OpenPage, still: Still) -> None:
    page = open_page(still.product)
    page.goto(BOTH)
    held: list[Route] = []
    page.route("**/compare/quote", lambda route: route.continue_() if held else held.append(route))
    with page.expect_request("**/compare/quote"):
        prompt_of(page).fill("Rain on a neon street at night")
    run = page.get_by_role("button", name=RUN_ALL)
    run.hover()
    page.mouse.down()
    with page.expect_response("**/compare/quote"):
        held[0].continue_()
    page.mouse.up()
    page.wait_for_url(re.compile("/compare/[0-9a-f-]{36}$"))


def test_a_third_model_joins_and_what_was_typed_stays(open_page: OpenPage, still: Still) -> None:
    page = open_page(still.product, size="mobile", theme="dark")
    page.goto(BOTH)
    prompt_of(page).fill("Rain on a neon street at night")
    page.get_by_role("button", name="Add a third model").click()
    page.get_by_role("button", name=re.compile("^.? ?Hailuo 02 Pro text to video")).click()
    expect(page.get_by_role("article")).to_have_count(3)
    expect(prompt_of(page)).to_have_value("Rain on a neon street at night")
    assert_sound(page)
    page.get_by_role("button", name="Remove Veo 3.1").click()
    expect(page.get_by_role("article")).to_have_count(2)
    expect(prompt_of(page)).to_have_value("Rain on a neon street at night")
    update(page)
    expect(page.locator("#foot").get_by_role("button", name=RUN_ALL)).to_be_enabled()
    expect(prompt_of(page)).to_have_value("Rain on a neon street at night")


@pytest.mark.script("an address that changes in place; without it one posts to the same page again")
def test_the_address_names_the_models(open_page: OpenPage, still: Still) -> None:
    page = open_page(still.product)
    page.goto(BOTH)
    page.get_by_role("button", name="Add a third model").click()
    page.get_by_role("button", name=re.compile("^.? ?Hailuo 02 Pro text to video")).click()
    page.wait_for_url(re.compile("m=kie/hailuo"))
    page.reload()
    expect(page.get_by_role("article")).to_have_count(3)
