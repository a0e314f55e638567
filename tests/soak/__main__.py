"""`python -m tests.soak [--jobs 2000] [--seed 1] [--share 0.05] [--report FILE]`: prints what came of it; 1 if a promise was broken."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from tests.databases import own_database
from tests.soak.arena import BASE, Arena
from tests.upstream.client import Upstream

TEAMS = 3
KILL_SECONDS = 20.0
QUIET_SECONDS = 8.0


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--jobs", type=int, default=int(os.environ.get("JOBS", "2000")))
    parser.add_argument("--seed", type=int, default=int(os.environ.get("SEED", "1")))
    parser.add_argument("--share", type=float, default=0.05, help="of the tasks that each fault hits")
    parser.add_argument("--kill-seconds", type=float, default=KILL_SECONDS)
    parser.add_argument("--minutes", type=float, default=10.0, help="what is not over by then has failed")
    parser.add_argument("--report", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rushes-soak-") as name:
        return run(Path(name), options)


def run(folder: Path, options: argparse.Namespace) -> int:
    from tests.media.clips import make_clip

    began = time.monotonic()
    clip = make_clip(folder / "clip.mp4", width=64, height=36, seconds=0.5, fps=12, has_audio=False)
    faults = ("--seed", str(options.seed), "--share", str(options.share), "--seconds", "3")
    upstream = Upstream(folder / "upstream.jsonl", clip, options=faults)
    with own_database(folder / "data") as database:
        upstream.start()
        return soak(Arena(folder, upstream, database), upstream, options, began)


def soak(arena: Arena, upstream: Upstream, options: argparse.Namespace, began: float) -> int:
    stop = threading.Event()
    try:
        keys = prepare(arena, options.jobs)
        arena.start()
        wait_for_web(arena)
        killer = threading.Thread(target=arena.kill_in_turn, args=(options.kill_seconds, stop), daemon=True)
        killer.start()
        say(began, f"{options.jobs} jobs from {TEAMS} teams, {options.share:.0%} of each fault, seed {options.seed}")
        submit(arena, keys, options.jobs, over_seconds=1.1 * options.kill_seconds)
        end = began + options.minutes * 60
        return judge(arena, upstream, options, began, end, stop)
    finally:
        stop.set()
        arena.stop()
        upstream.stop()


def say(began: float, text: str) -> None:
    print(f"{time.monotonic() - began:6.1f} s  {text}", flush=True)


def prepare(arena: Arena, jobs: int) -> list[str]:
    """The database with its teams; this process looks into it through the ORM from now on."""
    (arena.folder / "data").mkdir(mode=0o700)
    os.environ |= arena.environment()
    sys.path.insert(0, str(BASE))
    import django

    django.setup()
    from django.core.management import call_command

    from playground.accounts.services import create_key, create_owner
    from playground.core.money import to_millicredits
    from playground.credits import services as ledger

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    keys = []
    for number in range(TEAMS):
        owner = create_owner(email=f"owner{number}@example.com", team_slug=f"team-{number}")
        ledger.grant(team=owner.team, mode="live", millicredits=to_millicredits(jobs * 100))
        keys.append(create_key(team=owner.team, name="soak", mode="live", created_by=owner.user)[1])
    return keys


def wait_for_web(arena: Arena) -> None:
    for _ in range(3000):
        try:
            if httpx.get(f"{arena.url}/healthz", timeout=2).status_code in (200, 503):
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    raise SystemExit(f"the web server does not come up\n{arena.logs()}")


def submit(arena: Arena, keys: list[str], jobs: int, over_seconds: float) -> None:
    """Every job by createTask with an idempotency key, again until an answer comes: the server is killed now and then.

    They come spread over that time, so that each kind of process is killed while there is work, however fast the machine is.
    """
    began = time.monotonic()

    def send(number: int) -> None:
        time.sleep(max(0.0, began + over_seconds * number / jobs - time.monotonic()))
        fields = {"prompt": f"Soak {number:05d}: a paper boat on a puddle", "aspect_ratio": "16:9", "duration": "5", "sound": False}
        body = {"model": "kling-2.6/text-to-video", "gateway": "kie", "input": fields}
        headers = {"Authorization": f"Bearer {keys[number % TEAMS]}", "Idempotency-Key": f"soak-{number}"}
        while True:
            try:
                answer = client.post(f"{arena.url}/api/v1/jobs/createTask", json=body, headers=headers).json()
                if answer["code"] == 200:
                    return
                if answer["code"] not in (429, 500):
                    raise SystemExit(f"createTask refuses: {answer}")
            except (httpx.HTTPError, ValueError):
                pass
            time.sleep(0.3)

    with httpx.Client(timeout=20, trust_env=False) as client, ThreadPoolExecutor(8) as pool:
        list(pool.map(send, range(jobs)))


def judge(arena: Arena, upstream: Upstream, options: argparse.Namespace, began: float, end: float, stop: threading.Event) -> int:
    from playground.jobs.models import Job
    from tests.soak import verdict

    say(began, f"{Job.objects.count()} jobs are made")
    problems = []
    if not wait_until_quiet(began, end, options):
        problems.append(f"not at rest after {options.minutes:g} minutes")
    log = verdict.Log.of(upstream)
    at_rest = list(verdict.doubts(log))
    problems += at_rest
    say(began, f"at rest: {verdict.success_share(log):.1%} of what the upstream finished, {len(arena.kills)} kills; the upstream heals")
    stop.set()
    upstream.control(heal=True)
    if not wait_until_over(began, end):
        problems.append("not over after the upstream had healed")
    log = verdict.Log.of(upstream)
    problems += verdict.broken_promises(log)
    kills = [name for _, name in arena.kills]
    facts = {"jobs": options.jobs, "seed": options.seed, "kills": {name: kills.count(name) for name in set(kills)}}
    found = verdict.report(
        options.report or arena.folder / "report.json", log, problems, seconds=round(time.monotonic() - began, 1), **facts
    )
    for name in ("states", "reasons", "kills", "faults", "success_share", "adopted", "seconds"):
        print(f"{name}: {found[name]}")
    print(f"paid back although finished: {len(found['losses'])} {found['losses']}")
    for problem in problems[:50]:
        print(f"BROKEN: {problem}")
    if problems:
        print(arena.logs())
    return 1 if problems else 0


def wait_until_quiet(began: float, end: float, options: argparse.Namespace) -> bool:
    """Until nothing moves but what never ends: all jobs are over, in doubt, or running for ever at the upstream."""
    from django.db.models import Sum

    from playground.jobs.models import Job, State

    moving = (State.QUEUED, State.SUBMITTING, State.SAVING)
    last: tuple[int, int] = (-1, -1)
    last_change = next_word = time.monotonic()
    while time.monotonic() < end - 120:
        now = time.monotonic()
        under_way = Job.objects.filter(state__in=moving).count()
        versions = Job.objects.aggregate(sum=Sum("version"))["sum"] or 0
        if (under_way, versions) != last:
            last, last_change = (under_way, versions), now
        if under_way == 0 and now - last_change > QUIET_SECONDS:
            return True
        if now >= next_word:
            next_word = now + 20
            states = {state: Job.objects.filter(state=state).count() for state in State.values}
            say(began, ", ".join(f"{count} {state}" for state, count in states.items() if count))
        time.sleep(0.5)
    return False


def wait_until_over(began: float, end: float) -> bool:
    from playground.jobs.models import UNFINISHED_STATES, Job, State

    while time.monotonic() < end:
        waiting = Job.objects.filter(state__in=UNFINISHED_STATES).count()
        late = Job.objects.filter(state=State.RECOVERING, is_waiting_for_links=False).count()
        if waiting + late == 0:
            say(began, "over")
            return True
        time.sleep(0.5)
    return False


if __name__ == "__main__":
    sys.exit(main())
