"""Hailuo 2.3: 1080P lasts 6 s only, and the form says so where 10 s would be chosen."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.inputs import Inputs, file_input, give, zone
from tests.browser.keyboard import tab_to
from tests.browser.playground import (
    balance,
    expect_price,
    expect_sent,
    expect_taken,
    expect_video,
    group,
    option,
    pick,
    prompt_of,
    run_button,
)
from tests.browser.product import Product
from tests.browser.scripting import update
from tests.browser.soundness import assert_sound

HAILUO = "/models/kie/hailuo/2-3-image-to-video-standard?prompt=example"
START = "Start image"
RULE = "1080P exists only with 6 s."


def test_1080p_moves_the_duration_and_closes_ten_seconds(open_page: OpenPage, desk: Product, inputs: Inputs) -> None:
    page = open_page(desk)
    page.goto(HAILUO)
    before = balance(page)
    prompt_of(page).fill("A ringed planet turns slowly")
    zone(page, START).get_by_role("button", name="Remove").click()
    expect(zone(page, START).get_by_role("button", name="Remove")).to_have_count(0)
    give(page, START, inputs.picture("planet.png"))
    expect(zone(page, START)).to_contain_text("planet.png")
    expect(zone(page, START)).to_contain_text("640×360")

    pick(page, "Resolution", "768P")
    update(page)
    expect(option(page, "Duration", "10 s")).to_be_enabled()
    expect_price(page, "30")
    pick(page, "Duration", "10 s")
    expect_price(page, "50")
    pick(page, "Resolution", "1080P")
    update(page)
    expect(group(page, "Duration")).to_contain_text(f"Set to 6 s: {RULE}")
    expect(group(page, "Duration")).to_contain_text(f"10 s: {RULE}")
    expect(option(page, "Duration", "6 s")).to_be_checked()
    expect(option(page, "Duration", "10 s")).to_be_disabled()
    expect(option(page, "Duration", "10 s")).to_be_visible()
    expect_price(page, "50")
    assert_sound(page)

    pick(page, "Resolution", "768P")
    update(page)
    expect(option(page, "Duration", "10 s")).to_be_enabled()
    expect(group(page, "Duration")).not_to_contain_text(RULE)
    expect_price(page, "30")
    run_button(page).click()
    expect_taken(page)
    expect(page.locator("#balance")).to_contain_text(f"{before - 30:,}")


@pytest.mark.script("choices that close while arrows move over them, and a key that runs")
def test_the_same_with_keys_alone(open_page: OpenPage, product: Product, inputs: Inputs) -> None:
    page = open_page(product)
    page.goto(HAILUO)
    before = balance(page)
    tab_to(page, prompt_of(page))
    page.keyboard.press("Control+A")
    page.keyboard.type("Fog drifts between tall pines")
    # Around the way there, too: the browser has to know of the listener before the key comes.
    with page.expect_file_chooser() as chooser:
        tab_to(page, file_input(page, START))
        page.keyboard.press("Enter")
    chooser.value.set_files(inputs.picture("pines.jpg"))
    expect(zone(page, START)).to_contain_text("pines.jpg")

    # The example stands at 1080P: the arrow keys pass over what cannot be chosen.
    tab_to(page, option(page, "Duration", "6 s"))
    page.keyboard.press("ArrowRight")
    expect(option(page, "Duration", "6 s")).to_be_focused()
    tab_to(page, option(page, "Resolution", "1080P"))
    page.keyboard.press("ArrowLeft")
    expect(option(page, "Resolution", "768P")).to_be_checked()
    expect(option(page, "Duration", "10 s")).to_be_enabled()
    expect(option(page, "Resolution", "768P")).to_be_focused()
    expect_price(page, "30")
    page.keyboard.press("Control+Enter")

    expect_sent(page)
    expect_video(page)
    expect(page.locator("#balance")).to_contain_text(f"{before - 30:,}")
