"""What a job looks like on the wire, and the callback that is written when it ends."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from playground import flatsql
from playground.core import clock
from playground.jobs import wakeup
from playground.jobs.models import Job, State, Take
from playground.media.signing import signed_url
from playground.providers.sandbox.directives import callback_directive
from playground.webhooks import services as webhooks
from playground.wire import jobs as wire

API_LINK_SECONDS = 24 * 3600
LATE_SECONDS = 30


def wire_state(job: Job) -> wire.WireState:
    """The contract's word for a job's state; words never go back."""
    if job.state == State.SUCCESS:
        return "success"
    if job.state == State.FAIL:
        return "fail"
    if job.state == State.SAVING or (job.state == State.IN_DOUBT and job.submitted_at):
        return "generating"
    if job.state == State.RUNNING:
        return "generating" if job.generating_at else "queuing"
    return "waiting"


def record_for(job: Job) -> wire.JobRecord:
    """The job as the contract shows it, with links minted anew."""
    urls: tuple[str, ...] = ()
    if job.state == State.SUCCESS:
        takes = flatsql.find(Take, job_id=job.pk, deleted_at=None, order_by="index")
        urls = tuple(signed_url(take.pk, "video", audience="job", ttl_seconds=API_LINK_SECONDS) for take in takes)
    failed = job.state == State.FAIL
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
    )


def announce(job_id: UUID) -> None:
    """Write the callback of a job that has just ended; call it in the transaction that ended it."""
    job = Job.objects.get(pk=job_id)
    if not job.callback_url:
        return
    directive = callback_directive(str(job.payload.get("prompt", ""))) if job.is_sandbox else None
    if directive == "lost":
        return
    body = json.dumps(wire.callback(record_for(job)), ensure_ascii=False)
    delay = LATE_SECONDS / settings.SANDBOX_SPEED if directive == "late" else 0
    for _ in range(2 if directive == "duplicate" else 1):
        due_at = clock.now() + timedelta(seconds=delay)
        webhooks.enqueue(team_id=job.team_id, job_id=job.pk, url=job.callback_url, body=body, due_at=due_at)
    transaction.on_commit(wakeup.poke_callbacks)
