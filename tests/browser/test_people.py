"""People come into an installation and share it: set-up, invitation, roles, budgets, teams."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import OpenPage, Watches
from tests.browser.people import PASSWORD, accept, confirm, invitation_link, sign_out
from tests.browser.playground import STATUS_MS, VEO, foot, prompt_of, run_button, send
from tests.browser.product import Product
from tests.browser.scripting import has_script
from tests.browser.soundness import assert_sound

MARA, JONAS = "mara@example.com", "jonas@example.com"


@pytest.fixture
def installation(browser: Browser, tmp_path: Path) -> Iterator[Product]:
    """Fresh: nobody has set it up."""
    with Product(tmp_path / "data") as product:
        yield product


def set_up(page: Page, product: Product) -> None:
    page.goto(product.printed_link)
    page.get_by_label("Your name").fill("Mara Kovač")
    page.get_by_label("E-mail").fill(MARA)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make the account").click()
    page.get_by_role("link", name="Use test mode").click()
    page.get_by_role("link", name="Open it, ready to run").click()
    expect(prompt_of(page)).not_to_have_value("")


def give_role(page: Page, whom: str, role: str) -> None:
    page.goto("/team")
    choice = page.get_by_label(f"Role of {whom}")
    if has_script(page):
        with page.expect_response(re.compile("/role$")):
            choice.select_option(label=role)
    else:
        choice.select_option(label=role)
        page.get_by_role("row", name=whom).get_by_role("button", name=re.compile("^Save")).click()
    page.goto("/team")
    expect(page.get_by_label(f"Role of {whom}").locator("option:checked")).to_have_text(role)


def set_budget(page: Page, whom: str, credits: str) -> None:
    page.goto("/credits/budgets")
    page.get_by_label("For", exact=True).select_option(label=whom)
    page.get_by_label("Per", exact=True).select_option(label="A month")
    page.get_by_label("At most, in credits").fill(credits)
    page.get_by_role("button", name="Set budget").click()
    expect(page.get_by_role("row", name=whom)).to_be_visible()


def test_from_set_up_to_a_shared_budget(open_page: OpenPage, watches: Watches, installation: Product) -> None:
    mara = open_page(installation, signed_in=False, reduced_motion=True)
    jonas = open_page(installation, signed_in=False, reduced_motion=True)
    watches[jonas].expected |= {402, 403}
    set_up(mara, installation)

    link = invitation_link(mara, JONAS, "Viewer")
    accept(jonas, link, "Jonas Okafor")
    jonas.goto(VEO)
    expect(foot(jonas)).to_contain_text("needs the role Member")
    watches[mara].expected |= {410}
    mara.goto(link)
    expect(mara.get_by_role("heading", level=1)).to_contain_text("no longer works")

    give_role(mara, "Jonas Okafor", "Member")
    set_budget(mara, "Jonas Okafor", "70")
    jonas.goto(VEO)
    prompt_of(jonas).fill("A calm sea at dusk, slow waves")
    run_button(jonas).click()
    jonas.wait_for_url(re.compile(r"[?&]take=\d+|/tasks/"), wait_until="commit")

    jonas.goto(VEO)
    expect(foot(jonas)).to_contain_text(re.compile("budget", re.IGNORECASE), timeout=STATUS_MS)
    mara.goto("/credits")
    expect(mara.get_by_role("main")).to_contain_text("60")
    expect(mara.locator(".blist")).to_contain_text("Jonas Okafor")
    expect(mara.locator(".blist")).to_contain_text("85% used")

    mara.goto("/teams/new")
    mara.get_by_label("Team name").fill("Second unit")
    send(mara, mara.get_by_role("button", name=re.compile("team", re.IGNORECASE)).last)
    mara.goto("/team")
    expect(mara.get_by_role("main")).to_contain_text("Second unit")
    expect(mara.get_by_role("main")).not_to_contain_text("Jonas")
    mara.get_by_role("button", name=re.compile("Second unit")).first.click()
    send(mara, mara.get_by_role("button", name=re.compile("First team")))
    mara.goto("/team")
    expect(mara.get_by_role("main")).to_contain_text("Jonas Okafor")


def authenticator(context: BrowserContext, page: Page) -> None:
    """A device that keeps passkeys and whose owner always agrees."""
    session = context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


@pytest.mark.script("passkeys are made and used by script; the page says so")
def test_a_passkey_signs_in(open_page: OpenPage, installation: Product) -> None:
    page = open_page(installation, signed_in=False)
    authenticator(page.context, page)
    set_up(page, installation)
    page.goto("/account/passkeys/add")
    confirm(page)
    page.wait_for_url(re.compile("/passkeys/add$"))
    page.get_by_label("Name").fill("This laptop")
    page.get_by_role("button", name="Make the passkey").click()
    page.wait_for_url(lambda url: "/passkeys/add" not in url)
    page.goto("/account")
    expect(page.get_by_role("main")).to_contain_text("This laptop")

    sign_out(page)
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(lambda url: "/login" not in url)
    page.goto("/account")
    expect(page.get_by_role("main")).to_contain_text(MARA)
    assert_sound(page)
