"""The product's own settings for the server that `bench_gateway` starts, with the bare views beside the product's addresses."""

from __future__ import annotations

from tests.processes.server_settings import *  # noqa: F403

ROOT_URLCONF = "tests.bench.bare"
