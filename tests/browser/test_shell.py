"""The frame around every page: theme, Test and Live, navigation, and the page that is not there."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, Still, Watches


def background(page: Page) -> str:
    colour: str = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return colour


def test_the_theme_is_switched_at_once_and_stays(open_page: OpenPage, still: Still) -> None:
    page = open_page(still.product, theme="light")
    page.goto("/credits")
    light = background(page)
    with page.expect_response(lambda response: response.request.method == "POST"):
        page.get_by_role("button", name=re.compile("theme|dark", re.IGNORECASE)).first.click()
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page).to_have_url(re.compile("/credits$"))
    dark = background(page)
    assert dark != light
    page.goto("/gallery")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert background(page) == dark


@pytest.mark.script("the browser alone knows its time zone")
def test_the_first_touch_of_a_page_tells_the_viewers_time_zone(open_page: OpenPage, still: Still) -> None:
    page = open_page(still.product)
    page.goto("/credits")
    zone = page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone")
    page.keyboard.press("Tab")
    page.wait_for_function("document.cookie.includes('tz=')")
    assert [cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "tz"] == [zone]


def test_live_is_off_and_says_why(open_page: OpenPage, still: Still) -> None:
    page = open_page(still.product)
    page.goto("/models")
    live = page.get_by_role("button", name=re.compile("^Live"))
    expect(live).to_be_disabled()
    expect(live).to_have_accessible_name(re.compile("needs a provider key"))
    expect(page.locator("#balance")).to_contain_text("Test")


def test_the_navigation_leads_only_to_pages_that_exist(open_page: OpenPage, still: Still) -> None:
    page = open_page(still.product)
    page.goto("/models")
    links = page.locator("header a, nav a").evaluate_all("links => [...new Set(links.map(link => link.href))]")
    assert len(links) >= 4
    assert [link for link in links if page.request.get(link).status != 200] == []


def test_a_page_that_is_not_there_leads_back(open_page: OpenPage, watches: Watches, still: Still) -> None:
    page = open_page(still.product)
    watches[page].expected |= {404}
    response = page.goto("/no-such-page")
    assert response is not None
    assert response.status == 404
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_role("main").get_by_role("link").first).to_be_visible()


def test_whoever_is_not_signed_in_sees_the_sign_in_page_and_comes_back(open_page: OpenPage, still: Still) -> None:
    page = open_page(still.product, signed_in=False)
    page.goto("/credits")
    expect(page).to_have_url(re.compile("/login"))
    expect(page.get_by_label("E-mail")).to_be_visible()


def test_a_used_link_explains_itself(open_page: OpenPage, watches: Watches, still: Still) -> None:
    link = still.product.sign_in_link()
    page = open_page(still.product, signed_in=False)
    page.goto(link)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/sign-in/" not in url)
    again = open_page(still.product, signed_in=False)
    watches[again].expected |= {404, 410}
    again.goto(link)
    expect(again.get_by_role("heading", level=1)).to_be_visible()
    expect(again.get_by_role("button", name="Sign in")).to_have_count(0)
