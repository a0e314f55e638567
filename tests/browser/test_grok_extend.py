"""Grok extend: the input is an earlier take, and what the take was decides about the price."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.playground import expect_price, expect_taken, foot, prompt_of, run_button
from tests.browser.product import Product
from tests.browser.soundness import assert_sound

EXTEND = "/models/kie/grok-imagine/extend"
TAKE = re.compile("^Video task")


def earlier_take(page: Page) -> Locator:
    return page.get_by_role("combobox", name=TAKE)


def choose_take(page: Page, prompt: str) -> None:
    value = earlier_take(page).locator("option", has_text=prompt).get_attribute("value")
    earlier_take(page).select_option(value)


def test_an_earlier_take_is_extended_at_the_price_of_its_resolution(open_page: OpenPage, desk: Product) -> None:
    small, large = "A paper lantern in the rain", "Dunes in the first light"
    desk.arrange("grok-takes", small, large)
    page = open_page(desk)
    page.goto(EXTEND)
    prompt_of(page).fill("The lantern lands on the water and floats away")
    expect(earlier_take(page)).to_be_visible()
    choose_take(page, large)
    expect_price(page, "27")
    choose_take(page, small)
    expect_price(page, "14.4")
    expect(foot(page)).to_contain_text("480p")
    expect(page.locator(".picked img")).to_be_visible()
    page.get_by_role("group", name=re.compile("^Extra seconds")).locator("label").filter(has_text="10 s").click()
    expect_price(page, "24")
    assert_sound(page)

    run_button(page).click()
    expect_taken(page)
