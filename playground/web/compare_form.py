"""The form of a comparison: one prompt, the controls that the chosen models have in common, and what each makes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from playground.accounts.models import Mode
from playground.catalog import common, guidance
from playground.catalog.card import Card
from playground.catalog.roles import field_for
from playground.core.wording import Labels
from playground.web.assessing import TeamAssessor
from playground.web.formfields import CardField, ChoiceField, SwitchField, TextField
from playground.web.forms import CardForm, form_class_for

PROMPT_ROWS = 2
LABELS = Labels(
    {
        "ratio": gettext_noop("Aspect"),
        "duration": gettext_noop("Duration"),
        "resolution": gettext_noop("Resolution"),
        "audio": gettext_noop("Audio"),
    }
)
_LIMITS = Labels(
    {
        2: gettext_noop(", shortest limit of the two"),
        3: gettext_noop(", shortest limit of the three"),
        4: gettext_noop(", shortest limit of the four"),
    }
)
# Where none of the chosen models says how much it takes.
_LONGEST_PROMPT = 20_000


class Control(NamedTuple):
    """A control in common: `kind` is choice, list or switch; a switch is `true` or `false`."""

    name: str
    label: str
    kind: str
    options: list[tuple[str, str]]
    chosen: str


class CompareForm(forms.Form):
    """`initial` and `data` hold the prompt and values by role; a value that is no longer in common gives way to the usual one."""

    use_required_attribute = False

    def __init__(
        self,
        cards: Sequence[Card],
        *,
        team_id: int,
        mode: Mode,
        data: QueryDict | None = None,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=dict(initial or {}))
        self.cards = list(cards)
        self._place: dict[str, Any] = {"team_id": team_id, "mode": mode}
        self.fields["prompt"] = self._prompt_field()
        for role in common.ROLES:
            if names := common.shared_values(cards, role):
                self.fields[role] = _control(cards, role, names)

    def _prompt_field(self) -> TextField:
        spec = {"type": "string", "x-widget": "textarea", "title": _("Prompt"), "maxLength": self.shortest_limit}
        field = TextField(spec, name="prompt", is_required=True, is_prompt=True)
        field.widget.attrs |= {"rows": PROMPT_ROWS, "style": "min-height:62px"}
        return field

    @cached_property
    def shortest_limit(self) -> int:
        limits = [limit for card in self.cards if (limit := _limit_of(card))]
        return min(limits, default=_LONGEST_PROMPT)

    @property
    def limit_words(self) -> str:
        return _LIMITS.get(len(self.cards), "")

    @cached_property
    def prompt(self) -> str:
        return str(self._typed("prompt") or "")

    @cached_property
    def chosen(self) -> dict[str, str]:
        """The value in common for each role that has a control."""
        return {role: self._chosen(role) for role in LABELS if role in self.fields}

    def _typed(self, name: str) -> Any:
        field = self.fields[name]
        if self.is_bound:
            return field.to_python(field.widget.value_from_datadict(self.data, self.files, name))
        return field.to_python(self.get_initial_for_field(field, name))

    def _chosen(self, role: str) -> str:
        if role == "audio":
            return "true" if self._typed(role) is True else "false"
        names, typed = common.shared_values(self.cards, role), str(self._typed(role) or "")
        return typed if typed in names else str(self.fields[role].initial)

    @cached_property
    def columns(self) -> list[CardForm]:
        """Each model's own form, filled with what the form in common says."""
        return [self._column(card) for card in self.cards]

    def _column(self, card: Card) -> CardForm:
        values = dict(common.start_of(card) or {})
        for role, name in self.chosen.items():
            own = common.values_of(card, role)
            if (field := field_for(card, role)) and name in own:
                values[field] = own[name]
        values[field_for(card, "prompt") or "prompt"] = self.prompt
        return form_class_for(card)(initial=values, assessor=TeamAssessor(card, **self._place))

    @property
    def problems(self) -> list[tuple[Card, str]]:
        """What is wrong, rather than still missing, model by model."""
        return [(form.card, one.message) for form in self.columns for one in form.assessment.problems if not one.is_missing]

    @property
    def missing(self) -> list[tuple[Card, str]]:
        return [(form.card, one.message) for form in self.columns for one in form.assessment.problems if one.is_missing]

    @property
    def controls(self) -> list[Control]:
        """What stands under the prompt."""
        return [
            Control(role, LABELS[role], _kind_of(self.fields[role]), _options(self.fields[role]), self.chosen[role]) for role in self.chosen
        ]


def _kind_of(field: forms.Field) -> str:
    if isinstance(field, SwitchField):
        return "switch"
    return "choice" if isinstance(field, ChoiceField) and field.is_segmented else "list"


def _options(field: forms.Field) -> list[tuple[str, str]]:
    return list(field.labels.items()) if isinstance(field, ChoiceField) else []


def _control(cards: Sequence[Card], role: str, names: Sequence[str]) -> CardField:
    usual = common.usual_value(cards, role, names)
    if role == "audio":
        return SwitchField({"type": "boolean", "title": LABELS[role], "default": usual == "true"}, name=role, is_required=False)
    spec = {"enum": [*names], "title": LABELS[role], "default": usual}
    return ChoiceField(spec, name=role, is_required=True, named={name: common.label_of(role, name) for name in names})


def _limit_of(card: Card) -> int | None:
    field = form_class_for(card).base_fields.get(field_for(card, "prompt") or "")
    return field.counted_to if isinstance(field, TextField) else None


def changes_of(form: CardForm, role: str) -> guidance.Change | None:
    """What a rule of the model made of the value in common."""
    name = field_for(form.card, role)
    return next((change for change in form.settled.changes if change.field == name), None)
