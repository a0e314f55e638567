"""The dialog of the search, the keys that lead to pages, and a line that goes down and comes back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenPage, Still
from tests.browser.playground import KLING, foot, prompt_of, run_button, write


def dialog(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Search")


@pytest.mark.script("keys, and a dialog that they open")
def test_a_slash_opens_the_search_arrows_move_and_enter_opens(open_page: OpenPage, still: Still) -> None:
    page = open_page(still.product)
    page.goto("/gallery?scope=team")
    page.keyboard.press("/")
    field = page.get_by_role("searchbox", name=re.compile("^Search models"))
    expect(field).to_be_focused()
    # Where one can go, before a word is typed.
    expect(dialog(page).get_by_role("link", name="Gallery", exact=True)).to_be_visible()

    # At once: an answer to half of it, come late, would take the focus from what was found.
    page.keyboard.insert_text("veo 3.1 fast")
    first = dialog(page).get_by_role("link", name=re.compile("^Veo 3.1 Fast"))
    expect(first).to_be_visible()
    expect(dialog(page).get_by_role("link", name="Gallery", exact=True)).to_have_count(0)
    page.keyboard.press("ArrowDown")
    expect(first).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(field).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/models/kie/veo3_fast"))


@pytest.mark.script("the dialog of the search; without it the link leads to a page")
def test_escape_closes_the_search_and_the_focus_returns(open_page: OpenPage, still: Still) -> None:
    page = open_page(still.product)
    page.goto("/credits")
    opener = page.get_by_role("link", name="Search models, takes and pages")
    opener.focus()
    page.keyboard.press("Enter")
    expect(dialog(page)).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog(page)).to_be_hidden()
    expect(opener).to_be_focused()


@pytest.mark.scriptless("with script the link opens a dialog")
def test_the_search_is_a_page_of_its_own(open_page: OpenPage, still: Still) -> None:
    page = open_page(still.product)
    page.goto("/credits")
    page.get_by_role("link", name="Search models, takes and pages").click()
    page.get_by_role("searchbox").fill("veo 3.1")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("region", name="Models").get_by_role("link").first).to_contain_text("Veo 3.1")
    page.get_by_role("region", name="Takes").get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


@pytest.mark.script("single keys")
def test_two_keys_lead_to_the_pages_and_none_does_while_typing(open_page: OpenPage, still: Still) -> None:
    page = open_page(still.product)
    page.goto("/models")
    for key, path in (("b", "/credits"), ("g", "/gallery"), ("m", "/models")):
        page.keyboard.press("g")
        page.keyboard.press(key)
        # A key that comes before the page is loaded is lost.
        page.wait_for_url(re.compile(path))
    page.get_by_role("searchbox", name="Filter models").press_sequentially("g/")
    expect(dialog(page)).to_be_hidden()
    expect(page).to_have_url(re.compile("/models"))


@pytest.mark.script("nothing notices that a line is down")
def test_without_a_line_run_waits_the_form_is_kept_and_all_comes_back(open_page: OpenPage, still: Still) -> None:
    page = open_page(still.product)
    page.goto(KLING)
    write(page, "A paper boat")
    expect(run_button(page)).to_be_enabled()
    asked: list[str] = []

    # Between two heartbeats: one that is under way when the line goes is an error, as it should be.
    with page.expect_request_finished(lambda request: "/live" in request.url):
        pass
    page.context.set_offline(True)
    expect(page.locator("#offline")).to_contain_text("You are offline. Running tasks continue on the server.")
    expect(run_button(page)).to_be_disabled()
    expect(foot(page)).to_contain_text("You are offline. The form is kept.")
    page.on("request", lambda request: asked.append(request.url))
    prompt_of(page).fill("A paper boat leaves the quay")
    prompt_of(page).blur()
    expect(page.locator("#toasts")).to_be_empty()

    with page.expect_response(re.compile("/quote$")), page.expect_response(re.compile("/live")):
        page.context.set_offline(False)
    expect(page.locator("#offline")).to_have_count(0)
    expect(run_button(page)).to_be_enabled()
    expect(prompt_of(page)).to_have_value("A paper boat leaves the quay")
    # Nothing was asked for in vain.
    assert all("/quote" in url or "/live" in url for url in asked)
