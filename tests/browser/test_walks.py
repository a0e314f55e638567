"""From sign-in to a shared take: once with nothing but keys, once by what the accessibility tree says."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.keyboard import focused, tab_to
from tests.browser.product import WEB_ALONE, Product

_INTERACTIVE = "button|link|textbox|searchbox|checkbox|radio|combobox|slider|spinbutton|switch|tab|menuitem|progressbar"
# A role that no name follows.
_UNNAMED = re.compile(rf"^\s*- (?:{_INTERACTIVE})(?: \[[^\]]*\])*(?::.*)?$")


@pytest.fixture(scope="module")
def clips(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """Three finished takes and no engine."""
    product = Product(tmp_path_factory.mktemp("walks"), WEB_ALONE)
    product.arrange("takes")
    with product:
        yield product


@pytest.mark.script("single keys, and the keys of the player")
def test_keys_alone_lead_from_sign_in_to_a_shared_take(open_page: OpenPage, clips: Product) -> None:
    page = open_page(clips, signed_in=False)
    page.goto(clips.sign_in_link())
    tab_to(page, page.get_by_role("button", name="Sign in"))
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/sign-in/" not in url)

    page.keyboard.press("Tab")
    assert focused(page) == "Skip to content"
    page.keyboard.press("g")
    page.keyboard.press("g")
    page.wait_for_url("**/gallery*")
    tile = page.locator(".tile a.ph").first
    tab_to(page, tile)
    page.keyboard.press("x")
    expect(page.get_by_role("toolbar")).to_contain_text("1 selected")
    page.keyboard.press("Escape")
    expect(page.get_by_role("toolbar")).to_be_hidden()
    tab_to(page, tile)
    page.keyboard.press("Enter")
    page.wait_for_url("**/takes/*")

    page.keyboard.press("s")
    expect(page.get_by_role("button", name="Favourite", pressed=True)).to_be_visible()
    tab_to(page, page.get_by_role("link", name="Share link"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/share")
    tab_to(page, page.get_by_label("Read the prompt"))
    page.keyboard.press("Space")
    tab_to(page, page.get_by_role("button", name="Make link"))
    page.keyboard.press("Enter")
    link = page.get_by_label("Address of the link")
    expect(link).to_be_focused()
    page.goto(link.input_value())
    play = page.get_by_role("button", name="Play", exact=True)
    tab_to(page, play)
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('video').currentTime > 0.2")


def tree(page: Page) -> str:
    page.wait_for_load_state("networkidle")
    found = page.locator("body").aria_snapshot()
    assert [line for line in found.splitlines() if _UNNAMED.match(line)] == []
    assert found.count("- main") == 1
    assert len(re.findall(r"^\s*- heading .*\[level=1\]", found, re.M)) == 1
    return found


def test_the_accessibility_tree_names_every_step_from_sign_in_to_a_shared_take(open_page: OpenPage, clips: Product, script: bool) -> None:
    page = open_page(clips, signed_in=False)
    page.goto(clips.sign_in_link())
    assert '- button "Sign in' in tree(page)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/sign-in/" not in url)
    found = tree(page)
    assert '- navigation "Main"' in found
    assert '- link "Gallery"' in found

    page.get_by_role("navigation", name="Main").get_by_role("link", name="Gallery").click()
    page.wait_for_url("**/gallery*")
    found = tree(page)
    assert '- heading "Gallery" [level=1]' in found
    assert re.search(r'- checkbox "Select take \d+', found)
    page.get_by_role("link", name=re.compile(r"^Take 3:")).click()
    page.wait_for_url("**/takes/*")
    found = tree(page)
    # The browser's own player is nameless in the tree.
    player = ('- button "Play"', '- slider "Seek"') if script else ()
    for named in (*player, '- button "Favourite"', '- link "Share link"', '- heading "Lineage"'):
        assert named in found, named

    page.get_by_role("link", name="Share link").click()
    page.wait_for_url("**/share")
    found = tree(page)
    assert '- combobox "Ends"' in found
    assert '- checkbox "Read the prompt"' in found
    page.get_by_role("button", name="Make link").click()
    expect(page.get_by_label("Address of the link")).to_be_visible()
    assert '- dialog "The link is made"' in tree(page)
    page.goto(page.get_by_label("Address of the link").input_value())
    found = tree(page)
    assert '- link "Make your own"' in found
    assert '- button "Full screen"' in found or not script
