"""Small questions about values of a payload that validator, guidance and prices must answer alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from playground.core.speech import gettext as _


def without_empty(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Drop None, empty strings and empty lists: an empty form field means that nothing was said."""
    return {name: value for name, value in payload.items() if value is not None and value != "" and value != []}


def spelled(value: object) -> str:
    """A choice as price tables, forms and guides name it: `true` and `false` for a switch, `5` for 5 and 5.0, else its text."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def count_of(value: object) -> int:
    """How many things were given: entries of a list, one for anything else that is not empty."""
    if isinstance(value, list):
        return len(value)
    return 0 if value is None or value == "" else 1


def listed(value: Any) -> list[Any]:
    """The entries of a list, or the value alone; nothing for what is empty."""
    if isinstance(value, list):
        return value
    return [] if value is None or value == "" else [value]


def is_same(one: object, other: object) -> bool:
    """Equality as JSON has it: `true` is not 1, and 5.0 is 5."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(is_same(a, b) for a, b in zip(one, other, strict=True))
    return one == other


def is_among(value: object, choices: Sequence[object]) -> bool:
    return any(is_same(value, choice) for choice in choices)


def number_of(value: object) -> Decimal | None:
    """The number that a value is or, as a text, spells; None for everything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def choices_of(spec: Mapping[str, Any]) -> Sequence[Any]:
    """What a select or a switch can be set to; nothing for a field with an open range."""
    if "enum" in spec:
        choices: Sequence[Any] = spec["enum"]
        return choices
    return (False, True) if spec.get("type") == "boolean" else ()


def in_words(names: Sequence[str], last: Literal["and", "or"] = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(names) < 2:
        return "".join(names)
    words = _("%(names)s or %(last)s") if last == "or" else _("%(names)s and %(last)s")
    return words % {"names": ", ".join(names[:-1]), "last": names[-1]}


def plain(number: Decimal | float) -> str:
    """`5`, `7.5`, `15`: no exponent, no trailing zeros."""
    text = f"{Decimal(str(number)):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def shortened(text: str, characters: int = 40) -> str:
    """A name that somebody typed, short enough for a sentence."""
    return text if len(text) <= characters else f"{text[: characters - 1]}…"
