"""What a job's request, or else its card, says of the clip to come."""

from __future__ import annotations

from playground.catalog import registry, roles
from playground.jobs.models import Job

USUAL_RESOLUTION = "720p"


def asked_for(job: Job) -> tuple[str, int | None]:
    """Resolution and seconds."""
    try:
        card = registry.get(job.model_id, job.gateway)
    except registry.UnknownModel:
        return USUAL_RESOLUTION, None
    resolution = roles.value_for(card, "resolution", job.payload) or card.output.get("resolution") or USUAL_RESOLUTION
    seconds = roles.value_for(card, "duration", job.payload) or card.output.get("seconds")
    return str(resolution), seconds if isinstance(seconds, int) else None
