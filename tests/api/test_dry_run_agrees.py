"""The dry run and createTask never disagree: what one calls valid the other takes, for the price that was told."""

from __future__ import annotations

import json
import random
from decimal import Decimal
from typing import Any

import pytest
from django.test import override_settings

from playground.catalog import registry
from playground.catalog.card import Card
from playground.catalog.facts import MediaFacts
from playground.credits import services as ledger
from playground.jobs.models import Job
from playground.media import web_files
from tests.api.client import CREATE, VALIDATE, Program, envelope
from tests.factories import Personas

pytestmark = pytest.mark.django_db
RANDOM_BODIES = 300
URL = "https://example.com/input.bin"


@pytest.fixture
def rich(program: Program, personas: Personas) -> Any:
    ledger.grant(team=personas.alice.team, mode="test", millicredits=10**12)
    with override_settings(QUOTES_PER_MINUTE=10**6, CREATE_TASKS_PER_MINUTE=10**6, TEAM_QUEUE_CAP=10**6):
        yield program


def both(program: Program, body: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    return envelope(program.post(body, path=VALIDATE)), envelope(program.post(body, path=CREATE))


def agree(program: Program, body: dict[str, Any]) -> bool:
    """Whether the body is valid; fails where the two say different things."""
    told, made = both(program, body)
    assert told["code"] == 200, told
    verdict = told["data"]
    assert verdict["valid"] == (made["code"] == 200), (body, verdict, made)
    if not verdict["valid"]:
        assert verdict["errors"] == made["data"]["errors"]
        return False
    job = Job.objects.get(pk=made["data"]["taskId"])
    held = verdict["quote"]["credits"] if verdict["quote"] else 0
    assert job.price_millicredits == round(1000 * (held["max"] if isinstance(held, dict) else held))
    assert job.price_min_millicredits == round(1000 * (held["min"] if isinstance(held, dict) else held))
    assert json.loads(job.payload_json) == body["input"]
    return True


def test_on_the_example_of_every_card(rich: Program) -> None:
    for card in registry.live_cards():
        assert agree(rich, {"model": card.id, "gateway": card.gateway, "input": dict(card.example)}), card.key


@pytest.mark.once
@pytest.mark.parametrize("kind", ["", "image/png", "video/mp4", "audio/mpeg"])
def test_on_random_bodies_of_every_kind_of_card(rich: Program, personas: Personas, kind: str) -> None:
    """Also with a file that was looked at: then the limits of the field count, and its length is in the price."""
    if kind:
        seconds = None if kind.startswith("image") else Decimal("6.5")
        facts = MediaFacts(kind, 900_000, 1280, 720, seconds, Decimal(30) if kind.startswith("video") else None, True)
        web_files.remember(personas.alice.team_id, URL, facts)
    cards = registry.live_cards()
    verdicts = [agree(rich, random_body(random.Random(f"{seed}{kind}"), cards[seed % len(cards)])) for seed in range(RANDOM_BODIES)]

    assert verdicts.count(True) > 30 and verdicts.count(False) > 30, "both sides are visited"


def random_body(chance: random.Random, card: Card) -> dict[str, Any]:
    """The example with some fields changed, dropped and added, in and out of what the schema allows."""
    payload = dict(card.example)
    for name, field in card.properties.items():
        move = chance.random()
        if move < 0.12:
            payload[name] = _value(chance, field)
        elif move < 0.16:
            payload.pop(name, None)
        elif move < 0.18:
            payload[name] = chance.choice([None, "", [], {}, -1, 10**9, 0.5, True, "x" * 50, [URL] * 50, {"a": 1}])
    return {"model": card.id, "gateway": card.gateway, "input": payload}


def _value(chance: random.Random, field: Any) -> Any:
    kind = field.get("type")
    if "enum" in field:
        return chance.choice(field["enum"])
    if kind == "boolean":
        return chance.random() < 0.5
    if kind in ("integer", "number"):
        return chance.randint(int(field["minimum"]), int(min(field["maximum"], field["minimum"] + 40)))
    if kind == "array":
        count = chance.randint(field.get("minItems", 0), min(field["maxItems"], 4))
        return [_value(chance, field["items"]) for _ in range(count)]
    if kind == "object":
        needed = field.get("required", ())
        return {name: _value(chance, inner) for name, inner in field["properties"].items() if name in needed or chance.random() < 0.4}
    return URL if field.get("format") == "uri" else chance.choice(["A quiet sea at dawn", "", "Two words"])


@pytest.mark.parametrize(
    "payload",
    [
        {"image_urls": [URL] * 30_000},
        {"image_urls": ["\ud800", "a\x00b", "http://[", "http://testserver/uploads/zz"]},
        {"image_urls": {"0": URL}, "kling_elements": [[URL]]},
        {"image_urls": [[URL]], "multi_prompt": "x"},
        {"kling_elements": [{"element_input_urls": URL}, 5, None, {"element_input_urls": [None, 7, {"x": URL}]}]},
        {"prompt": {"a": URL}, "duration": [URL]},
    ],
    ids=["many", "odd", "object", "nested", "elements", "types"],
)
def test_on_hostile_shapes_of_media(rich: Program, personas: Personas, payload: dict[str, Any]) -> None:
    web_files.remember(personas.alice.team_id, URL, MediaFacts("image/png", 900_000, 1280, 720))
    card = registry.get("kling-3.0/video")

    assert not agree(rich, {"model": card.id, "input": {**card.example, **payload}})


@pytest.mark.parametrize("task_id", ["\ud800", "a\x00b", "0" * 32, ["x"], {"a": 1}, 7, None, "", "x" * 5000])
def test_on_hostile_ids_of_earlier_takes(rich: Program, task_id: Any) -> None:
    card = registry.get("grok-imagine/extend")

    agree(rich, {"model": card.id, "input": {**card.example, "task_id": task_id}})
