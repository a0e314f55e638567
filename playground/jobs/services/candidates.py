"""Ids that only callbacks named: each is looked into once, the latest first, until one proves to be ours."""

from __future__ import annotations

from playground.jobs.models import Event, InboundCallback, Job


def refuse_candidate(job: Job, reason: str) -> str | None:
    """Write down that the task that was looked at is not ours; returns the id to look into next, or "".

    None where somebody else holds the job by now: then nothing is written. Locks the job; call it inside a transaction.
    """
    held = Job.objects.select_for_update().filter(pk=job.pk, lease_token=job.lease_token).first()
    if held is None:
        return None
    Event.objects.create(job_id=job.pk, kind="candidate_refused", detail=f"{job.candidate_id}: {reason}"[:300])
    refused = list(Event.objects.filter(job_id=job.pk, kind="candidate_refused").values_list("detail", flat=True))
    # The row has room for one id, and a callback may have come before this look, or while it was under way.
    named = InboundCallback.objects.filter(attempt__job_id=job.pk).exclude(upstream_id="").order_by("-pk")
    others = (held.candidate_id, *named.values_list("upstream_id", flat=True))
    return next((other for other in others if other and not any(detail.startswith(f"{other}: ") for detail in refused)), "")
