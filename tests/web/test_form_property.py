"""The form never posts what its own API refuses for a rule that the form could have shown.

Every live model's form is filled in through its rendered HTML: each choice once, each rule from both sides and against
its grain, then at random. What the page says is sent is then judged by the whole card. Taking one rule out of the form
(and only there) must lead to a payload that is refused, so that this test is known to be able to fail.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations as combinations_of
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from jsonschema import Draft202012Validator

from playground.catalog import registry
from playground.catalog.card import Card
from playground.catalog.schema import validate
from playground.jobs.assessment import assess
from playground.jobs.models import Job, State
from playground.web import playground_views
from tests.factories import Personas, make_job
from tests.web.formfiller import Person, Stuck
from tests.web.formscenarios import Move, choices_of, names_in, scenarios, spelled
from tests.web.playground import add_take, put_in_state

pytestmark = [pytest.mark.django_db, pytest.mark.once]

_URL = "https://media.example/a.png"
LIVE = registry.live_cards()
RULES = [(card, number) for card in LIVE for number in range(len(card.rules))]
# One model of each family whose takes another one of it can continue.
_PARENTS = ("veo3_fast", "grok-imagine/text-to-video", "runway/generate", "pixverse-v6/text-to-video")


@pytest.fixture
def alice(client: Client, personas: Personas, settings: LazySettings) -> Client:
    settings.QUOTES_PER_MINUTE = 1_000_000
    client.force_login(personas.alice.user)
    make_job(personas.alice)
    return client


@dataclass
class Reached:
    """What the payloads of one card have had: choices by field, and for each rule both sides of its condition."""

    card: Card
    choices: set[tuple[str, str]] = field(default_factory=set)
    sides: set[tuple[int, Any]] = field(default_factory=set)
    payloads: int = 0

    def note(self, payload: dict[str, Any]) -> None:
        self.payloads += 1
        for name, value in payload.items():
            if name in self.card.properties and value in choices_of(self.card, name):
                self.choices.add((name, str(value)))
        for number, rule in enumerate(self.card.rules):
            self.sides.add((number, _side(rule, payload)))

    @property
    def wanted_choices(self) -> set[tuple[str, str]]:
        names = [name for name, spec in self.card.properties.items() if not spec.get("deprecated")]
        return {(name, str(value)) for name in names for value in choices_of(self.card, name)}

    @property
    def missed_sides(self) -> list[int]:
        """Rules of which only one side was reached. A rule without a condition has its alternatives for sides."""
        return [number for number in range(len(self.card.rules)) if len([side for side in self.sides if side[0] == number]) < 2]


def _side(rule: Any, payload: dict[str, Any]) -> Any:
    if rule["if"] != {"type": "object"}:
        return Draft202012Validator(rule["if"]).is_valid(payload)
    parts = next(rule["then"][keyword] for keyword in ("anyOf", "oneOf") if keyword in rule["then"])
    return next((place for place, part in enumerate(parts) if Draft202012Validator(part).is_valid(payload)), None)


def _url(card: Card) -> str:
    return f"/models/{card.gateway}/{card.id}"


def _refusals(card: Card, payload: dict[str, Any], team_id: int) -> list[str]:
    """What the API says to a payload."""
    problems = assess(card, payload, team_id=team_id, mode="test", with_hints=False).problems
    return [f"{problem.pointer} {problem.rule}: {problem.message}" for problem in problems]


def _give_parent(card: Card, personas: Personas) -> None:
    """A finished take that the card's form can continue."""
    if any(spec.get("x-ref") == "task" for spec in card.properties.values()) and not Job.objects.filter(gateway="kie").exists():
        for model_id in _PARENTS:
            payload = dict(registry.get(model_id, "kie").example)
            job = make_job(personas.alice, model_id=model_id, gateway="kie", payload=payload).job
            add_take(put_in_state(job, State.SUCCESS))


def _sweeps(card: Card) -> Iterator[list[Move]]:
    """Every choice of every field, several of them in one go."""
    columns = [[Move("choose", name, spelled(card, name, value)) for value in choices_of(card, name)] for name in card.properties]
    for place in range(max(map(len, columns), default=0)):
        yield [column[place] for column in columns if place < len(column)]


def _random_moves(card: Card, chance: random.Random) -> list[Move]:
    names = chance.sample(list(card.properties), k=min(5, len(card.properties)))
    moves = []
    for name in names:
        choices = choices_of(card, name)
        if choices:
            moves.append(Move("choose", name, spelled(card, name, chance.choice(choices))))
        else:
            moves.append(Move(chance.choice(("give", "give", "clear")), name))
    return moves


def _act(person: Person, moves: Sequence[Move]) -> None:
    for move in moves:
        move.make(person)
    person.finish()


def _try(person: Person, way: Sequence[Move], reached: Reached, team_id: int) -> list[str]:
    """What is wrong with the payload that this way leads to, or that it leads to none."""
    try:
        _act(person, way)
    except Stuck as stuck:
        return [f"{way}: {stuck}"]
    reached.note(person.payload)
    return [f"{person.url} {way}: {refusal} {person.payload}" for refusal in _refusals(reached.card, person.payload, team_id)]


def _explore(alice: Client, card: Card, team_id: int, chance: random.Random) -> tuple[Reached, list[str]]:
    """Everything that there is to do in one form; what was reached, and what went wrong."""
    reached, wrong = Reached(card), []
    ways = [*_sweeps(card), *(way for rule in card.rules for way in scenarios(card, rule)), _random_moves(card, chance)]
    person = Person(alice, _url(card))
    for way in ways:
        mistakes = _try(person, way, reached, team_id)
        wrong += mistakes
        person = Person(alice, _url(card)) if mistakes else person
    # What was given before may stand in the way, so what is still missing is tried with an empty form.
    for number in reached.missed_sides:
        for way in scenarios(card, card.rules[number]):
            wrong += _try(Person(alice, _url(card)), way, reached, team_id)
    return reached, wrong


def test_every_form_posts_only_what_its_api_takes(alice: Client, personas: Personas) -> None:
    chance = random.Random(3)
    wanted, had, wrong, one_sided = 0, 0, [], []
    for card in LIVE:
        _give_parent(card, personas)
        reached, mistakes = _explore(alice, card, personas.alice.team_id, chance)
        wrong += mistakes
        wanted += len(reached.wanted_choices)
        had += len(reached.choices & reached.wanted_choices)
        one_sided += [f"{_url(card)} {card.rules[number]['message']}" for number in reached.missed_sides]
    assert not wrong, "\n".join(wrong[:10])
    assert not one_sided
    assert had >= 0.9 * wanted, f"{had} of {wanted} choices"


@pytest.mark.parametrize(("card", "number"), RULES, ids=lambda value: value if isinstance(value, int) else f"{value.gateway}/{value.id}")
def test_a_rule_that_is_taken_out_of_the_form_is_missed(
    alice: Client, personas: Personas, card: Card, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = tuple(rule for place, rule in enumerate(card.rules) if place != number)
    weaker = replace(card, rules=rules, version=f"{card.version[:8]}-{number}")
    monkeypatch.setattr(playground_views, "card_or_404", lambda gateway, model_id: weaker)
    _give_parent(card, personas)
    for way in scenarios(card, card.rules[number]):
        person = Person(alice, _url(card))
        try:
            _act(person, way)
        except Stuck:
            continue
        if _refusals(card, person.payload, personas.alice.team_id):
            return
    assert _is_implied(card, weaker), "the form without this rule posts nothing that the card refuses"


def _is_implied(card: Card, weaker: Card) -> bool:
    """Whether the other rules say the same together: no combination of the fields they speak of tells the cards apart."""
    names = sorted({name for rule in card.rules for name in names_in([rule["if"], rule["then"]])})
    assert not any(choices_of(card, name) for name in names), "more than presence matters here"
    some = {name: [_URL] if card.properties[name].get("type") == "array" else _URL for name in names}
    combinations = ({name: some[name] for name in chosen} for count in range(len(names) + 1) for chosen in combinations_of(names, count))
    return all(bool(validate(card, payload)) == bool(validate(weaker, payload)) for payload in combinations)
