"""Where tasks and balances are asked about, and what goes wrong there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiohttp import web

from tests.upstream.answers import cut, envelope, is_allowed, ok, page, stall, unauthorized
from tests.upstream.creating import Handler
from tests.upstream.faults import has
from tests.upstream.records import aleph_data, market_data, runway_data, veo_data
from tests.upstream.storage import Storage
from tests.upstream.world import Task, World

FAULTS = ("null", "malformed", "empty", "limit", "stall", "busy", "cut-read")


class Reading:
    def __init__(self, world: World, storage: Storage) -> None:
        self._world = world
        self._storage = storage

    def market(self, family: str) -> Handler:
        def data(task: Task) -> dict[str, Any]:
            return market_data(task, self._storage.links, is_modkie=family == "modkie")

        async def read(request: web.Request) -> web.StreamResponse:
            return await self._read(request, data, lambda _: envelope(422, "recordInfo is null"))

        return read

    async def veo(self, request: web.Request) -> web.StreamResponse:
        return await self._read(
            request,
            lambda task: veo_data(task, self._storage.links),
            lambda task_id: envelope(422, f"Record not found for taskId: {task_id}"),
        )

    async def runway(self, request: web.Request) -> web.StreamResponse:
        return await self._read(request, lambda task: runway_data(task, self._storage.links), lambda _: ok(None))

    async def aleph(self, request: web.Request) -> web.StreamResponse:
        return await self._read(request, lambda task: aleph_data(task, self._storage.links), lambda _: ok(None))

    async def credit(self, request: web.Request) -> web.StreamResponse:
        self._world.write("read", task="", what_of="credit")
        return ok(round(self._world.credits, 3)) if is_allowed(self._world, request) else unauthorized()

    async def _read(
        self, request: web.Request, data: Callable[[Task], dict[str, Any]], unknown: Callable[[str], web.Response]
    ) -> web.StreamResponse:
        if not is_allowed(self._world, request):
            return unauthorized()
        task_id = request.query.get("taskId", "")
        task = self._world.tasks.get(task_id)
        self._world.write("read", task=task_id)
        if task is None:
            return unknown(task_id)
        task.reads += 1
        fault = next((word for word in FAULTS if has(task.words, word, task.reads)), None)
        if fault == "null":
            return unknown(task_id)
        if fault is not None:
            return await _broken(request, fault)
        found = data(task)
        if "echo-read" in task.words:
            found |= {"failMsg": f"Seen with {request.headers['Authorization']}.", "failCode": "422", "state": "fail"}
        return ok(found)


async def _broken(request: web.Request, fault: str) -> web.StreamResponse:
    if fault == "malformed":
        return web.Response(text='{"code": 200, "msg": "succ', content_type="application/json")
    if fault == "empty":
        return web.Response(text="")
    if fault == "limit":
        return envelope(429, "Too many reads", headers={"Retry-After": "0.2"})
    if fault == "busy":
        return page(500)
    return await (stall(request) if fault == "stall" else cut(request))
