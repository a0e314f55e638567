"""A run with a marker for a key, in which everything that can repeat the key does; afterwards nothing of ours holds it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import httpx
import pytest
from django.db import connection
from django.test import Client
from pytest_django.fixtures import Settings

from playground.core.money import to_millicredits
from playground.credits import services as ledger
from playground.jobs.models import Job, State
from tests.factories import make_key
from tests.ports import free_port
from tests.queue.house import House
from tests.upstream.client import Upstream
from tests.waiting import wait_until

pytestmark = [pytest.mark.processes, pytest.mark.once]
MARKER = "sk-marker-7f3a9c51d2e84b60"
KLING_2_6 = "kling-2.6/text-to-video"
# Neither is an answer: the account is closed for a moment, and then the job is sent again.
PROMPTS = ("A run {echo-key 1}", "A run {echo-read}", "A run {echo-redirect 1}")


@pytest.fixture
def house(make_house: Callable[..., House], upstream: Upstream, settings: Settings) -> House:
    upstream.control(keys=[MARKER])
    upstream.api_key = settings.KIE_API_KEY = MARKER
    env = {"PORT": str(free_port()), "LOG_LEVEL": "DEBUG", "DJANGO_SETTINGS_MODULE": "tests.queue.raising_settings"}
    return make_house(upstream, CIRCUIT_SECONDS="0.5", **env)


def read(house: House, jobs: list[Job], key: str) -> Iterator[tuple[str, httpx.Response]]:
    """Every page and answer that shows a job, an account or an error, as its owner sees it."""
    assert house.owner is not None
    session = Client()
    session.force_login(house.owner.user)
    cookies = {name: morsel.value for name, morsel in session.cookies.items()} | {"mode": "live"}
    pages = ["/", "/gallery", "/credits", "/providers", "/models", f"/models/kie/{KLING_2_6}", *(f"/tasks/{job.pk}" for job in jobs)]
    address = f"http://127.0.0.1:{house.env['PORT']}"
    with httpx.Client(base_url=address, cookies=cookies, timeout=30, follow_redirects=True) as client:
        for path in (*pages, "/raise", "/nowhere", "/healthz"):
            yield path, client.get(path)
        bearer = {"Authorization": f"Bearer {key}"}
        for path in (*(f"/api/v1/jobs/recordInfo?taskId={job.pk.hex}" for job in jobs), "/api/v1/nowhere", "/api/v1/chat/credit"):
            yield path, client.get(path, headers=bearer)
        # Somebody who sends the provider's key to us by mistake.
        yield "wrong key", client.get("/api/v1/chat/credit", headers={"Authorization": f"Bearer {MARKER}"})


def texts_in_database() -> Iterator[tuple[str, str]]:
    """Every value of every table, queue and sessions included, by table; encoded things as they are and decoded."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            for row in cursor.fetchall():
                yield (
                    table,
                    " ".join(bytes(value).decode("latin-1") if isinstance(value, bytes | memoryview) else str(value) for value in row),
                )


def test_the_key_is_in_no_log_no_page_no_error_and_no_row(house: House, upstream: Upstream) -> None:
    assert house.owner is not None
    ledger.grant(team=house.owner.team, mode="live", millicredits=to_millicredits(10_000))
    key = make_key(house.owner, "live")
    house.start("up")
    wait_until(lambda: answers(house), what=house.tails)
    fields = {"aspect_ratio": "16:9", "duration": "5", "sound": False}
    jobs = [house.submit("", model_id=KLING_2_6, gateway="kie", payload={"prompt": prompt, **fields}) for prompt in PROMPTS]
    ended = [house.wait_for(job) for job in jobs]
    assert [job.state for job in ended] == [State.SUCCESS, State.FAIL, State.SUCCESS], [house.history(job) for job in ended]
    assert {event["code"] for event in upstream.events("refuse")} >= {"echo-key", "echo-redirect"}

    seen = dict(read(house, jobs, key))
    commands = {name: house.run(*name.split()) for name in ("providers check", "reconcile", "check --deploy")}

    # What it is about did happen: the page is an error page, the failing view's line is logged, the words are shown.
    assert seen["/raise"].status_code == 500 and seen["wrong key"].json()["code"] == 401
    logs = {path.name: path.read_text(errors="replace") for path in house.folder.glob("*.log")}
    assert "RuntimeError: refused: Authorization" in "".join(logs.values())
    assert "Seen with Bearer •••" in seen[f"/tasks/{jobs[1].pk}"].text
    found = [f"page {path}" for path, answer in seen.items() if MARKER in answer.text + str(answer.headers)]
    found += [f"log {name}" for name, text in logs.items() if MARKER in text]
    found += [f"command {name}" for name, ran in commands.items() if MARKER in ran.stdout + ran.stderr]
    found += [f"table {table}" for table, text in texts_in_database() if MARKER in text]
    data = [path for path in (house.folder / "data").rglob("*") if path.is_file()]
    found += [f"file {path.name}" for path in data if MARKER.encode() in path.read_bytes()]
    assert found == []
    assert not any(re.search(r"/hooks/kie/[\w-]{20,}", text) for text in logs.values())


def answers(house: House) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{house.env['PORT']}/healthz", timeout=5).status_code in (200, 503)
    except httpx.HTTPError:
        return False
