"""What all HTTP upstreams share: the call, what each failure of it means, and the download of a result.

An adapter is this class with its routes. HTTP 200 with an error code in the body and real 4xx/5xx are both read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx

from playground.core import outbound
from playground.core.redaction import hide, redact
from playground.providers.base import (
    AccountTrouble,
    FileHost,
    Limits,
    MaybeSent,
    NeverSent,
    ProviderError,
    RateLimited,
    Refused,
    ResultGone,
    ResultUnavailable,
    Running,
    Snapshot,
    Submission,
)
from playground.providers.http import Reply, SlotTransport, Transport
from playground.providers.routes import Call, Route
from playground.wire import failures
from playground.wire.envelope import OK, Answer, Unreadable, read_answer
from playground.wire.records import millicredits_of

# Before the first byte of the request has left: sending again is safe. The last three are an address or a key that no
# request can be written with.
_NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
    httpx.LocalProtocolError,
)
_NO_ANSWER = (httpx.RequestError, httpx.InvalidURL, TimeoutError)
RAW_CHARACTERS = 20_000
WORDS_CHARACTERS = 2_000
LONGEST_ID = 200
MAINTENANCE, RATE_LIMIT = 455, 429
# Statuses of something in front of the provider, without an envelope: nobody there can have made a task.
_DOOR_IS_SHUT = frozenset({401, 402, 403})
_NOBODY_THERE = frozenset({404, 405, 410, 421, 451})
_WILL_NOT_READ = frozenset({400, 411, 413, 414, 415, 422, 431})


class HttpProvider:
    """Adapter for one account at one upstream. Subclasses give `name`, `title` and `routes`."""

    name = ""
    title = ""
    routes: Mapping[str, Route] = MappingProxyType({})
    makes_real_videos = True
    child_function: str | None = None
    child_options: Mapping[str, Any] = MappingProxyType({})

    def __init__(
        self,
        *,
        api_key: str,
        base_url: str,
        policy: outbound.OutboundPolicy,
        max_result_bytes: int,
        limits: Limits | None = None,
        timeout_seconds: float = 20,
        transport: Transport | None = None,
    ) -> None:
        hide(api_key)
        self.limits = limits or Limits()
        self._api_key = api_key
        self._base_url = base_url.rstrip("/")
        self._policy = policy
        self._max_result_bytes = max_result_bytes
        headers = {"Authorization": f"Bearer {api_key}", "Accept": "application/json"}
        self._transport = transport or SlotTransport(headers=headers, timeout_seconds=timeout_seconds)

    def file_host(self) -> FileHost | None:
        return None

    # --- creating ---------------------------------------------------------------------------------------------------
    async def submit(self, submission: Submission) -> str:
        route = self._route(submission.endpoint)
        try:
            return await self._create(route, submission)
        except MaybeSent:
            if not route.is_repeatable:
                raise
            return route.created(Answer(OK, "", None), submission)

    async def _create(self, route: Route, submission: Submission) -> str:
        try:
            reply = await self._send(route.create(submission))
        except _NEVER_SENT as error:
            raise NeverSent(redact(str(error))) from error
        except _NO_ANSWER as error:
            raise MaybeSent(type(error).__name__) from error
        except ValueError as error:
            # JSON cannot hold it, so nothing has left.
            raise Refused(f"The request cannot be written as JSON: {error}", reason="validation") from error
        answer = self._read(reply)
        if answer.task_id and not route.is_repeatable:
            # Whatever code came with it: an id is a job that may be billed.
            return self._checked_id(answer.task_id, reply)
        self._raise_for_account(answer, reply)
        created = route.created(answer, submission)
        if created:
            return created
        if answer.code != OK or reply.status >= 400:
            words, code = self._words(answer), str(answer.code)
            raise Refused(words, code=code, raw=_raw(reply), reason=failures.reason_of(code, words))
        raise MaybeSent("the answer names no task", raw=_raw(reply))

    def _checked_id(self, task_id: str, reply: Reply) -> str:
        if len(task_id) > LONGEST_ID or not task_id.isprintable():
            raise MaybeSent("the answer names a task by an id that nobody can keep", raw=_raw(reply))
        return task_id

    # --- asking -----------------------------------------------------------------------------------------------------
    async def poll(self, running: Running) -> Snapshot:
        route = self._route(running.endpoint)
        try:
            reply = await self._send(route.look(running))
        except _NO_ANSWER as error:
            raise MaybeSent(type(error).__name__) from error
        try:
            answer = self._read(reply)
        except Refused as error:
            # The question was refused, not the task.
            raise MaybeSent(error.words, code=error.code, raw=error.raw) from error
        self._raise_for_account(answer, reply)
        record = route.seen(answer)
        if record is None:
            raise MaybeSent(self._words(answer) or "no record yet", code=str(answer.code), raw=_raw(reply))
        message = redact(record.fail_message)[:WORDS_CHARACTERS]
        return Snapshot(
            state=record.state,
            progress=record.progress,
            result_links=record.result_urls,
            fail_code=record.fail_code,
            fail_message=message,
            fail_reason=failures.reason_of(record.fail_code, message) if record.state == "fail" else "capacity",
            consumed_millicredits=record.consumed_millicredits,
            echo=record.echo,
            raw=_raw(reply),
        )

    async def balance(self) -> int | None:
        """`GET /api/v1/chat/credit`. Raises ProviderError."""
        try:
            reply = await self._send(Call("GET", "/api/v1/chat/credit"))
        except _NO_ANSWER as error:
            raise MaybeSent(type(error).__name__) from error
        answer = self._read(reply)
        self._raise_for_account(answer, reply)
        if answer.code != OK:
            raise Refused(self._words(answer), code=str(answer.code), raw=_raw(reply))
        return millicredits_of(answer.data)

    async def _send(self, call: Call) -> Reply:
        return await self._transport.request(call.method, f"{self._base_url}{call.path}", body=call.body, params=call.params)

    async def aclose(self) -> None:
        await self._transport.aclose()

    # --- reading ----------------------------------------------------------------------------------------------------
    def _route(self, endpoint: str) -> Route:
        try:
            return self.routes[endpoint]
        except KeyError:
            # Never sent anywhere, so it may be refused.
            raise Refused(f"{self.title} has no route {endpoint!r} here.", reason="validation") from None

    def _read(self, reply: Reply) -> Answer:
        try:
            return read_answer(reply.text, reply.status)
        except Unreadable as error:
            raise self._without_envelope(reply, str(error)) from error

    def _without_envelope(self, reply: Reply, why: str) -> ProviderError:
        """What an answer means that no application wrote: a proxy's page, a redirect, half a reply."""
        status, raw = reply.status, _raw(reply)
        words = f"{self.title} answered HTTP {status}"
        if status == RATE_LIMIT:
            return RateLimited(code="429", raw=raw, retry_after_seconds=_retry_after(reply))
        if status in _DOOR_IS_SHUT:
            return AccountTrouble(f"{words} without a word", code=str(status), raw=raw)
        if status in _NOBODY_THERE or 300 <= status < 400:
            return AccountTrouble(f"{words}: is its address {redact(self._base_url)} right?", code=str(status), raw=raw)
        if status in _WILL_NOT_READ:
            return Refused(words, code=str(status), raw=raw, reason="validation")
        return MaybeSent(f"HTTP {status}: {why}", code=str(status), raw=raw)

    def _raise_for_account(self, answer: Answer, reply: Reply) -> None:
        """What is said of our account and not of the job."""
        code, words = str(answer.code), self._words(answer)
        if answer.code == RATE_LIMIT:
            raise RateLimited(words, code=code, raw=_raw(reply), retry_after_seconds=_retry_after(reply))
        if answer.code != OK and (answer.code == MAINTENANCE or failures.is_account_trouble(code, words)):
            raise AccountTrouble(words, code=code, raw=_raw(reply))

    def _words(self, answer: Answer) -> str:
        return redact(answer.message)[:WORDS_CHARACTERS]

    # --- results ----------------------------------------------------------------------------------------------------
    def collect(self, running: Running, link: str, target: Path) -> Sequence[str]:
        try:
            outbound.download(link, target, self._policy, max_bytes=self._max_result_bytes)
        except httpx.HTTPStatusError as error:
            status = error.response.status_code
            kind = ResultGone if status == 410 else ResultUnavailable
            raise kind(f"HTTP {status}", code=str(status)) from error
        except (httpx.HTTPError, httpx.InvalidURL, outbound.OutboundError, ValueError, OSError) as error:
            raise ResultUnavailable(redact(str(error)) or type(error).__name__) from error
        return ()


def _raw(reply: Reply) -> str:
    # Blackened before it is cut: half a key at the end is a key's half.
    return redact(reply.text)[:RAW_CHARACTERS]


def _retry_after(reply: Reply) -> float | None:
    try:
        value = reply.headers.get("retry-after")
        seconds = float(value) if value else None
    except ValueError:
        return None
    return None if seconds is None or seconds != seconds else min(3600.0, max(0.0, seconds))
