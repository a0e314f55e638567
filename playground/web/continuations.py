"""What goes on from a finished take: the models that would take it just now, each with its price for this very take."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from playground.accounts.models import Mode
from playground.catalog import lineage
from playground.catalog.card import Card
from playground.jobs.models import Job
from playground.web.assessing import TeamAssessor
from playground.web.catalogue import Offer
from playground.web.forms import form_class_for


@dataclass(frozen=True, slots=True)
class Continuation:
    """A button: `Extend`, `1080p`, `4K`; `title` names the model that it leads to."""

    name: str
    url: str
    title: str
    price_words: str


def continuations_of(job: Job) -> list[Continuation]:
    """None of a take that the provider has forgotten, or that is that large already."""
    found = (_continuation(card, job) for card in lineage.continuations(job.gateway, job.model_id))
    return [continuation for continuation in found if continuation]


def _continuation(card: Card, job: Job) -> Continuation | None:
    """Asks the form that the button leads to, so that both say the same."""
    mode: Mode = "live" if job.mode == "live" else "test"
    assessor = TeamAssessor(card, team_id=job.team_id, mode=mode)
    form = form_class_for(card)(initial={str(lineage.task_field(card)): job.pk.hex}, assessor=assessor)
    if form.serious_problem:
        return None
    larger = str(card.output.get("resolution", "")).replace("4k", "4K") or _("Enlarge")
    name = larger if "upscale" in card.scenes else _("Extend")
    url = f"{reverse('model-playground', args=card.key)}?parent={job.number}"
    return Continuation(name, url, card.title, Offer(card, form.quote()).price_words)
