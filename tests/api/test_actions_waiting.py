"""`ai.video.generate_and_wait`: its answer at the end, past its time, and to one call too many; behind our front and elsewhere."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Coroutine
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.wsgi import get_wsgi_application
from django.test import Client
from jsonschema import Draft202012Validator

from playground.accounts import access
from playground.accounts.models import ApiKey
from playground.api.actions import waits
from playground.api.actions.catalogue import ACTIONS
from playground.core import clock
from playground.jobs import waiting
from playground.jobs.models import FailReason, Job, State
from playground.media.slots import Slots
from playground.serving.front import Front
from playground.serving.limits import Limits
from tests.api.client import Program, world
from tests.factories import Personas, make_key, make_owner
from tests.processes.test_front import Client as Connection
from tests.processes.test_front import scope
from tests.waiting import wait_until
from tests.web.playground import add_take, put_in_state

WAIT = "ai.video.generate_and_wait"
# As printed.
BODY = {"prompt": "cinematic product shot, soft lighting, slow camera push", "scene": "text-to-video"}
once = pytest.mark.once


def succeed(job: Job) -> None:
    add_take(put_in_state(job, State.SUCCESS))


def fail(job: Job) -> None:
    put_in_state(job, State.FAIL, fail_reason=FailReason.OUTPUT, fail_code="501", fail_message="The clip was blocked.")


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Job], None] | None], None]:
    """What happens to the newest job while the call waits in its thread; a pause takes a quarter of a minute here."""

    def set_up(happens: Callable[[Job], None] | None) -> None:
        now = [0.0]

        def sleep(seconds: float) -> None:
            now[0] += 15
            if happens is not None:
                happens(Job.objects.latest("number"))

        monkeypatch.setattr(waiting, "time", SimpleNamespace(monotonic=lambda: now[0], sleep=sleep))

    return set_up


def valid(answer: dict[str, Any]) -> dict[str, Any]:
    assert answer["code"] == 200, answer
    Draft202012Validator(ACTIONS[WAIT].output).validate(answer["data"])
    data: dict[str, Any] = answer["data"]
    return data


# --- in a thread, behind a web server that knows no other way --------------------------------------------------------
@pytest.mark.django_db
def test_the_printed_call_answers_with_the_video(program: Program, meanwhile: Any) -> None:
    meanwhile(succeed)
    answer = program.act(WAIT, BODY)

    task = valid(answer)
    assert (answer["msg"], task["status"], task["timedOut"], task["model"]) == ("success", "success", False, "bytedance/seedance-2-mini")
    assert task["videoUrl"].startswith("http://testserver/media/")
    assert waits.threads.taken == 0


@pytest.mark.django_db
def test_a_failure_carries_its_reason_and_that_credits_were_returned(program: Program, meanwhile: Any) -> None:
    meanwhile(fail)
    answer = program.act(WAIT, BODY)

    task = valid(answer)
    assert answer["msg"] == "The task failed: The clip was blocked. 41 credits were returned."
    assert (task["status"], task["timedOut"], task["credits"]["returned"]) == ("fail", False, 41)
    assert task["error"] == {"reason": "output", "code": "501", "message": "The clip was blocked."}


@pytest.mark.django_db
def test_past_its_time_it_names_the_task_and_says_that_it_goes_on(program: Program, meanwhile: Any) -> None:
    meanwhile(None)
    answer = program.act(WAIT, BODY | {"timeoutMs": 20_000})

    task = valid(answer)
    words = f"The task is not finished after 20 s and goes on. Ask ai.video.query for taskId {task['taskId']}."
    assert (answer["msg"], task["status"], task["timedOut"]) == (words, "pending", True)
    assert program.act("ai.video.query", {"taskId": task["taskId"]})["data"]["credits"]["held"] == 41
    assert waits.threads.taken == 0


@pytest.mark.django_db
def test_a_repeated_call_answers_for_the_task_that_there_is(program: Program, meanwhile: Any) -> None:
    meanwhile(succeed)
    first = valid(program.act(WAIT, BODY, Idempotency_Key="order-1"))
    again = program.post(BODY, path=f"/api/actions/{WAIT}", Idempotency_Key="order-1")

    assert json.loads(again.content)["data"]["taskId"] == first["taskId"]
    assert again.headers["Idempotency-Replayed"] == "true"
    assert Job.objects.count() == 1


@pytest.mark.django_db
def test_one_call_too_many_is_told_to_come_back_before_anything_is_made(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waits, "threads", Slots(1, 1))
    assert waits.threads.take("somebody") is not None
    before = world()
    refused = program.post(BODY, path=f"/api/actions/{WAIT}")

    assert json.loads(refused.content)["code"] == 429
    assert int(refused.headers["Retry-After"]) >= 1
    assert world() == before


@pytest.mark.django_db
@pytest.mark.parametrize("body", [{"prompt": ""}, BODY | {"options": {"duration": 99}}, BODY | {"model": "nobody/knows"}], ids=str)
def test_what_is_refused_takes_no_place(program: Program, body: dict[str, Any]) -> None:
    assert program.act(WAIT, body)["code"] == 422
    assert waits.threads.taken == 0


# --- behind our own web server --------------------------------------------------------------------------------------
class Site:
    """Our front before the product, spoken to in plain ASGI, with the calls that were made and their connections."""

    def __init__(self) -> None:
        self.front = Front(get_wsgi_application(), Limits(threads=2))

    async def call(self, secret: str, connection: Connection | None = None, **changes: Any) -> dict[str, Any]:
        raw = json.dumps(BODY | changes).encode()
        connection = connection or Connection([raw])
        asked = scope(path=f"/api/actions/{WAIT}", host="testserver", content_length=str(len(raw)), authorization=f"Bearer {secret}")
        await self.front(asked, connection.receive, connection.send)
        answer: dict[str, Any] = json.loads(connection.body) if connection.body else {}
        return answer

    def told(self, secret: str, **changes: Any) -> dict[str, Any]:
        """The answer to one call, however long it waits."""
        answers: list[dict[str, Any]] = []

        async def story() -> None:
            answers.append(await self.call(secret, **changes))

        self.play(story())
        return answers[0]

    async def in_a_thread(self, work: Callable[[], Any]) -> Any:
        """With the database connection of one of the site's own threads."""
        return await self.front._threads.run(work)

    async def until_waiting(self, count: int) -> None:
        await asyncio.to_thread(wait_until, lambda: waiting.watch.waiting == count)

    def play(self, story: Coroutine[Any, Any, None]) -> None:
        from django.db import connections

        both = threading.Barrier(2)

        def leave() -> None:
            both.wait()
            connections.close_all()

        async def and_leave() -> None:
            await story
            await asyncio.gather(self.in_a_thread(leave), self.in_a_thread(leave))

        asyncio.run(and_leave())


@pytest.fixture
def site(transactional_db: None) -> Site:
    return Site()


@once
def test_the_front_answers_when_the_task_has_ended(site: Site) -> None:
    secret = make_key(make_owner())
    seen: list[dict[str, Any]] = []

    async def story() -> None:
        call = asyncio.ensure_future(site.call(secret))
        await site.until_waiting(1)
        await site.in_a_thread(lambda: succeed(Job.objects.get()))
        seen.append(await call)

    site.play(story())
    assert valid(seen[0])["status"] == "success"
    assert (waits.slots.taken, waiting.watch.waiting) == (0, 0)


@once
def test_the_front_answers_when_time_is_up(site: Site) -> None:
    secret = make_key(make_owner())
    answer = site.told(secret, timeoutMs=1000)

    assert valid(answer)["timedOut"] is True
    assert "after 1 s and goes on" in answer["msg"]
    assert (waits.slots.taken, waiting.watch.waiting) == (0, 0)


@once
def test_calls_are_capped_by_key_and_a_client_that_goes_gives_its_place_back(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waits, "slots", Slots(10, 1))
    owner = make_owner()
    first, second = make_key(owner), make_key(owner, name="another")
    goes = asyncio.Event()

    class Leaving(Connection):
        async def receive(self) -> dict[str, Any]:
            if self.chunks:
                return await super().receive()
            await goes.wait()
            return {"type": "http.disconnect"}

    async def story() -> None:
        leaving = Leaving([json.dumps(BODY).encode()])
        calls = [asyncio.ensure_future(site.call(first, leaving)), asyncio.ensure_future(site.call(second))]
        await site.until_waiting(2)
        refused = await site.call(first)
        assert refused["code"] == 429, refused
        goes.set()
        assert await calls[0] == {}
        await site.until_waiting(1)
        calls.append(asyncio.ensure_future(site.call(first)))
        await site.until_waiting(2)
        await site.in_a_thread(lambda: any(map(succeed, Job.objects.all())))
        assert [valid(answer)["status"] for answer in await asyncio.gather(*calls[1:])] == ["success", "success"]

    site.play(story())
    assert waits.slots.taken == 0


@once
def test_a_key_that_is_revoked_meanwhile_is_told_nothing(site: Site) -> None:
    secret = make_key(make_owner())
    seen: list[dict[str, Any]] = []

    def revoke() -> None:
        ApiKey.objects.update(revoked_at=clock.now())
        access.forget_keys()
        succeed(Job.objects.get())

    async def story() -> None:
        call = asyncio.ensure_future(site.call(secret))
        await site.until_waiting(1)
        await site.in_a_thread(revoke)
        seen.append(await call)

    site.play(story())
    assert seen[0]["code"] == 401 and "data" not in seen[0]
    assert waits.slots.taken == 0


@once
def test_the_end_of_a_call_is_no_second_request_of_the_key_s_rate(site: Site, settings: Any) -> None:
    settings.KEY_REQUESTS_PER_MINUTE = 1
    secret = make_key(make_owner())
    answer = site.told(secret, timeoutMs=1000)

    assert valid(answer)["timedOut"] is True


@pytest.mark.django_db
def test_no_header_can_pretend_to_have_waited(personas: Personas) -> None:
    client = Client(headers={"Authorization": f"Bearer {make_key(personas.alice)}", "rushes.later": "1", "Rushes-Later": "1"})
    answer = client.post(f"/api/actions/{WAIT}", "{", content_type="application/json")

    assert json.loads(answer.content)["code"] == 400
