"""A Django form for a model card. The same form prices, runs, shows the JSON and makes the snippets: all read `payload()`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, cast

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.http import QueryDict
from django.urls import reverse

from playground.catalog import hints, pricing, schema
from playground.catalog.card import Card
from playground.web.formfields import CardField, field_of, rows_of

# What a page's form carries beside the model's fields; everything else that is unknown is refused.
_MACHINERY = {"csrfmiddlewaretoken", "nonce"}
_COUNTS = {2: "Two", 3: "Three", 4: "Four", 5: "Five"}


class CardForm(forms.Form):
    """Made by `form_class_for`. `shown_hints` stands under the prompt; whoever renders the form fills it."""

    card: ClassVar[Card]
    template_name = "forms/form.html"
    use_required_attribute = False

    def __init__(self, data: QueryDict | None = None, *, initial: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, initial=dict(initial or {}))
        self.problems: list[schema.Problem] = []
        self.shown_hints: list[Any] = []

    def payload(self) -> dict[str, Any]:
        """Exactly what is sent: typed values in the card's order, nothing empty. Valid only if the form is."""
        values = {name: self._value(name) for name in self.fields}
        return schema.without_empty(values)

    def _value(self, name: str) -> Any:
        field = self.fields[name]
        if not self.is_bound:
            return field.to_python(self.get_initial_for_field(field, name))
        return field.to_python(field.widget.value_from_datadict(self.data, self.files, name))

    def clean(self) -> dict[str, Any]:
        self.problems = schema.validate(self.card, self.payload() | self._unknown())
        self._add(self.problems)
        return self.cleaned_data

    def _add(self, problems: Sequence[schema.Problem]) -> None:
        """One sentence per field; that a choice is no number either would be a second way to say the same."""
        told = {problem.pointer: problem for problem in sorted(problems, key=lambda problem: problem.rule != "type")}
        for problem in problems:
            if told[problem.pointer] is problem:
                name = problem.field if problem.field in self.fields else None
                self.add_error(name, ValidationError(problem.message, code=problem.rule))

    def _unknown(self) -> dict[str, str]:
        names = [name for name in self.data if name not in self.fields and name not in _MACHINERY and not name.startswith("_")]
        return {name: str(self.data.get(name)) for name in names[:20]}

    def add_problems(self, problems: Sequence[schema.Problem]) -> None:
        """Errors that were found only while running."""
        self.is_valid()
        self._add(problems)

    def forgive_missing(self) -> None:
        """While somebody is still typing, an empty field is no mistake yet."""
        self.is_valid()
        for problem in self.problems:
            if problem.rule in ("required", "min_length"):
                self.errors.pop(problem.field, None)

    def quote(self) -> pricing.Quote | None:
        """The price of what is there so far; a missing prompt costs the same. None while a field that matters is wrong."""
        if any(problem.rule not in ("required", "min_length") for problem in schema.validate(self.card, self.payload())):
            return None
        try:
            return pricing.quote(self.card, self.payload())
        except pricing.Unpriced:
            return None

    @property
    def wrong(self) -> bool:
        return self.is_bound and bool(self.errors)

    @property
    def wrong_fields(self) -> list[BoundField]:
        return [self[name] for name in self.fields if name in self.errors]

    @property
    def wrong_words(self) -> str:
        count = len(self.wrong_fields)
        return "One field needs a change." if count == 1 else f"{_COUNTS.get(count, str(count))} fields need a change."

    @property
    def has_prompt(self) -> bool:
        return any(isinstance(field, CardField) and field.is_prompt for field in self.fields.values())

    @property
    def has_advanced(self) -> bool:
        return any(isinstance(field, CardField) and field.is_advanced for field in self.fields.values())

    @property
    def quote_url(self) -> str:
        return reverse("model-quote", args=self.card.key)

    def remarks(self) -> list[hints.Hint]:
        return hints.hints(self.card, self.payload())[:2]

    def with_fix(self, name: str, text: str) -> CardForm:
        """A copy with one value changed, as if it had been typed; the input that changed gets the focus."""
        data = cast(QueryDict, self.data).copy()
        if name in self.fields:
            data[name] = text
        copy = type(self)(data)
        if name in self.fields:
            copy.fields[name].widget.attrs["autofocus"] = True
        return copy

    def get_context(self) -> dict[str, Any]:
        own = [self[name] for name in self.fields]
        plain = [bound for bound in own if not _is_advanced(bound)]
        advanced = [bound for bound in own if _is_advanced(bound)]
        return {
            "form": self,
            "rows": rows_of(plain),
            "advanced_rows": rows_of(advanced),
            "advanced_changes": self.advanced_changes(),
            "is_advanced_open": any(bound.errors for bound in advanced),
        }

    def advanced_changes(self) -> list[tuple[str, Any]]:
        """Label and value of the advanced fields that differ from what they are by themselves."""
        changed = []
        for bound in (self[name] for name in self.fields):
            value = self._value(bound.name)
            if _is_advanced(bound) and value not in (None, "", [], bound.field.initial):
                changed.append((str(bound.label), value))
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
        fields: dict[str, Any] = {name: field_of(card, name) for name in card.properties}
        name = "FormFor" + "".join(filter(str.isalnum, card.title))
        _classes[key] = cast(type[CardForm], _metaclass(name, (CardForm,), fields | {"card": card}))
    return _classes[key]
