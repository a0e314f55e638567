"""The earlier task that a payload continues: which of our jobs it is, and what of it the price depends on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from playground import flatsql
from playground.accounts.services import Mode
from playground.catalog import registry, roles
from playground.catalog.card import Card
from playground.catalog.facts import MediaFacts
from playground.catalog.hints import Hint
from playground.catalog.schema import Problem, pointer_to
from playground.jobs.input_files import task_fields
from playground.jobs.models import Job, State, Take

_TASK_ID = re.compile(r"[0-9a-fA-F]{32}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)


def task_uuid(text: object) -> UUID | None:
    """The job behind a task id as the API gives it out, with or without hyphens; None for any other text."""
    return UUID(text) if isinstance(text, str) and _TASK_ID.fullmatch(text) else None


@dataclass(frozen=True, slots=True)
class Parent:
    """`facts` by the name of the price axis, `media` its clip under the id as it stands in the payload.

    `job_id` is None while no job of ours is named.
    """

    job_id: UUID | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    media: Mapping[str, MediaFacts] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    hints: tuple[Hint, ...] = ()


NO_PARENT = Parent()


def parent_of(card: Card, payload: Mapping[str, Any], *, team_id: int, mode: Mode) -> Parent:
    """Asks the database only for a payload that names an earlier task. An id that is not ours is a problem in live mode only."""
    name = next((name for name in task_fields(card) if payload.get(name)), None)
    if name is None or not isinstance(payload[name], str):
        return NO_PARENT
    job_id = task_uuid(payload[name])
    job = flatsql.get(Job, id=job_id, team_id=team_id, mode=mode) if job_id else None
    if job is None:
        return _stranger(card, name, mode)
    rule, words = _unfit(card, job)
    if rule:
        return Parent(problems=(Problem(pointer_to(name), rule, f"{card.field_title(name)}: {words}"),))
    clip = _clip_of(job)
    return Parent(job.pk, _axis_values(card, job, clip), {payload[name]: clip} if clip else {})


def _stranger(card: Card, name: str, mode: Mode) -> Parent:
    title = card.field_title(name)
    if mode == "live":
        return Parent(problems=(Problem(pointer_to(name), "unknown_task", f"{title}: there is no take with this id."),))
    return Parent(hints=(Hint("unknown_task", "warn", name, f"{title}: no take with this id; the sandbox draws a stand-in for it."),))


def _unfit(card: Card, job: Job) -> tuple[str, str]:
    if job.gateway != card.gateway:
        return "task_gateway", f"take {job.number} was made on another gateway."
    if job.state == State.FAIL:
        return "task_failed", f"take {job.number} failed and has no clip."
    if job.state != State.SUCCESS:
        return "task_unfinished", f"take {job.number} is not finished yet."
    return "", ""


def _clip_of(job: Job) -> MediaFacts | None:
    take = Take.objects.filter(job_id=job.pk, deleted_at=None).select_related("video").order_by("index").first()
    if take is None:
        return None
    video = take.video
    seconds = None if video.duration_ms is None else Decimal(video.duration_ms) / 1000
    return MediaFacts(video.content_type, video.size_bytes, video.width, video.height, seconds, has_audio=video.has_audio)


def _axis_values(card: Card, job: Job, clip: MediaFacts | None) -> dict[str, str]:
    """What the parent was made with, as far as a price of this card depends on it.

    A resolution that the table does not know is left out: the axis then falls back to its own default.
    """
    axes = [(position, axis) for position, axis in enumerate(card.pricing.get("axes", ())) if "from_task" in axis]
    rows = card.pricing["credits"]
    if not axes or not isinstance(rows, Mapping):
        return {}
    lines = _lines_of(job, clip)
    found: dict[str, str] = {}
    for position, axis in axes:
        words = {row.split("|")[position] for row in rows}
        found |= {str(axis["name"]): word for word in words if lines and roles.tier_lines(word) == lines}
    return found


def _lines_of(job: Job, clip: MediaFacts | None) -> int | None:
    """The resolution that was asked for, because that is what was paid; else that of the clip."""
    try:
        asked = roles.tier_lines(roles.value_for(registry.get(job.model_id, job.gateway), "resolution", job.payload))
    except registry.UnknownModel:
        asked = None
    return asked or (min(clip.width, clip.height) if clip and clip.width and clip.height else None)
