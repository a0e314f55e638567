"""The shape of the frame that a take has, or will have: reserved at once, so that nothing jumps when the picture comes."""

from __future__ import annotations

from playground.accounts.models import Mode
from playground.catalog import registry
from playground.catalog.facts import NOTHING_KNOWN
from playground.catalog.intent import intent
from playground.jobs import assessment
from playground.jobs.models import Job, Take

DEFAULT_RATIO = 16 / 9
# A frame beyond these would leave no room for anything else on the page.
NARROWEST, WIDEST = 0.2, 5.0


def ratio_of(take: Take | None, job: Job | None, *, looks_at_files: bool = False) -> str:
    """Width / height for the style attribute: the stored video's, else what the payload asks for.

    `looks_at_files` asks the database for the shape of a picture or clip that the frame follows.
    """
    if take and take.video.width and take.video.height:
        return f"{take.video.width / take.video.height:.4f}"
    asked = _asked(job, looks_at_files) if job else None
    return f"{min(max(asked or DEFAULT_RATIO, NARROWEST), WIDEST):.4f}"


def _asked(job: Job, looks_at_files: bool) -> float | None:
    try:
        card = registry.get(job.model_id, job.gateway)
    except registry.UnknownModel:
        return None
    payload = job.payload
    found = intent(card, payload, NOTHING_KNOWN)
    if found.shape_of and looks_at_files:
        mode: Mode = "live" if job.mode == "live" else "test"
        found = intent(card, payload, assessment.facts_of(card, payload, team_id=job.team_id, mode=mode))
    return found.ratio
