"""Live mode against the stand-in upstream: money is asked for where it is spent, and never from a page that said Test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import OpenPage, Watches
from tests.browser.playground import KLING, STATUS_MS, VEO, expect_video, prompt_of, run_button, send, write
from tests.browser.product import Product
from tests.media.clips import make_clip
from tests.upstream.client import Upstream, start_upstream


@pytest.fixture(scope="module")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upstream]:
    folder = tmp_path_factory.mktemp("upstream")
    server = start_upstream(folder, make_clip(folder / "clip.mp4", seconds=1))
    yield server
    server.stop()


@pytest.fixture
def connected(browser: Browser, upstream: Upstream, tmp_path: Path) -> Iterator[Product]:
    """The product with a provider key, so that Live can be switched on; a new one for each test, without credits."""
    with Product(tmp_path / "data", POLL_FACTOR="0.05", **upstream.environment()) as product:  # type: ignore[arg-type]
        yield product


def switch_to_live(page: Page) -> None:
    page.get_by_role("button", name="Live", exact=True).click()
    expect(page.locator("#balance")).not_to_contain_text("Test")


def test_live_asks_for_credits_before_it_spends_any(open_page: OpenPage, connected: Product, upstream: Upstream, script: bool) -> None:
    page = open_page(connected)
    page.goto(KLING)
    switch_to_live(page)
    expect(page.locator("#foot")).to_contain_text("You have 0. 35 more needed.")
    expect(run_button(page)).to_have_count(0)

    connected.manage("grant_credits", "--credits", "40", "--mode", "live")
    page.reload()
    prompt_of(page).fill(f"A calm sea at dusk, {script} {{after 1}}")
    expect(page.locator("#foot")).to_contain_text("5 left after")
    run_button(page).click()

    expect_video(page)
    expect(page.locator("#balance")).to_contain_text("5")
    expect(page.locator("#stage")).not_to_contain_text("Sandbox")
    assert upstream.creates(f"A calm sea at dusk, {script}") == 1
    if not script:
        page.goto(KLING)
    expect(page.locator("#foot")).to_contain_text("30 more needed", timeout=STATUS_MS)


@pytest.mark.script("a page that is warned while one types; that Run is refused is walked in test_bad_input.py")
def test_a_form_that_said_test_spends_no_money_after_the_switch(
    open_page: OpenPage, connected: Product, upstream: Upstream, watches: Watches
) -> None:
    test_form = open_page(connected)
    watches[test_form].expected.add(409)
    test_form.goto(VEO)
    send(test_form, test_form.get_by_role("button", name="Test", exact=True))
    test_form.goto(VEO)
    write(test_form, "This was meant for the sandbox")
    other_tab = test_form.context.new_page()
    other_tab.goto(VEO)
    switch_to_live(other_tab)
    connected.manage("grant_credits", "--credits", "500", "--mode", "live")

    # Neither the price nor the button of Live may come into a page that says Test.
    prompt_of(test_form).press_sequentially(" and stays there")
    expect(test_form.locator("#moved")).to_contain_text("made for Test", timeout=STATUS_MS)
    expect(test_form.locator("#foot")).to_contain_text("test credits")
    with test_form.expect_response(lambda response: response.url.endswith("/run")) as answer:
        run_button(test_form).click()

    assert answer.value.status == 409
    assert upstream.creates("This was meant") == 0
    test_form.get_by_role("button", name="Reload").click()
    expect(test_form.locator("#balance")).not_to_contain_text("Test")
    expect(prompt_of(test_form)).to_have_value("This was meant for the sandbox and stays there")
