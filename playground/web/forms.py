"""A Django form for a model card. The same form prices, runs, shows the JSON and makes the snippets: all read `payload()`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar, cast

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.forms.boundfield import BoundField
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy, ngettext

from playground.catalog import guidance, schema
from playground.catalog.card import Card
from playground.catalog.hints import Hint
from playground.catalog.pricing import Quote
from playground.jobs.assessment import Assessment
from playground.web import formdata, formprices
from playground.web.assessing import Assessor, CardAssessor
from playground.web.boundfields import CardBoundField
from playground.web.fieldmaking import fields_of, rows_of
from playground.web.fieldstate import FieldState
from playground.web.formdata import RowProblems
from playground.web.formfields import CardField
from playground.web.formrules import states_of
from playground.web.listfields import RowChange
from playground.web.taskpicker import TaskChoice, TaskField
from playground.web.uploadwidgets import Place

_COUNTS = {2: gettext_lazy("Two"), 3: gettext_lazy("Three"), 4: gettext_lazy("Four"), 5: gettext_lazy("Five")}


class CardForm(forms.Form):
    """Made by `form_class_for`. `shown_hints` stands under the prompt; whoever renders the form fills it.

    `assessor` judges the payload; `tasks` are the takes to choose from, asked for only if a field needs them;
    `place` is where uploads belong; `edited` is the field that the person changed last.
    """

    card: ClassVar[Card]
    template_name = "forms/form.html"
    use_required_attribute = False

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        initial: Mapping[str, Any] | None = None,
        assessor: Assessor | None = None,
        tasks: Callable[[], Sequence[TaskChoice]] | None = None,
        place: Place | None = None,
        edited: str = "",
    ) -> None:
        self.kept = formdata.kept_fields(data) if data is not None else ()
        super().__init__(formdata.with_kept(data, self.kept) if data is not None else None, initial=dict(initial or {}))
        self.problems: list[schema.Problem] = []
        self.row_problems: dict[str, RowProblems] = {}
        self.shown_hints: list[Any] = []
        self.assessor = assessor or CardAssessor(self.card)
        self.tasks = tasks
        self.place = place
        self.edited = formdata.field_of_input(edited)
        # The list and the row that the keyboard goes to.
        self.focused_row: tuple[str, int] | None = None

    @cached_property
    def typed(self) -> dict[str, Any]:
        """What stands in the fields, typed values in the card's order; lists with their untouched rows."""
        return {name: self._value(name) for name in self.fields}

    def _value(self, name: str) -> Any:
        field = self.fields[name]
        if not self.is_bound:
            return field.to_python(self.get_initial_for_field(field, name))
        return field.to_python(field.widget.value_from_datadict(self.data, self.files, name))

    def payload(self) -> dict[str, Any]:
        """Exactly what is sent: nothing empty, nothing that a rule forbids. Valid only if the form is."""
        return dict(self._sent)

    @cached_property
    def _sent(self) -> dict[str, Any]:
        return {name: self.settled.payload[name] for name in self.fields if name in self.settled.payload}

    @cached_property
    def settled(self) -> guidance.Settled:
        """What is typed, put in order: nothing forbidden, and what a rule leaves no choice about set to it."""
        filled = schema.without_empty({name: formdata.without_blank_rows(value) for name, value in self.typed.items()})
        active = {name: value for name, value in filled.items() if name not in self.kept}
        for name in self.kept:
            # A field that was put aside comes back when nothing forbids it any more.
            if name in filled and not guidance.guide(self.card, active)[name].forbidden:
                active[name] = filled[name]
        return guidance.settle(self.card, active, self.edited)

    @cached_property
    def settled_values(self) -> dict[str, Any]:
        """The values that the form chose itself, by field; those of fields that it put aside are kept as they were."""
        changed = {change.field for change in self.settled.changes}
        return {name: self.settled.payload[name] for name in self.fields if name in changed and name in self.settled.payload}

    @cached_property
    def assessment(self) -> Assessment:
        return self.assessor.judge(self.payload())

    @cached_property
    def guides(self) -> Mapping[str, guidance.FieldGuide]:
        """What the card's rules say about each field as things stand."""
        return guidance.guide(self.card, self.payload(), self.assessment.facts)

    @cached_property
    def states(self) -> dict[str, FieldState]:
        """What is said about each field now."""
        return states_of(self)

    def clean(self) -> dict[str, Any]:
        unknown = formdata.unknown_fields(self.data, self.fields)
        found = self.assessor.judge(self.payload() | unknown) if unknown else self.assessment
        self.problems = list(found.problems)
        self._add(self.problems)
        return self.cleaned_data

    def _add(self, problems: Sequence[schema.Problem]) -> None:
        """One sentence per place; that a choice is no number either would be a second way to say the same."""
        told = {problem.pointer: problem for problem in sorted(problems, key=lambda problem: problem.rule != "type")}
        for problem in problems:
            if told[problem.pointer] is problem:
                name = problem.field if problem.field in self.fields else None
                self.add_error(name, ValidationError(problem.message, code=problem.rule))
        self.row_problems = formdata.row_problems(told.values(), self.typed)
        self.__dict__.pop("states", None)

    def add_problems(self, problems: Sequence[schema.Problem]) -> None:
        """Errors that were found only while running."""
        self.is_valid()
        self._add(problems)

    def forgive_missing(self) -> None:
        """While somebody is still typing, an empty field is no mistake yet, unless the page has called it one."""
        self.is_valid()
        told = formdata.told_wrong(self.data)
        missing = [problem for problem in self.problems if problem.is_missing and problem.field not in told]
        serious = {problem.field for problem in self.problems if not problem.is_missing}
        for problem in missing:
            if problem.field not in serious:
                self.errors.pop(problem.field if problem.field in self.fields else NON_FIELD_ERRORS, None)
        kept = [problem for problem in self.problems if problem not in missing]
        self.row_problems = formdata.row_problems(kept, self.typed)

    def quote(self) -> Quote | None:
        """The price of what is there so far; a missing prompt costs the same. None while a field that matters is wrong."""
        return self.assessment.quote

    def price_with(self, name: str, value: Any) -> Quote | None:
        """What it would cost with one value changed."""
        payload = self.payload() | {name: value}
        if formprices.is_asked_by_a_rule(self.card, name):
            payload = guidance.settle(self.card, payload, name).payload
        return self.assessor.price(payload, self.assessment.facts)

    @property
    def serious_problem(self) -> schema.Problem | None:
        """The first thing that is wrong, rather than still missing."""
        return next((problem for problem in self.assessment.problems if not problem.is_missing), None)

    @property
    def wrong(self) -> bool:
        return self.is_bound and bool(self.errors)

    @property
    def wrong_fields(self) -> list[BoundField]:
        return [self[name] for name in self.fields if name in self.errors]

    @property
    def wrong_words(self) -> str:
        count = len(self.wrong_fields)
        words = ngettext("One field needs a change.", "%(count)s fields need a change.", count)
        return words % {"count": _COUNTS.get(count, count)}

    @property
    def has_prompt(self) -> bool:
        return any(isinstance(field, CardField) and field.is_prompt for field in self.fields.values())

    @property
    def has_advanced(self) -> bool:
        return any(isinstance(field, CardField) and field.is_advanced for field in self.fields.values())

    @property
    def quote_url(self) -> str:
        return reverse("model-quote", args=self.card.key)

    def remarks(self) -> list[Hint]:
        """The first two that are not said elsewhere: a link that could not be fetched says so where it stands."""
        return [hint for hint in self.assessment.hints if hint.code != "unreachable_file"][:2]

    def fields_said_anew(self) -> list[CardBoundField]:
        """The fields of which something else is to be said than the page says; never the one that is being edited."""
        names = [name for name, field in self.fields.items() if not cast(CardField, field).is_hidden and name != self.edited]
        visible = [cast(CardBoundField, self[name]) for name in names]
        changed = {change.field for change in self.settled.changes}
        return [bound for bound in visible if not self._is_said(bound.name) or bound.name in changed]

    def edited_said_anew(self) -> BoundField | None:
        """The field that is being edited, if something else is to be said around it."""
        return self[self.edited] if self.edited in self.fields and not self._is_said(self.edited) else None

    @property
    def picked_field(self) -> BoundField | None:
        """The choice of an earlier task that is being edited: its picture follows."""
        field = self.fields.get(self.edited)
        return self[self.edited] if isinstance(field, TaskField) else None

    @cached_property
    def _shown(self) -> dict[str, str]:
        return formdata.said(self.data)

    def _is_said(self, name: str) -> bool:
        return self._shown.get(name) == self.states[name].digest()

    def again(self, data: QueryDict, *, edited: str) -> CardForm:
        """The same form with other data."""
        return type(self)(data, assessor=self.assessor, tasks=self.tasks, place=self.place, edited=edited)

    def with_rows_changed(self, change: RowChange) -> CardForm:
        """A copy with a row added, removed or moved; the row gets the focus."""
        copy = self.again(change.apply(cast(QueryDict, self.data)), edited=change.name)
        copy.focused_row = (change.name, change.focus)
        return copy

    def with_fix(self, name: str, text: str) -> CardForm:
        """A copy with one value changed, as if it had been typed; the input that changed gets the focus."""
        data = cast(QueryDict, self.data).copy()
        if name in self.fields:
            data[name] = text
        copy = self.again(data, edited=name)
        if name in self.fields:
            copy.fields[name].widget.attrs["autofocus"] = True
        return copy

    def get_context(self) -> dict[str, Any]:
        own = [self[name] for name, field in self.fields.items() if not cast(CardField, field).is_hidden]
        plain = [bound for bound in own if not _is_advanced(bound)]
        advanced = [bound for bound in own if _is_advanced(bound)]
        return {
            "form": self,
            "fixed": [self[name] for name, field in self.fields.items() if cast(CardField, field).is_hidden],
            "rows": rows_of(plain),
            "advanced_rows": rows_of(advanced),
            "advanced_changes": self.advanced_changes(),
            "is_advanced_open": any(bound.errors for bound in advanced),
        }

    def advanced_changes(self) -> list[tuple[str, Any]]:
        """Name and value of the advanced fields that differ from what they are by themselves."""
        changed = []
        for name, value in self.payload().items():
            bound = self[name]
            if _is_advanced(bound) and value != bound.field.initial:
                changed.append((self.card.field_name(name), value))
        return changed


def _is_advanced(bound: BoundField) -> bool:
    return isinstance(bound.field, CardField) and bound.field.is_advanced


# Django collects declared fields when a class is made, so a form per card is a class per card.
_metaclass: Any = type(CardForm)
_classes: dict[tuple[str, str, str], type[CardForm]] = {}


def form_class_for(card: Card) -> type[CardForm]:
    """The form of a card. Test and live mode share it, so that what works in one works in the other."""
    key = (*card.key, card.version)
    if key not in _classes:
        name = "FormFor" + "".join(filter(str.isalnum, card.title))
        _classes[key] = cast(type[CardForm], _metaclass(name, (CardForm,), fields_of(card) | {"card": card}))
    return _classes[key]
