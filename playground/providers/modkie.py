"""ModKie: the jobs contract with its own words (object `resultJson`, pending/processing, a real HTTP 402).

Facts come from the vendor's pages; nothing was measured, so both forms of everything are read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx

from playground.core import outbound
from playground.providers.base import (
    AccountTrouble,
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
from playground.providers.http import SlotTransport, Transport
from playground.wire.jobs import Answer, Unreadable, read_answer, read_record

# Before the first byte of the request has left: sending again is safe.
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
RAW_CHARACTERS = 20_000


class ModKie:
    """Adapter for ModKie's jobs API."""

    name = "modkie"
    title = "ModKie"
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
        self.limits = limits or Limits()
        self._base_url = base_url.rstrip("/")
        self._policy = policy
        self._max_result_bytes = max_result_bytes
        headers = {"Authorization": f"Bearer {api_key}", "Accept": "application/json"}
        self._transport = transport or SlotTransport(headers=headers, timeout_seconds=timeout_seconds)

    async def submit(self, submission: Submission) -> str:
        body: dict[str, object] = {"model": submission.model_id, "input": dict(submission.payload)}
        if submission.callback_url:
            body["callBackUrl"] = submission.callback_url
        try:
            status, text, headers = await self._transport.request("POST", f"{self._base_url}/api/v1/jobs/createTask", json=body)
        except _NEVER_SENT as error:
            raise NeverSent(str(error)) from error
        except (httpx.RequestError, TimeoutError) as error:
            raise MaybeSent(type(error).__name__) from error
        answer = self._parse(text, status, headers.get("retry-after"))
        if answer.task_id:
            # Whatever code came with it: an id is a job that may be billed.
            return answer.task_id
        self._check(answer, status, text, headers.get("retry-after"))
        raise MaybeSent("the answer names no task", raw=text[:RAW_CHARACTERS])

    async def poll(self, running: Running) -> Snapshot:
        try:
            status, text, headers = await self._transport.request(
                "GET", f"{self._base_url}/api/v1/jobs/recordInfo", params={"taskId": running.upstream_id}
            )
            answer = self._parse(text, status, headers.get("retry-after"))
            self._check(answer, status, text, headers.get("retry-after"))
        except (httpx.RequestError, TimeoutError) as error:
            raise MaybeSent(type(error).__name__) from error
        except Refused as error:
            # "recordInfo is null" right after submit, or an id the provider forgot: only the deadline may end a job.
            raise MaybeSent(error.words, code=error.code, raw=error.raw) from error
        record = read_record(answer.data)
        if record is None:
            raise MaybeSent(answer.message or "no record yet", raw=text[:RAW_CHARACTERS])
        return Snapshot(
            state=record.state,
            progress=record.progress,
            result_links=record.result_urls,
            fail_code=record.fail_code,
            fail_message=record.fail_message,
            raw=text[:RAW_CHARACTERS],
        )

    def _parse(self, text: str, status: int, retry_after: str | None) -> Answer:
        raw = text[:RAW_CHARACTERS]
        try:
            return read_answer(text, status)
        except Unreadable as error:
            if status == 429:
                raise RateLimited(code="429", raw=raw, retry_after_seconds=_seconds(retry_after)) from error
            raise MaybeSent(f"HTTP {status}: {error}", code=str(status), raw=raw) from error

    def _check(self, answer: Answer, status: int, text: str, retry_after: str | None) -> None:
        if answer.code != 200 or status >= 400:
            raise _error_for(answer, text[:RAW_CHARACTERS], retry_after)

    async def aclose(self) -> None:
        await self._transport.aclose()

    def collect(self, running: Running, link: str, target: Path) -> Sequence[str]:
        try:
            outbound.download(link, target, self._policy, max_bytes=self._max_result_bytes)
        except httpx.HTTPStatusError as error:
            status = error.response.status_code
            kind = ResultGone if status == 410 else ResultUnavailable
            raise kind(f"HTTP {status}", code=str(status)) from error
        except (httpx.HTTPError, outbound.OutboundError, ValueError, OSError) as error:
            raise ResultUnavailable(str(error) or type(error).__name__) from error
        return ()


def _error_for(answer: Answer, raw: str, retry_after: str | None) -> ProviderError:
    code, words = str(answer.code), answer.message
    if answer.code == 429:
        return RateLimited(words, code=code, raw=raw, retry_after_seconds=_seconds(retry_after))
    # Short of money is 402 in the documents and 500 "Credits insufficient" in the wild.
    if answer.code in (401, 402) or "credits insufficient" in words.lower():
        return AccountTrouble(words, code=code, raw=raw)
    return Refused(words or json.dumps(answer.data)[:500], code=code, raw=raw)


def _seconds(retry_after: str | None) -> float | None:
    try:
        return max(0.0, float(retry_after)) if retry_after else None
    except ValueError:
        return None
