"""States of pages that somebody has to bring about: forms under their rules, files in their fields, open menus."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.inputs import Inputs, carry_over, file_input, zone
from tests.browser.playground import foot, group, pick, prompt_of
from tests.browser.scripting import scroll_to

EXAMPLE = "?prompt=example"
KLING_3 = "/models/kie/kling-3.0/video"
HAILUO = "/models/kie/hailuo/2-3-image-to-video-standard"
VEO_FAST = "/models/kie/veo3_fast"
EXTEND = "/models/kie/grok-imagine/extend"
WAN = "/models/kie/wan/2-2-animate-move"


def kling_shots(page: Page, inputs: Inputs) -> None:
    page.goto(KLING_3 + EXAMPLE)
    page.get_by_role("switch", name=re.compile("^Multi-shot")).check()
    for place, (text, seconds) in enumerate([("A paper boat leaves the quay", "2"), ("It meets a swan", "2")], 1):
        shot = page.get_by_role("group", name=f"Shot {place}", exact=True)
        shot.get_by_role("textbox", name=re.compile("^Shot text")).fill(text)
        shot.get_by_role("spinbutton", name=re.compile("^Seconds")).fill(seconds)
        if place == 1:
            page.get_by_role("button", name="Add shot").click()
    expect(foot(page)).to_contain_text("The shots last 4 s together")
    group(page, "Shots").scroll_into_view_if_needed()


def hailuo_1080p(page: Page, inputs: Inputs) -> None:
    page.goto(HAILUO + EXAMPLE)
    file_input(page, "Start image").set_input_files(inputs.picture("planet.png"))
    expect(zone(page, "Start image")).to_contain_text("planet.png")
    pick(page, "Resolution", "768P")
    pick(page, "Duration", "10 s")
    pick(page, "Resolution", "1080P")
    expect(group(page, "Duration")).to_contain_text("Set to 6 s")


def veo_references(page: Page, inputs: Inputs) -> None:
    page.goto(VEO_FAST + EXAMPLE)
    page.get_by_role("combobox", name=re.compile("^Mode")).select_option("REFERENCE_2_VIDEO")
    expect(group(page, "Duration")).to_contain_text("Reference mode")
    file_input(page, "Images").set_input_files([inputs.picture(name) for name in ("bottle.png", "slate.jpg", "light.webp")])
    expect(zone(page, "Images").locator(".has")).to_have_count(3)


def veo_text(page: Page, inputs: Inputs) -> None:
    page.goto(VEO_FAST + EXAMPLE)
    page.get_by_role("combobox", name=re.compile("^Mode")).select_option("TEXT_2_VIDEO")
    expect(group(page, "Images")).to_contain_text("Text mode takes no pictures.")


def grok_extend(page: Page, inputs: Inputs) -> None:
    page.goto(EXTEND)
    prompt_of(page).fill("The lantern lands on the water and floats away")
    takes = page.get_by_role("combobox", name=re.compile("^Video task"))
    takes.select_option(takes.locator("option", has_text="A paper lantern").get_attribute("value"))
    expect(page.locator(".picked img")).to_be_visible()


def wan_with_a_fix(page: Page, inputs: Inputs) -> None:
    page.goto(WAN + EXAMPLE)
    file_input(page, "Driving video").set_input_files(inputs.clip("walk.mp4", seconds=3))
    expect(zone(page, "Driving video")).to_contain_text("3.0 s")
    file_input(page, "Character image").set_input_files(inputs.picture("puppet.bmp"))
    expect(zone(page, "Character image")).to_contain_text("It is BMP")


def wan_with_the_result(page: Page, inputs: Inputs) -> None:
    wan_with_a_fix(page, inputs)
    zone(page, "Character image").get_by_role("button", name="Convert to JPEG").click()
    expect(page.get_by_role("group", name="Result of the fix")).to_be_visible()


def upload_dragged_over(page: Page, inputs: Inputs) -> None:
    page.goto(VEO_FAST + EXAMPLE)
    carry_over(page, zone(page, "Images"), [inputs.picture("bottle.png")])


def upload_refused(page: Page, inputs: Inputs) -> None:
    page.goto(VEO_FAST + EXAMPLE)
    file_input(page, "Images").set_input_files([inputs.text_called("holiday.png"), inputs.picture("bottle.png")])
    expect(zone(page, "Images").get_by_role("alert")).to_be_visible()


def upload_by_link(page: Page, inputs: Inputs) -> None:
    page.goto(VEO_FAST + EXAMPLE)
    link = zone(page, "Images").get_by_role("textbox", name="Link to a picture")
    link.fill("https://nowhere.invalid/harbour.png")
    link.press("Enter")
    expect(zone(page, "Images")).to_contain_text("Could not be fetched")


def switcher(page: Page, inputs: Inputs) -> None:
    page.goto(KLING_3 + EXAMPLE)
    page.get_by_role("heading", level=1).get_by_role("button").click()
    expect(page.locator("#model-list button").first).to_be_visible()


def sections(page: Page, inputs: Inputs) -> None:
    page.goto(KLING_3 + EXAMPLE)
    scroll_to(page.locator("#about"))
    page.get_by_role("heading", name="Price", exact=True).scroll_into_view_if_needed()


def facets(page: Page, inputs: Inputs) -> None:
    """A sheet on a phone; on a desk the rail is always there."""
    page.goto("/models?input=audio")
    button = page.get_by_role("button", name=re.compile("^Filters"))
    if button.is_visible():
        button.click()


SCENES: dict[str, Callable[[Page, Inputs], None]] = {
    "form-kling-shots": kling_shots,
    "form-hailuo-1080p": hailuo_1080p,
    "form-veo-references": veo_references,
    "form-veo-text": veo_text,
    "form-grok-extend": grok_extend,
    "form-wan-fix": wan_with_a_fix,
    "form-wan-result": wan_with_the_result,
    "upload-dragged-over": upload_dragged_over,
    "upload-refused": upload_refused,
    "upload-by-link": upload_by_link,
    "switcher": switcher,
    "sections": sections,
    "models-facets": facets,
}
