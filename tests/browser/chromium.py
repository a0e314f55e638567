"""Finding and starting the browser."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import Browser, Playwright

DEBIAN = Path("/usr/bin/chromium")
# No sandbox, because in CI everything runs as root; nothing but our own pages is opened.
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--no-first-run",
]


class NoChromium(Exception):
    """There is none; the message says where it was looked for."""


def find_chromium(playwright: Playwright) -> str:
    """CHROMIUM=, then Debian's, then the one that Playwright downloaded."""
    if named := os.environ.get("CHROMIUM"):
        if Path(named).is_file():
            return named
        raise NoChromium(f"CHROMIUM={named} does not exist")
    for path in (DEBIAN, Path(playwright.chromium.executable_path)):
        if path.is_file():
            return str(path)
    raise NoChromium(f"no Chromium: CHROMIUM= is not set, {DEBIAN} is not there, and Playwright has downloaded none")


def launch(playwright: Playwright) -> Browser:
    """Start it. Raises NoChromium."""
    return playwright.chromium.launch(executable_path=find_chromium(playwright), args=QUIET)
