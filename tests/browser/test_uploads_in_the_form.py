"""Files on their way into a field: pasted, by link, refused, put in order, and without JavaScript."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, Watches
from tests.browser.inputs import Inputs, drop, file_input, paste_picture, zone
from tests.browser.playground import DONE_MS, STATUS_MS, balance, expect_price, prompt_of, run_button
from tests.browser.product import Product
from tests.browser.soundness import assert_sound, overflow

VEO_FAST = "/models/kie/veo3_fast?prompt=example"
KLING_3 = "/models/kie/kling-3.0/video?prompt=example"
HAILUO = "/models/kie/hailuo/2-3-image-to-video-standard?prompt=example"
IMAGES = "Images"
FRAMES = "First / last frame"


def names(page: Page, field: str) -> list[str]:
    return zone(page, field).locator(".has b").all_inner_texts()


def test_a_picture_is_pasted_where_it_fits(open_page: OpenPage, product: Product, inputs: Inputs) -> None:
    page = open_page(product)
    page.goto(VEO_FAST)
    prompt_of(page).focus()
    paste_picture(page, inputs.picture("pasted.png", width=480, height=270))
    expect(zone(page, IMAGES)).to_contain_text("480×270", timeout=STATUS_MS)
    expect(page.locator("#field-generationType")).to_contain_text("Text mode takes no pictures")


def test_a_link_that_cannot_be_fetched_is_kept_and_says_so(open_page: OpenPage, product: Product) -> None:
    page = open_page(product)
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
    open_page: OpenPage, product: Product, inputs: Inputs, watches: Watches
) -> None:
    page = open_page(product)
    watches[page].expected |= {422}
    page.goto(VEO_FAST)
    drop(page, zone(page, IMAGES), [inputs.text_called("holiday.png"), inputs.picture("bottle.png")])
    expect(zone(page, IMAGES).get_by_role("alert")).to_contain_text("holiday.png: ", timeout=STATUS_MS)
    expect(zone(page, IMAGES).get_by_role("alert")).to_contain_text("Choose the file itself")
    assert names(page, IMAGES) == ["bottle.png"]
    assert_sound(page)


def test_pictures_are_put_in_order_by_buttons(open_page: OpenPage, product: Product, inputs: Inputs) -> None:
    page = open_page(product)
    page.goto(VEO_FAST)
    file_input(page, IMAGES).set_input_files([inputs.picture(name) for name in ("one.png", "two.png", "three.png")])
    expect(zone(page, IMAGES).locator(".has")).to_have_count(3, timeout=STATUS_MS)
    expect(file_input(page, IMAGES)).to_have_count(0)
    down = zone(page, IMAGES).get_by_role("button", name="Move down: one.png")
    down.focus()
    page.keyboard.press("Enter")
    expect(zone(page, IMAGES).locator(".has b").first).to_have_text("two.png")
    expect(down).to_be_focused()
    zone(page, IMAGES).get_by_role("button", name="Move up: three.png").click()
    expect(zone(page, IMAGES).locator(".has b").nth(1)).to_have_text("three.png")
    assert names(page, IMAGES) == ["two.png", "three.png", "one.png"]
    assert_sound(page)


def test_shots_and_a_first_frame_without_javascript(open_page: OpenPage, product: Product, inputs: Inputs) -> None:
    page = open_page(product, javascript=False)
    page.goto(KLING_3)
    before = balance(page)
    page.get_by_role("switch", name=re.compile("^Multi-shot")).check()
    file_input(page, FRAMES).set_input_files(inputs.picture("quay.png"))
    page.get_by_role("button", name="Update price").click()
    expect(zone(page, FRAMES)).to_contain_text("quay.png")
    first = page.get_by_role("group", name="Shot 1", exact=True)
    first.get_by_role("textbox", name=re.compile("^Shot text")).fill("A paper boat leaves the quay")
    first.get_by_role("spinbutton", name=re.compile("^Seconds")).fill("2")
    page.get_by_role("button", name="Add shot").click()
    second = page.get_by_role("group", name="Shot 2", exact=True)
    second.get_by_role("textbox", name=re.compile("^Shot text")).fill("It meets a swan")
    second.get_by_role("spinbutton", name=re.compile("^Seconds")).fill("1")
    page.get_by_role("button", name="Update price").click()
    expect(page.locator("#foot")).to_contain_text("The shots last 3 s together; Duration is 5 s.")
    assert overflow(page) <= 0

    page.get_by_role("combobox", name=re.compile("^Duration")).select_option("3")
    page.get_by_role("button", name="Update price").click()
    expect_price(page, "60")
    run_button(page).click()
    page.wait_for_url(re.compile("/tasks/"))
    expect(page.locator("video")).to_be_attached(timeout=DONE_MS)
    page.goto("/credits")
    assert balance(page) == before - 60
