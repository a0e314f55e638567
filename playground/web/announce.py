"""What the page says aloud and in its title; the words travel in HX-Trigger, which is ASCII by the JSON that carries them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django_htmx.http import trigger_client_event

from playground.core.money import format_credits
from playground.jobs.models import Job, State, Take
from playground.web.tiles import model_title


@dataclass(frozen=True, slots=True)
class Ended:
    """A toast for a job that ended while something else was on the stage."""

    kind: str
    title: str
    text: str
    take: Take | None
    url: str
    action: str


def ended_of(job: Job) -> Ended:
    url = f"{reverse('model-playground', args=(job.gateway, job.model_id))}?take={job.number}"
    if job.state == State.SUCCESS:
        text = _("%(model)s, %(credits)s credits") % {"model": model_title(job), "credits": format_credits(job.charged_millicredits or 0)}
        title = _("Take %(number)s is ready") % {"number": job.number}
        return Ended("success", title, text, next(iter(job.takes.all()), None), url, _("Open"))
    title = _("Take %(number)s failed.") % {"number": job.number}
    text = _("%(credits)s credits returned") % {"credits": format_credits(job.price_millicredits)}
    return Ended("error", title, text, None, url, _("See why"))


def announce_started(response: HttpResponse, title: str, job: Job, running: int) -> HttpResponse:
    words = {"number": job.number, "credits": format_credits(job.price_millicredits)}
    say(response, _("Take %(number)s sent, %(credits)s credits held") % words)
    return set_title(response, f"({max(1, running)}) {title}")


def announce_changes(response: HttpResponse, title: str, changed: Sequence[Job], *, watched: Job | None, running: int) -> HttpResponse:
    """Aloud only what a person waits for: that it has begun, and how it ended."""
    words = [sentence for job in changed if (sentence := spoken(job))]
    if words:
        say(response, ". ".join(words))
    if running:
        return set_title(response, f"({running}) {title}")
    is_done = watched is not None and watched.state == State.SUCCESS
    return set_title(response, _("✓ Take %(number)s") % {"number": watched.number} if watched and is_done else title)


def spoken(job: Job) -> str:
    if job.state == State.RECOVERED:
        return _("Take %(number)s has arrived after all, free") % {"number": job.number}
    if job.state == State.SUCCESS:
        charged = {"number": job.number, "credits": format_credits(job.charged_millicredits or 0)}
        return _("Take %(number)s is ready, %(credits)s credits charged") % charged
    if job.state in (State.FAIL, State.RECOVERING):
        returned = {"number": job.number, "credits": format_credits(job.price_millicredits)}
        return _("Take %(number)s failed, %(credits)s credits returned") % returned
    is_generating = job.state == State.RUNNING and job.upstream_state == "generating"
    return _("Take %(number)s is generating") % {"number": job.number} if is_generating else ""


def ask_price(response: HttpResponse) -> HttpResponse:
    """What is left after the next job may have changed: credits were returned, or the button says "again" no more."""
    return trigger_client_event(response, "reprice")


def say(response: HttpResponse, text: str) -> HttpResponse:
    return trigger_client_event(response, "say", {"value": text})


def set_title(response: HttpResponse, text: str) -> HttpResponse:
    return trigger_client_event(response, "page-title", {"value": text})
