"""From the printed link to the clip in the gallery."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.playground import (
    DONE_MS,
    KLING,
    STATUS_MS,
    VEO,
    assert_plays_and_seeks,
    balance,
    expect_sent,
    expect_video,
    price,
    prompt_of,
    run_button,
    stage,
)
from tests.browser.product import Product


def set_up(page: Page, product: Product) -> None:
    page.goto(product.printed_link)
    page.get_by_role("button", name="Skip for now").click()
    page.get_by_role("link", name="Use test mode").click()
    page.get_by_role("link", name="Open it, ready to run").click()


def sign_in(page: Page, product: Product) -> None:
    page.goto(product.sign_in_link())
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/sign-in/" not in url)
    page.goto(f"{VEO}?prompt=example")


def test_from_the_link_to_a_clip_that_plays(open_page: OpenPage, product: Product, script: bool) -> None:
    page = open_page(product, signed_in=False)
    # The printed link opens once: the set-up without script is walked through in test_people.py.
    come_in = set_up if script else sign_in
    come_in(page, product)
    page.wait_for_url("**/models/modkie/google/veo-3-1*")

    prompt_of(page).fill("Calm sea at dusk, a gull crosses the frame")
    expect(page.locator("#foot")).to_contain_text("60 credits")
    before, cost = balance(page), price(page)
    run_button(page).click()
    expect_sent(page)
    expect(stage(page)).to_contain_text(re.compile("Sent|queue|Generating|Saving"), timeout=STATUS_MS)
    assert_plays_and_seeks(page, expect_video(page))
    if not script:
        assert page.locator("meta[http-equiv=refresh]").count() == 0

    assert cost == 60
    expect(page.locator("#balance")).to_contain_text(f"{before - cost:,}")
    page.goto("/gallery")
    expect(page.get_by_text("Calm sea at dusk").first).to_be_attached()
    page.goto("/credits")
    expect(page.get_by_text(f"{before - cost:,}").first).to_be_visible()
    assert product.manage("ledger", "verify").startswith("The ledger is in order")


@pytest.mark.script("states that change in place")
def test_the_watcher_sees_every_state_pass(open_page: OpenPage, product: Product) -> None:
    page = open_page(product)
    page.goto(KLING)
    prompt_of(page).fill("Ink-blue silk folds and unfolds in slow motion [[delay:24]]")
    run_button(page).click()
    expect_sent(page)
    for words in ("queue", "Generating"):
        expect(stage(page)).to_contain_text(re.compile(words), timeout=STATUS_MS)
    expect_video(page)
    expect(page.locator("#stage")).to_contain_text(re.compile("Sandbox", re.IGNORECASE))


@pytest.mark.script("a key")
def test_ctrl_and_enter_run_from_the_prompt(open_page: OpenPage, product: Product) -> None:
    page = open_page(product)
    page.goto(KLING)
    before = balance(page)
    prompt_of(page).fill("Rain on a neon street at night")
    expect(page.locator("#foot")).to_contain_text("35 credits")
    prompt_of(page).press("Control+Enter")
    expect_sent(page)
    expect(page.locator("#balance")).to_contain_text(f"{before - 35:,}", timeout=STATUS_MS)
    expect_video(page)


def test_a_failed_job_says_why_and_returns_the_credits(open_page: OpenPage, product: Product) -> None:
    page = open_page(product)
    page.goto(KLING)
    before = balance(page)
    prompt_of(page).fill("A portrait [[fail:422 Real person in image.]]")
    run_button(page).click()
    expect_sent(page)
    expect(stage(page)).to_contain_text("Real person in image.", timeout=DONE_MS)
    expect(stage(page)).to_contain_text("35 credits returned")
    expect(page.locator("#balance")).to_contain_text(f"{before:,}")


@pytest.mark.script("a page that learns what happens elsewhere")
def test_a_take_that_ends_while_another_is_watched_is_announced(open_page: OpenPage, product: Product) -> None:
    page = open_page(product)
    page.goto(KLING)
    prompt_of(page).fill("Fog drifts between tall pines [[fail:501 No more fog.]]")
    run_button(page).click()
    expect_sent(page)
    expect(stage(page)).to_contain_text("No more fog.", timeout=DONE_MS)
    watched = re.search(r"take=(\d+)", page.url)
    assert watched is not None
    # Long enough for a slow hand to be at the other take by then.
    prompt_of(page).fill("Fog drifts between tall pines [[delay:40]]")
    run_button(page).click()
    expect(page).not_to_have_url(re.compile(f"{watched[0]}$"))
    expect(stage(page)).to_contain_text(re.compile("Waiting|queue|Generating"))
    page.locator("#strip").get_by_role("link", name=f"Take {watched[1]},").click()
    expect(stage(page)).to_contain_text("No more fog.")
    expect(page.locator("#toasts")).to_contain_text(re.compile("ready|Done", re.IGNORECASE), timeout=DONE_MS)
    expect(stage(page)).to_contain_text("No more fog.")
