"""The stand-in's own calls: when a task ends, its callback address hears of it, with KIE's signature if there is a key."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import time

import aiohttp

from tests.upstream.records import Links, callback_body, phase_of
from tests.upstream.world import Task, World

LOOK_SECONDS = 0.05
TIMEOUT_SECONDS = 15
# As documented: after three failed tries in a row it stops. How far they are apart nobody says.
WAITS = (1.0, 2.0, 4.0)
AT_ONCE = 40


class Caller:
    def __init__(self, world: World, links: Links) -> None:
        self._world = world
        self._links = links
        self._places = asyncio.Semaphore(AT_ONCE)
        self._calls: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None

    async def watch(self) -> None:
        """For ever: notice which tasks have ended."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)) as self._session:
            while True:
                for task in [task for task in self._world.tasks.values() if not task.has_ended and phase_of(task) in ("success", "fail")]:
                    task.has_ended = True
                    self._world.write("end", task=task.id, state=phase_of(task), prompt=task.prompt)
                    self._call_later(task)
                await asyncio.sleep(LOOK_SECONDS)

    def _call_later(self, task: Task) -> None:
        if not task.callback_url:
            return
        if "no-callback" in task.words or self._world.callbacks_are_lost:
            self._world.write("callback-lost", task=task.id)
            return
        times = 2 if "callback-twice" in task.words else 1
        for _ in range(times):
            self._run(self._deliver(task, wait_seconds=task.words.get("callback-late", 0)))

    def call_now(self, task: Task) -> asyncio.Task[None]:
        """Before the request that made the task is answered."""
        return self._run(self._deliver(task, wait_seconds=0))

    def _run(self, call: object) -> asyncio.Task[None]:
        task = asyncio.ensure_future(call)  # type: ignore[call-overload]
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)
        found: asyncio.Task[None] = task
        return found

    async def _deliver(self, task: Task, *, wait_seconds: float) -> None:
        await asyncio.sleep(wait_seconds)
        task_id = "somebody-else-s-task" if "callback-liar" in task.words else task.id
        body = json.dumps(callback_body(task, self._links, task_id))
        for wait in (*WAITS, None):
            status = await self._post(task.callback_url, body, task_id)
            if status == 200:
                self._world.write("callback", task=task.id)
                return
            if wait is not None:
                await asyncio.sleep(wait)
        self._world.write("callback-lost", task=task.id, status=status)

    async def _post(self, url: str, body: str, task_id: str) -> int:
        headers = {"Content-Type": "application/json"}
        if self._world.hmac_key:
            stamp = str(int(time.time()))
            digest = hmac.new(self._world.hmac_key.encode(), f"{task_id}.{stamp}".encode(), hashlib.sha256).digest()
            headers |= {"X-Webhook-Timestamp": stamp, "X-Webhook-Signature": base64.b64encode(digest).decode()}
        assert self._session is not None
        try:
            async with self._places, self._session.post(url, data=body, headers=headers) as answer:
                await answer.read()
                return answer.status
        except (aiohttp.ClientError, TimeoutError, OSError):
            return 0
