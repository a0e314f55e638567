"""What a person types wrong is explained where it is wrong, stays typed, and costs nothing."""

from __future__ import annotations

import re

from playwright.sync_api import Route, expect

from tests.browser.conftest import OpenPage, Watches
from tests.browser.playground import STATUS_MS, VEO, balance, prompt_of, run_button, stage, write
from tests.browser.product import Product

BODY = "Fog drifts between tall pines"


def test_a_prompt_over_the_ceiling_is_kept_and_marked(open_page: OpenPage, watches: Watches, product: Product) -> None:
    page = open_page(product)
    watches[page].expected |= {422}
    page.goto(VEO)
    before = balance(page)
    text = "fog " * 5002
    # Pressed before the price has come: with its answer Run goes out, and nobody could press it.
    held: list[Route] = []
    page.route("**/quote", lambda route: route.continue_() if held else held.append(route))
    prompt_of(page).fill(text)
    run_button(page).click()
    expect(page.get_by_text(re.compile(r"\d+ characters too long")).first).to_be_visible(timeout=STATUS_MS)
    expect(prompt_of(page)).to_have_attribute("aria-invalid", "true")
    expect(prompt_of(page)).to_have_value(re.compile(rf"^\s*{text.strip()}\s*$"))
    for route in held:
        route.continue_()
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


def test_a_stale_token_loses_nothing_that_was_typed(open_page: OpenPage, watches: Watches, product: Product, script: bool) -> None:
    page = open_page(product)
    watches[page].expected |= {403}
    page.goto(VEO)
    write(page, BODY)
    expect(page.locator("#foot")).to_contain_text("60 credits")
    page.context.clear_cookies(name="rushes_csrf")
    run_button(page).click()
    if not script:
        expect(page.get_by_role("main")).to_contain_text("Nothing was run and nothing was charged")
        expect(page.get_by_role("region", name="Prompt")).to_have_text(BODY)
        page.get_by_role("link", name="Go on").click()
        page.wait_for_url(f"**{VEO}*")
        return
    reload = page.get_by_role("link", name=re.compile("reload", re.IGNORECASE)).or_(
        page.get_by_role("button", name=re.compile("reload", re.IGNORECASE))
    )
    expect(reload.first).to_be_visible(timeout=STATUS_MS)
    reload.first.click()
    expect(page.locator("#stale")).to_have_count(0)
    expect(prompt_of(page)).to_have_value(BODY)


def test_too_few_credits_change_the_footer_and_nothing_else(open_page: OpenPage, watches: Watches, product: Product, script: bool) -> None:
    team = "poor" if script else "poorer"
    product.manage("create_owner", "--email", f"{team}@localhost", "--team", team)
    page = open_page(product, signed_in=False)
    watches[page].expected |= {402}
    page.goto(product.sign_in_link(f"{team}@localhost"))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"**{VEO}*")
    write(page, BODY)
    expect(page.locator("#foot")).to_contain_text("left after")
    # Behind the back of the page, whose own price is there by then.
    product.arrange("spend", team, "9980")
    run_button(page).click()
    expect(page.locator("#foot")).to_contain_text("You have 20", timeout=STATUS_MS)
    expect(page.locator("#foot")).to_contain_text("40 more needed")
    expect(prompt_of(page)).to_have_value(BODY)
    expect(stage(page)).not_to_contain_text("Sent")


def test_a_form_of_another_team_spends_nothing(open_page: OpenPage, watches: Watches, product: Product, script: bool) -> None:
    email = "two@localhost" if script else "both@localhost"
    for team in ("north", "south"):
        product.manage("create_owner", "--email", email, "--team", team)
    page = open_page(product, signed_in=False)
    watches[page].expected |= {409}
    page.goto(product.sign_in_link(email))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"**{VEO}*")
    write(page, BODY)
    expect(page.locator("#foot")).to_contain_text("60 credits")

    other = page.context.new_page()
    other.goto("/credits")
    before = balance(other)
    other.get_by_role("button", name="North").click()
    other.get_by_role("button", name="South").click()
    expect(other.get_by_role("button", name="South")).to_be_visible()

    run_button(page).click()
    said = page.locator("#moved") if script else page.get_by_role("main")
    expect(said).to_contain_text("made for Test in North", timeout=STATUS_MS)
    expect(said).to_contain_text("Nothing was spent")
    expect(prompt_of(page)).to_have_value(BODY)
    other.reload()
    assert balance(other) == before
