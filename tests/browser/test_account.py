"""One's own way in, and what the team may take away again: second factors, the address, a provider's key, a membership."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import OpenPage, Still, Watches
from tests.browser.people import accept, confirm, invitation_link, sign_in, sign_out
from tests.browser.playground import send
from tests.browser.product import WEB_ALONE, Product
from tests.browser.soundness import assert_sound
from tests.web.signing import totp_code

# Nobody listens there.
NOBODY = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def house(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The web server alone, with a mail server whose mails land in a folder, and a provider that is out of reach."""
    folder = tmp_path_factory.mktemp("house")
    product = Product(folder / "data", WEB_ALONE, EMAIL_URL=f"filemail:///{folder / 'mails'}", KIE_BASE_URL=NOBODY)
    product.arrange("mails")
    with product:
        yield product


def member(open_page: OpenPage, still: Still, name: str) -> Page:
    """Signed in, with a password, after an invitation. Both runs share one team: each brings people of its own."""
    owner, page = open_page(still.product), open_page(still.product, signed_in=False, reduced_motion=True)
    accept(page, invitation_link(owner, address(name), "Member"), name)
    return page


def address(name: str) -> str:
    return f"{name.lower()}@example.com"


def code_in(mail: str) -> str:
    return str(re.findall(r"^[A-Z0-9]{3,}(?:-[A-Z0-9]{3,})?$", mail, re.MULTILINE)[-1])


def answer(page: Page, code: str) -> None:
    """The second factor."""
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Sign in", exact=True).click()


def add_app(page: Page) -> tuple[str, list[str]]:
    """Its secret, and the recovery codes that come with it."""
    page.goto("/account")
    page.get_by_role("link", name="Add an app").click()
    confirm(page)
    secret = page.locator(".field .mono.wrap").inner_text()
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    assert_sound(page)
    page.get_by_label("Code that the app shows").fill("000000")
    page.get_by_role("button", name="Add the app").click()
    expect(page.get_by_role("main")).to_contain_text("This code is not right.")
    page.get_by_label("Code that the app shows").fill(totp_code(secret))
    page.get_by_role("button", name="Add the app").click()
    codes = page.locator("pre.code").inner_text().split()
    assert len(codes) == 10
    return secret, codes


def test_an_authenticator_app_is_asked_for_after_the_password_and_recovery_codes_stand_in_for_it(
    open_page: OpenPage, still: Still, script: bool, watches: Watches
) -> None:
    name = "Ada" if script else "Ben"
    page, email = member(open_page, still, name), address(name)
    watches[page].expected.add(422)
    secret, codes = add_app(page)

    sign_out(page)
    sign_in(page, email)
    expect(page.get_by_role("heading", name="Second factor")).to_be_visible()
    assert_sound(page)
    answer(page, "000000")
    expect(page.locator("form")).to_contain_text(["This code is not right."])
    # The next one: this one is used up, and it is taken a little early.
    answer(page, totp_code(secret, 1))
    page.wait_for_url(re.compile("/models|/$"))

    sign_out(page)
    sign_in(page, email)
    answer(page, codes[0])
    page.wait_for_url(re.compile("/models|/$"))
    page.goto("/account")
    expect(page.get_by_role("main")).to_contain_text("9 left")
    page.get_by_role("link", name="Show codes").click()
    confirm(page)
    expect(page.locator("pre.code")).not_to_contain_text(codes[0])
    assert_sound(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the codes").click()
    assert codes[1] in Path(download.value.path()).read_text()
    page.get_by_role("link", name="Make new codes").click()
    page.get_by_role("button", name="Make new codes").click()
    expect(page.get_by_role("main")).to_contain_text("10 of 10 are left")
    expect(page.locator("pre.code")).not_to_contain_text(codes[1])

    page.goto("/account")
    page.get_by_role("link", name="Remove the app").click()
    page.get_by_role("button", name="Remove the app").click()
    expect(page.get_by_role("link", name="Add an app")).to_be_visible()
    sign_out(page)
    sign_in(page, email)
    page.wait_for_url(re.compile("/models"))


def test_an_address_is_changed_by_whoever_knows_the_password_where_no_mail_can_be_sent(
    open_page: OpenPage, still: Still, script: bool, watches: Watches
) -> None:
    name = "Cleo" if script else "Dan"
    page, new = member(open_page, still, name), f"new.{address(name)}"
    watches[page].expected.add(422)
    page.goto("/account")
    page.get_by_role("link", name="Change e-mail").click()
    confirm(page)
    page.get_by_label("New e-mail").fill("owner@localhost")
    page.get_by_role("button", name="Save e-mail").click()
    expect(page.get_by_label("New e-mail")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("New e-mail")).to_have_value("owner@localhost")
    assert_sound(page)
    page.get_by_label("New e-mail").fill(new)
    page.get_by_role("button", name="Save e-mail").click()
    expect(page.locator("#toasts")).to_contain_text(f"You sign in with {new} from now on.")
    sign_out(page)
    sign_in(page, new)
    page.goto("/account")
    expect(page.get_by_role("main")).to_contain_text(new)


def test_an_address_changes_once_the_code_that_was_mailed_there_is_entered(
    open_page: OpenPage, house: Product, script: bool, watches: Watches
) -> None:
    page, new = open_page(house, reduced_motion=True), address("Esra" if script else "Finn")
    watches[page].expected.add(422)
    page.goto("/account/email")
    page.get_by_label("New e-mail").fill(new)
    page.get_by_role("button", name="Send a code").click()
    expect(page.get_by_role("heading", name="Prove your address")).to_be_visible()
    assert_sound(page)
    page.get_by_label("Code").fill("AAAAAA")
    page.get_by_role("button", name="Prove the address").click()
    expect(page.get_by_label("Code")).to_have_attribute("aria-invalid", "true")
    [mail] = [mail for mail in house.arrange("mails") if new in mail]
    page.get_by_label("Code").fill(code_in(mail))
    send(page, page.get_by_role("button", name="Prove the address"))
    page.goto("/account")
    expect(page.get_by_role("main")).to_contain_text(f"{new} · proven")


def test_a_provider_s_key_is_entered_replaced_and_removed(open_page: OpenPage, house: Product, watches: Watches) -> None:
    page = open_page(house, reduced_motion=True)
    watches[page].expected.add(422)
    page.goto("/providers")
    account = page.locator("#account-kie")
    key = account.get_by_role("textbox", name="KIE API key", exact=True)
    key.fill("two words")
    account.get_by_role("button", name="Save key").first.click()
    expect(key).to_have_attribute("aria-invalid", "true")
    expect(key).to_have_value("")
    key.fill("0123456789abcdef")
    account.get_by_role("button", name="Save key").first.click()
    expect(page.locator("#toasts")).to_contain_text("KIE API key saved.")
    expect(page.get_by_role("main")).not_to_contain_text("0123456789abcdef")
    assert_sound(page)
    account.get_by_text("Replace or remove the KIE API key").click()
    account.get_by_role("textbox", name="New KIE API key", exact=True).fill("fedcba9876543210")
    account.get_by_role("button", name="Replace key").click()
    expect(page.locator("#toasts")).to_contain_text("KIE API key saved.")
    account.get_by_text("Replace or remove the KIE API key").click()
    account.get_by_role("button", name="Remove the KIE API key").click()
    expect(page.locator("#toasts")).to_contain_text("KIE API key removed.")
    expect(account.get_by_role("button", name="Save key").first).to_be_visible()


def test_a_member_who_is_removed_is_signed_out_and_gone_from_the_team(open_page: OpenPage, still: Still, script: bool) -> None:
    name = "Gus" if script else "Hana"
    removed, page = member(open_page, still, name), open_page(still.product, reduced_motion=True)
    page.goto("/team")
    # By the address: the head of the table says in which month, and August holds a Gus.
    row = page.get_by_role("row", name=address(name))
    row.get_by_role("link", name=re.compile("^Remove")).click()
    expect(page.get_by_role("main")).to_contain_text(f"{address(name)} loses access at once")
    assert_sound(page)
    page.get_by_role("link", name="Keep things as they are").click()
    row.get_by_role("link", name=re.compile("^Remove")).click()
    page.get_by_role("button", name=f"Remove {name}").click()
    expect(row).to_have_count(0)
    removed.goto("/gallery")
    expect(removed.get_by_role("heading", name="Sign in")).to_be_visible()
