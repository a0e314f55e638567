"""Server time of a quote, for the form of every live card: `python -m tests.bench.bench_quote`.

The whole request as htmx sends it after an edit: CSRF, session, form, assessment, the fields that changed, foot, code.
Processor time, because on a busy machine the clock on the wall measures how often a request is interrupted; and of the
moments at which the machine was quickest, because others may share its cores.
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import tempfile
from typing import Any

from tests.bench.processor import Stopwatch

ROUNDS, WARM_UP = 15, 2
LIMIT_MS = 15


def measure() -> int:
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from django.test import Client
    from django.urls import reverse

    from playground.catalog import registry
    from tests.bench.world import World
    from tests.web.formreader import PageForm

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    World(existing_jobs=2000, keys=1)
    client = Client(HTTP_HOST="localhost:8000")
    client.force_login(get_user_model().objects.get())
    asked: dict[str, tuple[str, Any]] = {}
    for card in registry.live_cards():
        page = client.get(reverse("model-playground", args=card.key) + "?prompt=example").text
        asked[f"{card.gateway}/{card.id}"] = reverse("model-quote", args=card.key), PageForm(page).post()
    watches = {name: Stopwatch() for name in asked}
    for number in range(WARM_UP + ROUNDS):
        for name, (address, data) in asked.items():
            with (watches[name] if number >= WARM_UP else Stopwatch()).running():
                response = client.post(address, data, headers={"HX-Request": "true"})
            assert response.status_code == 200, (address, response.status_code)
    medians = {name: watch.median_ms() for name, watch in watches.items()}
    ordered = sorted(medians, key=medians.__getitem__)
    print(f"  {len(medians)} cards: median {statistics.median(medians.values()):.1f} ms (limit {LIMIT_MS} for each)")
    for name in ordered[-3:]:
        print(f"  slowest: {name:<45} {medians[name]:5.1f} ms")
    return int(medians[ordered[-1]] > LIMIT_MS)


def main() -> int:
    folder = tempfile.mkdtemp(prefix="rushes-bench-")
    os.environ |= {
        "DATA_DIR": folder,
        "DJANGO_SETTINGS_MODULE": "playground.settings",
        "PUBLIC_URL": "http://localhost:8000",
        "QUOTES_PER_MINUTE": "100000",
    }
    try:
        import django

        django.setup()
        return measure()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
