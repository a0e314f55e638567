"""What the page of one take shows: where it comes from, what was asked for, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.core.files.storage import FileSystemStorage, default_storage
from django.urls import reverse
from django.utils.translation import gettext as _

from playground.accounts.models import Membership, Mode
from playground.accounts.permissions import Permission, allows
from playground.catalog.card import Card
from playground.catalog.roles import field_for
from playground.gallery.shares import letter_of
from playground.jobs import queries
from playground.jobs.listing import OTHER
from playground.jobs.models import DONE_STATES, Job, Take
from playground.web.assessing import TeamAssessor
from playground.web.codeview import reply_for
from playground.web.formprices import price_text
from playground.web.forms import form_class_for
from playground.web.job_page import facts_of, may_cancel
from playground.web.stage import Stage, card_of, stage_of
from playground.web.start_frames import start_frame_of
from playground.web.switching import SCENES
from playground.web.take_changes import changes


@dataclass(frozen=True, slots=True)
class Ancestor:
    """One picture of the line that leads to a take. `take` or `picture` is what it looks like; neither for what is gone."""

    label: str
    url: str = ""
    take: Take | None = None
    picture: str = ""


def take_context(take: Take, membership: Membership, mode: Mode) -> dict[str, Any]:
    """Everything but the way to and from it."""
    job, card = take.job, card_of(take.job)
    may_run = allows(membership.role, Permission.RUN)
    # Numbers are counted per mode: the form of another one would begin with somebody else's settings.
    is_remixable = may_run and card is not None and card.is_live and job.mode == mode
    facts, stage = facts_of(job, membership), _stage(take, card)
    return {
        "take": take,
        "job": job,
        "card": card,
        "letter": letter_of(take),
        "scene": scene_title(job),
        "stage": stage,
        "facts": facts,
        "reply": reply_for(job),
        "settings": [row for row in facts.settings if row[0] not in _said_by_the_file(card)],
        "aspect": "" if job.aspect in ("", OTHER) else job.aspect,
        "siblings": list(job.takes.all()),
        "remixes": [(other, address_of(other)) for other in facts.remixes],
        "continued": [(other, address_of(other)) for other in facts.children],
        "ancestors": ancestors_of(job, card),
        "changes": changes(job.remix_of, job) if job.remix_of else (),
        "is_remixable": is_remixable,
        "remix_price": _remix_price(card, job, mode) if card and is_remixable else "",
        "may_delete": may_cancel(job, membership),
        "stored_at": _stored_at(),
        "duration": (take.video.duration_ms or 0) / 1000,
        "times": ", ".join(part.label for part in stage.life if part.label),
    }


def scene_title(job: Job) -> str:
    """`Image to video`, `Extend`."""
    name = str(SCENES.get(job.scene, job.scene))
    return _("%(source)s to video") % {"source": name} if job.scene.endswith("-to-video") else name


def _stage(take: Take, card: Card | None) -> Stage:
    """The job's, with this of its takes on it."""
    stage = stage_of(take.job, card=card)
    if take.video.deleted_at is not None:
        return replace(stage, kind="gone", title=_("This file is gone"), icon="hourglass", text=_("Prompt and settings are still here."))
    return replace(stage, kind="success", take=take)


def _said_by_the_file(card: Card | None) -> set[str]:
    """Titles of the fields whose row is made of what the file really is."""
    names = (field_for(card, "ratio"), field_for(card, "duration")) if card else ()
    return {card.field_title(name) for name in names if card and name}


def ancestors_of(job: Job, card: Card | None) -> Sequence[Ancestor]:
    """The picture it began with, the take whose settings it has, the take that it goes on from."""
    jobs = {other.pk: other for other in (job.remix_of, job.parent) if other}
    found = queries.jobs_by_ids(job.team_id, job.mode, jobs)
    frame = start_frame_of(job, card) if card else None
    began = [Ancestor(frame[0], picture=frame[1])] if frame else []
    return [*began, *(_of_job(other) for other in sorted(found, key=lambda other: other.number))]


def _of_job(job: Job) -> Ancestor:
    take = next(iter(job.takes.all()), None)
    name = str(job.created_by).partition("@")[0].partition(" ")[0] if job.created_by else ""
    label = (_("Take %(number)s, %(who)s") if name else _("Take %(number)s")) % {"number": job.number, "who": name}
    return Ancestor(label, address_of(job), take)


def address_of(job: Job) -> str:
    """Where a job is looked at: its first take's page, or its own while it has none."""
    take = next(iter(job.takes.all()), None) if job.state in DONE_STATES else None
    return reverse("take", args=[take.pk]) if take else reverse("task", args=[job.pk])


def _remix_price(card: Card, job: Job, mode: Mode) -> str:
    """What the form that Remix opens would say; "" while it could not say anything."""
    assessor = TeamAssessor(card, team_id=job.team_id, mode=mode)
    quote = form_class_for(card)(initial=job.payload, assessor=assessor).quote()
    return _("%(credits)s cr") % {"credits": price_text(quote)} if quote else ""


def _stored_at() -> str:
    return _("On this server") if isinstance(default_storage, FileSystemStorage) else _("In the file store")
