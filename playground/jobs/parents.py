"""The earlier task that a payload continues: which of our jobs it is, and what of it the price depends on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from playground import flatsql
from playground.accounts.models import Mode
from playground.catalog import lineage, registry, roles
from playground.catalog.card import Card
from playground.catalog.facts import MediaFacts
from playground.catalog.hints import Hint
from playground.catalog.schema import Problem, pointer_to
from playground.core import clock
from playground.jobs.input_files import task_fields
from playground.jobs.models import DONE_STATES, Job, State, Take

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
    clip = _clip_of(job)
    rule, words = _unfit(card, job, payload, clip)
    if rule:
        return Parent(problems=(Problem(pointer_to(name), rule, f"{card.field_title(name)}: {words}"),))
    return Parent(job.pk, _axis_values(card, job, clip), {payload[name]: clip} if clip else {})


def _stranger(card: Card, name: str, mode: Mode) -> Parent:
    title = card.field_title(name)
    if mode == "live":
        return Parent(
            problems=(Problem(pointer_to(name), "unknown_task", _("%(field)s: there is no take with this id.") % {"field": title}),)
        )
    words = _("%(field)s: no take with this id; the sandbox draws a stand-in for it.") % {"field": title}
    return Parent(hints=(Hint("unknown_task", "warn", name, words),))


def _unfit(card: Card, job: Job, payload: Mapping[str, Any], clip: MediaFacts | None) -> tuple[str, str]:
    """The rule that the earlier take breaks, and why in words; empty for one that fits."""
    names = {"number": job.number, "model": _title_of(job), "other": card.title, "days": lineage.most_days(card)}
    if job.gateway != card.gateway:
        return "task_gateway", _("take %(number)s was made on another gateway.") % names
    if not lineage.accepts(card, job.model_id):
        return "task_model", _("take %(number)s was made with %(model)s, which %(other)s does not go on from.") % names
    if job.state in (State.FAIL, State.RECOVERING):
        return "task_failed", _("take %(number)s failed and has no clip.") % names
    if job.state not in DONE_STATES:
        return "task_unfinished", _("take %(number)s is not finished yet.") % names
    if not job.is_sandbox and not job.upstream_id:
        return "task_unknown", _("the provider does not know take %(number)s.") % names
    if is_forgotten(card, job):
        return "task_expired", _("take %(number)s is older than %(days)s days, and the provider has forgotten it.") % names
    if "upscale" in card.scenes and _is_large_enough(card, job, payload, clip):
        return "task_resolution", _("take %(number)s is that large already.") % names
    return "", ""


def is_forgotten(card: Card, job: Job) -> bool:
    """Whether the provider has thrown away what the card would go on from; the sandbox forgets nothing."""
    days = lineage.most_days(card)
    age = clock.now() - (job.upstream_done_at or job.created_at)
    return days is not None and not job.is_sandbox and age > timedelta(days=days)


def _is_large_enough(card: Card, job: Job, payload: Mapping[str, Any], clip: MediaFacts | None) -> bool:
    wanted = roles.tier_lines(roles.value_for(card, "resolution", payload) or card.output.get("resolution"))
    there = _lines_of(job, clip)
    return wanted is not None and there is not None and there >= wanted


def _title_of(job: Job) -> str:
    try:
        return registry.get(job.model_id, job.gateway).title
    except registry.UnknownModel:
        return job.model_id


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
