"""The sandbox as a provider: its answers are a function of task id, clock and prompt."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.providers.base import MaybeSent, Provider, RateLimited, ResultGone, Running, Submission
from playground.providers.sandbox import Sandbox
from playground.providers.sandbox.adapter import birth_of, task_id

BORN = 1_790_000_001_000
ORDER = ["waiting", "queuing", "generating", "success"]


class Clock:
    def __init__(self, now: int = BORN) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now


def job(prompt: str = "a boat", **payload: object) -> Running:
    return Running("0199-ab", task_id(BORN, "0199-ab"), "google/veo-3-1", {"prompt": prompt, **payload})


def test_it_speaks_the_provider_protocol() -> None:
    provider: Provider = Sandbox()
    assert provider.name == "sandbox"
    assert provider.makes_real_videos is False


def test_submit_returns_an_id_that_tells_birth_and_job() -> None:
    upstream_id = asyncio.run(Sandbox(clock=Clock()).submit(Submission("0199-ab", "m", {"prompt": "x"})))
    assert upstream_id.endswith("_0199ab")
    assert birth_of(upstream_id) == BORN


def test_a_job_goes_through_every_state() -> None:
    sandbox = Sandbox()
    seen = [sandbox.snapshot(job(), BORN + ms).state for ms in (0, 500, 1500, 4300)]
    assert seen == ORDER


def test_speed_divides_every_time() -> None:
    assert Sandbox(speed=10).snapshot(job(), BORN + 420).state == "success"
    assert Sandbox(speed=0.1).snapshot(job(), BORN + 4300).state == "queuing"


def test_delay_makes_generating_longer() -> None:
    assert Sandbox().snapshot(job("[[delay:10]]"), BORN + 14_100).state == "generating"
    assert Sandbox().snapshot(job("[[delay:10]]"), BORN + 14_300).state == "success"


def test_poll_reads_the_clock() -> None:
    clock = Clock()
    sandbox = Sandbox(clock=clock)
    assert asyncio.run(sandbox.poll(job())).state == "waiting"
    clock.now += 60_000
    assert asyncio.run(sandbox.poll(job())).state == "success"


@given(st.integers(-10_000, 100_000), st.integers(0, 100_000), st.sampled_from(["x", "[[delay:7]]", "[[fail:1 a]]"]))
def test_states_never_go_back(moment: int, later: int, prompt: str) -> None:
    order = [*ORDER, "fail"]
    sandbox = Sandbox()
    first, second = sandbox.snapshot(job(prompt), BORN + moment), sandbox.snapshot(job(prompt), BORN + moment + later)
    assert order.index(first.state) <= order.index(second.state)
    assert (first.progress or 0) <= (second.progress or 0) or second.state == "fail"
    assert first == sandbox.snapshot(job(prompt), BORN + moment)


def test_success_names_one_result() -> None:
    snapshot = Sandbox().snapshot(job(), BORN + 9000)
    assert snapshot.result_links == ("sandbox:0",)


def test_the_raw_answer_has_the_envelope_of_kie_and_says_sandbox() -> None:
    raw = json.loads(Sandbox().snapshot(job(seed=5), BORN + 9000).raw)
    assert raw["code"] == 200
    assert raw["data"]["sandbox"] is True
    assert raw["data"]["seed"] == 5
    assert json.loads(raw["data"]["resultJson"]) == {"resultUrls": ["sandbox:0"]}
    assert raw["data"]["completeTime"] == BORN + 4200


def test_limits_are_said_with_the_result(tmp_path: Path) -> None:
    running = Running("0199-ab", task_id(BORN, "0199-ab"), "kling-3.0/video", {"prompt": "x", "mode": "4K", "duration": "3"}, "kie")
    notes = Sandbox(max_seconds=0.1, detail=0.1).collect(running, "sandbox:0", tmp_path / "a")
    assert [note.partition(",")[0] for note in notes] == ["Drawn in 1080p", "Drawn for 0.1 s"]


def test_a_scripted_failure_comes_after_the_work() -> None:
    running = job("[[fail:422 no such fruit]]")
    assert Sandbox().snapshot(running, BORN + 4000).state == "generating"
    snapshot = Sandbox().snapshot(running, BORN + 4300)
    assert (snapshot.state, snapshot.fail_code, snapshot.fail_message) == ("fail", "422", "no such fruit")


@pytest.mark.parametrize("fault", ["timeout", "500"])
def test_a_lost_answer_to_submit_is_in_doubt(fault: str) -> None:
    with pytest.raises(MaybeSent):
        asyncio.run(Sandbox(clock=Clock()).submit(Submission("a", "m", {"prompt": f"[[submit:{fault}]]"})))


def test_a_rate_limit_passes_after_a_moment() -> None:
    clock = Clock(1_790_000_000_000)
    sandbox = Sandbox(clock=clock)
    submission = Submission("a", "m", {"prompt": "[[submit:429]]"})
    with pytest.raises(RateLimited) as caught:
        asyncio.run(sandbox.submit(submission))
    assert caught.value.retry_after_seconds == 1
    clock.now += 2000
    assert asyncio.run(sandbox.submit(submission)).startswith("sbx_")


def test_an_unknown_task_stays_in_doubt() -> None:
    with pytest.raises(MaybeSent):
        Sandbox().snapshot(Running("a", "somebody-elses", "m", {"prompt": "x"}), BORN)


def test_a_missing_result_is_a_success_without_links() -> None:
    snapshot = Sandbox().snapshot(job("[[result:missing]]"), BORN + 9000)
    assert (snapshot.state, snapshot.result_links) == ("success", ())


def test_an_expired_result_is_gone(tmp_path: Path) -> None:
    with pytest.raises(ResultGone):
        Sandbox().collect(job("[[result:expired]]"), "sandbox:0", tmp_path / "a")
    with pytest.raises(ResultGone):
        Sandbox().collect(job(), "https://example.com/a.mp4", tmp_path / "a")


def test_a_malformed_result_is_not_a_video(tmp_path: Path) -> None:
    Sandbox().collect(job("[[result:malformed]]"), "sandbox:0", tmp_path / "a")
    assert (tmp_path / "a").read_bytes().startswith(b"<html>")
