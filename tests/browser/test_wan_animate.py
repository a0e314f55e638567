"""Wan animate: a picture and a video, whose length is the price; files that do not fit say why, or are mended."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, Still, Watches
from tests.browser.inputs import Inputs, carry_over, choose_files, give, zone
from tests.browser.playground import DONE_MS, STATUS_MS, expect_price, expect_taken, foot, group, pick, run_button
from tests.browser.product import Product
from tests.browser.soundness import assert_sound

WAN = "/models/kie/wan/2-2-animate-move?prompt=example"
VIDEO, PICTURE = "Driving video", "Character image"


def emptied(page: Page) -> None:
    """The example's files are addresses that nobody can fetch."""
    for field in (VIDEO, PICTURE):
        zone(page, field).get_by_role("button", name=re.compile("^Remove")).click()
        expect(zone(page, field).locator(".has")).to_have_count(0)


def test_the_price_is_the_length_of_the_video(open_page: OpenPage, desk: Product, inputs: Inputs) -> None:
    page = open_page(desk)
    page.goto(WAN)
    expect(foot(page).locator(".cost")).to_contain_text("–")
    emptied(page)
    give(page, VIDEO, inputs.clip("walk.mp4", seconds=3))
    expect(zone(page, VIDEO)).to_contain_text("3.0 s", timeout=STATUS_MS)
    choose_files(page, PICTURE, inputs.picture("puppet.png"))
    expect(zone(page, PICTURE)).to_contain_text("puppet.png", timeout=STATUS_MS)
    expect_price(page, "18")
    expect(foot(page)).to_contain_text("3 s of driving video × 6 credits, 480p")
    pick(page, "Resolution", "720p")
    expect_price(page, "37.5")
    pick(page, "Resolution", "480p")
    choose_files(page, VIDEO, inputs.clip("stroll.mp4", seconds=2))
    expect_price(page, "12")
    assert_sound(page)

    run_button(page).click()
    expect_taken(page)


def test_a_file_of_the_wrong_kind_is_refused_and_names_the_rule(
    open_page: OpenPage, still: Still, inputs: Inputs, watches: Watches
) -> None:
    page = open_page(still.product)
    watches[page].expected |= {422}
    page.goto(WAN)
    emptied(page)
    choose_files(page, VIDEO, inputs.picture("still.png"))
    expect(zone(page, VIDEO).get_by_role("alert")).to_contain_text("still.png: ", timeout=STATUS_MS)
    expect(zone(page, VIDEO).get_by_role("alert")).to_contain_text("MP4, MOV and MKV are taken")
    expect(zone(page, VIDEO).locator(".has")).to_have_count(0)
    assert_sound(page)


@pytest.mark.script("takes long; files are mended without it in the test of the picture")
def test_a_video_that_is_too_large_can_be_made_smaller(open_page: OpenPage, product: Product, inputs: Inputs) -> None:
    page = open_page(product)
    page.goto(WAN)
    emptied(page)
    noise = inputs.clip("noise.mp4", seconds=2, width=1280, height=720, fps=12, is_noise=True)
    assert noise.stat().st_size > 10 * 1024**2
    choose_files(page, VIDEO, noise)
    expect(zone(page, VIDEO)).to_contain_text("at most 10 MB are taken", timeout=STATUS_MS)
    expect(run_button(page)).to_be_disabled()
    assert_sound(page)

    zone(page, VIDEO).get_by_role("button", name="Make it fit into 10 MB").click()
    proposal = page.get_by_role("group", name="Result of the fix")
    expect(proposal.locator("video")).to_be_visible(timeout=DONE_MS)
    assert_sound(page)
    proposal.get_by_role("button", name="Use this").click()
    expect(proposal).to_have_count(0)
    expect(group(page, VIDEO)).not_to_contain_text("10 MB are taken")
    expect(foot(page).locator(".cost")).to_contain_text("test credits")
    expect(run_button(page)).to_be_enabled()


def test_a_picture_in_another_format_is_converted_after_a_look(open_page: OpenPage, desk: Product, inputs: Inputs) -> None:
    page = open_page(desk)
    page.goto(WAN)
    emptied(page)
    give(page, VIDEO, inputs.clip("walk.mp4", seconds=3))
    give(page, PICTURE, inputs.picture("puppet.bmp"))
    expect(zone(page, PICTURE)).to_contain_text("It is BMP; JPEG, PNG and WebP are taken.", timeout=STATUS_MS)
    expect(group(page, PICTURE).locator("legend")).to_contain_text("required")
    assert_sound(page)

    zone(page, PICTURE).get_by_role("button", name="Convert to JPEG").click()
    proposal = page.get_by_role("group", name="Result of the fix")
    expect(proposal.get_by_alt_text("The result")).to_be_visible(timeout=STATUS_MS)
    expect(proposal).to_contain_text("JPEG")
    assert_sound(page)
    proposal.get_by_role("button", name="Use this").click()
    expect(proposal).to_have_count(0)
    expect(zone(page, PICTURE).locator(".has")).to_contain_text("JPEG")
    expect(zone(page, PICTURE)).not_to_contain_text("are taken")
    expect_price(page, "18")


@pytest.mark.script("a file that is dragged over the page")
def test_the_page_shows_where_a_file_may_be_let_go(open_page: OpenPage, still: Still, inputs: Inputs) -> None:
    page = open_page(still.product)
    page.goto(WAN)
    carry_over(page, zone(page, PICTURE), [inputs.picture("puppet.png")])
    expect(zone(page, PICTURE)).to_have_class(re.compile(r"\bover\b"))
    expect(zone(page, VIDEO)).not_to_have_class(re.compile(r"\bover\b"))
    assert_sound(page)
    zone(page, PICTURE).dispatch_event("dragleave", {"dataTransfer": page.evaluate_handle("new DataTransfer()")})
