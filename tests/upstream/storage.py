"""Files: those that are given as input, and results with the ways in which they cannot be had."""

from __future__ import annotations

import asyncio
import base64
import time
import uuid
from datetime import UTC, datetime

import aiohttp
from aiohttp import web

from tests.upstream.answers import cut, envelope, is_allowed, ok, unauthorized
from tests.upstream.world import Task, World


class Storage:
    def __init__(self, world: World) -> None:
        self._world = world
        self._uploads = 0

    # --- results ----------------------------------------------------------------------------------------------------
    def links(self, task: Task) -> list[str]:
        """New addresses at every read."""
        task.links += 1
        count = 2 if "twins" in task.words else 1
        return [f"{self._world.host}/results/{task.id}/{task.links}{'ab'[number] if count > 1 else ''}.mp4" for number in range(count)]

    async def result(self, request: web.Request) -> web.StreamResponse:
        task = self._world.tasks.get(request.match_info["task"])
        name = request.match_info["name"]
        self._world.write("result", task=request.match_info["task"], name=name)
        if task is None:
            return web.Response(status=404, text="no such task")
        words = task.words
        if ("expire" in words and name.startswith("1")) or ("direct" in words and "fresh" not in request.query):
            return web.Response(status=404, text="expired")
        if "gone" in words:
            return web.Response(status=410, text="gone")
        if "junk" in words:
            return web.Response(body=b"<html>This is no video.</html>" * 100, content_type="video/mp4")
        if "cut" in words and task.links < 3:
            return await self._cut_off(request)
        if "slow" in words:
            return await self._drip(request, words["slow"])
        return web.Response(body=self._world.clip, content_type="video/mp4")

    async def _cut_off(self, request: web.Request) -> web.StreamResponse:
        """Half of what was announced."""
        answer = web.StreamResponse(headers={"Content-Length": str(len(self._world.clip)), "Content-Type": "video/mp4"})
        await answer.prepare(request)
        await answer.write(self._world.clip[: len(self._world.clip) // 2])
        return await cut(request)

    async def _drip(self, request: web.Request, seconds: float) -> web.StreamResponse:
        clip = self._world.clip
        answer = web.StreamResponse(headers={"Content-Length": str(len(clip)), "Content-Type": "video/mp4"})
        await answer.prepare(request)
        pieces = max(1, int(seconds * 10))
        size = -(-len(clip) // pieces)
        for start in range(0, len(clip), size):
            await answer.write(clip[start : start + size])
            await asyncio.sleep(seconds / pieces)
        return answer

    async def download_url(self, request: web.Request) -> web.StreamResponse:
        if not is_allowed(self._world, request):
            return unauthorized()
        url = str((await request.json()).get("url", ""))
        self._world.write("download-url", url=url)
        if not url.startswith(f"http://{request.host}/results/"):
            return envelope(422, "url is wrong")
        return ok(f"{url}?fresh=1")

    # --- inputs -----------------------------------------------------------------------------------------------------
    async def stream(self, request: web.Request) -> web.StreamResponse:
        if (refusal := self._refusal(request, "stream")) is not None:
            return refusal
        form = await request.post()
        file = form.get("file")
        if not isinstance(file, web.FileField) or not form.get("uploadPath"):
            return envelope(400, "file and uploadPath are required")
        return self._stored(request, "stream", file.file.read(), str(form.get("fileName") or ""), file.content_type)

    async def base64(self, request: web.Request) -> web.StreamResponse:
        if (refusal := self._refusal(request, "base64")) is not None:
            return refusal
        body = await request.json()
        head, _, data = str(body["base64Data"]).rpartition(",")
        content_type = head.removeprefix("data:").removesuffix(";base64") or "application/octet-stream"
        return self._stored(request, "base64", base64.b64decode(data), body.get("fileName", ""), content_type)

    async def by_url(self, request: web.Request) -> web.StreamResponse:
        if (refusal := self._refusal(request, "url")) is not None:
            return refusal
        body = await request.json()
        try:
            async with aiohttp.ClientSession() as session, session.get(body["fileUrl"]) as answer:
                answer.raise_for_status()
                return self._stored(request, "url", await answer.read(), body.get("fileName", ""), answer.content_type)
        except aiohttp.ClientError as error:
            return envelope(400, f"the file could not be fetched: {error}")

    def _refusal(self, request: web.Request, way: str) -> web.Response | None:
        if not is_allowed(self._world, request):
            return unauthorized()
        code = self._world.upload_faults.get(way)
        if code is None:
            return None
        self._world.write("upload-refused", way=way, code=code)
        return web.Response(status=500, text="<html>") if code == 500 else envelope(code, f"Refused with {code}.")

    def _stored(self, request: web.Request, way: str, content: bytes, name: str, content_type: str) -> web.Response:
        """Both documented shapes of the answer, in turn."""
        name = name or f"{time.time_ns() // 1_000_000}-{uuid.uuid4().hex[:6]}.bin"
        self._world.files[name] = (content, content_type)
        url = f"http://{request.host}/files/{name}"
        self._world.write("upload", way=way, name=name, bytes=len(content), content_type=content_type)
        self._uploads += 1
        now = datetime.now(UTC).isoformat()
        if self._uploads % 2:
            data = {"success": True, "fileName": name, "filePath": f"kieai/7/rushes/{name}", "downloadUrl": url}
            data |= {"fileSize": len(content), "mimeType": content_type, "uploadedAt": now}
        else:
            data = {"fileId": "f1", "originalName": name, "uploadPath": "rushes", "fileUrl": url, "uploadTime": now, "expiresAt": now}
        return web.json_response({"success": True, "code": 200, "msg": "File uploaded successfully", "data": data})

    async def file(self, request: web.Request) -> web.StreamResponse:
        found = self._world.files.get(request.match_info["name"])
        if found is None:
            return web.Response(status=404, text="not here")
        return web.Response(body=found[0], content_type=found[1])
