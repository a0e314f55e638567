"""What a job's row says about itself for lists: scene, shape of the frame, and whether the gallery shows it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from playground import flatsql
from playground.catalog.card import Card
from playground.catalog.intent import facets
from playground.credits import periods
from playground.jobs.models import Job, State, Take

ASPECTS = {"16:9": 16 / 9, "9:16": 9 / 16, "1:1": 1.0, "4:3": 4 / 3, "3:4": 3 / 4, "21:9": 21 / 9}
OTHER = "other"
# Encoders round sides to even numbers, and providers do as they like: 1280×704 is 16:9 for everybody.
_TOLERANCE = 0.04

_COUNT = """
INSERT INTO jobs_takeday (team_id, mode, day, user_id, gateway, model_id, takes, charged_millicredits)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (team_id, mode, day, user_id, gateway, model_id) DO UPDATE SET
    takes = jobs_takeday.takes + excluded.takes,
    charged_millicredits = jobs_takeday.charged_millicredits + excluded.charged_millicredits
"""


def aspect_of(ratio: float | None) -> str:
    """`16:9` for what is as good as that, `other` for what has no name, "" for what nobody knows yet."""
    if not ratio:
        return ""
    name, named = min(ASPECTS.items(), key=lambda item: abs(item[1] / ratio - 1))
    return name if abs(named / ratio - 1) <= _TOLERANCE else OTHER


def facets_of(card: Card, payload: Any) -> dict[str, str]:
    """`scene` and `aspect` of a job that is not made yet, by what it asks for."""
    scene, ratio = facets(card, payload)
    return {"scene": scene, "aspect": aspect_of(ratio)}


def is_listed_in(state: str) -> bool:
    return state not in (State.FAIL, State.RECOVERING)


def keep_aspect(job: Job, takes: Iterable[Take]) -> None:
    """The shape that the first take has, where it is not the one that was asked for. Call it in the takes' transaction."""
    first = next(iter(takes), None)
    if first is None or not (first.video.width and first.video.height):
        return
    aspect = aspect_of(first.video.width / first.video.height)
    if aspect != job.aspect:
        Job.objects.filter(pk=job.pk).update(aspect=aspect)


def count_takes(job: Job, takes: int, charged_millicredits: int) -> None:
    """Add to (or, with negative numbers, take from) the roll-up of the job's day. Call it in the change's transaction."""
    day: date = periods.day_of(job.created_at)
    key = [job.team_id, job.mode, day.isoformat(), job.created_by_id or 0, job.gateway, job.model_id]
    flatsql.execute(_COUNT, [*key, takes, charged_millicredits])
