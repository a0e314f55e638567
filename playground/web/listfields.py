"""Lists of objects: rows of fields that are added, removed and moved, with script and without.

The inputs of a row are named `<list>-<number>-<property>`, as Django's form sets name theirs. A row in which nothing
was typed is not sent, so that a fresh one is no mistake.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, ClassVar, cast

from django import forms
from django.http import QueryDict

from playground.web.boundfields import CardBoundField
from playground.web.cardwords import one_of, said_later
from playground.web.fieldstate import FieldState
from playground.web.formfields import CardField, about
from playground.web.uploadwidgets import Place

# No card allows more; what a page posts beyond it is not looked at.
_MOST_ROWS = 50
_MARK = "_row"
_CHANGE = re.compile(r"([^:]{1,80}):(add|remove|up|down)(?::(\d{1,2}))?")


class RowForm(forms.Form):
    """The fields of one row. Its errors and states come from the card's form: only the whole payload can be judged."""

    use_required_attribute = False
    number: int
    states: dict[str, FieldState]
    place: Place | None = None

    def __init__(self, data: Any, *, initial: Mapping[str, Any] | None, prefix: str, problems: Mapping[str, list[str]]) -> None:
        super().__init__(data, initial=dict(initial or {}), prefix=prefix)
        self.number = int(prefix.rpartition("-")[2])
        self._problems = problems
        self.states = {
            name: FieldState(is_required=cast(CardField, field).is_required, errors=tuple(problems.get(name, ())))
            for name, field in self.fields.items()
        }

    @property
    def errors(self) -> Any:
        return {name: self.error_class(messages) for name, messages in self._problems.items() if name in self.fields}

    @property
    def own_errors(self) -> list[str]:
        """What is wrong with the row as a whole."""
        return [message for name, messages in self._problems.items() if name not in self.fields for message in messages]

    @property
    def mark_name(self) -> str:
        return f"{self.prefix}-{_MARK}"

    @property
    def plain(self) -> list[Any]:
        return [self[name] for name, field in self.fields.items() if not cast(CardField, field).is_advanced]

    @property
    def has_advanced_errors(self) -> bool:
        return any(name in self._problems for name, field in self.fields.items() if cast(CardField, field).is_advanced)

    @property
    def advanced(self) -> list[Any]:
        return [self[name] for name, field in self.fields.items() if cast(CardField, field).is_advanced]


class Rows(forms.Widget):
    """Reads the rows that were posted; they are drawn by the field's template."""

    template_name = "forms/widgets/rows.html"

    def __init__(self, row_class: type[RowForm]) -> None:
        super().__init__()
        self.row_class = row_class

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[dict[str, Any]]:
        fields: Mapping[str, Any] = self.row_class.base_fields
        return [
            {inner: field.widget.value_from_datadict(data, files, f"{name}-{number}-{inner}") for inner, field in fields.items()}
            for number in numbers_in(data, name)
        ]

    def id_for_label(self, id_: str) -> str:
        return ""

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return not numbers_in(data, name)


class ListField(CardField):
    row_template = "forms/list_field.html"
    has_tally = True
    widget: Any

    def __init__(self, spec: Mapping[str, Any], *, name: str, is_required: bool, row_class: type[RowForm]) -> None:
        super().__init__(spec, name=name, is_required=is_required, widget=Rows(row_class), help_text=about(spec))
        self.row_class = row_class
        self.item_name = said_later(one_of(str(spec.get("title", name))))

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> ListBoundField:
        return ListBoundField(form, self, field_name)

    def require(self, name: str) -> None:
        """Mark one of a row's fields as required."""
        cast(CardField, self.row_class.base_fields[name]).is_required = True

    def to_python(self, value: Any) -> list[dict[str, Any]]:
        """The rows with their typed values; a row without any is an empty object."""
        return [self._row(row) for row in value or () if isinstance(row, Mapping)]

    def _row(self, row: Mapping[str, Any]) -> dict[str, Any]:
        fields: Mapping[str, Any] = self.row_class.base_fields
        typed = {name: field.to_python(row.get(name)) for name, field in fields.items()}
        typed = {name: value for name, value in typed.items() if value not in (None, "", [])}
        is_untouched = all(value == fields[name].initial for name, value in typed.items())
        return {} if is_untouched else typed

    def posted(self, name: str, value: Any) -> list[tuple[str, str]]:
        fields: Mapping[str, Any] = self.row_class.base_fields
        pairs = []
        for number, row in enumerate(value or ()):
            pairs.append((f"{name}-{number}-{_MARK}", "1"))
            for inner, field in fields.items():
                pairs += field.posted(f"{name}-{number}-{inner}", row.get(inner))
        return pairs

    @property
    def item_limits(self) -> tuple[int | None, int | None]:
        return self.spec.get("minItems"), self.spec.get("maxItems")


class ListBoundField(CardBoundField):
    field: ListField

    @cached_property
    def rows(self) -> list[RowForm]:
        """The rows to draw: what was posted or is there from the start, and a fresh one where at least one is needed."""
        rows = [self._row(number, row) for number, row in self._shown()]
        at_least = max(1 if self.is_needed else 0, self.field.spec.get("minItems", 0) if self.is_needed else 0)
        rows += [self._row(number, None) for number in range(len(rows), at_least)]
        return rows

    def _shown(self) -> Iterator[tuple[int, Mapping[str, Any] | None]]:
        if self.form.is_bound:
            yield from ((number, None) for number in numbers_in(self.form.data, self.html_name))
        else:
            yield from enumerate(self.initial or ())

    def _row(self, number: int, initial: Mapping[str, Any] | None) -> RowForm:
        problems = getattr(self.form, "row_problems", {}).get(self.name, {}).get(number, {})
        prefix = f"{self.html_name}-{number}"
        is_posted = self.form.is_bound and number in numbers_in(self.form.data, self.html_name)
        row = self.field.row_class(self.form.data if is_posted else None, initial=initial, prefix=prefix, problems=problems)
        row.place = getattr(self.form, "place", None)
        if getattr(self.form, "focused_row", None) == (self.name, number):
            next(iter(row.fields.values())).widget.attrs["autofocus"] = True
        return row

    @property
    def most_rows(self) -> int:
        own = self.field.item_limits[1] or _MOST_ROWS
        return own if self.state.max_items is None else min(own, self.state.max_items)

    @property
    def focuses_add(self) -> bool:
        """After the last row is gone, the keyboard goes to the button that adds one."""
        focused = getattr(self.form, "focused_row", None)
        return focused is not None and focused[0] == self.name and not self.rows

    @property
    def may_add(self) -> bool:
        return len(self.rows) < self.most_rows and not self.state.forbidden


def row_form_class(fields: Mapping[str, CardField]) -> type[RowForm]:
    metaclass: Any = type(RowForm)
    return cast(type[RowForm], metaclass("CardRowForm", (RowForm,), dict(fields)))


def numbers_in(data: Any, name: str) -> list[int]:
    """The numbers of the rows that were posted for a list, in order."""
    found = set()
    for key in data or ():
        if key.startswith(f"{name}-"):
            number = key[len(name) + 1 :].partition("-")[0]
            if number.isdecimal() and len(number) <= 2:
                found.add(int(number))
    return sorted(found)[:_MOST_ROWS]


class RowChange:
    """What one of a list's buttons asks for. `focus` is the row that the keyboard goes to afterwards."""

    fields: ClassVar = ("name", "action", "number")

    def __init__(self, name: str, action: str, number: int) -> None:
        self.name, self.action, self.number = name, action, number
        self.focus = number

    @classmethod
    def parse(cls, text: str) -> RowChange | None:
        found = _CHANGE.fullmatch(text)
        return cls(found[1], found[2], int(found[3] or 0)) if found else None

    def apply(self, data: QueryDict) -> QueryDict:
        """A copy of the posted data with the rows changed and numbered anew."""
        rows: list[dict[str, list[str]]] = []
        changed = data.copy()
        for number in numbers_in(data, self.name):
            prefix = f"{self.name}-{number}-"
            rows.append({key[len(prefix) :]: changed.pop(key) for key in list(changed) if key.startswith(prefix)})
        self._move(rows)
        for number, row in enumerate(rows):
            for inner, values in row.items():
                changed.setlist(f"{self.name}-{number}-{inner}", values)
        return changed

    def _move(self, rows: list[dict[str, list[str]]]) -> None:
        place = self.number
        if self.action == "add":
            if len(rows) < _MOST_ROWS:
                rows.append({_MARK: ["1"]})
            self.focus = len(rows) - 1
        elif place < len(rows) and self.action == "remove":
            rows.pop(place)
            self.focus = min(place, len(rows) - 1)
        elif place < len(rows):
            other = place - 1 if self.action == "up" else place + 1
            if 0 <= other < len(rows):
                rows[place], rows[other] = rows[other], rows[place]
                self.focus = other
