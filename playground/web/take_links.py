"""Where a take's own page is, and which tile stands for it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.urls import reverse

from playground.web.stage import card_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playground.jobs.models import Job, Take


def take_url(take: Take) -> str:
    return reverse("take", args=[take.pk])


def task_url(take: Take) -> str:
    return reverse("task", args=[take.job_id])


def stage_url(take: Take) -> str:
    """The playground of its model with it on the stage; its own page once the model's card is gone."""
    if card_of(take.job) is None:
        return take_url(take)
    return f"{reverse('model-playground', args=[take.job.gateway, take.job.model_id])}?take={take.job.number}"


def tile_id(job: Job, take: Take | None) -> str:
    """The first take keeps the running job's id, so that the finished tile replaces it in place."""
    return f"t-{take.pk}" if take and take.index else f"t-{job.pk}"


def compare_url(takes: Sequence[Take]) -> str:
    """The models of these takes side by side, with the prompt and the settings of the first."""
    models = dict.fromkeys(f"{take.job.gateway}/{take.job.model_id}" for take in takes)
    query: list[tuple[str, object]] = [("m", model) for model in models]
    return f"{reverse('compare')}?{urlencode([*query, ('from', takes[0].job.number)], safe='/')}"
