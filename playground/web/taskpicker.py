"""An earlier task as the input of a new one: pick one of the team's finished takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext as _

from playground.accounts.models import Mode
from playground.catalog import lineage, registry
from playground.catalog.card import Card
from playground.jobs import queries
from playground.jobs.models import Job, Take
from playground.jobs.parents import is_forgotten
from playground.web.boundfields import CardBoundField
from playground.web.formfields import CardField

_MOST_TASKS = 50
_FIRST_WORDS = 44


@dataclass(frozen=True, slots=True)
class TaskChoice:
    """A finished job as a choice; `value` is its task id as recordInfo takes it."""

    value: str
    label: str
    is_related: bool
    take: Take | None = None


def task_choices(card: Card, *, team_id: int, mode: Mode) -> list[TaskChoice]:
    """The team's newest finished takes that the card goes on from, without those that the provider has forgotten.

    Those of its own family come first.
    """
    jobs = queries.finished_jobs(team_id, mode, card.gateway, models=lineage.parents_of(card), limit=_MOST_TASKS)
    choices = [_choice(card, job) for job in jobs if not is_forgotten(card, job)]
    return sorted(choices, key=lambda choice: not choice.is_related)


def _choice(card: Card, job: Job) -> TaskChoice:
    try:
        made_by = registry.get(job.model_id, job.gateway)
        title, is_related = made_by.title, made_by.family == card.family
    except registry.UnknownModel:
        title, is_related = job.model_id, False
    words = " ".join(str(job.payload.get("prompt", "")).split())
    short = words if len(words) <= _FIRST_WORDS else f"{words[:_FIRST_WORDS].rstrip()}…"
    label = " · ".join(filter(None, [_("Take %(number)s") % {"number": job.number}, title, short]))
    return TaskChoice(job.pk.hex, label, is_related, next(iter(job.takes.all()), None))


class TaskSelect(forms.Select):
    """A list of takes, in two groups when there are takes of other families too."""

    template_name = "forms/widgets/tasks.html"


class TaskField(CardField):
    """The value is a task id. One that is none of the team's takes is kept as it came."""

    row_template = "forms/task_field.html"

    def __init__(self, spec: Mapping[str, Any], *, name: str, is_required: bool) -> None:
        super().__init__(spec, name=name, is_required=is_required, widget=TaskSelect(), help_text=str(spec.get("description", "")))

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> BoundField:
        return TaskBoundField(form, self, field_name)

    def to_python(self, value: Any) -> Any:
        return str(value or "").strip() or None


class TaskBoundField(CardBoundField):
    @property
    def _tasks(self) -> Sequence[TaskChoice]:
        tasks: Callable[[], Sequence[TaskChoice]] | None = getattr(self.form, "tasks", None)
        return tasks() if tasks else ()

    @cached_property
    def chosen(self) -> TaskChoice | None:
        value = _as_task_id(str(super().value() or ""))
        return next((task for task in self._tasks if task.value == value), None)

    def value(self) -> Any:
        return self.chosen.value if self.chosen else super().value()

    def as_widget(self, widget: Any = None, attrs: dict[str, Any] | None = None, only_initial: bool = False) -> Any:
        select: Any = widget or self.field.widget
        value = str(self.value() or "")
        related = [(task.value, task.label) for task in self._tasks if task.is_related]
        others = [(task.value, task.label) for task in self._tasks if not task.is_related]
        choices: list[Any] = [("", _("Choose a take") if related or others else _("No finished take yet"))]
        if value and not self.chosen:
            choices.append((value, _("Task %(id)s, not offered here") % {"id": value}))
        choices += related if related or not others else []
        choices += [(_("Other models"), others)] if others else []
        select.choices = choices
        return super().as_widget(select, attrs, only_initial)


def _as_task_id(text: str) -> str:
    """The id as the choices spell it: clients may send it with dashes."""
    try:
        return UUID(text).hex
    except ValueError:
        return text
