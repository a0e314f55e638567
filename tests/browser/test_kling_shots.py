"""Kling 3.0 with several shots: a list whose seconds must add up, filled in by mouse and by keyboard."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenPage, Still, Watches
from tests.browser.keyboard import tab_to
from tests.browser.playground import (
    STATUS_MS,
    balance,
    expect_price,
    expect_sent,
    expect_taken,
    expect_video,
    foot,
    group,
    pick,
    run_button,
)
from tests.browser.product import Product
from tests.browser.scripting import update
from tests.browser.soundness import assert_sound

# With the example filled in, whatever the team has made before.
KLING_3 = "/models/kie/kling-3.0/video?prompt=example"


def multi_shot(page: Page) -> Locator:
    return page.get_by_role("switch", name=re.compile("^Multi-shot"))


def shots(page: Page) -> Locator:
    return group(page, "Shots")


def shot(page: Page, place: int) -> Locator:
    return page.get_by_role("group", name=f"Shot {place}", exact=True)


def words(page: Page, place: int) -> Locator:
    return shot(page, place).get_by_role("textbox", name=re.compile("^Shot text"))


def seconds(page: Page, place: int) -> Locator:
    return shot(page, place).get_by_role("spinbutton", name=re.compile("^Seconds"))


def test_shots_must_add_up_and_the_page_says_so_before_run(open_page: OpenPage, desk: Product, script: bool) -> None:
    page = open_page(desk)
    page.goto(KLING_3)
    before = balance(page)
    multi_shot(page).check()
    update(page)
    expect(shots(page)).to_contain_text("Multi-shot needs a shot list")
    expect(shots(page).locator("legend").first).to_contain_text("required")
    expect(group(page, "First / last frame")).to_contain_text("At most 1 now: Multi-shot needs a shot list and takes only a first frame.")

    words(page, 1).fill("A paper boat leaves the quay")
    seconds(page, 1).fill("2")
    update(page)
    expect(foot(page)).to_contain_text("The shots last 2 s together; Duration is 5 s.")
    page.get_by_role("button", name="Add shot").click()
    if script:
        expect(words(page, 2)).to_be_focused()
    words(page, 2).fill("It meets a swan")
    seconds(page, 2).fill("2")
    update(page)
    expect(shots(page)).to_contain_text("4 of 5 s")
    expect(foot(page)).to_contain_text("The shots last 4 s together; Duration is 5 s.")
    expect(run_button(page)).to_be_disabled()
    assert_sound(page)

    page.get_by_role("button", name="Add shot").click()
    words(page, 3).fill("This one is too much")
    seconds(page, 3).fill("9")
    update(page)
    expect(shots(page)).to_contain_text("13 of 5 s")
    page.get_by_role("button", name="Remove: shot 3").click()
    expect(shot(page, 3)).to_have_count(0)
    page.get_by_role("button", name="Move up: shot 2").click()
    expect(words(page, 1)).to_have_value("It meets a swan")
    expect(words(page, 2)).to_have_value("A paper boat leaves the quay")

    seconds(page, 2).fill("3")
    update(page)
    expect(shots(page)).to_contain_text("5 of 5 s")
    expect(shots(page)).not_to_contain_text("together; Duration")
    expect_price(page, "100")
    assert_sound(page)
    run_button(page).click()

    expect_taken(page)
    expect(page.locator("#balance")).to_contain_text(f"{before - 100:,}")


def test_a_longer_clip_costs_more_and_sound_has_its_price(open_page: OpenPage, still: Still) -> None:
    page = open_page(still.product)
    page.goto(KLING_3)
    multi_shot(page).check()
    update(page)
    words(page, 1).fill("A paper boat leaves the quay")
    seconds(page, 1).fill("4")
    update(page)
    expect(foot(page)).to_contain_text("The shots last 4 s together; Duration is 5 s.")

    page.get_by_role("combobox", name=re.compile("^Duration")).select_option("4")
    expect_price(page, "80")
    expect(foot(page)).to_contain_text("4 s × 20 credits, std with sound")
    sound = page.get_by_role("switch", name=re.compile("^Sound"))
    expect(sound).to_be_checked()
    sound.uncheck()
    expect_price(page, "56")
    pick(page, "Quality", "pro")
    expect_price(page, "72")
    sound.check()
    expect_price(page, "108")


def test_an_empty_list_of_shots_is_refused_where_it_is_empty(open_page: OpenPage, still: Still, watches: Watches) -> None:
    page = open_page(still.product)
    watches[page].expected |= {422}
    page.goto(KLING_3)
    before = balance(page)
    multi_shot(page).check()
    update(page)
    expect(shots(page).locator("legend").first).to_contain_text("required")
    run_button(page).click()

    expect(page.locator("#problems").get_by_role("link", name="Shots")).to_be_visible(timeout=STATUS_MS)
    expect(multi_shot(page)).to_be_checked()
    expect(shots(page).locator(".hint.bad")).to_contain_text("Multi-shot needs a shot list")
    assert_sound(page)
    page.goto("/credits")
    assert balance(page) == before


@pytest.mark.script("an arrow that changes a number at once, and a key that runs")
def test_shots_by_keyboard_alone(open_page: OpenPage, product: Product) -> None:
    page = open_page(product)
    page.goto(KLING_3)
    tab_to(page, multi_shot(page))
    page.keyboard.press("Space")
    expect(shots(page).locator("legend").first).to_contain_text("required")
    tab_to(page, words(page, 1))
    page.keyboard.type("Rain on a neon street")
    tab_to(page, seconds(page, 1))
    page.keyboard.type("2")
    expect(foot(page)).to_contain_text("The shots last 2 s together; Duration is 5 s.")
    tab_to(page, page.get_by_role("button", name="Add shot"))
    page.keyboard.press("Enter")
    expect(words(page, 2)).to_be_focused()
    page.keyboard.type("A cat waits under an awning")
    tab_to(page, seconds(page, 2))
    page.keyboard.type("2")
    expect(foot(page)).to_contain_text("The shots last 4 s together")
    page.keyboard.press("ArrowUp")
    expect(shots(page)).to_contain_text("5 of 5 s")
    tab_to(page, page.get_by_role("button", name="Move up: shot 2"), backwards=True)
    page.keyboard.press("Enter")
    expect(words(page, 1)).to_have_value("A cat waits under an awning")
    expect_price(page, "100")
    page.keyboard.press("Control+Enter")

    expect_sent(page)
    expect_video(page)
