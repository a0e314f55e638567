"""What a form says about its fields: rules where they bite, prices where a choice changes them, errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from playground.catalog.guidance import FieldGuide
from playground.catalog.values import spelled
from playground.web.fieldstate import FieldState
from playground.web.formfields import CardField, ChoiceField
from playground.web.formprices import prices_of
from playground.web.formtallies import tally_of
from playground.web.listfields import ListField

if TYPE_CHECKING:
    from playground.web.forms import CardForm

_SWITCH_LABELS = {"true": gettext_lazy("On"), "false": gettext_lazy("Off")}


def states_of(form: CardForm) -> dict[str, FieldState]:
    notes = {change.field: _note(form, change.field, change.reason) for change in form.settled.changes}
    return {name: _state(form, name, cast(CardField, field), notes.get(name, "")) for name, field in form.fields.items()}


def _state(form: CardForm, name: str, field: CardField, note: str) -> FieldState:
    guide: FieldGuide = form.guides[name]
    return FieldState(
        is_required=field.is_required,
        forbidden=guide.forbidden,
        required=guide.required,
        one_of=guide.one_of.message if guide.one_of else "",
        impossible={} if guide.forbidden else guide.choices,
        labels=field.labels if isinstance(field, ChoiceField) else {name: str(label) for name, label in _SWITCH_LABELS.items()},
        prices=prices_of(form, name, field),
        minimum=guide.minimum,
        maximum=guide.maximum,
        max_items=guide.max_items,
        narrowed=_narrowed(guide),
        tally=tally_of(form.card, form.payload(), name),
        errors=_errors(form, name, field),
        note="" if guide.forbidden else note,
    )


def _narrowed(guide: FieldGuide) -> str:
    """`At most 1 now: …`, where a rule takes less than the card."""
    if guide.max_items is not None:
        return _("At most %(count)s now: %(reason)s") % {"count": guide.max_items, "reason": guide.narrowed}
    if guide.min_items is not None and guide.min_items > 1:
        return _("At least %(count)s now: %(reason)s") % {"count": guide.min_items, "reason": guide.narrowed}
    return guide.narrowed if guide.minimum is not None or guide.maximum is not None else ""


def _note(form: CardForm, name: str, reason: str) -> str:
    """What the form changed by itself: `Set to 6: 1080P exists only with 6 s.`"""
    value = form.payload().get(name)
    if value is None:
        return reason
    return _("Set to %(value)s: %(reason)s") % {"value": _words(form.fields.get(name), value), "reason": reason}


def _words(field: Any, value: Any) -> str:
    if isinstance(field, ChoiceField):
        return str(field.labels.get(spelled(value), spelled(value)))
    return (_("on") if value else _("off")) if isinstance(value, bool) else str(value)


def _errors(form: CardForm, name: str, field: CardField) -> tuple[str, ...]:
    """The field's errors; of a list those that belong to no row."""
    if not form.is_bound or name not in form.errors:
        return ()
    messages = [str(message) for message in form.errors[name]]
    if isinstance(field, ListField):
        in_rows = {message for row in form.row_problems.get(name, {}).values() for found in row.values() for message in found}
        messages = [message for message in messages if message not in in_rows]
    return tuple(messages)
