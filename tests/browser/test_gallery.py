"""The gallery as a person meets it: filters, more pages, selection with mouse, keys and touch, deleting and bringing back."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.browser.conftest import OpenPage
from tests.browser.playground import STATUS_MS, send
from tests.browser.product import WEB_ALONE, Product
from tests.browser.scripting import scroll_to, show
from tests.browser.soundness import assert_sound

COUNT = 45
TEAM = "/gallery?scope=team"


@pytest.fixture(scope="module")
def walls(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """Forty-five takes and the clip that they share, over the web server alone."""
    product = Product(tmp_path_factory.mktemp("walls"), WEB_ALONE)
    product.arrange("many-takes", str(COUNT))
    with product:
        yield product


def tile(page: Page, number: int) -> Locator:
    return page.locator("article.tile").filter(has_text=re.compile(f"Take {number} of the sea"))


def box(page: Page, number: int) -> Locator:
    return tile(page, number).locator(".pick input")


def selected(page: Page) -> list[int]:
    """The takes whose tiles are ticked, in the page's order."""
    ticked = page.locator("article.tile:has(.pick :checked) .cap .trunc").all_inner_texts()
    return [int(text.split()[1]) for text in ticked]


def bar(page: Page) -> Locator:
    return page.get_by_role("toolbar", name="Selected takes")


@pytest.mark.script("selecting with Shift and keys, and a dialog that asks")
def test_takes_are_selected_with_mouse_and_keys_and_deleted_and_brought_back(open_page: OpenPage, walls: Product) -> None:
    page = open_page(walls, reduced_motion=True)
    page.goto(TEAM)
    expect(bar(page)).to_be_hidden()
    tile(page, 45).hover()
    box(page, 45).check()
    # While something is selected, a click on a tile selects and does not open.
    tile(page, 42).locator(".ph").click(modifiers=["Shift"])
    assert selected(page) == [45, 44, 43, 42]
    expect(bar(page)).to_contain_text("4 selected")
    expect(bar(page).get_by_role("button", name="Compare")).to_be_visible()
    page.keyboard.press("Escape")
    expect(bar(page)).to_be_hidden()

    tile(page, 41).locator(".ph").focus()
    page.keyboard.press("x")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    assert selected(page) == [41, 40, 39]
    assert_sound(page)
    bar(page).get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog", name="Delete 3 takes?")
    dialog.get_by_role("button", name="Keep takes").click()
    assert selected(page) == [41, 40, 39]
    bar(page).get_by_role("button", name="Delete").click()
    dialog.get_by_role("button", name="Delete takes").click()
    undo = page.get_by_role("button", name="Undo")
    # Under the mouse it stays for as long as one likes.
    undo.hover()
    expect(tile(page, 41)).to_have_count(0)
    expect(page.locator("#sum")).to_have_text(re.compile(f"^{COUNT - 3} takes"))
    expect(bar(page)).to_be_hidden()
    expect(tile(page, 38).locator(".ph")).to_be_focused()
    undo.click()
    expect(tile(page, 41)).to_have_count(1)
    expect(page.locator("#sum")).to_have_text(re.compile(f"^{COUNT} takes"))
    expect(undo).to_have_count(0)


def test_filters_narrow_by_chips_and_lead_back(open_page: OpenPage, walls: Product, script: bool) -> None:
    page = open_page(walls)
    page.goto(TEAM)
    page.get_by_role("button", name="Model", exact=True).click()
    page.get_by_role("checkbox", name="Kling 3.0").check()
    show(page, "Show takes")
    expect(page.locator("#sum")).to_have_text(re.compile("^15 takes"))
    expect(page).to_have_url(re.compile(r"model=modkie(/|%2F)kling(/|%2F)kling-3-0"))
    expect(page.get_by_role("button", name="Model: Kling 3.0")).to_be_visible()
    assert_sound(page)
    page.keyboard.press("Escape")
    page.get_by_role("searchbox", name="Search takes").fill("take 45")
    show(page, "Show takes")
    expect(page.locator("article.tile")).to_have_count(1)
    page.reload()
    expect(page.locator("article.tile")).to_have_count(1)
    page.get_by_role("link", name="Clear filters").click()
    expect(page.locator("article.tile")).to_have_count(24)
    if script:
        scroll_to(page.locator("#more"))
        expect(page.locator("article.tile")).to_have_count(COUNT)
    else:
        page.get_by_role("link", name="Load more").click()
        expect(page.locator("article.tile")).to_have_count(COUNT - 24)
    expect(page.locator("#more")).to_have_count(0)


@pytest.mark.script("answers overtake each other only where they are asked for by script")
def test_a_filter_changed_while_its_answer_is_on_its_way_is_answered_by_the_last_word(open_page: OpenPage, walls: Product) -> None:
    page = open_page(walls)
    page.goto(TEAM)
    held: list[Route] = []
    page.route(re.compile("/gallery.*model="), lambda route: held.append(route) if not held else route.continue_())
    page.get_by_role("button", name="Model", exact=True).click()
    with page.expect_request(re.compile("/gallery.*model=")):
        page.get_by_role("checkbox", name="Kling 3.0").check()
    page.get_by_role("checkbox", name="Kling 3.0").uncheck()
    with page.expect_response(lambda answer: "/gallery" in answer.url and "model=" not in answer.url):
        held[0].continue_()
    expect(page.locator("#sum")).to_have_text(re.compile(f"^{COUNT} takes"))
    expect(page).not_to_have_url(re.compile("model="))


@pytest.mark.script("playback extra")
def test_a_tile_plays_under_the_mouse(open_page: OpenPage, walls: Product) -> None:
    page = open_page(walls)
    page.goto(TEAM)
    tile(page, 44).hover()
    expect(tile(page, 44).locator("video.hover")).to_have_count(1)


@pytest.mark.script("a menu on a tile; without script the take's page has all of it")
def test_more_on_a_tile_collects_and_deletes_that_take_alone(open_page: OpenPage, walls: Product) -> None:
    page = open_page(walls, reduced_motion=True)
    page.goto("/gallery?scope=collections")
    page.get_by_label("Name of a new collection").fill("Picked")
    send(page, page.get_by_role("button", name="Make collection"))
    page.goto(TEAM)

    def choose(number: int, item: str) -> None:
        tile(page, number).hover()
        tile(page, number).get_by_role("button", name=re.compile("^More")).click()
        assert_sound(page)
        tile(page, number).get_by_role("button", name=item).click()
        expect(tile(page, number).locator(".menu")).to_be_hidden()

    choose(33, "Add to Picked")
    expect(page.locator("#toasts")).to_contain_text("1 take in Picked now.", timeout=STATUS_MS)
    choose(32, "Delete take")
    expect(tile(page, 32)).to_have_count(0)
    expect(tile(page, 31).locator(".ph")).to_be_focused()
    page.get_by_role("button", name="Undo").click()
    expect(tile(page, 32)).to_have_count(1)
    page.goto("/gallery?scope=collections")
    page.get_by_role("link", name="Picked", exact=True).click()
    expect(page.locator("article.tile")).to_have_count(1)
    expect(tile(page, 33)).to_have_count(1)


def test_favourites_and_collections_take_what_is_selected(open_page: OpenPage, walls: Product, script: bool) -> None:
    loved, *kept = (30, 29, 28) if script else (27, 26, 25)
    name = "Calm seas" if script else "Rough seas"
    page = open_page(walls, reduced_motion=True)
    page.goto(TEAM)
    tile(page, loved).hover()
    heart = tile(page, loved).get_by_role("button", name=re.compile("^Favourite"))
    heart.click()
    expect(heart).to_have_attribute("aria-pressed", "true")
    for number in kept:
        tile(page, number).locator(".pick").hover()
        box(page, number).check()
    bar(page).get_by_role("button", name="Add to collection").click()
    page.get_by_label("New collection").fill(name)
    page.get_by_role("button", name="Make collection").click()
    expect(page.locator("#toasts")).to_contain_text(f"2 takes in {name} now.", timeout=STATUS_MS)
    expect(page.locator("article.tile .pick :checked")).to_have_count(0)
    page.goto("/gallery?scope=favourites")
    expect(tile(page, loved)).to_have_count(1)
    box(page, loved).check(force=True)
    send(page, bar(page).get_by_role("button", name="Remove favourite"))
    page.goto("/gallery?scope=favourites")
    expect(tile(page, loved)).to_have_count(0)
    page.goto("/gallery?scope=collections")
    assert_sound(page)
    page.get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    expect(page.locator("article.tile")).to_have_count(2)
    box(page, kept[0]).check(force=True)
    send(page, bar(page).get_by_role("button", name="Remove from collection"))
    expect(page.locator("article.tile")).to_have_count(1)
    page.get_by_role("link", name="Edit collection").click()
    assert_sound(page)
    page.get_by_role("textbox", name="Name").fill(f"{name} at dusk")
    page.get_by_role("button", name="Rename collection").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{name} at dusk")


@pytest.mark.script("a gesture")
def test_a_long_press_selects_on_a_phone(open_page: OpenPage, walls: Product) -> None:
    page = open_page(walls, size="mobile", theme="dark", reduced_motion=True)
    page.goto(TEAM)
    link = tile(page, 44).locator(".ph")
    link.dispatch_event("touchstart")
    expect(bar(page)).to_contain_text("1 selected")
    link.dispatch_event("touchend")
    tile(page, 43).locator(".ph").tap()
    tile(page, 42).locator(".ph").tap()
    expect(bar(page)).to_contain_text("3 selected")
    assert selected(page) == [44, 43, 42]
    assert_sound(page)


def test_what_is_selected_is_compared_downloaded_deleted_and_brought_back(open_page: OpenPage, walls: Product, script: bool) -> None:
    page = open_page(walls, reduced_motion=True)
    page.goto(TEAM)
    for number in (33, 32):
        box(page, number).check(force=True)
    bar(page).get_by_role("button", name="Compare").click()
    expect(page.get_by_role("article")).to_have_count(2)
    expect(page.get_by_role("heading", level=1)).to_have_text("Compare")

    page.goto(TEAM)
    for number in (35, 34):
        box(page, number).check(force=True)
    with page.expect_download() as download:
        bar(page).get_by_role("button", name="Download").click()
    assert download.value.suggested_filename.endswith("-2.zip")
    bar(page).get_by_role("button", name="Delete", exact=True).click()
    asking = page.get_by_role("dialog", name="Delete 2 takes?") if script else page.get_by_role("main")
    expect(asking.get_by_role("heading", name="Delete 2 takes?")).to_be_visible()
    asking.get_by_role("button", name="Delete takes").click()
    page.get_by_role("button", name="Undo").hover()
    expect(page.locator("#sum")).to_have_text(re.compile(f"^{COUNT - 2} takes"))
    expect(tile(page, 35)).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#sum")).to_have_text(re.compile(f"^{COUNT} takes"))
    expect(tile(page, 35)).to_have_count(1)


def test_a_collection_is_shared_and_seen_by_somebody_without_an_account(open_page: OpenPage, walls: Product, script: bool) -> None:
    name, number = ("Dawn", 24) if script else ("Dusk", 23)
    page = open_page(walls, reduced_motion=True)
    page.goto("/gallery?scope=collections")
    page.get_by_label("Name of a new collection").fill(name)
    send(page, page.get_by_role("button", name="Make collection"))
    page.goto(TEAM)
    box(page, number).check(force=True)
    bar(page).get_by_role("button", name="Add to collection").click()
    page.get_by_role("button", name=name, exact=True).click()
    expect(page.locator("#toasts")).to_contain_text(f"1 take in {name} now.", timeout=STATUS_MS)
    page.goto("/gallery?scope=collections")
    page.get_by_role("link", name=name, exact=True).click()
    page.get_by_role("link", name="Share link").click()
    page.get_by_label("Read the prompts").check()
    page.get_by_role("button", name="Make link").click()
    link = page.get_by_label("Address of the link").input_value()

    stranger = open_page(walls, signed_in=False)
    stranger.goto(link)
    expect(stranger.get_by_role("heading", level=1)).to_have_text(name)
    assert_sound(stranger)
    stranger.get_by_role("article").get_by_role("link").click()
    expect(stranger.get_by_role("main")).to_contain_text(f"Take {number} of the sea")
    expect(stranger.locator("video")).to_have_count(1)
