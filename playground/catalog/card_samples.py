"""Random inputs for a card, valid and not: with them a card is asked whether its rules and prices can happen at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from random import Random
from typing import Any

from playground.catalog.card import Card
from playground.catalog.facts import Facts, MediaFacts
from playground.catalog.schema import validate, without_empty
from playground.catalog.values import choices_of

_WORDS = ("Slow dolly along the quay", "She turns and smiles", "Rain on the window, then a knock")
# What is between: leave what the base has, set anything, take it out.
_LEAVE, _SET = 0.4, 0.75
_TRIES = 400
_FIVE = Decimal(5)


def samples(card: Card, count: int = 1500) -> Iterator[dict[str, Any]]:
    """`count` inputs, the same ones for the same card: the example and an empty input with fields set or taken out."""
    random = Random(card.id)  # noqa: S311
    for number in range(count):
        base: Mapping[str, Any] = card.example if number % 2 else {}
        yield without_empty(dict(_changed(card, base, random)))


def valid_with(card: Card, settings: Mapping[str, Any]) -> dict[str, Any] | None:
    """A valid input in which these fields have these values (None: are absent), if one can be found."""
    random = Random(card.id)  # noqa: S311
    bare = {name: value for name, value in card.example.items() if name in card.required}
    for number in range(_TRIES):
        base: Mapping[str, Any] = (card.example, bare)[number % 2]
        tried = dict(_changed(card, base, random)) if number > 1 else dict(base)
        tried |= {name: fitting(card.properties[name], random) if value is ... else value for name, value in settings.items()}
        tried = without_empty(tried)
        if not validate(card, tried, facts_for(card, tried)):
            return tried
    return None


def facts_for(card: Card, payload: Mapping[str, Any]) -> Facts:
    """Every file of the payload lasts five seconds."""
    return Facts(media={url: MediaFacts(seconds=_FIVE) for url in _links(list(payload.values()))})


def _changed(card: Card, base: Mapping[str, Any], random: Random) -> Iterator[tuple[str, Any]]:
    for name, spec in card.properties.items():
        dice = random.random()
        if dice < _LEAVE:
            if name in base:
                yield name, base[name]
        elif dice < _SET:
            yield name, fitting(spec, random)


def fitting(spec: Mapping[str, Any], random: Random) -> Any:
    """A value that the field's own schema takes, as far as that can be told without reading its pattern."""
    choices: Sequence[Any] = choices_of(spec)
    if choices:
        return random.choice(choices)
    kind = spec.get("type")
    if kind in ("integer", "number"):
        return _number(spec, random)
    if kind == "array":
        longest = min(spec.get("maxItems", 1), max(spec.get("minItems", 0), 1) + 3)
        return [fitting(spec["items"], random) for _ in range(random.randint(max(1, spec.get("minItems", 0)), max(1, longest)))]
    if kind == "object":
        wanted = spec.get("required", ())
        return {name: fitting(part, random) for name, part in spec["properties"].items() if name in wanted or random.random() < _LEAVE}
    if spec.get("format") == "uri":
        return f"https://example.com/files/{random.randint(1, 99)}"
    if spec.get("x-number-string"):
        return str(random.randint(int(spec.get("x-minimum", 1)), int(spec.get("x-maximum", 10))))
    return random.choice(_WORDS)[: spec.get("maxLength")]


def _number(spec: Mapping[str, Any], random: Random) -> int | float:
    least, most = spec.get("minimum", 0), spec.get("maximum", 10)
    step = spec.get("multipleOf", 1 if spec["type"] == "integer" else 0.5)
    steps = int((most - least) / step)
    value = least + step * random.choice((0, 1, random.randint(0, steps), steps))
    return int(value) if spec["type"] == "integer" else round(value, 6)


def _links(values: list[Any]) -> Iterator[str]:
    for value in values:
        if isinstance(value, str) and value.startswith("http"):
            yield value
        elif isinstance(value, list):
            yield from _links(value)
        elif isinstance(value, Mapping):
            yield from _links(list(value.values()))
