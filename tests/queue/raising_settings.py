"""The product's own settings, and an address whose view fails with a secret on its lips."""

from __future__ import annotations

from playground.settings import *  # noqa: F403

ROOT_URLCONF = "tests.queue.raising_urls"
