"""Server time and size of the pages about models: `python -m tests.bench.bench_pages`.

Whole requests through the product's settings and middleware, in this process, for a team with 2,000 jobs. Processor time,
because on a busy machine the clock on the wall measures how often a request is interrupted.
"""

from __future__ import annotations

import gzip
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable

ROUNDS = 40
# (name, address, milliseconds at the median, bytes of gzip HTML)
LIMITS = (
    ("models, all cards", "/models", 60, 30_000),
    ("models, filtered by htmx", "/models?q=kling&input=image", 60, 30_000),
    ("playground", "/models/kie/kling-3.0/video", 120, 20_000),
    ("about a model", "/models/kie/bytedance/seedance-2/about", 120, 20_000),
    ("the switcher", "/models/kie/bytedance/seedance-2/switcher", 60, 20_000),
)


def median_ms(action: Callable[[], object]) -> float:
    """The first rounds fill what is kept per version of a card, and are not counted."""
    times = []
    for _ in range(ROUNDS):
        begin = time.thread_time()
        action()
        times.append(1000 * (time.thread_time() - begin))
    return statistics.median(times[5:])


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
    over = []
    for name, address, most_ms, most_bytes in LIMITS:
        headers = {"HX-Request": "true"} if "htmx" in name else {}

        def get(address: str = address, headers: dict[str, str] = headers) -> bytes:
            response = client.get(address, headers=headers)
            assert response.status_code == 200, (address, response.status_code)
            return bytes(response.content)

        milliseconds, size = median_ms(get), len(gzip.compress(get(), 6))
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
