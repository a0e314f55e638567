"""How every model has done for a team lately: how often it ran, how long it took, and its newest take.

Two queries for all models together, both bounded: of a team with a long history the newest jobs decide.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from playground.core import clock
from playground.jobs.history import expected_seconds
from playground.jobs.models import DONE_STATES, FINAL_STATES, FailReason, Job, Take
from playground.web.usual import DAYS, ENOUGH_TO_PRINT, SAMPLE, usual_from

NEWEST_JOBS = 1000
# The newest take may have been deleted; then the one before it is shown.
TAKES_LOOKED_AT = 3

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Standing:
    """`median_seconds` and `success_share` stay None below 20 ended jobs in 7 days."""

    runs: int = 0
    median_seconds: float | None = None
    success_share: float | None = None
    take_id: UUID | None = None


UNTRIED = Standing()


def standings(team_id: int, mode: str) -> Mapping[Key, Standing]:
    """By (gateway, model id), from the newest jobs of the team; a model that is not among them is missing."""
    rows = (
        Job.objects.filter(team_id=team_id, mode=mode)
        .order_by("-created_at", "-id")
        .values_list("gateway", "model_id", "state", "created_at", "finished_at", "fail_reason", "pk")[:NEWEST_JOBS]
    )
    since = clock.now() - timedelta(days=DAYS)
    runs: Counter[Key] = Counter()
    ended: dict[Key, list[tuple[str, datetime, datetime | None]]] = defaultdict(list)
    done: dict[Key, list[UUID]] = defaultdict(list)
    for gateway, model_id, state, created_at, finished_at, fail_reason, job_id in rows:
        key = (gateway, model_id)
        runs[key] += 1
        if state in FINAL_STATES and fail_reason != FailReason.CANCELLED and created_at >= since and len(ended[key]) < SAMPLE:
            ended[key].append((state, created_at, finished_at))
        if state in DONE_STATES and len(done[key]) < TAKES_LOOKED_AT:
            done[key].append(job_id)
    takes = _takes(done)
    return {key: _standing(count, ended[key], takes.get(key), expected_seconds(mode == "test", 0)) for key, count in runs.items()}


def _standing(runs: int, ended: list[tuple[str, datetime, datetime | None]], take_id: UUID | None, fallback: float) -> Standing:
    if len(ended) < ENOUGH_TO_PRINT:
        return Standing(runs, take_id=take_id)
    usual = usual_from(ended, fallback)
    return Standing(runs, usual.typical_seconds if usual.success_share else None, usual.success_share, take_id)


def _takes(done: Mapping[Key, list[UUID]]) -> dict[Key, UUID]:
    """The newest take that is still there, for each model."""
    job_ids = [job_id for jobs in done.values() for job_id in jobs]
    by_job = dict(Take.objects.filter(job_id__in=job_ids, deleted_at=None).order_by("-index").values_list("job_id", "pk"))
    newest = {key: next((by_job[job_id] for job_id in jobs if job_id in by_job), None) for key, jobs in done.items()}
    return {key: take_id for key, take_id in newest.items() if take_id is not None}
