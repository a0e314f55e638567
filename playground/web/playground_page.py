"""Everything that the playground's templates read, put together in one place for the page and for its fragments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from playground.accounts.models import Membership, Mode, User
from playground.accounts.permissions import Permission, allows
from playground.catalog.card import Card
from playground.catalog.hints import Hint
from playground.core.money import format_credits
from playground.jobs import history, queries
from playground.jobs.models import Job, State, Take
from playground.web.assessing import TeamAssessor
from playground.web.codeview import choice_of, code_for, reply_for
from playground.web.context import shell_for
from playground.web.footer import footer_for
from playground.web.forms import CardForm, form_class_for
from playground.web.pulses import Ask, pulse_for
from playground.web.stage import stage_of
from playground.web.switching import scene_tabs, scene_words
from playground.web.taskpicker import TaskChoice, task_choices
from playground.web.uploadwidgets import place_of
from playground.web.usual import usual_for
from playground.web.words import Status, status_of

STRIP_LENGTH = 12
TABS = ("preview", "json", "api")
SURFACES = ("stage", "strip", "reply", "load")


@dataclass(frozen=True, slots=True)
class StripTake:
    job: Job
    take: Take | None
    status: Status

    @property
    def is_at_work(self) -> bool:
        """The bar is for work that goes on, not for waiting or doubt."""
        return self.status.kind in (State.RUNNING, State.SAVING)

    @property
    def typical_seconds(self) -> float:
        return history.timing_of(self.job).typical


@dataclass(frozen=True, slots=True)
class ShownHint:
    """A hint with its button: `fix` is what the button posts, `price` what the clip would cost then."""

    level: str
    message: str
    fix: str = ""
    label: str = ""
    price: str = ""


class PlaygroundPage:
    """One request's view of one model: who asks, in which team and mode, and which job is on the stage."""

    def __init__(self, request: HttpRequest, membership: Membership, card: Card) -> None:
        self.request = request
        self.membership = membership
        self.card = card
        self.shell = shell_for(request)
        self.mode: Mode = self.shell.mode

    @property
    def user(self) -> User:
        return self.membership.user

    @cached_property
    def _tasks(self) -> list[TaskChoice]:
        return task_choices(self.card, team_id=self.membership.team_id, mode=self.mode)

    def form(self, data: QueryDict | None = None, *, initial: Mapping[str, Any] | None = None, edited: str = "") -> CardForm:
        """The model's form, judged for this team and mode."""
        assessor = TeamAssessor(self.card, team_id=self.membership.team_id, mode=self.mode)
        form_class = form_class_for(self.card)
        place = place_of(self.membership.team_id, self.card.key, data)
        return form_class(data, initial=initial, assessor=assessor, tasks=lambda: self._tasks, place=place, edited=edited)

    @cached_property
    def remix_of(self) -> Job | None:
        """The take whose settings the form began with: in the address where it was opened, in a hidden field from then on.

        A number, which means a take of this team and mode and of no other; none that is not there.
        """
        asked = self.request.POST.get("_remix_of", "") if self.request.method == "POST" else self.request.GET.get("from", "")
        is_number = asked.isascii() and asked.isdecimal() and len(asked) < 10
        return queries.job_by_number(self.membership.team_id, self.mode, int(asked)) if is_number else None

    def newest_job(self) -> Job | None:
        return next(iter(self._jobs(1)), None)

    def _jobs(self, limit: int) -> list[Job]:
        return queries.jobs_of_model(self.membership.team_id, self.mode, self.card.gateway, self.card.id, user=self.user, limit=limit)

    def stage_context(self, job: Job | None) -> dict[str, Any]:
        """The stage, the strip and the heartbeat: what changes when another job is shown or one has begun."""
        usual = usual_for(self.membership.team_id, self.mode, self.card)
        return {
            "card": self.card,
            "usual": usual,
            "stage": stage_of(job, card=self.card, viewer_id=self.membership.user_id),
            "strip": strip_of(self._jobs(STRIP_LENGTH)),
            "strip_count": queries.count_of_model(self.membership.team_id, self.mode, self.card.gateway, self.card.id, user=self.user),
            "current_id": job.pk if job else None,
            "reply": reply_for(job),
            "pulse": self._pulse(job),
            "can_run": allows(self.membership.role, Permission.RUN),
        }

    def _pulse(self, job: Job | None) -> Any:
        unfinished = queries.unfinished_jobs(self.membership.team_id, self.mode, user_id=self.membership.user_id)
        if job and not job.is_final and job.pk not in {other.pk for other in unfinished}:
            unfinished.insert(0, job)
        ask = Ask({}, SURFACES, job.pk if job else None, self.card.key, self.mode, "mine", 0)
        return pulse_for(ask, unfinished)

    def form_context(self, form: CardForm, *, problem: str = "", run_label: str = "", edited: str = "") -> dict[str, Any]:
        """The form with its hints, its foot and its code: what changes while somebody types."""
        form.shown_hints = hints_for(form)
        return {
            "card": self.card,
            "form": form,
            "hints": form.shown_hints,
            "changes": form.advanced_changes(),
            "footer": footer_for(self.shell, self.membership, form, problem=problem, run_label=run_label),
            "code": code_for(self.card, form.payload(), edited=edited, choice=choice_of(self.request)),
            "remix_of": self.remix_of.number if self.remix_of else None,
        }

    def quoted_context(self, form: CardForm) -> dict[str, Any]:
        """The answer to an edit: with the fields that say something else now than the page does, each out of band.

        The field that is being edited keeps its input; only what stands around it is said anew. A list whose rows were
        changed is the answer itself.
        """
        context = self.form_context(form, edited=form.edited)
        changed = form.fields_said_anew()
        rows_field = form[form.focused_row[0]] if form.focused_row else None
        swapped = [bound for bound in changed if bound is not rows_field]
        for bound in swapped:
            bound.is_swapped = True
        edited = form.edited_said_anew() if not form.focused_row else None
        return {**context, "rows_field": rows_field, "said_anew": swapped, "edited_field": edited, "picked_field": form.picked_field}

    def full_context(self, form: CardForm, job: Job | None, *, tab: str = "preview", **words: str) -> dict[str, Any]:
        return {
            **self.stage_context(job),
            **self.form_context(form, **words),
            "nav": "models",
            "tab": tab if tab in TABS else "preview",
            "scenes": scene_tabs(self.card),
            "scene_words": scene_words(self.card),
            "back_url": reverse("models"),
            "has_example": form.payload() == form_class_for(self.card)(initial=self.card.example).payload(),
        }


def strip_of(jobs: Sequence[Job]) -> list[StripTake]:
    return [StripTake(job, next(iter(job.takes.all()), None), status_of(job)) for job in jobs]


def hints_for(form: CardForm) -> list[ShownHint]:
    return [_shown(form, hint) for hint in form.remarks()]


def _shown(form: CardForm, hint: Hint) -> ShownHint:
    if hint.fix is None:
        return ShownHint(hint.level, hint.message)
    name, value = hint.fix
    text = str(value).lower() if isinstance(value, bool) else str(value)
    quote = form.price_with(name, value)
    price = _("%(amount)s credits") % {"amount": format_credits(quote.hold_millicredits)} if quote else ""
    return ShownHint(hint.level, hint.message, f"{name}:{text}", hint.fix_label, price)
