"""ModKie's adapter: each answer, fault and silence becomes exactly the error that says what to do about it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from playground.core import outbound
from playground.core.outbound import OutboundPolicy
from playground.providers.base import (
    AccountTrouble,
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
from playground.providers.http import SlotTransport
from playground.providers.modkie import ModKie

SUBMISSION = Submission(job_id="1", model_id="google/veo-3-1", payload={"prompt": "Sea", "duration": 5})
RUNNING = Running(job_id="1", upstream_id="task_1", model_id="google/veo-3-1", payload={})
Answer = Callable[[httpx.Request], httpx.Response]


def adapter(answer: Answer) -> ModKie:
    transport = SlotTransport(headers={"Authorization": "Bearer sk-secret"}, transport=httpx.MockTransport(answer))
    return ModKie(api_key="sk-secret", base_url="https://modkie.test/", policy=OutboundPolicy(), max_result_bytes=1000, transport=transport)


def submit(answer: Answer) -> str:
    async def run() -> str:
        provider = adapter(answer)
        try:
            return await provider.submit(SUBMISSION)
        finally:
            await provider.aclose()

    return asyncio.run(run())


def poll(answer: Answer) -> Snapshot:
    async def run() -> Snapshot:
        provider = adapter(answer)
        try:
            return await provider.poll(RUNNING)
        finally:
            await provider.aclose()

    return asyncio.run(run())


def says(status: int = 200, headers: dict[str, str] | None = None, **body: Any) -> Answer:
    return lambda request: httpx.Response(status, json=body, headers=headers)


def writes(status: int, text: str) -> Answer:
    return lambda request: httpx.Response(status, text=text)


def breaks(error: type[httpx.TransportError]) -> Answer:
    def answer(request: httpx.Request) -> httpx.Response:
        raise error("broken", request=request)

    return answer


def record(**data: Any) -> Answer:
    return says(code=200, msg="success", data={"taskId": "task_1", **data})


# --- createTask -----------------------------------------------------------------------------------------------------
def test_the_request_is_the_contract_s() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"code": 200, "msg": "success", "data": {"taskId": "task_1"}})

    assert submit(answer) == "task_1"
    [request] = seen
    assert (request.method, str(request.url)) == ("POST", "https://modkie.test/api/v1/jobs/createTask")
    assert request.headers["Authorization"] == "Bearer sk-secret"
    assert json.loads(request.content) == {"model": "google/veo-3-1", "capability": "video", "input": {"prompt": "Sea", "duration": 5}}


@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout])
def test_before_the_first_byte_left_nothing_was_sent(error: type[httpx.TransportError]) -> None:
    with pytest.raises(NeverSent):
        submit(breaks(error))


@pytest.mark.parametrize("error", [httpx.ReadTimeout, httpx.ReadError, httpx.WriteError, httpx.WriteTimeout, httpx.RemoteProtocolError])
def test_after_that_it_may_have_been(error: type[httpx.TransportError]) -> None:
    with pytest.raises(MaybeSent):
        submit(breaks(error))


def test_an_answer_that_cannot_be_decoded_may_hide_an_accepted_job() -> None:
    with pytest.raises(MaybeSent):
        submit(lambda request: httpx.Response(200, content=b"no gzip", headers={"Content-Encoding": "gzip"}))


@pytest.mark.parametrize(
    "answer",
    [
        writes(500, "<html>Internal Server Error</html>"),
        writes(502, ""),
        writes(504, '{"message": "Endpoint request timed out"}'),
        writes(200, "<html>Welcome</html>"),
        writes(200, "[]"),
        writes(200, '{"data": {}}'),
        says(code=200, msg="success", data=None),
        says(code=200, msg="success", data={"taskId": ""}),
        says(code=200, msg="success", data={"taskId": 7}),
    ],
)
def test_no_usable_answer_is_a_doubt(answer: Answer) -> None:
    with pytest.raises(MaybeSent):
        submit(answer)


@pytest.mark.parametrize("answer", [says(code=500, msg="later", data={"taskId": "task_9"}), says(502, code=502, data={"taskId": "task_9"})])
def test_an_id_counts_whatever_code_comes_with_it(answer: Answer) -> None:
    assert submit(answer) == "task_9"


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (says(code=401, msg="Unauthorized"), AccountTrouble, "401"),
        (says(401, code=401, msg="Unauthorized"), AccountTrouble, "401"),
        (says(402, msg="Insufficient balance"), AccountTrouble, "402"),
        (says(code=402, msg="Insufficient balance"), AccountTrouble, "402"),
        (says(code=500, msg="Credits insufficient"), AccountTrouble, "500"),
        (says(code=429, msg="Too many requests"), RateLimited, "429"),
        (writes(429, "slow down"), RateLimited, "429"),
        (says(code=422, msg="The model name is not supported."), Refused, "422"),
        (says(code=500, msg="aspect_ratio is required"), Refused, "500"),
        (says(code=455, msg="Maintenance"), AccountTrouble, "455"),
        (says(404, message="Not found"), Refused, "404"),
        (says(code="422", msg="a code in quotes"), Refused, "422"),
    ],
)
def test_a_refusal_is_read_from_the_envelope(answer: Answer, kind: type[ProviderError], code: str) -> None:
    with pytest.raises(kind) as caught:
        submit(answer)
    assert type(caught.value) is kind
    assert caught.value.code == code


def test_the_provider_s_words_are_kept_and_the_key_is_not() -> None:
    with pytest.raises(Refused) as caught:
        submit(says(code=422, msg="Real person in image."))
    assert caught.value.words == "Real person in image."
    assert "Real person" in caught.value.raw and "sk-secret" not in caught.value.raw


@pytest.mark.parametrize(("header", "seconds"), [("7", 7.0), ("0.5", 0.5), ("-3", 0.0), ("Wed, 21 Oct 2026 07:28:00 GMT", None)])
def test_a_rate_limit_says_how_long(header: str | None, seconds: float | None) -> None:
    headers = {"Retry-After": header} if header else None
    with pytest.raises(RateLimited) as caught:
        submit(says(code=429, msg="slow down", headers=headers))
    assert caught.value.retry_after_seconds == seconds


# --- recordInfo -----------------------------------------------------------------------------------------------------
def test_the_question_names_the_task() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert str(request.url) == "https://modkie.test/api/v1/jobs/recordInfo?taskId=task_1&capability=video"
        return record(state="processing")(request)

    assert poll(answer).state == "generating"


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("pending", "waiting"),
        ("waiting", "waiting"),
        ("queuing", "queuing"),
        ("processing", "generating"),
        ("SUCCESS", "success"),
        ("fail", "fail"),
        ("pondering", "queuing"),
        ("", "queuing"),
    ],
)
def test_every_word_has_a_meaning_and_an_unknown_one_never_means_failure(word: str, state: str) -> None:
    assert poll(record(state=word)).state == state


@pytest.mark.parametrize(
    "result",
    [
        {"resultUrls": ["https://cdn.test/1.mp4"]},
        '{"resultUrls": ["https://cdn.test/1.mp4"]}',
        {"resultUrls": "https://cdn.test/1.mp4"},
    ],
)
def test_results_are_read_as_object_and_as_text(result: object) -> None:
    assert poll(record(state="success", resultJson=result)).result_links == ("https://cdn.test/1.mp4",)


@pytest.mark.parametrize("result", [None, "", "{", {}, {"resultUrls": None}, {"resultUrls": [None, 3, ""]}, []])
def test_a_success_without_results_names_none(result: object) -> None:
    snapshot = poll(record(state="success", resultJson=result))
    assert (snapshot.state, snapshot.result_links) == ("success", ())


def test_a_failure_brings_its_code_and_words() -> None:
    snapshot = poll(record(state="fail", failCode=422, failMsg="Real person."))
    assert (snapshot.state, snapshot.fail_code, snapshot.fail_message) == ("fail", "422", "Real person.")


@pytest.mark.parametrize(("progress", "expected"), [(40, 0.4), (140, 1.0), (-1, 0.0), ("40", None), (None, None), (True, None)])
def test_progress_is_a_share_or_nothing(progress: object, expected: float | None) -> None:
    assert poll(record(state="processing", progress=progress)).progress == expected


@pytest.mark.parametrize(
    "answer",
    [
        says(code=422, msg="recordInfo is null", data=None),
        says(code=404, msg="Task not found"),
        says(code=200, msg="success", data=None),
        says(code=500, msg="server error"),
        writes(502, "<html>"),
        writes(200, ""),
        breaks(httpx.ReadTimeout),
        breaks(httpx.ConnectError),
    ],
)
def test_a_task_that_cannot_be_read_is_still_running(answer: Answer) -> None:
    with pytest.raises(MaybeSent):
        poll(answer)


def test_too_many_questions_are_a_rate_limit() -> None:
    with pytest.raises(RateLimited):
        poll(says(code=429, msg="Too many requests"))


# --- results --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("status", "kind"), [(404, ResultUnavailable), (403, ResultUnavailable), (503, ResultUnavailable), (410, ResultGone)]
)
def test_a_link_that_does_not_work_may_be_replaced_but_gone_is_gone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, status: int, kind: type[ProviderError]
) -> None:
    def download(url: str, *_: object, **__: object) -> int:
        request = httpx.Request("GET", url)
        raise httpx.HTTPStatusError("no", request=request, response=httpx.Response(status, request=request))

    monkeypatch.setattr(outbound, "download", download)
    with pytest.raises(kind):
        adapter(says(code=200)).collect(RUNNING, "https://cdn.test/1.mp4", tmp_path / "clip")


def test_a_link_into_the_private_network_is_not_followed(tmp_path: Path) -> None:
    with pytest.raises(ResultUnavailable, match="not a public address"):
        adapter(says(code=200)).collect(RUNNING, "http://127.0.0.1:9/clip.mp4", tmp_path / "clip")


def test_a_slot_is_free_again_after_a_failure() -> None:
    async def run() -> list[str]:
        answers = iter([breaks(httpx.ReadError), says(code=200, data={"taskId": "task_2"})])
        transport = SlotTransport(headers={}, slots=1, transport=httpx.MockTransport(lambda request: next(answers)(request)))
        found = []
        for _ in range(2):
            try:
                found.append((await transport.request("POST", "https://modkie.test/", body={})).text)
            except httpx.ReadError:
                found.append("broken")
        await transport.aclose()
        return found

    first, second = asyncio.run(run())
    assert first == "broken" and "task_2" in second
