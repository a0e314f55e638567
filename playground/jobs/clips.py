"""The record of a job with all that the families with paths of their own tell: stills, sound, resolution, what was extended."""

from __future__ import annotations

from dataclasses import replace

from playground.jobs.asked import asked_for
from playground.jobs.models import DONE_STATES, Job, Take
from playground.jobs.outbox import API_LINK_SECONDS, record_for
from playground.media.signing import signed_url
from playground.wire.jobs import Clip, JobRecord


def full_record_for(job: Job) -> JobRecord:
    """`record_for`, which recordInfo asks for so often that it tells no more than it must, and what it leaves out."""
    resolution, seconds = asked_for(job)
    return replace(
        record_for(job),
        parent_id=job.parent_id.hex if job.parent_id else "",
        resolution=resolution,
        seconds=seconds,
        clips=_clips_of(job) if job.state in DONE_STATES else (),
    )


def _clips_of(job: Job) -> tuple[Clip, ...]:
    takes = Take.objects.filter(job_id=job.pk, deleted_at=None).select_related("video").order_by("index")
    return tuple(Clip(_link(take, "video"), _link(take, "poster"), take.video.has_audio) for take in takes)


def _link(take: Take, rendition: str) -> str:
    return signed_url(take.pk, rendition, audience="job", ttl_seconds=API_LINK_SECONDS)
