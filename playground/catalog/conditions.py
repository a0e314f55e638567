"""The `if` half of a rule: the part of JSON Schema that speaks of which fields are given and what they are set to.

Read once per card into small objects, because a form asks every rule what would be if a field were given or changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from playground.catalog.values import is_among

Payload = Mapping[str, Any]


class Unreadable(Exception):
    """A keyword that rules do not use; the message names it."""


class Condition(Protocol):
    def holds(self, payload: Payload) -> bool: ...

    def names(self) -> Iterator[str]:
        """The fields that it speaks of."""

    def ending(self, payload: Payload) -> list[str] | None:
        """Which fields to take out or change so that it no longer holds; None where only adding something would help."""


@dataclass(frozen=True)
class Given:
    name: str

    def holds(self, payload: Payload) -> bool:
        return self.name in payload

    def names(self) -> Iterator[str]:
        yield self.name

    def ending(self, payload: Payload) -> list[str] | None:
        return [self.name]


@dataclass(frozen=True)
class SetTo:
    """The field is one of `choices`; holds for a field that is absent, as `properties` does in JSON Schema."""

    name: str
    choices: tuple[Any, ...]

    def holds(self, payload: Payload) -> bool:
        return self.name not in payload or is_among(payload[self.name], self.choices)

    def names(self) -> Iterator[str]:
        yield self.name

    def ending(self, payload: Payload) -> list[str] | None:
        return [self.name] if self.name in payload else None


@dataclass(frozen=True)
class Every:
    parts: tuple[Condition, ...]

    def holds(self, payload: Payload) -> bool:
        return all(part.holds(payload) for part in self.parts)

    def names(self) -> Iterator[str]:
        for part in self.parts:
            yield from part.names()

    def ending(self, payload: Payload) -> list[str] | None:
        return next((names for part in self.parts if (names := part.ending(payload))), None)


@dataclass(frozen=True)
class Some:
    parts: tuple[Condition, ...]

    def holds(self, payload: Payload) -> bool:
        return any(part.holds(payload) for part in self.parts)

    def names(self) -> Iterator[str]:
        for part in self.parts:
            yield from part.names()

    def ending(self, payload: Payload) -> list[str] | None:
        found: list[str] = []
        for part in self.parts:
            if part.holds(payload):
                names = part.ending(payload)
                if names is None:
                    return None
                found += names
        return found


@dataclass(frozen=True)
class Opposite:
    part: Condition

    def holds(self, payload: Payload) -> bool:
        return not self.part.holds(payload)

    def names(self) -> Iterator[str]:
        yield from self.part.names()

    def ending(self, payload: Payload) -> list[str] | None:
        return None


def read_condition(schema: Mapping[str, Any]) -> Condition:
    """Raises Unreadable for a keyword outside the subset."""
    parts = [part for keyword, value in schema.items() for part in _reader(keyword)(value)]
    return parts[0] if len(parts) == 1 else Every(tuple(parts))


def _reader(keyword: str) -> Callable[[Any], list[Condition]]:
    try:
        return _READERS[keyword]
    except KeyError:
        raise Unreadable(keyword) from None


def _values(spec: Mapping[str, Any]) -> tuple[Any, ...]:
    if spec.keys() == {"enum"}:
        return tuple(spec["enum"])
    if spec.keys() == {"const"}:
        return (spec["const"],)
    raise Unreadable(next((keyword for keyword in spec if keyword not in ("enum", "const")), "enum"))


def _type(value: Any) -> list[Condition]:
    if value != "object":
        raise Unreadable("type")
    return []


_READERS: dict[str, Callable[[Any], list[Condition]]] = {
    "type": _type,
    "required": lambda names: [Given(name) for name in names],
    "properties": lambda specs: [SetTo(name, _values(spec)) for name, spec in specs.items()],
    "anyOf": lambda parts: [Some(tuple(read_condition(part) for part in parts))],
    "allOf": lambda parts: [read_condition(part) for part in parts],
    "not": lambda part: [Opposite(read_condition(part))],
}
