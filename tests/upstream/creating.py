"""Where tasks are made, per family, and what goes wrong there."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.upstream.answers import cut, envelope, is_allowed, ok, page, stall, unauthorized
from tests.upstream.callbacks import Caller
from tests.upstream.faults import has
from tests.upstream.records import phase_of
from tests.upstream.world import Task, World

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
TURNED_AWAY = (
    "poor",
    "401",
    "402",
    "429",
    "433",
    "455",
    "503",
    "http-401",
    "http-402",
    "http-429",
    "html-503",
    "echo-key",
    "echo-redirect",
)
LOST_ANSWERS = ("hang", "lost", "drop", "500", "gateway")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a request asks for, before anything of it is accepted."""

    family: str
    model: str
    fields: dict[str, Any]
    callback_url: str
    body: str
    source: str = ""
    index: int = 0

    @property
    def prompt(self) -> str:
        return str(self.fields.get("prompt") or self.fields.get("text") or "")


class Creating:
    def __init__(self, world: World, caller: Caller) -> None:
        self._world = world
        self._caller = caller

    # --- families ---------------------------------------------------------------------------------------------------
    def market(self, family: str) -> Handler:
        async def create(request: web.Request) -> web.StreamResponse:
            text = await request.text()
            body = json.loads(text)
            fields = body["input"]
            wish = Wish(family, body["model"], fields, body.get("callBackUrl", ""), text, source=_source(fields))
            if family == "modkie" and body.get("capability") != "video":
                return envelope(422, "capability is required", status=422)
            return await self._create(request, wish)

        return create

    def _flat(self, family: str, model: str = "") -> Handler:
        async def create(request: web.Request) -> web.StreamResponse:
            text = await request.text()
            fields = json.loads(text)
            callback_url = fields.pop("callBackUrl", "")
            wish = Wish(family, model or fields["model"], fields, callback_url, text, source=str(fields.get("taskId", "")))
            return await self._create(request, wish)

        return create

    async def veo(self, request: web.Request) -> web.StreamResponse:
        return await self._flat("veo")(request)

    async def veo_extend(self, request: web.Request) -> web.StreamResponse:
        return await self._flat("veo", "veo/extend")(request)

    async def runway(self, request: web.Request) -> web.StreamResponse:
        return await self._flat("runway", "runway/generate")(request)

    async def runway_extend(self, request: web.Request) -> web.StreamResponse:
        return await self._flat("runway", "runway/extend")(request)

    async def aleph(self, request: web.Request) -> web.StreamResponse:
        return await self._flat("aleph", "runway/aleph")(request)

    # --- larger versions --------------------------------------------------------------------------------------------
    async def veo_1080p(self, request: web.Request) -> web.StreamResponse:
        source, index = request.query.get("taskId", ""), int(request.query.get("index", "0"))
        return await self._upgrade(request, "1080p", source, index, "")

    async def veo_4k(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        return await self._upgrade(request, "4k", body["taskId"], int(body.get("index", 0)), body.get("callBackUrl", ""))

    async def _upgrade(self, request: web.Request, kind: str, source: str, index: int, callback_url: str) -> web.StreamResponse:
        if not is_allowed(self._world, request):
            return unauthorized()
        known = self._world.upgrades.get((kind, source, index))
        if known is None:
            parent = self._world.tasks.get(source)
            if parent is None or phase_of(parent) != "success":
                return envelope(422, "Record does not exist")
            wish = Wish(kind, f"veo/{kind}", {"taskId": source, "index": index}, callback_url, "", source=source, index=index)
            known = self._accept(wish, self._world.next_number())
            self._world.upgrades[(kind, source, index)] = known
            if kind == "4k":
                return ok({"taskId": known.id, "resultUrls": None, "imageUrls": None})
        self._world.write("read", task=known.id)
        known.reads += 1
        phase = phase_of(known)
        if phase == "fail":
            return envelope(500, f"The {kind} version of this video is unavailable. Please try a different video.")
        is_done = phase == "success"
        url = f"{self._world.host}/results/{known.id}/1.mp4"
        if kind == "1080p":
            return ok({"resultUrl": url}) if is_done else envelope(500, "The 1080p video is being processed. Please try again later.")
        if is_done:
            return envelope(422, "The video has been generated successfully", {"taskId": known.id, "resultUrls": [url], "imageUrls": []})
        words = "4k is processing. It should be ready in 5-10 minutes. Please check back shortly."
        return envelope(422, words, {"taskId": known.id, "resultUrls": None, "imageUrls": None})

    # --- all of them ------------------------------------------------------------------------------------------------
    async def _create(self, request: web.Request, wish: Wish) -> web.StreamResponse:
        if not is_allowed(self._world, request):
            return unauthorized()
        number = self._world.next_number()
        words = self._world.faults.for_task(number, wish.prompt)
        self._world.write("arrive", prompt=wish.prompt, words=sorted(words))
        refusal = self._refusal(wish, words, request)
        if refusal is not None:
            return refusal
        if "lost" in words:
            self._world.write("unanswered", prompt=wish.prompt)
            return await stall(request)
        task = self._accept(wish, number)
        if "callback-early" in words and task.callback_url:
            await self._caller.call_now(task)
        return await self._answer(request, task)

    def _accept(self, wish: Wish, number: int) -> Task:
        return self._world.accept(
            family=wish.family, model=wish.model, fields=wish.fields, callback_url=wish.callback_url, number=number, body=wish.body,
            source=wish.source, index=wish.index,
        )  # fmt: skip

    async def _answer(self, request: web.Request, task: Task) -> web.StreamResponse:
        words = task.words
        if any(word in words for word in LOST_ANSWERS):
            self._world.write("unanswered", task=task.id, prompt=task.prompt)
        if "hang" in words:
            return await stall(request)
        if "drop" in words:
            return await cut(request)
        await asyncio.sleep(words.get("late", 0))
        if "500" in words:
            return page(500)
        if "gateway" in words:
            return web.json_response({"message": "Endpoint request timed out"}, status=504)
        data = {"taskId": task.id, "recordId": task.id} if task.family == "kie" else {"taskId": task.id}
        return ok(data)

    def _refusal(self, wish: Wish, words: dict[str, float], request: web.Request) -> web.Response | None:
        problem = self._problem(wish, words)
        if problem is not None:
            code, message = problem
            self._world.write("refuse", prompt=wish.prompt, code=code)
            return envelope(code, message)
        word = next((word for word in TURNED_AWAY if word in words), None)
        if word is None or not has(words, word, self._world.times_refused(wish.prompt or wish.body)):
            return self._too_poor(wish)
        self._world.write("refuse", prompt=wish.prompt, code=word)
        if word.startswith("html"):
            # A page tells nobody whether something was accepted.
            self._world.write("unanswered", prompt=wish.prompt)
        return _turned_away(word, wish, request.headers.get("Authorization", ""))

    def _problem(self, wish: Wish, words: dict[str, float]) -> tuple[int, str] | None:
        if "refuse" in words:
            return 422, "There is no such fruit."
        if wish.source and wish.family != "runway" and wish.source not in self._world.tasks:
            # Runway's own extend takes any id and fails later.
            return 422, "Record does not exist"
        own = [url for url in _addresses(wish.fields) if url.startswith(f"{self._world.host}/files/")]
        if any(url.rpartition("/")[2] not in self._world.files for url in own):
            return 451, "Failed to fetch the image. Kindly verify any access limits set by you or your service provider."
        return None

    def _too_poor(self, wish: Wish) -> web.Response | None:
        if self._world.credits >= self._world.price_of(wish.model, wish.fields):
            return None
        self._world.write("refuse", prompt=wish.prompt, code="credits")
        if wish.family == "modkie":
            return envelope(402, "Insufficient balance", status=402)
        return web.json_response({"code": 500, "msg": "Credits insufficient"})


def _turned_away(word: str, wish: Wish, authorization: str) -> web.Response:
    if word == "poor":
        return web.json_response({"code": 500, "msg": "Credits insufficient"})
    kind, _, code = word.rpartition("-")
    if word == "echo-key":
        echo = f"Unauthorized: {authorization} is not a key."
        headers = {"X-Echo": authorization.replace("Bearer ", "")}
        return web.json_response({"code": 401, "msg": echo, "request": {"authorization": authorization}}, headers=headers)
    if word == "echo-redirect":
        return web.Response(status=302, headers={"Location": f"https://example.com/?key={authorization}"})
    if kind == "html":
        return page(int(code))
    headers = {"Retry-After": "0.2"} if code == "429" else {}
    status = int(code) if kind == "http" or (code == "402" and wish.family == "modkie") else 200
    return envelope(int(code), f"Refused with {code}.", status=status, headers=headers)


def _source(fields: dict[str, Any]) -> str:
    return str(fields.get("task_id") or fields.get("taskId") or "")


def _addresses(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value] if value.startswith(("http://", "https://")) else []
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [url for part in inner for url in _addresses(part)]
