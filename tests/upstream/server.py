"""The stand-in upstream: `python -m tests.upstream.server --log FILE --clip FILE [--port N] [--seed N --share 0.05] …`; prints its port.

KIE's contracts are at the root, ModKie's under /modkie, uploads beside them. `POST /stand-in` changes what it plays:
`{"heal": true}`, `{"price_factor": 1.1}`, `{"credits": 5}`, `{"keys": ["sk-new"]}`, `{"upload_faults": {"stream": 500}}`,
`{"forget_files": true}`, `{"lose_callbacks": true}`.
"""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.upstream.answers import ok
from tests.upstream.callbacks import Caller
from tests.upstream.creating import Creating
from tests.upstream.faults import Faults
from tests.upstream.reading import Reading
from tests.upstream.storage import Storage
from tests.upstream.world import API_KEY, World

__all__ = ["API_KEY"]
MOST_BYTES = 600 * 1024**2


def application(world: World) -> web.Application:
    app = web.Application(client_max_size=MOST_BYTES)
    storage = Storage(world)
    caller = Caller(world, storage.links)
    creating, reading = Creating(world, caller), Reading(world, storage)
    for prefix, family in (("", "kie"), ("/modkie", "modkie")):
        app.router.add_post(f"{prefix}/api/v1/jobs/createTask", creating.market(family))
        app.router.add_get(f"{prefix}/api/v1/jobs/recordInfo", reading.market(family))
        app.router.add_get(f"{prefix}/api/v1/chat/credit", reading.credit)
    v1 = "/api/v1"
    app.add_routes(
        [
            web.post(f"{v1}/veo/generate", creating.veo), web.post(f"{v1}/veo/extend", creating.veo_extend),
            web.get(f"{v1}/veo/record-info", reading.veo),
            web.get(f"{v1}/veo/get-1080p-video", creating.veo_1080p), web.post(f"{v1}/veo/get-4k-video", creating.veo_4k),
            web.post(f"{v1}/runway/generate", creating.runway), web.post(f"{v1}/runway/extend", creating.runway_extend),
            web.get(f"{v1}/runway/record-detail", reading.runway),
            web.post(f"{v1}/aleph/generate", creating.aleph), web.get(f"{v1}/aleph/record-info", reading.aleph),
            web.post(f"{v1}/common/download-url", storage.download_url),
            web.post("/api/file-stream-upload", storage.stream), web.post("/api/file-base64-upload", storage.base64),
            web.post("/api/file-url-upload", storage.by_url),
            web.get("/files/{name}", storage.file), web.get("/results/{task}/{name}", storage.result),
            web.post("/stand-in", lambda request: control(world, request)),
        ]
    )  # fmt: skip

    async def lifespan(_: web.Application) -> Any:
        watching = asyncio.create_task(caller.watch())
        yield
        watching.cancel()

    app.cleanup_ctx.append(lifespan)
    return app


async def control(world: World, request: web.Request) -> web.Response:
    """The test's own levers."""
    wanted = await request.json()
    if wanted.get("heal"):
        world.heal()
    if wanted.get("forget_files"):
        world.files.clear()
    world.price_factor = wanted.get("price_factor", world.price_factor)
    world.credits = wanted.get("credits", world.credits)
    world.upload_faults = wanted.get("upload_faults", world.upload_faults)
    world.callbacks_are_lost = wanted.get("lose_callbacks", world.callbacks_are_lost)
    world.keys = set(wanted.get("keys", world.keys))
    return ok({"tasks": len(world.tasks), "ended": sum(task.has_ended for task in world.tasks.values())})


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--clip", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=0.3, help="how long a task takes")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--share", type=float, default=0.0, help="of the tasks that each fault hits by chance")
    parser.add_argument("--only", nargs="*", default=(), help="the faults that chance may choose")
    parser.add_argument("--hmac-key", default="")
    options = parser.parse_args()
    faults = Faults(options.seed, options.share, frozenset(options.only))
    world = World(options.log, options.clip.read_bytes(), faults, seconds=options.seconds, hmac_key=options.hmac_key)
    asyncio.run(serve(world, options.port))


async def serve(world: World, port: int) -> None:
    runner = web.AppRunner(application(world), access_log=None, handle_signals=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port, backlog=1024, reuse_address=True)
    await site.start()
    world.host = f"http://127.0.0.1:{runner.addresses[0][1]}"
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    main()
