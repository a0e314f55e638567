"""The sandbox as a provider: it accepts, queues, works and delivers like the others, but keeps no state at all.

A task id carries its time of birth, and every answer is computed from id, clock and prompt. So a restart loses
nothing, two pumps agree, and a test can ask about any moment.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from playground.catalog import registry
from playground.providers.base import FileHost, Limits, MaybeSent, RateLimited, ResultGone, Running, Snapshot, Submission
from playground.wire.failures import reason_of

from .clip import Plan, drawn_seed, plan_clip, prompt_of, seed_of_job
from .directives import Directives, parse_directives
from .footage import Footage, NoFootage
from .render import render

WAITING_SECONDS = 0.4
QUEUING_SECONDS = 0.8
GENERATING_SECONDS = 3.0
_RESULT_LINK = "sandbox:0"
_TASK_ID = re.compile(r"sbx_([0-9a-z]{1,13})_([0-9A-Za-z-]{1,64})")
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def _clock_ms() -> int:
    return time.time_ns() // 1_000_000


class Sandbox:
    """Provider that draws stand-ins on this machine. `speed` divides all times, 0.4 s + 0.8 s + 3 s by default.

    `detail` is how finely clips are drawn, 1 is best. `child_function` is called to collect a result in a limited child:
    who composes the house knows the one that can open foreign files.
    """

    name = "sandbox"
    title = "Sandbox"
    makes_real_videos = False

    def __init__(
        self,
        speed: float = 1.0,
        max_seconds: float = 15,
        *,
        detail: float = 1.0,
        clock: Callable[[], int] = _clock_ms,
        child_function: str | None = None,
    ) -> None:
        if speed <= 0 or not 0 < detail <= 1:
            raise ValueError("the sandbox's speed must be above zero, its detail between 0 and 1")
        self.limits = Limits(creates_per_10_seconds=0, reads_per_second=0, running=0)
        self._speed = speed
        self._max_seconds, self._detail = max_seconds, detail
        self.child_function = child_function
        self.child_options: Mapping[str, Any] = {"max_seconds": max_seconds, "detail": detail}
        self._clock = clock

    async def submit(self, submission: Submission) -> str:
        """Accept a job. `[[submit:429]]` refuses in every other pair of seconds, so a later try gets through.

        `[[submit:500]]` plays a 500 without an envelope, which may hide an accepted job, and is therefore in doubt.
        """
        now = self._clock()
        fault = parse_directives(prompt_of(submission.payload)).submit
        if fault == "timeout":
            raise MaybeSent("The sandbox did not answer in time, as the prompt asked.", code="timeout")
        if fault == "500":
            raise MaybeSent("The sandbox answered 500 without an envelope, as the prompt asked.", code="500")
        if fault == "429" and (now // 2000) % 2 == 0:
            raise RateLimited("Too many requests, as the prompt asked; try again in a moment.", code="429", retry_after_seconds=1.0)
        return task_id(now, submission.job_id)

    async def poll(self, running: Running) -> Snapshot:
        """What the job is doing now."""
        return self.snapshot(running, self._clock())

    def file_host(self) -> FileHost | None:
        return None

    async def balance(self) -> int | None:
        return None

    async def aclose(self) -> None:
        """Nothing is open."""

    def collect(self, running: Running, link: str, target: Path) -> Sequence[str]:
        """Draw the clip without input files. Takes seconds of processor time: the media worker has it done in a child."""
        return self.draw(running, link, target, NoFootage())

    def draw(self, running: Running, link: str, target: Path, footage: Footage) -> Sequence[str]:
        """Draw the clip; returns what had to be drawn otherwise than asked."""
        fault = parse_directives(prompt_of(running.payload)).result
        if fault in {"expired", "missing"} or link != _RESULT_LINK:
            raise ResultGone("The result has expired.", code="404")
        if fault == "malformed":
            target.write_bytes(b"<html><body>This is not the video you are looking for.</body></html>\n" * 64)
            return ()
        plan = self.plan(running, footage)
        render(plan.spec, target, asked=plan.asked, footage=footage)
        return plan.notes

    def plan(self, running: Running, footage: Footage) -> Plan:
        """The clip that is drawn for a job."""
        try:
            card = registry.get(running.model_id, running.gateway or None)
        except registry.UnknownModel:
            card = None
        seed = seed_of_job(running.job_id)
        return plan_clip(card, running.payload, seed, max_seconds=self._max_seconds, facts=footage.facts(), detail=self._detail)

    def snapshot(self, running: Running, now_ms: int) -> Snapshot:
        """The job's state at `now_ms`: a pure function, also of moments that never were."""
        born_ms = birth_of(running.upstream_id)
        if born_ms is None:
            raise MaybeSent("The sandbox does not know this task.", code="422")
        directives = parse_directives(prompt_of(running.payload))
        age = max(0, now_ms - born_ms) / 1000 * self._speed
        begin = WAITING_SECONDS + QUEUING_SECONDS
        length = GENERATING_SECONDS + directives.delay_seconds
        if age < WAITING_SECONDS:
            return self._answer(running, Snapshot("waiting", 0.0), born_ms)
        if age < begin:
            return self._answer(running, Snapshot("queuing", 0.0), born_ms)
        if age < begin + length:
            return self._answer(running, Snapshot("generating", round((age - begin) / length, 3)), born_ms)
        end_ms = born_ms + round((begin + length) * 1000 / self._speed)
        return self._answer(running, self._outcome(running, directives), born_ms, end_ms)

    def _outcome(self, running: Running, directives: Directives) -> Snapshot:
        if directives.fail is not None:
            code, message = directives.fail
            words = message or "The prompt asked for this failure."
            return Snapshot("fail", fail_code=code, fail_message=words, fail_reason=reason_of(code, words))
        links = () if directives.result == "missing" else (_RESULT_LINK,)
        return Snapshot("success", 1.0, result_links=links)

    def _answer(self, running: Running, snapshot: Snapshot, born_ms: int, end_ms: int | None = None) -> Snapshot:
        data: dict[str, Any] = {
            "taskId": running.upstream_id,
            "model": running.model_id,
            "state": snapshot.state,
            "resultJson": json.dumps({"resultUrls": list(snapshot.result_links)}) if snapshot.result_links else "",
            "failCode": snapshot.fail_code or None,
            "failMsg": snapshot.fail_message or None,
            "costTime": None if end_ms is None else round((end_ms - born_ms) / 1000),
            "createTime": born_ms,
            "completeTime": end_ms,
            "seed": drawn_seed(running.payload, running.job_id),
            "sandbox": True,
        }
        raw = json.dumps({"code": 200, "msg": "success", "data": data}, ensure_ascii=False)
        return Snapshot(
            state=snapshot.state,
            progress=snapshot.progress,
            result_links=snapshot.result_links,
            fail_code=snapshot.fail_code,
            fail_message=snapshot.fail_message,
            fail_reason=snapshot.fail_reason,
            raw=raw,
        )


def task_id(born_ms: int, job_id: str) -> str:
    """`sbx_<ms in base 36>_<job>`."""
    digits = ""
    while born_ms:
        born_ms, digit = divmod(born_ms, 36)
        digits = _DIGITS[digit] + digits
    job = re.sub(r"[^0-9A-Za-z]", "", job_id)[:64]
    return f"sbx_{digits or '0'}_{job or '0'}"


def birth_of(upstream_id: str) -> int | None:
    """When a task was born, in epoch milliseconds; None for an id that is not ours."""
    match = _TASK_ID.fullmatch(upstream_id)
    return int(match[1], 36) if match else None
