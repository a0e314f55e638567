"""People who come into a team and go about in it, by the doors that people use."""

from __future__ import annotations

import re

from playwright.sync_api import Page

PASSWORD = "seven calm seas at dusk"


def invitation_link(page: Page, email: str, role: str) -> str:
    page.goto("/team")
    page.get_by_label("E-mails").fill(email)
    page.get_by_label("Role", exact=True).select_option(label=role)
    page.get_by_role("button", name="Invite people").click()
    return page.get_by_label(f"Link for {email}").input_value()


def accept(page: Page, link: str, name: str) -> None:
    page.goto(link)
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make an account and join").click()
    page.wait_for_url(re.compile("/models"))


def sign_out(page: Page) -> None:
    page.get_by_role("button", name=re.compile("account of")).click()
    page.locator("#account-menu").get_by_role("button", name="Sign out", exact=True).click()
    page.wait_for_url(re.compile("/login"))


def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    page.goto("/login")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda url: not url.endswith("/login"))


def confirm(page: Page, password: str = PASSWORD) -> None:
    """Is it still you?"""
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Go on").click()
