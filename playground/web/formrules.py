"""What a form says about its fields: rules where they bite, prices where a choice changes them, errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from playground.web.fieldstate import FieldState
from playground.web.formfields import CardField
from playground.web.formprices import prices_of
from playground.web.formtallies import tally_of
from playground.web.listfields import ListField

if TYPE_CHECKING:
    from playground.web.forms import CardForm


def states_of(form: CardForm) -> dict[str, FieldState]:
    return {name: _state(form, name, cast(CardField, field)) for name, field in form.fields.items()}


def _state(form: CardForm, name: str, field: CardField) -> FieldState:
    return FieldState(
        is_required=field.is_required,
        prices=prices_of(form, name, field),
        tally=tally_of(form.card, form.payload(), name),
        errors=_errors(form, name, field),
    )


def _errors(form: CardForm, name: str, field: CardField) -> tuple[str, ...]:
    """The field's errors; of a list those that belong to no row."""
    if not form.is_bound or name not in form.errors:
        return ()
    messages = [str(message) for message in form.errors[name]]
    if isinstance(field, ListField):
        in_rows = {message for row in form.row_problems.get(name, {}).values() for found in row.values() for message in found}
        messages = [message for message in messages if message not in in_rows]
    return tuple(messages)
