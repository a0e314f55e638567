"""From the upstream's success to the page that shows it: `python -m tests.bench.bench_visible`.

The real processes against the loopback upstream, no history, polling as in life. A reader for each job has its page open
and keeps the page's own heartbeat. Half of the jobs are called back, the other half only polled.
"""

from __future__ import annotations

import os
import re
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any

import httpx

from tests.databases import new_database
from tests.soak.__main__ import prepare, wait_for_web
from tests.soak.arena import Arena
from tests.upstream.client import Upstream

JOBS = int(os.environ.get("BENCH_JOBS", "24"))
# Sent one after the other, so that the ends are spread as in life.
SPREAD_SECONDS = 4.0
TASK_SECONDS = 60
ALLOWED_SECONDS = 2.0
PATIENCE_SECONDS = 240.0
# What a soak hurries is as it comes here.
AS_IN_LIFE = {
    "POLL_FACTOR": "1",
    "LEASE_SECONDS": "60",
    "PROVIDER_TIMEOUT_SECONDS": "20",
    "CIRCUIT_SECONDS": "60",
    "IN_DOUBT_MINUTES": "60",
    "KIE_CREATES_PER_10_SECONDS": "20",
    "KIE_READS_PER_SECOND": "10",
    "KIE_RUNNING_CAP": "100",
}
# The word that makes the upstream keep silent about a task.
SILENT = "no-callback"
_PULSE = re.compile(r'id="pulse" hx-get="([^"]+)"[^>]* hx-trigger="every (\d+)s')


@dataclass
class Seen:
    """When each prompt's video was on its page; seconds of the monotonic clock, as in the upstream's log."""

    at: dict[str, float] = field(default_factory=dict)


def main() -> int:
    from tests.media.clips import make_clip

    with tempfile.TemporaryDirectory(prefix="rushes-bench-") as name:
        folder = Path(name)
        clip = make_clip(folder / "clip.mp4", width=1280, height=720, seconds=5)
        upstream = Upstream(folder / "upstream.jsonl", clip, options=("--seconds", str(TASK_SECONDS)))
        upstream.start()
        arena = Arena(folder, upstream, new_database(folder / "data"), pumps=0, settings=AS_IN_LIFE)
        try:
            prepare(arena, JOBS)
            arena.start()
            wait_for_web(arena)
            return _judge(upstream, _watch(arena))
        finally:
            arena.stop()
            upstream.stop()


def _watch(arena: Arena) -> Seen:
    from django.test import Client

    from playground.accounts.models import Membership

    owner = Membership.objects.select_related("user", "team").order_by("pk")[0]
    browser = Client()
    browser.force_login(owner.user)
    cookies = {name: morsel.value for name, morsel in browser.cookies.items()}
    seen = Seen()
    with ThreadPoolExecutor(JOBS) as readers:
        reading = []
        for number in range(JOBS):
            word = "" if number % 2 else f" {{{SILENT}}}"
            reading.append(readers.submit(_read, arena, cookies, _submit(owner, f"Bench {number:03d}{word}"), seen))
            time.sleep(SPREAD_SECONDS)
    for reader in reading:
        reader.result()
    return seen


def _submit(owner: Any, prompt: str) -> Any:
    from playground.jobs.creation import NewJob, create_job

    fields = {"prompt": prompt, "aspect_ratio": "16:9", "duration": "5", "sound": False}
    new = NewJob(
        team_id=owner.team_id,
        mode="live",
        model_id="kling-2.6/text-to-video",
        gateway="kie",
        payload=fields,
        source="web",
        user_id=owner.user_id,
    )
    return create_job(new).job


def _read(arena: Arena, cookies: dict[str, str], job: Any, seen: Seen) -> None:
    """What the browser does with a task's page: load it, then follow its heartbeat."""
    end = time.monotonic() + PATIENCE_SECONDS
    with httpx.Client(base_url=arena.url, cookies=cookies, timeout=20, trust_env=False) as client:
        text = client.get(f"/tasks/{job.pk}").raise_for_status().text
        pulse = _PULSE.search(text)
        assert pulse, "The page has no heartbeat."
        while time.monotonic() < end:
            if "<video" in text:
                seen.at[str(job.payload["prompt"])] = time.monotonic()
                return
            # An answer without one has nothing new to say.
            pulse = _PULSE.search(text) or pulse
            time.sleep(int(pulse[2]))
            text = client.get(unescape(pulse[1]), headers={"HX-Request": "true"}).raise_for_status().text


def _judge(upstream: Upstream, seen: Seen) -> int:
    ends = {event["prompt"]: event["at"] for event in upstream.events("end")}
    reads: dict[str, list[float]] = {}
    prompts = {event["task"]: event["prompt"] for event in upstream.events("create")}
    for event in upstream.events("read"):
        if prompt := prompts.get(event["task"]):
            reads.setdefault(prompt, []).append(event["at"])
    late = {prompt: at - ends[prompt] for prompt, at in seen.at.items()}
    polled = [seconds for prompt, seconds in late.items() if SILENT in prompt]
    called = [seconds for prompt, seconds in late.items() if SILENT not in prompt]
    last_two = [sorted(times)[-2:] for prompt, times in reads.items() if SILENT in prompt]
    interval = statistics.median(times[1] - times[0] for times in last_two if len(times) == 2)
    known, ours = (_median_wait(upstream, moment) for moment in ("upstream_done_at", "finished_at"))
    print(f"  {len(seen.at)} of {JOBS} jobs were seen; the median of the last poll intervals is {interval:.1f} s")
    print(f"  called back: known after {known:.2f} s, ours after {ours:.2f} s")
    print(f"from success to the page, polled: median {statistics.median(polled):.2f} s (limit {interval + ALLOWED_SECONDS:.1f} s)")
    print(f"from success to the page, called back: median {statistics.median(called):.2f} s (limit {ALLOWED_SECONDS:.1f} s)")
    is_in_time = statistics.median(polled) <= interval + ALLOWED_SECONDS and statistics.median(called) <= ALLOWED_SECONDS
    return 0 if is_in_time and len(seen.at) == JOBS else 1


def _median_wait(upstream: Upstream, moment: str) -> float:
    """Seconds from the end at the provider to this moment of the job's row, for those that were called back."""
    from playground.jobs.models import Job

    ends = {event["prompt"]: event["at_ms"] / 1000 for event in upstream.events("end")}
    jobs = [job for job in Job.objects.all() if SILENT not in str(job.payload["prompt"])]
    return float(statistics.median(getattr(job, moment).timestamp() - ends[str(job.payload["prompt"])] for job in jobs))


if __name__ == "__main__":
    sys.exit(main())
