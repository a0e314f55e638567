"""What a page's heartbeat costs the server: `python -m tests.bench.bench_heartbeat`.

A signed-in person with ten unfinished jobs on the playground asks `/live` for them, once with nothing new (the usual
answer, 204) and once with every version outdated (all ten are drawn again). Both are set beside a bare Django view that
reads the same ten rows. Everything runs in this process, through the product's own settings and middleware.
"""

from __future__ import annotations

import gc
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable

ROUNDS = 12
BLOCK = 40
JOBS = 10


def main() -> None:
    folder = tempfile.mkdtemp(prefix="rushes-bench-")
    try:
        _run(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(folder: str) -> None:
    os.environ |= {"DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "playground.settings", "LOG_LEVEL": "ERROR"}
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    settings.ROOT_URLCONF = "tests.bench.bare"
    call_command("migrate", verbosity=0)
    call_command("createcachetable")
    call_command("collectstatic", interactive=False, verbosity=0)
    requests = _requests()
    cpu_ms: dict[str, list[float]] = {name: [] for name in requests}
    for request in requests.values():
        _block(request)
    gc.disable()
    for _ in range(ROUNDS):
        for name, request in requests.items():
            cpu_ms[name].append(_block(request))
        gc.collect()
    median = {name: statistics.median(values) for name, values in cpu_ms.items()}
    for name, value in median.items():
        print(f"{name:<28} {value:7.3f} ms of CPU")
    for name in list(median)[1:]:
        print(f"{name} / bare SELECT: {median[name] / median['bare SELECT']:.2f}")


def _block(request: Callable[[], None]) -> float:
    begin = time.process_time()
    for _ in range(BLOCK):
        request()
    return (time.process_time() - begin) / BLOCK * 1000


def _requests() -> dict[str, Callable[[], None]]:
    from django.test import Client

    from playground.accounts.services import create_owner
    from playground.jobs.models import Job, State
    from tests.bench.world import job_fields

    owner = create_owner(email="owner@example.com")
    jobs = Job.objects.bulk_create(
        Job(**job_fields(number=number + 1, state=State.RUNNING, source="web", version=3), created_by=owner.user) for number in range(JOBS)
    )
    client = Client(SERVER_NAME="localhost", headers={"HX-Request": "true"})
    client.force_login(owner.user)

    def asked(path: str, status: int) -> Callable[[], None]:
        def request() -> None:
            response = client.get(path)
            if response.status_code != status:
                raise AssertionError(f"{path} answered {response.status_code}")

        return request

    def live(version: int) -> str:
        return "/live?on=strip&j=" + ",".join(f"{job.pk}:{version}" for job in jobs)

    return {
        "bare SELECT": asked(f"/bare/select-many?ids={','.join(job.pk.hex for job in jobs)}", 200),
        "heartbeat, nothing new": asked(live(3), 204),
        "heartbeat, ten jobs moved": asked(live(2), 200),
    }


if __name__ == "__main__":
    main()
