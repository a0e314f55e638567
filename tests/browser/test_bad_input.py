"""What a person types wrong is explained where it is wrong, stays typed, and costs nothing."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage, Watches
from tests.browser.playground import STATUS_MS, VEO, balance, prompt_of, run_button, stage
from tests.browser.product import Product

BODY = "Fog drifts between tall pines"


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_prompt_over_the_ceiling_is_kept_and_marked(open_page: OpenPage, watches: Watches, product: Product, javascript: bool) -> None:
    page = open_page(product, javascript=javascript)
    watches[page].expected |= {422}
    page.goto(VEO)
    before = balance(page)
    text = "fog " * 5002
    prompt_of(page).fill(text)
    run_button(page).click()
    expect(page.get_by_text(re.compile(r"\d+ characters too long")).first).to_be_visible(timeout=STATUS_MS)
    expect(prompt_of(page)).to_have_attribute("aria-invalid", "true")
    assert prompt_of(page).input_value().strip() == text.strip()
    page.goto("/credits")
    assert balance(page) == before


def test_an_empty_prompt_is_refused_by_the_server_too(open_page: OpenPage, watches: Watches, product: Product) -> None:
    page = open_page(product)
    watches[page].expected |= {422}
    page.goto(VEO)
    page.locator("form").evaluate_all("forms => forms.forEach(form => { form.noValidate = true; })")
    prompt_of(page).fill("")
    choose_five = page.get_by_role("radio", name=re.compile("^8"))
    choose_five.check(force=True)
    run_button(page).click()
    expect(prompt_of(page)).to_have_attribute("aria-invalid", "true", timeout=STATUS_MS)
    expect(page.get_by_role("radio", name=re.compile("^8"))).to_be_checked()


def test_a_stale_token_asks_for_a_reload_and_keeps_the_draft(open_page: OpenPage, watches: Watches, product: Product) -> None:
    page = open_page(product)
    watches[page].expected |= {403}
    page.goto(VEO)
    prompt_of(page).fill(BODY)
    expect(page.locator("#foot")).to_contain_text("60 credits")
    page.context.clear_cookies(name="rushes_csrf")
    run_button(page).click()
    reload = page.get_by_role("link", name=re.compile("reload", re.IGNORECASE)).or_(
        page.get_by_role("button", name=re.compile("reload", re.IGNORECASE))
    )
    expect(reload.first).to_be_visible(timeout=STATUS_MS)
    reload.first.click()
    page.wait_for_load_state("load")
    expect(prompt_of(page)).to_have_value(BODY)


def test_too_few_credits_change_the_footer_and_nothing_else(open_page: OpenPage, watches: Watches, product: Product) -> None:
    product.manage("create_owner", "--email", "poor@localhost", "--team", "poor")
    page = open_page(product, signed_in=False)
    watches[page].expected |= {402}
    page.goto(product.sign_in_link("poor@localhost"))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"**{VEO}*")
    product.arrange("spend", "poor", "9980")
    prompt_of(page).fill(BODY)
    run_button(page).click()
    expect(page.locator("#foot")).to_contain_text("You have 20", timeout=STATUS_MS)
    expect(page.locator("#foot")).to_contain_text("40 more needed")
    expect(prompt_of(page)).to_have_value(BODY)
    expect(stage(page)).not_to_contain_text("Sent")


def test_a_form_of_another_team_spends_nothing(open_page: OpenPage, watches: Watches, product: Product) -> None:
    product.manage("create_owner", "--email", "two@localhost", "--team", "north")
    product.manage("create_owner", "--email", "two@localhost", "--team", "south")
    page = open_page(product, signed_in=False)
    watches[page].expected |= {409}
    page.goto(product.sign_in_link("two@localhost"))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"**{VEO}*")
    prompt_of(page).fill(BODY)
    expect(page.locator("#foot")).to_contain_text("60 credits")

    other = page.context.new_page()
    other.goto("/credits")
    before = balance(other)
    other.get_by_role("button", name="North").click()
    other.get_by_role("button", name="South").click()
    expect(other.get_by_role("button", name="South")).to_be_visible()

    run_button(page).click()
    expect(page.locator("#moved")).to_contain_text("made for Test in North", timeout=STATUS_MS)
    expect(page.locator("#moved")).to_contain_text("Nothing was spent")
    expect(prompt_of(page)).to_have_value(BODY)
    other.reload()
    assert balance(other) == before
