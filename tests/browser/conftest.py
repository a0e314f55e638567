from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal, Protocol

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.chromium import NoChromium, launch
from tests.browser.inputs import Inputs
from tests.browser.playground import STATUS_MS
from tests.browser.product import WEB_ALONE, Product
from tests.browser.scripting import remember
from tests.browser.watch import Watch

Theme = Literal["light", "dark"]
Watches = dict[Page, Watch]
WIDTHS = {"desktop": (1440, 900), "mobile": (390, 844)}


class OpenPage(Protocol):
    """Opens a page of a product, signed in unless told otherwise; complaints about it fail the test at its end."""

    def __call__(
        self,
        product: Product,
        *,
        signed_in: bool = True,
        size: str = "desktop",
        theme: Theme = "light",
        reduced_motion: bool = False,
    ) -> Page: ...


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Whatever opens a page is run twice: with script and without."""
    if "script" in metafunc.fixturenames:
        metafunc.parametrize("script", [True, False], ids=["with script", "without script"])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Left out is the run of which a test, or a parameter of it, says that it cannot be; see tests/arch/test_browser_tests.py."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
    items[:] = [item for item in items if here not in item.path.parents or _is_run(item)]


def _is_run(item: pytest.Item) -> bool:
    script = item.callspec.params.get("script") if isinstance(item, pytest.Function) and hasattr(item, "callspec") else None
    return script is None or item.get_closest_marker("scriptless" if script else "script") is None


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    # Playwright's loop counts as running in this thread for as long as it lives, so Django would refuse its database to
    # every later test of the session, though none of them runs inside that loop.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    # What never comes fails all the same, and what comes late fails nobody.
    expect.set_options(timeout=STATUS_MS)
    with sync_playwright() as playwright:
        try:
            browser = launch(playwright)
        except NoChromium as error:
            if os.environ.get("BROWSER_TESTS") == "required":
                pytest.fail(f"BROWSER_TESTS=required, but {error}")
            pytest.skip(str(error))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def product(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """Everything running, as `make run` runs it."""
    with Product(tmp_path_factory.mktemp("product")) as product:
        yield product


class Still:
    """The web server alone, over jobs in every state: nothing moves, so every state can be looked at."""

    def __init__(self, product: Product, jobs: dict[str, tuple[int, str]]) -> None:
        self.product = product
        self.takes = {state: number for state, (number, _) in jobs.items()}
        self.tasks = {state: f"/tasks/{job_id}" for state, (_, job_id) in jobs.items()}


@pytest.fixture(scope="session")
def still(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Still]:
    # Every test that walks about the account signs in again and again.
    product = Product(tmp_path_factory.mktemp("still"), WEB_ALONE, SIGN_INS_PER_MINUTE="1000")
    jobs = product.arrange("every-state")
    with product:
        yield Still(product, jobs)


@pytest.fixture(scope="session")
def sessions(browser: Browser) -> Callable[[Product], Any]:
    """The signed-in state of the owner's browser, made once per product."""
    kept: dict[str, Any] = {}

    def state_of(product: Product) -> Any:
        if product.url not in kept:
            context = browser.new_context()
            context.set_default_timeout(STATUS_MS)
            page = context.new_page()
            page.goto(product.sign_in_link())
            page.get_by_role("button", name="Sign in").click()
            page.wait_for_url(lambda url: "/sign-in/" not in url)
            kept[product.url] = json.loads(json.dumps(context.storage_state()))
            context.close()
        return kept[product.url]

    return state_of


@pytest.fixture(scope="session")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    """Small pictures and clips to upload."""
    return Inputs(tmp_path_factory.mktemp("inputs"))


@pytest.fixture
def watches() -> Watches:
    return {}


@pytest.fixture
def script() -> bool:
    """Whether pages may run scripts. Every test that opens one gets both; see above."""
    raise AssertionError("This is set for every test where it is collected.")


@pytest.fixture
def desk(script: bool, request: pytest.FixtureRequest) -> Product:
    """Where forms are filled in and sent: everything running, or without script the web server alone.

    How a clip is made does not depend on how its form was sent, and it takes long.
    """
    if script:
        product: Product = request.getfixturevalue("product")
        return product
    still: Still = request.getfixturevalue("still")
    return still.product


@pytest.fixture
def open_page(browser: Browser, script: bool, sessions: Callable[[Product], Any], watches: Watches) -> Iterator[OpenPage]:
    contexts: list[BrowserContext] = []

    def open_page(
        product: Product,
        *,
        signed_in: bool = True,
        size: str = "desktop",
        theme: Theme = "light",
        reduced_motion: bool = False,
    ) -> Page:
        width, height = WIDTHS[size]
        context = browser.new_context(
            base_url=product.url,
            storage_state=sessions(product) if signed_in else None,
            java_script_enabled=script,
            viewport={"width": width, "height": height},
            has_touch=size == "mobile",
            color_scheme=theme,
            reduced_motion="reduce" if reduced_motion else "no-preference",
            permissions=["clipboard-read", "clipboard-write"],
        )
        contexts.append(context)
        context.set_default_timeout(STATUS_MS)
        remember(context, script)
        page = context.new_page()
        watches[page] = Watch(product.url)
        watches[page].attach(page)
        return page

    yield open_page
    complaints = [complaint for watch in watches.values() for complaint in watch.complaints]
    for context in contexts:
        context.close()
    assert complaints == []
