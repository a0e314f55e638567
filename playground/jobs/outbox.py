"""What a job looks like on the wire, and the callback that is written when it ends."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from playground import flatsql
from playground.core import clock
from playground.jobs import wakeup
from playground.jobs.asked import asked_for
from playground.jobs.models import DONE_STATES, FINAL_STATES, Job, State, Take
from playground.media.signing import signed_url
from playground.providers.sandbox.directives import callback_directive
from playground.webhooks import endpoints
from playground.webhooks import services as webhooks
from playground.wire import announcing, doors
from playground.wire import jobs as wire

API_LINK_SECONDS = 24 * 3600
# A callback may arrive a day late, and is worth something then.
CALLBACK_LINK_SECONDS = 2 * API_LINK_SECONDS
LATE_SECONDS = 30
_NOT_LINKED = frozenset({"job_id", "video_id", "poster_id", "thumb_id", "preview_id", "created_at", "deleted_at"})


def wire_state(job: Job) -> wire.WireState:
    """The contract's word for a job's state; words never go back."""
    if job.state == State.SUCCESS:
        return "success"
    if job.state in FINAL_STATES:
        # Also of what was recovered: a program that was told "fail" is told nothing else.
        return "fail"
    if job.state == State.SAVING or (job.state == State.IN_DOUBT and job.submitted_at):
        return "generating"
    if job.state == State.RUNNING:
        return "generating" if job.generating_at else "queuing"
    return "waiting"


def record_for(job: Job, *, link_seconds: int = API_LINK_SECONDS) -> wire.JobRecord:
    """The job as the contract shows it, with links minted anew."""
    urls: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    if job.state in DONE_STATES:
        takes = flatsql.find(Take, job_id=job.pk, deleted_at=None, order_by="index", without=_NOT_LINKED)
        urls, images = (
            tuple(signed_url(take.pk, rendition, audience="job", ttl_seconds=link_seconds) for take in takes)
            for rendition in ("video", "poster")
        )
    failed = job.state in FINAL_STATES and job.state != State.SUCCESS
    return wire.JobRecord(
        task_id=job.pk.hex,
        model=job.model_id,
        state=wire_state(job),
        payload_json=job.payload_json,
        result_urls=urls,
        fail_code=(job.fail_code or "501") if failed else None,
        fail_message=(job.fail_message or job.get_fail_reason_display()) if failed else None,
        created_ms=clock.to_ms(job.created_at),
        completed_ms=clock.to_ms(job.finished_at) if job.finished_at else None,
        updated_ms=clock.to_ms(job.finished_at or job.upstream_done_at or job.generating_at or job.submitted_at or job.created_at),
        millicredits=job.price_millicredits if job.charged_millicredits is None else job.charged_millicredits,
        sandbox=job.is_sandbox,
        progress=job.progress,
        image_urls=images,
    )


def announce(job_id: UUID) -> None:
    """Write the callbacks of a job that has just ended; call it in the transaction that ended it."""
    job = Job.objects.get(pk=job_id)
    listening = endpoints.listening(job.team_id, job.mode)
    if not job.callback_url and not listening:
        return
    record = record_for(job, link_seconds=CALLBACK_LINK_SECONDS)
    if job.callback_url:
        _call_back(job, json.dumps(announcing.callback(_in_full(job, record), job.served_as, job.endpoint), ensure_ascii=False))
    if listening:
        body = announcing.announcement(record, job.endpoint)
        kind = "task.succeeded" if record.state == "success" else "task.failed"
        text = json.dumps(announcing.event(body, kind=kind, at=clock.now().isoformat()), ensure_ascii=False)
        for endpoint in listening:
            webhooks.enqueue(team_id=job.team_id, job_id=job.pk, url=endpoint.url, body=text, mode=job.mode, endpoint=endpoint)
    transaction.on_commit(wakeup.poke_callbacks)


def _in_full(job: Job, record: wire.JobRecord) -> wire.JobRecord:
    """The older shape of Veo tells what was asked for, too."""
    if job.served_as != doors.VEO_LEGACY:
        return record
    resolution, seconds = asked_for(job)
    return replace(record, resolution=resolution, seconds=seconds)


def _call_back(job: Job, body: str) -> None:
    """To the address that the task itself names; a sandbox prompt may script what goes wrong with it."""
    directive = callback_directive(str(job.payload.get("prompt", ""))) if job.is_sandbox else None
    if directive == "lost":
        return
    delay = LATE_SECONDS / settings.SANDBOX_SPEED if directive == "late" else 0
    message_id = webhooks.new_message_id()
    for _ in range(2 if directive == "duplicate" else 1):
        due_at = clock.now() + timedelta(seconds=delay)
        webhooks.enqueue(
            team_id=job.team_id, job_id=job.pk, url=job.callback_url, body=body, due_at=due_at, mode=job.mode, message_id=message_id
        )
