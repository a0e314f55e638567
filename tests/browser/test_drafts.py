"""What was typed is still there after a reload: words, rows of lists and files."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.inputs import Inputs, zone
from tests.browser.playground import STATUS_MS, foot, group, prompt_of
from tests.browser.product import Product

KLING_3 = "/models/kie/kling-3.0/video"


@pytest.mark.script("drafts are kept by the browser's storage")
def test_rows_and_files_come_back_after_a_reload(open_page: OpenPage, product: Product, inputs: Inputs) -> None:
    page = open_page(product)
    page.goto(KLING_3)
    prompt_of(page).fill("A paper boat on a canal")
    zone(page, "First / last frame").locator("input[type=file]").set_input_files(inputs.picture("quay.png"))
    expect(zone(page, "First / last frame")).to_contain_text("quay.png", timeout=STATUS_MS)
    page.get_by_role("switch", name=re.compile("^Multi-shot")).check()
    shots = group(page, "Shots")
    expect(shots).to_contain_text("Multi-shot needs a shot list")
    shots.get_by_role("textbox").first.fill("It leaves the quay")
    shots.get_by_role("spinbutton").first.fill("2")
    page.get_by_role("button", name="Add shot").click()
    shots.get_by_role("textbox").nth(1).fill("It meets a swan")
    shots.get_by_role("spinbutton").nth(1).fill("2")
    expect(shots).to_contain_text("4 of 5 s")

    page.reload()

    expect(prompt_of(page)).to_have_value("A paper boat on a canal", timeout=STATUS_MS)
    expect(zone(page, "First / last frame")).to_contain_text("quay.png")
    expect(page.get_by_role("switch", name=re.compile("^Multi-shot"))).to_be_checked()
    expect(shots.get_by_role("textbox").first).to_have_value("It leaves the quay")
    expect(shots.get_by_role("textbox").nth(1)).to_have_value("It meets a swan")
    expect(foot(page)).to_contain_text("The shots last 4 s together")
