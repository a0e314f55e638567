"""The product's own settings, for a real server process in a data directory given by the environment."""

from __future__ import annotations

from playground.settings import *  # noqa: F403

ROOT_URLCONF = "tests.processes.server_urls"
# No collected static files here: a page must not fail for the want of a manifest.
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}  # noqa: F405
