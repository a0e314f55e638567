"""Server time and size of the pages about models: `python -m tests.bench.bench_pages`.

Whole requests through the product's settings and middleware, in this process, for a team with 2,000 jobs. Processor time,
because on a busy machine the clock on the wall measures how often a request is interrupted; and of the moments at which the
machine was quickest, because others may share its cores.
"""

from __future__ import annotations

import gzip
import os
import shutil
import sys
import tempfile

from tests.bench.processor import Stopwatch

# The first rounds fill what is kept per version of a card, and are not counted.
ROUNDS, WARM_UP = 35, 5
# (name, address, milliseconds at the median, bytes of gzip HTML)
LIMITS = (
    ("models, all cards", "/models", 60, 30_000),
    ("models, filtered by htmx", "/models?q=kling&input=image", 60, 30_000),
    ("playground", "/models/kie/kling-3.0/video", 120, 20_000),
    ("about a model", "/models/kie/bytedance/seedance-2/about", 120, 20_000),
    ("the switcher", "/models/kie/bytedance/seedance-2/switcher", 60, 20_000),
)


def measure() -> list[str]:
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from django.test import Client

    from tests.bench.world import World

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    World(existing_jobs=2000, keys=1)
    client = Client(HTTP_HOST="localhost:8000")
    client.force_login(get_user_model().objects.get())
    watches, sizes = {name: Stopwatch() for name, *_ in LIMITS}, dict[str, int]()
    for number in range(WARM_UP + ROUNDS):
        for name, address, *_ in LIMITS:
            with (watches[name] if number >= WARM_UP else Stopwatch()).running():
                response = client.get(address, headers={"HX-Request": "true"} if "htmx" in name else {})
            assert response.status_code == 200, (address, response.status_code)
            sizes[name] = len(gzip.compress(response.content, 6))
    over = []
    for name, _, most_ms, most_bytes in LIMITS:
        milliseconds, size = watches[name].median_ms(), sizes[name]
        print(f"  {name:<26} {milliseconds:6.1f} ms (limit {most_ms}), {size / 1000:5.1f} kB gzip (limit {most_bytes / 1000:g})")
        over += [name] if milliseconds > most_ms or size > most_bytes else []
    return over


def main() -> int:
    folder = tempfile.mkdtemp(prefix="rushes-bench-")
    os.environ |= {"DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "playground.settings", "PUBLIC_URL": "http://localhost:8000"}
    try:
        import django

        django.setup()
        return 1 if measure() else 0
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
