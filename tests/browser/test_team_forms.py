"""The forms around the team: keys, prices, credits, budgets, invitations, the account. Each is filled in wrongly, then rightly."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, Still, Watches
from tests.browser.playground import VEO, balance, expect_price, send
from tests.browser.scripting import show
from tests.browser.soundness import assert_sound


@pytest.fixture
def page(open_page: OpenPage, still: Still, watches: Watches) -> Page:
    page = open_page(still.product, reduced_motion=True)
    watches[page].expected |= {422}
    return page


@pytest.fixture
def mark(script: bool) -> str:
    """What the things of this run are called by, for both runs share one team."""
    return "A" if script else "B"


def test_a_key_is_made_shown_once_and_revoked(page: Page, mark: str) -> None:
    page.goto("/settings/keys")
    page.get_by_label("Name", exact=True).fill(f"laptop {mark}")
    page.get_by_label("Expires").select_option(label="On a day")
    page.get_by_role("button", name="Make key").click()
    expect(page.locator("#id_day-about")).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_have_value(f"laptop {mark}")
    page.get_by_label("Expires").select_option(label="Never")
    page.get_by_role("button", name="Make key").click()
    expect(page.get_by_label("The key")).to_have_value(re.compile("^rk_|^sk|^[a-z]+_"))
    assert_sound(page)
    page.get_by_role("link", name="I stored it").click()
    expect(page.get_by_label("The key")).to_have_count(0)
    page.get_by_role("link", name=f"Revoke laptop {mark}").click()
    page.get_by_role("button", name="Revoke key").click()
    page.locator("summary").filter(has_text="Revoked keys").click()
    expect(page.get_by_role("region", name="Revoked keys")).to_contain_text(f"laptop {mark}")


def test_a_price_of_one_s_own_holds_in_the_form_until_it_is_taken_back(page: Page) -> None:
    page.goto(f"{VEO}/price")
    page.get_by_label("Credits per job").fill("many")
    page.get_by_role("button", name="Save price").click()
    expect(page.get_by_label("Credits per job")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Credits per job")).to_have_value("many")
    page.get_by_label("Credits per job").fill("7.5")
    send(page, page.get_by_role("button", name="Save price"))
    page.goto(VEO)
    expect_price(page, "7.5")
    page.goto(f"{VEO}/price")
    send(page, page.get_by_role("button", name="Return to the published price"))
    page.goto(VEO)
    expect_price(page, "60")


def test_credits_are_added_after_a_look_and_stand_in_the_ledger(page: Page, mark: str) -> None:
    page.goto("/credits/add")
    before = balance(page)
    page.get_by_label("Another amount", exact=True).check(force=True)
    page.get_by_label("Another amount of credits").fill("ten")
    page.get_by_label("Note").fill(f"Invoice {mark}")
    page.get_by_role("button", name="Check and add").click()
    expect(page.get_by_label("Another amount of credits")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Note")).to_have_value(f"Invoice {mark}")
    page.get_by_label("Another amount of credits").fill("10")
    page.get_by_role("button", name="Check and add").click()
    expect(page.get_by_role("main")).to_contain_text(f"Invoice {mark}")
    send(page, page.locator("button[name=step][value=confirm]"))
    page.goto("/credits")
    assert balance(page) == before + 10
    page.locator("#filters select").first.select_option(index=1)
    show(page, "Filter")
    expect(page).to_have_url(re.compile(r"[?&]\w+=\w"))
    expect(page.locator("#ledger").get_by_role("link", name="Clear")).to_be_visible()
    page.locator("#ledger").get_by_role("link", name="Clear").click()
    expect(page.locator("#ledger")).to_contain_text(f"Invoice {mark}")


def test_a_budget_is_set_changed_and_removed(page: Page, script: bool) -> None:
    period = "A month" if script else "A day"
    page.goto("/credits/budgets")
    page.get_by_label("Per", exact=True).select_option(label=period)
    page.get_by_label("At most, in credits").fill("a lot")
    page.get_by_role("button", name="Set budget").click()
    expect(page.get_by_label("At most, in credits")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Per", exact=True).locator("option:checked")).to_have_text(period)
    page.get_by_label("At most, in credits").fill("9,000")
    page.get_by_role("button", name="Set budget").click()
    row = page.get_by_role("row").filter(has_text=period.removeprefix("A "))
    row.get_by_role("textbox").fill("8,000")
    send(page, row.get_by_role("button", name="Save"))
    page.goto("/credits/budgets")
    expect(row.get_by_role("textbox")).to_have_value("8,000")
    assert_sound(page)
    row.get_by_role("button", name=re.compile("^Remove")).click()
    expect(row).to_have_count(0)


def test_an_invitation_is_made_renewed_and_revoked(page: Page, mark: str) -> None:
    email = f"{mark.lower()}@example.com"
    page.goto("/team")
    page.get_by_label("E-mails").fill("nobody at all")
    page.get_by_role("button", name="Invite people").click()
    expect(page.get_by_label("E-mails")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("E-mails")).to_have_value("nobody at all")
    page.get_by_label("E-mails").fill(email)
    page.get_by_role("button", name="Invite people").click()
    first = page.get_by_label(f"Link for {email}").input_value()
    page.get_by_role("button", name=f"New link for {email}").click()
    expect(page.get_by_label(f"Link for {email}")).not_to_have_value(first)
    page.get_by_role("button", name=f"Revoke invitation of {email}").click()
    expect(page.get_by_role("region", name="Invited").filter(has_text=email)).to_have_count(0)

    page.goto("/audit")
    page.get_by_label("Kind of change").select_option(index=1)
    show(page, "Filter")
    expect(page).to_have_url(re.compile("kind="))
    page.get_by_role("link", name="Show everything").click()
    expect(page.get_by_role("main")).to_contain_text(email)


def test_one_s_name_is_changed_and_a_password_that_is_too_short_is_not(page: Page, mark: str) -> None:
    page.goto("/account")
    page.get_by_label("Name", exact=True).fill(f"Mara {mark}")
    send(page, page.get_by_role("button", name="Save name"))
    page.goto("/account")
    expect(page.get_by_label("Name", exact=True)).to_have_value(f"Mara {mark}")
    page.goto("/account/password")
    page.get_by_label("New password", exact=True).fill("short")
    page.get_by_label("New password again").fill("short")
    page.get_by_role("button", name="Save password").click()
    expect(page.locator("input[aria-invalid=true]").first).to_be_visible()
    page.get_by_role("button", name=re.compile("account of")).click()
    expect(page.locator("#account-menu").get_by_role("button", name="Sign out")).to_be_visible()
