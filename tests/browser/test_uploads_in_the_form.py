"""Files on their way into a field: pasted, by link, refused, put in order."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenPage, Still, Watches
from tests.browser.inputs import Inputs, choose_files, file_input, give, paste_picture, zone
from tests.browser.playground import STATUS_MS, balance, expect_price, prompt_of
from tests.browser.soundness import assert_sound

VEO_FAST = "/models/kie/veo3_fast?prompt=example"
IMAGES = "Images"


def names(page: Page, field: str) -> Locator:
    return zone(page, field).locator(".has b")


@pytest.mark.script("pasting")
def test_a_picture_is_pasted_where_it_fits(open_page: OpenPage, still: Still, inputs: Inputs) -> None:
    page = open_page(still.product)
    page.goto(VEO_FAST)
    prompt_of(page).focus()
    paste_picture(page, inputs.picture("pasted.png", width=480, height=270))
    expect(zone(page, IMAGES)).to_contain_text("480×270", timeout=STATUS_MS)
    expect(page.locator("#field-generationType")).to_contain_text("Text mode takes no pictures")


def test_a_link_that_cannot_be_fetched_is_kept_and_says_so(open_page: OpenPage, still: Still) -> None:
    page = open_page(still.product)
    page.goto(VEO_FAST)
    before = balance(page)
    link = zone(page, IMAGES).get_by_role("textbox", name="Link to a picture")
    link.fill("https://nowhere.invalid/harbour.png")
    link.press("Enter")
    expect(zone(page, IMAGES)).to_contain_text("harbour.png", timeout=STATUS_MS)
    expect(zone(page, IMAGES)).to_contain_text("Could not be fetched")
    expect(zone(page, IMAGES)).to_contain_text("The sandbox draws a stand-in.")
    expect_price(page, "60")
    assert_sound(page)
    # Enter in the link's field adds the link. It does not run.
    assert "take=" not in page.url
    assert balance(page) == before


def test_a_list_of_files_that_calls_itself_a_picture_is_refused(
    open_page: OpenPage, still: Still, inputs: Inputs, watches: Watches
) -> None:
    page = open_page(still.product)
    watches[page].expected |= {422}
    page.goto(VEO_FAST)
    give(page, IMAGES, inputs.text_called("holiday.png"), inputs.picture("bottle.png"))
    expect(zone(page, IMAGES).get_by_role("alert")).to_contain_text("holiday.png: ", timeout=STATUS_MS)
    expect(zone(page, IMAGES).get_by_role("alert")).to_contain_text("Choose the file itself")
    expect(names(page, IMAGES)).to_have_text(["bottle.png"])
    assert_sound(page)


def test_pictures_are_put_in_order_by_buttons(open_page: OpenPage, still: Still, inputs: Inputs, script: bool) -> None:
    page = open_page(still.product)
    page.goto(VEO_FAST)
    choose_files(page, IMAGES, *[inputs.picture(name) for name in ("one.png", "two.png", "three.png")])
    expect(zone(page, IMAGES).locator(".has")).to_have_count(3, timeout=STATUS_MS)
    expect(file_input(page, IMAGES)).to_have_count(0)
    down = zone(page, IMAGES).get_by_role("button", name="Move down: one.png")
    down.focus()
    page.keyboard.press("Enter")
    expect(zone(page, IMAGES).locator(".has b").first).to_have_text("two.png")
    if script:
        expect(down).to_be_focused()
    zone(page, IMAGES).get_by_role("button", name="Move up: three.png").click()
    expect(zone(page, IMAGES).locator(".has b").nth(1)).to_have_text("three.png")
    expect(names(page, IMAGES)).to_have_text(["two.png", "three.png", "one.png"])
    assert_sound(page)
