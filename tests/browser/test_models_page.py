"""The models page, the switcher and what stands below the playground."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenPage, Still, Theme, Watches
from tests.browser.playground import DONE_MS, STATUS_MS, prompt_of
from tests.browser.scripting import scroll_to, show, update
from tests.browser.soundness import assert_sound, overflow

SHOW = "Show models"
SECTIONS = ("What it is good at", "Use cases", "Capabilities", "Price", "Fields", "Rules", "From key to first job")
KLING_3 = "/models/kie/kling-3.0/video?prompt=example"
# Clips are drawn at the first need, after everything else that this machine does; a page asks for some seconds only.
IS_DRAWN = "async address => (await fetch(address)).status === 200"
COLOURS_ALONE = pytest.mark.script("a theme is colours alone")
themes = pytest.mark.parametrize("theme", ["light", pytest.param("dark", marks=COLOURS_ALONE)])


def cards(page: Page) -> Locator:
    return page.locator("#cards article")


def count_of(page: Page, facet: str) -> int:
    """The number beside an option of the facets."""
    return int(page.locator("label.check").filter(has_text=re.compile(f"^{re.escape(facet)}")).locator(".end").inner_text())


@themes
def test_a_facet_narrows_and_every_count_is_what_one_gets(open_page: OpenPage, still: Still, theme: Theme) -> None:
    page = open_page(still.product, theme=theme, reduced_motion=True)
    page.goto("/models")
    everything, of_audio = int(page.locator("#sum").inner_text().split()[0]), count_of(page, "Audio")
    assert 0 < of_audio < cards(page).count() < everything
    page.get_by_role("checkbox", name=re.compile("^Audio")).check()
    show(page, SHOW)
    expect(cards(page)).to_have_count(of_audio)
    expect(page.locator("#sum")).to_have_text(f"{of_audio} of {everything} models")
    expect(page).to_have_url(re.compile("input=audio"))
    with_4k = count_of(page, "4K")
    page.get_by_role("checkbox", name=re.compile("^4K")).check()
    show(page, SHOW)
    expect(cards(page)).to_have_count(with_4k)
    assert_sound(page)
    page.reload()
    expect(cards(page)).to_have_count(with_4k)
    expect(page.get_by_role("checkbox", name=re.compile("^Audio"))).to_be_checked()


def test_words_and_vendors_narrow_too(open_page: OpenPage, still: Still) -> None:
    page = open_page(still.product, reduced_motion=True)
    page.goto("/models")
    page.get_by_role("searchbox", name="Filter models").fill("hailuo")
    show(page, SHOW)
    expect(page.locator("#sum")).to_contain_text(" of ")
    page.wait_for_load_state()
    for title in page.locator("#cards h2").all_inner_texts():
        assert "hailuo" in title.lower()
    page.get_by_role("searchbox", name="Filter models").fill("")
    page.get_by_role("radio", name="xAI").check(force=True)
    show(page, SHOW)
    expect(page).to_have_url(re.compile("vendor=xAI"))
    expect(cards(page).first).to_contain_text("xAI")


@themes
def test_where_nothing_matches_the_way_back_is_named(open_page: OpenPage, still: Still, theme: Theme) -> None:
    page = open_page(still.product, theme=theme)
    page.goto("/models?input=audio&can=4k&price=20")
    expect(page.get_by_role("heading", name="No model matches")).to_be_visible()
    expect(page.locator("#cards")).to_contain_text("Without the price filter there")
    assert_sound(page)
    page.get_by_role("link", name="Clear price").click()
    expect(cards(page).first).to_be_visible()
    expect(page).not_to_have_url(re.compile("price="))


def test_the_cheapest_come_first_when_asked_for(open_page: OpenPage, still: Still) -> None:
    page = open_page(still.product, reduced_motion=True)
    page.goto("/models")
    page.get_by_role("combobox", name="Sort by").select_option("price")
    show(page, SHOW)
    page.wait_for_url(re.compile("sort=price"))
    # A range counts as its upper end, which is what a run holds; what nobody prices comes last and has no number.
    found = [re.findall(r"[\d,.]+", text) for text in page.locator("#cards .ft b").all_inner_texts()]
    prices = [float(numbers[-1].replace(",", "")) for numbers in found if numbers]
    assert len(prices) > 20
    assert prices == sorted(prices)


@themes
def test_facets_open_as_a_sheet_on_a_phone(open_page: OpenPage, still: Still, theme: Theme, script: bool) -> None:
    page = open_page(still.product, size="mobile", theme=theme, reduced_motion=True)
    page.goto("/models")
    audio = page.get_by_role("checkbox", name=re.compile("^Audio"))
    expect(audio).to_be_hidden()
    page.get_by_role("button", name=re.compile("^Filters")).click()
    expect(audio).to_be_visible()
    audio.check()
    if script:
        expect(page.locator("#n-filters")).to_have_text("1")
        assert_sound(page)
    page.get_by_role("button", name=SHOW).click()
    expect(page.locator("#n-filters")).to_have_text("1")
    expect(audio).to_be_hidden()
    expect(page.locator("#sum")).to_contain_text(" of ")


@pytest.mark.script("playback extra")
def test_a_preview_plays_under_the_mouse_and_under_the_focus(open_page: OpenPage, still: Still) -> None:
    page = open_page(still.product)
    page.goto("/models")
    first, second = cards(page).nth(0), cards(page).nth(1)
    for card in (first, second):
        page.wait_for_function(IS_DRAWN, arg=card.get_attribute("data-preview"), polling=500, timeout=DONE_MS)
    # As it is answered while it is being drawn.
    address = str(first.get_attribute("data-preview"))
    page.route(lambda url: url.endswith(address), lambda route: route.fulfill(status=204), times=1)
    first.hover()
    page.wait_for_function("() => document.querySelector('#cards video')?.readyState >= 2", timeout=STATUS_MS)
    expect(first.locator("video")).to_be_attached()
    second.hover()
    expect(second.locator("video")).to_be_attached(timeout=STATUS_MS)
    expect(first.locator("video")).to_have_count(0)
    page.mouse.move(0, 0)
    expect(page.locator("#cards video")).to_have_count(0)


@pytest.mark.script("playback extra")
def test_a_preview_rests_for_whoever_wants_less_motion(open_page: OpenPage, still: Still) -> None:
    page = open_page(still.product, reduced_motion=True)
    page.goto("/models")
    with page.expect_response(re.compile("poster.webp")):
        page.reload()
    cards(page).first.hover()
    cards(page).first.get_by_role("link").focus()
    expect(page.locator("#cards video")).to_have_count(0)


@themes
def test_another_model_keeps_what_was_typed(open_page: OpenPage, still: Still, theme: Theme, script: bool) -> None:
    page = open_page(still.product, theme=theme)
    page.goto(KLING_3)
    prompt_of(page).fill("A harbour at night, the camera drifts")
    page.get_by_role("heading", level=1).get_by_role("button").click()
    if not script:
        page.get_by_role("button", name="Other models").click()
    expect(page.locator("#model-list button").first).to_be_visible()
    expect(page.locator("#model-list")).to_contain_text("credits")
    assert_sound(page)
    if script:
        page.get_by_role("searchbox", name="Filter models").fill("veo 3.1 fast")
        expect(page.locator("#model-list button").filter(has_not_text=re.compile("Veo 3.1 Fast"))).to_have_count(0)
    page.locator("#model-list").get_by_role("button", name=re.compile("Veo 3.1 Fast")).first.click()
    page.wait_for_url(re.compile("veo"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Veo 3.1 Fast")
    expect(prompt_of(page)).to_have_value("A harbour at night, the camera drifts")


def test_enter_in_a_field_asks_and_does_not_switch(open_page: OpenPage, still: Still, watches: Watches, script: bool) -> None:
    """Shots that do not add up are refused with script and priced without; neither leads to one of the models above."""
    page = open_page(still.product)
    watches[page].expected |= {422}
    page.goto(KLING_3)
    page.get_by_role("heading", level=1).get_by_role("button").click()
    expect(page.locator("#model-list").get_by_role("button").first).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("switch", name=re.compile("^Multi-shot")).check()
    update(page)
    # The answer brings the shots anew: the key is for what is there afterwards.
    expect(page.get_by_role("group", name=re.compile("^Shots")).locator("legend").first).to_contain_text("required")
    with page.expect_response(re.compile("/run$" if script else "/quote$")):
        page.get_by_role("spinbutton", name=re.compile("^Seconds")).first.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Kling 3.0")
    expect(page.get_by_role("group", name=re.compile("^Shots"))).to_contain_text("Multi-shot needs a shot list")


@themes
@pytest.mark.parametrize("width", [1440, 390, 320])
@pytest.mark.script("they come by themselves when they are scrolled to; without it they are a page behind a link")
def test_the_sections_below_the_playground(open_page: OpenPage, still: Still, width: int, theme: Theme) -> None:
    page = open_page(still.product, theme=theme, reduced_motion=True)
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(KLING_3)
    scroll_to(page.locator("#about"))
    expect(page.get_by_role("heading", name="Example request")).to_be_attached(timeout=STATUS_MS)
    for title in SECTIONS:
        expect(page.get_by_role("heading", name=title, exact=True)).to_be_attached()
    assert_sound(page)
    page.goto("/models/kie/kling-3.0/video/about")
    assert_sound(page)


@pytest.mark.scriptless("with script the sections stand below the playground")
def test_the_sections_are_a_page_behind_a_link(open_page: OpenPage, still: Still) -> None:
    page = open_page(still.product)
    page.goto(KLING_3)
    page.get_by_role("link", name=re.compile("^About Kling 3.0")).click()
    for title in SECTIONS:
        expect(page.get_by_role("heading", name=title, exact=True)).to_be_attached()
    assert_sound(page)


def test_the_form_fits_a_very_narrow_window(open_page: OpenPage, still: Still) -> None:
    page = open_page(still.product, size="mobile", reduced_motion=True)
    page.set_viewport_size({"width": 320, "height": 700})
    for path in (KLING_3, "/models", "/models/kie/wan/2-2-animate-move?prompt=example"):
        page.goto(path)
        assert (path, overflow(page)) == (path, 0)
