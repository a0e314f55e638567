"""The demo team's product for the pictures: seeded afresh, or a copy of a data directory that `seed_demo` has filled already."""

from __future__ import annotations

import json
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from tests.browser.product import WEB_ALONE, Product

OWNER = "mara@northlight.example"
# A key that opens nothing, at an address where nobody is: with one the pages speak as they do to a team at work.
WITH_KEY: dict[str, Any] = {
    "KIE_API_KEY": "for-pictures-only",
    "KIE_BASE_URL": "http://localhost:9",
    "KIE_UPLOAD_BASE_URL": "http://localhost:9",
}
AFTERNOON = 15


def afternoon() -> str:
    """A time zone in which it is about three in the afternoon: by then a day has takes to show."""
    ahead = min(14, AFTERNOON - datetime.now(UTC).hour)
    return f"Etc/GMT{-ahead:+d}" if ahead else "UTC"


def filled(data_dir: Path, given: str | None = os.environ.get("SCREENSHOTS_DATA")) -> Product:
    """Not started yet. What SCREENSHOTS_DATA names is copied and stays as it is."""
    if given:
        shutil.copytree(given, data_dir)
    surroundings: dict[str, Any] = {"TZ": afternoon(), **WITH_KEY}
    product = Product(data_dir, WEB_ALONE, **surroundings)
    product.manage("migrate", "--verbosity", "0")
    if not given:
        product.manage("seed_demo", "--verbosity", "0")
    product.manage("createcachetable", "--verbosity", "0")
    product.manage("collectstatic", "--no-input", "--verbosity", "0")
    return product


def rows(product: Product, *words: str) -> Any:
    """See rows.py."""
    return json.loads(product.run("-m", "tests.screenshots.rows", *words).splitlines()[-1])


def signed_in(browser: Browser, product: Product, email: str, zone: str | None = None) -> str:
    """A file with this person's cookies."""
    path = product.data_dir / "browser.json"
    context = browser.new_context(timezone_id=zone)
    page = context.new_page()
    page.goto(product.sign_in_link(email))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/models/**")
    context.storage_state(path=path)
    context.close()
    return str(path)
