"""Where a card's rules bite, as things to do in its form: meeting a rule's condition, and going against what follows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from playground.catalog.card import Card
from tests.web.formfiller import Person

Do = Literal["give", "clear", "choose", "many"]


@dataclass(frozen=True)
class Move:
    """`give` something, `clear` it, `choose` a value, or give as `many` as a list takes."""

    do: Do
    field: str
    value: str = ""

    def make(self, person: Person) -> None:
        if self.do == "give":
            if not person.holds(self.field):
                person.give(self.field)
        elif self.do == "clear":
            person.clear(self.field)
        elif self.do == "many":
            for _ in range(int(self.value)):
                if not person.give(self.field):
                    break
        elif person.may_choose(self.field, self.value):
            person.set(self.field, self.value)


def scenarios(card: Card, rule: Mapping[str, Any]) -> Iterator[list[Move]]:
    """Ways to meet the condition and go against the consequence, in either order; and ways not to meet it."""
    names = [name for name in names_in(rule["then"]) if name in card.properties and not choices_of(card, name)]
    fresh = [Move("clear", name) for name in dict.fromkeys([*names_in(rule["if"]), *names]) if not choices_of(card, name)]
    for condition in _to_meet(card, rule["if"]):
        for met in _to_meet(card, rule["then"])[:1]:
            yield [*met, *condition]
        yield [*fresh, *condition]
        for against in _to_break(card, rule["then"]):
            yield [*condition, *against]
            yield [*against, *condition]
        yield condition
    yield from _to_miss(card, rule["if"])
    for way in _to_meet(card, rule["then"]):
        yield [*fresh, *way]


def names_in(schema: Any) -> list[str]:
    if isinstance(schema, Mapping):
        inner = [name for part in schema.values() for name in names_in(part)]
        return [*schema.get("properties", ()), *schema.get("required", ()), *inner]
    return [name for part in schema for name in names_in(part)] if isinstance(schema, list) else []


def spelled(card: Card, name: str, value: Any) -> str:
    """A value as the form posts it."""
    if not isinstance(value, bool):
        return str(value)
    is_switch = "default" in card.properties[name] or name in card.required
    return ("on" if value else "") if is_switch else str(value).lower()


def choices_of(card: Card, name: str) -> list[Any]:
    spec = card.properties.get(name, {})
    return list(spec.get("enum", ())) or ([False, True] if spec.get("type") == "boolean" else [])


def _to_meet(card: Card, schema: Mapping[str, Any]) -> list[list[Move]]:
    ways: list[list[Move]] = [[]]
    for name in schema.get("required", ()):
        if name not in schema.get("properties", {}):
            ways = [[*way, Move("give", name)] for way in ways]
    for name, part in schema.get("properties", {}).items():
        values = part.get("enum", [part["const"]] if "const" in part else [])
        if values:
            ways = [[*way, Move("choose", name, spelled(card, name, value))] for way in ways for value in values[:2]]
        elif "minItems" in part:
            ways = [[*way, Move("give", name)] for way in ways]
    for part in schema.get("allOf", ()):
        ways = [[*way, *more] for way in ways for more in _to_meet(card, part)]
    for keyword in ("anyOf", "oneOf"):
        if keyword in schema:
            ways = [[*way, *more] for way in ways for part in schema[keyword] for more in _to_meet(card, part)]
    if "not" in schema:
        ways = [[*way, *more] for way in ways for more in _to_miss(card, schema["not"])]
    return ways


def _to_miss(card: Card, schema: Mapping[str, Any]) -> list[list[Move]]:
    """Ways in which a schema does not hold."""
    found: list[list[Move]] = []
    for name, part in schema.get("properties", {}).items():
        values = part.get("enum", [part["const"]] if "const" in part else [])
        others = [value for value in choices_of(card, name) if value not in values] if values else []
        found += [[Move("choose", name, spelled(card, name, value))] for value in others[:3]]
        if "maxItems" in part:
            found.append([Move("many", name, str(part["maxItems"] + 1))])
    found += [[Move("clear", name)] for name in schema.get("required", ())]
    for keyword in ("anyOf", "oneOf"):
        if keyword in schema:
            missed = [_to_miss(card, part) for part in schema[keyword]]
            found.append([move for ways in missed for move in (ways[0] if ways else [])])
        if keyword == "oneOf":
            found.append([move for part in schema.get(keyword, ()) for move in _to_meet(card, part)[0]])
    if "not" in schema:
        found += _to_meet(card, schema["not"])
    for part in schema.get("allOf", ()):
        found += _to_miss(card, part)
    return found


def _to_break(card: Card, consequence: Mapping[str, Any]) -> Sequence[list[Move]]:
    return _to_miss(card, consequence) or [[]]
