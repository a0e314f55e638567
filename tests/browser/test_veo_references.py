"""Veo 3.1 Fast: the mode decides about pictures, shape and seconds, and pictures decide about the mode."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenPage, Still
from tests.browser.inputs import Inputs, choose_files, file_input, give, zone
from tests.browser.keyboard import tab_to
from tests.browser.playground import expect_price, expect_taken, foot, group, option, pick, prompt_of, run_button
from tests.browser.product import Product
from tests.browser.scripting import update
from tests.browser.soundness import assert_sound

VEO_FAST = "/models/kie/veo3_fast?prompt=example"
REFERENCES = "Reference mode needs one to three pictures, 8 s and 16:9 or 9:16."


def mode(page: Page) -> Locator:
    return page.get_by_role("combobox", name=re.compile("^Mode"))


def mode_box(page: Page) -> Locator:
    return page.locator(".field").filter(has=mode(page))


def names(page: Page) -> Locator:
    return zone(page, "Images").locator(".has b")


def test_three_references_fix_the_length_and_narrow_the_shape(open_page: OpenPage, desk: Product, inputs: Inputs) -> None:
    page = open_page(desk)
    page.goto(VEO_FAST)
    prompt_of(page).fill("A perfume bottle on wet slate")
    pick(page, "Duration", "4 s")
    pick(page, "Aspect ratio", "Auto")
    mode(page).select_option("REFERENCE_2_VIDEO")
    update(page)
    expect(group(page, "Images").locator("legend")).to_contain_text("required")
    expect(group(page, "Images")).to_contain_text(REFERENCES)
    expect(group(page, "Duration")).to_contain_text(f"Set to 8 s: {REFERENCES}")
    expect(option(page, "Duration", "8 s")).to_be_checked()
    for impossible in ("4 s", "6 s"):
        expect(option(page, "Duration", impossible)).to_be_disabled()
    expect(option(page, "Aspect ratio", "Auto")).to_be_disabled()
    expect(group(page, "Aspect ratio")).to_contain_text(REFERENCES)
    assert_sound(page)

    pictures = [inputs.picture(name) for name in ("bottle.png", "slate.jpg", "light.webp")]
    choose_files(page, "Images", *pictures)
    expect(zone(page, "Images").locator(".has")).to_have_count(3)
    expect(names(page)).to_have_text(["bottle.png", "slate.jpg", "light.webp"])
    pick(page, "Aspect ratio", "9:16")
    pick(page, "Resolution", "1080p")
    expect_price(page, "65")
    pick(page, "Resolution", "720p")
    expect_price(page, "60")
    assert_sound(page)
    run_button(page).click()
    expect_taken(page)


def test_text_mode_and_pictures_close_each_other(open_page: OpenPage, still: Still, inputs: Inputs, script: bool) -> None:
    page = open_page(still.product)
    page.goto(VEO_FAST)
    mode(page).select_option("TEXT_2_VIDEO")
    update(page)
    expect(group(page, "Images")).to_contain_text("Text mode takes no pictures.")
    expect(file_input(page, "Images")).to_be_disabled()
    assert_sound(page)

    mode(page).select_option("")
    update(page)
    expect(file_input(page, "Images")).to_be_enabled()
    give(page, "Images", inputs.picture("bottle.png"), inputs.picture("slate.jpg"))
    expect(mode_box(page)).to_contain_text("Text to video: Text mode takes no pictures.")
    expect(mode(page).locator("option", has_text="Text to video")).to_be_disabled()
    expect(names(page)).to_have_text(["bottle.png", "slate.jpg"])
    zone(page, "Images").get_by_role("button", name="Remove: bottle.png").click()
    if script:
        expect(file_input(page, "Images")).to_be_focused()
    tab_to(page, zone(page, "Images").get_by_role("button", name="Remove: slate.jpg"), backwards=True)
    page.keyboard.press("Enter")
    expect(zone(page, "Images").locator(".has")).to_have_count(0)
    if script:
        expect(file_input(page, "Images")).to_be_focused()
    expect(mode(page).locator("option", has_text="Text to video")).to_be_enabled()
    expect(mode_box(page)).not_to_contain_text("takes no pictures")


def test_a_mode_chosen_first_follows_pictures_that_went(open_page: OpenPage, still: Still, inputs: Inputs) -> None:
    """The last change was the files', though the mode was chosen by hand before: its choices open again."""
    page = open_page(still.product)
    page.goto(VEO_FAST)
    choose_files(page, "Images", inputs.picture("bottle.png"))
    expect(mode_box(page)).to_contain_text("Text to video: Text mode takes no pictures.")
    mode(page).select_option("REFERENCE_2_VIDEO")
    update(page)
    expect(group(page, "Duration")).to_contain_text(REFERENCES)
    zone(page, "Images").get_by_role("button", name="Remove: bottle.png").click()
    expect(mode(page).locator("option", has_text="Text to video")).to_be_enabled()
    mode(page).select_option("TEXT_2_VIDEO")
    update(page)
    expect(group(page, "Duration")).not_to_contain_text(REFERENCES)
    expect(option(page, "Duration", "4 s")).to_be_enabled()
    expect(foot(page)).to_contain_text("60 test credits")
