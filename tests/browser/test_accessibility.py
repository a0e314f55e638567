"""axe finds no violation and nothing overflows sideways: on every page, in both themes, on a desk and on a phone.

Without script every page is there and nothing on it is pressed or filled in in vain.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, Still, Watches
from tests.browser.scripting import has_script
from tests.browser.soundness import COLOURS, dead, overflow, violations

PLAYGROUND = "/models/modkie/google/veo-3-1"
PAGES = {
    "models": "/models",
    "models, nothing found": "/models?q=no+such+model",
    "models, filtered": "/models?input=image&can=4k",
    "about a model": "/models/kie/bytedance/seedance-2/about",
    "documentation": "/docs",
    "documentation of a model": "/docs/models/kie/kling-3.0/video",
    "documented models": "/docs/models",
    "retired model": "/models/kie/sora-2-text-to-video",
    "price of the team": "/models/kie/kling-3.0/video/price",
    "gallery": "/gallery",
    "gallery, team": "/gallery?scope=team",
    "gallery, favourites": "/gallery?scope=favourites",
    "collections": "/gallery?scope=collections",
    "compare": "/compare",
    "tasks": "/tasks",
    "share links": "/shares",
    "credits": "/credits",
    "search": "/search?q=sea",
    "credits, filtered": "/credits?kind=grant&by=member",
    "add credits": "/credits/add",
    "budgets": "/credits/budgets",
    "ledger proof": "/credits/proof",
    "password": "/account/password",
    "playground": PLAYGROUND,
    "playground, another form": "/models/modkie/kling/kling-3-0",
}
PEOPLES_PAGES = (
    "/team", "/teams/new", "/settings/keys", "/webhooks", "/audit", "/providers", "/account", "/account/app", "/account/passkeys/add",
)  # fmt: skip
# A passkey is made by script, and without one the page says so.
OF_SCRIPT_ALONE = "/account/passkeys/add"
STATES = [
    "done",
    "file-expired",
    "refused-by-the-model",
    "result-lost",
    "waiting",
    "sending",
    "queuing",
    "generating",
    "generating-with-progress",
    "over-the-usual-time",
    "saving",
    "checking",
    "failed-by-the-provider",
    "timed-out",
    "submission-unknown",
    "cancelled",
]
both_sizes = pytest.mark.parametrize("size", ["desktop", "mobile"])


def unsound(page: Page, part: str | None = None) -> list[str]:
    """What is wrong in either theme, and how far the page sticks out sideways."""
    page.wait_for_load_state()
    found = complaints_of_axe(page, part) if has_script(page) else [f"dead: {one}" for one in dead(page)]
    return found + ([f"{excess} px too wide"] if (excess := overflow(page)) > 0 else [])


def complaints_of_axe(page: Page, part: str | None) -> list[str]:
    page.emulate_media(color_scheme="light")
    found = [f"light: {violation}" for violation in violations(page, part)]
    page.emulate_media(color_scheme="dark")
    return found + [f"dark: {violation}" for violation in violations(page, part, COLOURS)]


@both_sizes
@pytest.mark.parametrize("name", PAGES)
def test_pages(open_page: OpenPage, still: Still, name: str, size: str) -> None:
    page = open_page(still.product, size=size, reduced_motion=True)
    response = page.goto(PAGES[name])
    assert response is not None
    assert response.status == 200
    assert unsound(page) == []


@both_sizes
def test_the_pages_about_people_and_keys(open_page: OpenPage, still: Still, size: str) -> None:
    page = open_page(still.product, size=size, reduced_motion=True)
    for address in PEOPLES_PAGES:
        page.goto(address)
        if address == OF_SCRIPT_ALONE and not has_script(page):
            expect(page.locator("noscript p")).to_have_text("Passkeys need JavaScript.")
        assert (address, unsound(page)) == (address, [])


@both_sizes
def test_the_form_that_makes_a_key_and_the_key_s_own_page(open_page: OpenPage, still: Still, size: str) -> None:
    page = open_page(still.product, size=size, reduced_motion=True)
    page.goto("/settings/keys")
    page.get_by_text("Limits").click()
    page.get_by_label("Name", exact=True).fill("Nightly")
    page.get_by_label("Most credits an hour").fill("90")
    assert unsound(page) == []
    page.get_by_role("button", name="Make key").click()
    page.get_by_role("link", name="I stored it").click()
    page.get_by_role("link", name="Nightly", exact=True).first.click()
    expect(page.get_by_label("Most credits an hour")).to_have_value("90")
    assert unsound(page) == []
    page.get_by_role("button", name="Rotate key").click()
    expect(page.get_by_role("heading", name="The new secret")).to_be_visible()
    assert unsound(page) == []


@both_sizes
def test_every_state_of_the_stage(open_page: OpenPage, still: Still, size: str) -> None:
    page = open_page(still.product, size=size, reduced_motion=True)
    for state in STATES:
        page.goto(f"{PLAYGROUND}?take={still.takes[state]}")
        # The rest of the page is the same for all of them, and looked at by another test.
        assert (state, unsound(page, "main .view")) == (state, [])


@both_sizes
def test_the_page_of_a_task(open_page: OpenPage, still: Still, size: str) -> None:
    page = open_page(still.product, size=size, reduced_motion=True)
    for state in ("done", "waiting", "generating", "refused-by-the-model", "cancelled"):
        page.goto(still.tasks[state])
        assert (state, unsound(page)) == (state, [])


@both_sizes
def test_a_take_and_its_links(open_page: OpenPage, still: Still, size: str) -> None:
    page = open_page(still.product, size=size, reduced_motion=True)
    page.goto(still.tasks["done"])
    page.get_by_role("link", name="Open take").click()
    page.wait_for_url("**/takes/*")
    assert unsound(page) == []
    page.get_by_role("link", name="Share link").click()
    page.get_by_role("button", name="Make link").click()
    link = page.get_by_label("Address of the link").input_value()
    assert unsound(page) == []
    page.goto(link)
    assert unsound(page) == []


@both_sizes
@pytest.mark.parametrize("view", ["json", "api"])
def test_the_views_of_the_request(open_page: OpenPage, still: Still, view: str, size: str) -> None:
    page = open_page(still.product, size=size, reduced_motion=True)
    page.goto(f"{PLAYGROUND}?take={still.takes['done']}&tab={view}")
    assert unsound(page) == []


@both_sizes
def test_pages_for_people_who_are_not_signed_in(open_page: OpenPage, watches: Watches, still: Still, size: str) -> None:
    page = open_page(still.product, signed_in=False, size=size, reduced_motion=True)
    watches[page].expected |= {404, 410}
    for path in ("/login", still.product.sign_in_link(), "/sign-in/no-such-link", "/no-such-page", "/s/no-such-link"):
        page.goto(path)
        assert (path, unsound(page)) == (path, [])
