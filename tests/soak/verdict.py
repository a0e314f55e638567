"""What was promised, held against the upstream's own log."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage

from playground.credits import services as ledger
from playground.credits.models import Account
from playground.jobs import reconciliation
from playground.jobs.models import DONE_STATES, Event, Job, State, Take
from tests.upstream.client import Upstream
from tests.upstream.faults import CHANCES

SUCCESS_SHARE = 0.95
STOPPED = "the sender stopped while sending"


@dataclass
class Log:
    """The upstream's log, by the job's prompt: each has one of its own."""

    created: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    unanswered: set[str] = field(default_factory=set)
    ended: dict[str, str] = field(default_factory=dict)
    called_back: set[str] = field(default_factory=set)
    words: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, upstream: Upstream) -> Log:
        log = cls()
        prompts: dict[str, str] = {}
        for event in upstream.events("create"):
            log.created.setdefault(event["prompt"], []).append(event)
            prompts[event["task"]] = event["prompt"]
        for event in upstream.events("arrive"):
            log.words.update(event["words"])
        log.unanswered = {event["prompt"] for event in upstream.events("unanswered")}
        log.ended = {prompts[event["task"]]: event["state"] for event in upstream.events("end") if event["task"] in prompts}
        log.called_back = {prompts[event["task"]] for event in upstream.events("callback") if event["task"] in prompts}
        return log


def prompt_of(job: Job) -> str:
    return str(job.payload["prompt"])


def doubts(log: Log) -> Iterator[str]:
    """Jobs that are or ended in doubt although their answer or their callback got through."""
    stopped = set(Event.objects.filter(kind="in_doubt", detail__contains=STOPPED).values_list("job_id", flat=True))
    in_doubt = Job.objects.filter(state=State.IN_DOUBT) | Job.objects.filter(fail_reason="in_doubt")
    for job in in_doubt:
        prompt = prompt_of(job)
        is_answer_lost = prompt in log.unanswered or job.pk in stopped
        if not is_answer_lost:
            yield f"{prompt}: in doubt, and its answer was not lost"
        elif prompt in log.created and prompt in log.called_back and job.state == State.IN_DOUBT:
            yield f"{prompt}: in doubt, and its callback got through"
        elif prompt in log.created and prompt in log.called_back and job.state == State.FAIL:
            yield f"{prompt}: given up, and its callback got through"


def broken_promises(log: Log) -> Iterator[str]:
    """Everything that must hold once the upstream has healed and the clock has passed."""
    yield from doubts(log)
    for job in Job.objects.exclude(state__in=(State.SUCCESS, State.FAIL, State.RECOVERED, State.RECOVERING)):
        yield f"{prompt_of(job)}: still {job.state}"
    for prompt, tasks in log.created.items():
        if len(tasks) > 1:
            yield f"{prompt}: submitted {len(tasks)} times"
    yield from _strange_ids(log)
    for account in Account.objects.exclude(held_millicredits=0):
        yield f"{account}: {account.held_millicredits} still held"
    yield from (f"ledger: {found.subject}: {found.rule}" for found in ledger.verify())
    yield from _missing_files()
    yield from _unlisted_losses(log)
    share = success_share(log)
    if share < SUCCESS_SHARE:
        yield f"only {share:.1%} of what the upstream finished are a success"


def _strange_ids(log: Log) -> Iterator[str]:
    owner = {task["task"]: prompt for prompt, tasks in log.created.items() for task in tasks}
    for job in Job.objects.exclude(upstream_id=""):
        if owner.get(job.upstream_id) != prompt_of(job):
            yield f"{prompt_of(job)}: has the task of {owner.get(job.upstream_id, 'nobody')}"


def _missing_files() -> Iterator[str]:
    for job in Job.objects.filter(state__in=DONE_STATES):
        takes = list(Take.objects.filter(job_id=job.pk).select_related("video"))
        if not takes:
            yield f"{prompt_of(job)}: {job.state} without a take"
        for take in takes:
            if (
                not default_storage.exists(take.video.storage_name)
                or default_storage.size(take.video.storage_name) != take.video.size_bytes
            ):
                yield f"{prompt_of(job)}: its file is not there"


def finished(log: Log) -> set[str]:
    return {prompt for prompt, state in log.ended.items() if state == "success"}


def success_share(log: Log) -> float:
    wanted = finished(log)
    succeeded = {prompt_of(job) for job in Job.objects.filter(state=State.SUCCESS)}
    return len(wanted & succeeded) / len(wanted) if wanted else 1.0


def released_although_finished(log: Log) -> list[Job]:
    """The operator's loss, as the upstream tells it."""
    wanted = finished(log)
    return [job for job in Job.objects.exclude(state=State.SUCCESS) if prompt_of(job) in wanted]


def _unlisted_losses(log: Log) -> Iterator[str]:
    listed = {loss.job.pk for loss in reconciliation.losses(limit=100_000)}
    for job in released_although_finished(log):
        if job.pk not in listed:
            yield f"{prompt_of(job)}: paid back although finished, and not listed as a loss"


def faults_seen(log: Log) -> dict[str, int]:
    return {word: log.words[word] for word, _ in CHANCES}


def report(path: Path, log: Log, problems: list[str], **facts: Any) -> dict[str, Any]:
    """Written as JSON, for whoever started the soak."""
    found: dict[str, Any] = {
        "states": dict(Counter(Job.objects.values_list("state", flat=True))),
        "reasons": dict(Counter(Job.objects.exclude(fail_reason="").values_list("fail_reason", flat=True))),
        "faults": faults_seen(log),
        "success_share": round(success_share(log), 4),
        "adopted": Event.objects.filter(kind="adopted").count(),
        "losses": [{"prompt": prompt_of(job), "state": job.state, "reason": job.fail_reason} for job in released_although_finished(log)],
        "problems": problems,
        **facts,
    }
    path.write_text(json.dumps(found, indent=1))
    return found
