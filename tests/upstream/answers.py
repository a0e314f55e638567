"""Envelopes, and the ways in which an answer does not come."""

from __future__ import annotations

import asyncio

from aiohttp import web

from tests.upstream.world import World

STALL_SECONDS = 30.0
UNAUTHORIZED = "Unauthorized – Authentication failed. Please check that your Authorization and Content-Type headers are correctly set."


def envelope(code: int, message: str, data: object = None, *, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    return web.json_response({"code": code, "msg": message, "data": data}, status=status, headers=headers)


def ok(data: object) -> web.Response:
    return envelope(200, "success", data)


def is_allowed(world: World, request: web.Request) -> bool:
    return request.headers.get("Authorization", "").removeprefix("Bearer ") in world.keys


def unauthorized() -> web.Response:
    """Measured: `data` is absent."""
    return web.json_response({"code": 401, "msg": UNAUTHORIZED})


def page(status: int) -> web.Response:
    return web.Response(status=status, text="<html>Internal Server Error</html>", content_type="text/html")


async def cut(request: web.Request) -> web.Response:
    """Close the connection without an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def stall(request: web.Request) -> web.Response:
    """Never answer: whoever asked loses patience first."""
    await asyncio.sleep(STALL_SECONDS)
    return await cut(request)
