"""Named checks: what is found, where it is said, and in which words."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from playground.catalog import checks, registry
from playground.catalog.facts import Facts, MediaFacts
from playground.catalog.schema import validate
from tests.catalog.cards import make_card

URLS = [f"https://example.com/uploads/{number}" for number in range(8)]
LINK = {"type": "string", "format": "uri", "maxLength": 100}
SHOT = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "title": "Name", "maxLength": 50},
        "seconds": {"type": "number", "title": "Seconds", "minimum": 0, "maximum": 60},
        "start": {"type": "integer", "minimum": 0, "maximum": 60000},
        "end": {"type": "integer", "minimum": 0, "maximum": 60000},
    },
}
FIELDS: dict[str, Any] = {
    "prompt": {"type": "string", "title": "Prompt", "maxLength": 200},
    "mode": {"type": "string", "title": "Mode", "enum": ["fast", "slow"]},
    "loop": {"type": "boolean", "title": "Loop"},
    "duration": {"type": "string", "title": "Duration", "maxLength": 4},
    "frame": {**LINK, "title": "First frame"},
    "images": {"type": "array", "title": "Images", "maxItems": 9, "items": LINK},
    "clips": {"type": "array", "title": "Clips", "maxItems": 5, "items": LINK},
    "voice": {**LINK, "title": "Voice"},
    "shots": {"type": "array", "title": "Shots", "maxItems": 9, "items": SHOT},
}


def lasting(*seconds: float | None) -> Facts:
    return Facts(
        media={url: MediaFacts(seconds=Decimal(str(length))) for url, length in zip(URLS, seconds, strict=False) if length is not None}
    )


def found(check: dict[str, Any], payload: dict[str, Any], facts: Facts | None = None) -> list[tuple[str, str]]:
    card = make_card(FIELDS, checks=[check])
    problems = validate(card, payload, facts or Facts())
    assert all(problem.rule == check["check"] for problem in problems)
    return [(problem.pointer, problem.message) for problem in problems]


SUM_EQUALS = {"check": "sum_field_equals", "list": "shots", "item": "seconds", "field": "duration"}
SUM_LTE = SUM_EQUALS | {"check": "sum_field_lte"}


def test_shots_must_last_as_long_as_the_clip() -> None:
    shots = [{"seconds": 5}, {"seconds": 3}]

    assert found(SUM_EQUALS, {"shots": shots, "duration": "5"}) == [("/shots", "The shots last 8 s together; Duration is 5 s.")]
    assert found(SUM_EQUALS, {"shots": shots}) == [("/shots", "The shots last 8 s together; Duration is not given.")]
    assert found(SUM_EQUALS, {"shots": shots, "duration": "8"}) == []
    assert found(SUM_EQUALS, {"duration": "8"}) == []
    assert found(SUM_EQUALS, {"shots": [{"seconds": 0.1}, {"seconds": 0.2}, {"seconds": 2.7}], "duration": "3"}) == []


def test_shots_may_last_no_longer_than_the_clip() -> None:
    assert found(SUM_LTE, {"shots": [{"seconds": 6}, {"seconds": 6}], "duration": "10"}) == [
        ("/shots", "The shots last 12 s together; Duration is only 10 s.")
    ]
    assert found(SUM_LTE, {"shots": [{"seconds": 6}], "duration": "10"}) == []


def test_a_check_may_depend_on_a_setting() -> None:
    check = SUM_EQUALS | {"when": {"loop": True}}

    assert found(check, {"shots": [{"seconds": 5}], "duration": "4"}) == []
    assert found(check, {"shots": [{"seconds": 5}], "duration": "4", "loop": False}) == []
    assert found(check, {"shots": [{"seconds": 5}], "duration": "4", "loop": True}) != []


COUNTS = {"check": "count_sum_lte", "terms": [{"count": "frame"}, {"count": "images"}, {"count": "clips", "weight": 2}], "max": 5}


def test_several_fields_share_one_allowance() -> None:
    too_many = {"frame": URLS[0], "images": URLS[:3], "clips": URLS[:1]}

    assert found(COUNTS, too_many) == [("/images", "First frame, Images and Clips count 6 together (each of Clips counts 2); at most 5.")]
    assert found(COUNTS, too_many | {"images": URLS[:2]}) == []


@pytest.mark.parametrize(
    ("condition", "payload", "is_counted"),
    [
        ("when_present", {"voice": URLS[0]}, True),
        ("when_present", {}, False),
        ("when_absent", {"voice": URLS[0]}, False),
        ("when_absent", {}, True),
    ],
)
def test_a_count_may_depend_on_another_field(condition: str, payload: dict[str, Any], is_counted: bool) -> None:
    check = {"check": "count_lte", "field": "images", "max": 2, condition: "voice"}
    words = "given" if condition == "when_present" else "not given"
    expected = [("/images", f"Images takes at most 2 while Voice is {words}; there are 3.")]

    assert found(check, payload | {"images": URLS[:3]}) == (expected if is_counted else [])
    assert found(check, payload | {"images": URLS[:2]}) == []


def test_a_cut_has_a_shortest_and_a_longest() -> None:
    check = {"check": "item_range_ms", "list": "shots", "start": "start", "end": "end", "min": 3000, "max": 8000}

    assert found(check, {"shots": [{"start": 0, "end": 3000}, {"start": 1000, "end": 9000}, {"start": 5}]}) == []
    assert found(check, {"shots": [{"start": 0, "end": 8001}, {"start": 0, "end": 2500}, {"start": 9, "end": 8}]}) == [
        ("/shots/0/end", "Shots 1 is cut to 8.001 s; it must be 3 to 8 s."),
        ("/shots/1/end", "Shots 2 is cut to 2.5 s; it must be 3 to 8 s."),
        ("/shots/2/end", "Shots 3 ends before it starts."),
    ]
    seconds = check | {"check": "item_range", "min": 0, "max": 10}
    assert found(seconds, {"shots": [{"start": 2, "end": 13}]}) == [("/shots/0/end", "Shots 1 is cut to 11 s; it must be at most 10 s.")]


def test_one_file_may_be_too_long_in_one_mode() -> None:
    check = {"check": "media_seconds_lte", "media": "voice", "max": 10, "when": {"mode": "fast"}}
    payload = {"voice": URLS[0], "mode": "fast"}

    assert found(check, payload, lasting(12)) == [("/voice", "Voice lasts 12 s; at most 10 s while Mode is fast.")]
    assert found(check, payload, lasting(10)) == found(check, payload | {"mode": "slow"}, lasting(12)) == []
    assert found(check, payload) == [], "nobody has looked at it"
    clips = {"check": "media_seconds_lte", "media": "clips", "max": 10}
    assert found(clips, {"clips": URLS[:3]}, lasting(3, 12, None)) == [("/clips/1", "Clips 2 lasts 12 s; at most 10 s.")]


def test_all_files_may_be_too_long_together() -> None:
    check = {"check": "media_total_seconds_lte", "media": "clips", "max": 15}

    assert found(check, {"clips": URLS[:2]}, lasting(9, 7)) == [("/clips", "Clips last 16 s together; at most 15 s.")]
    assert found(check, {"clips": URLS[:2]}, lasting(9, 6)) == []
    assert found(check, {"clips": URLS[:2]}, lasting(9, None)) == []
    assert found(check, {"clips": URLS[:2]}, lasting(16, None)) != [], "one alone is already too much"


def test_files_and_the_clip_may_be_too_long_together() -> None:
    check = {"check": "media_seconds_plus_field_lte", "media": "clips", "field": "duration", "max": 30}

    assert found(check, {"clips": URLS[:2], "duration": "20"}, lasting(6, 6)) == [
        ("/duration", "Clips (12 s) and Duration (20 s) come to 32 s; at most 30 s.")
    ]
    assert found(check, {"clips": URLS[:2], "duration": "18"}, lasting(6, 6)) == []
    assert found(check, {"clips": URLS[:2], "duration": "20"}) == []


def test_every_name_must_stand_in_the_prompt_and_be_used_once() -> None:
    named = {"check": "names_used_in_prompt", "list": "shots", "item": "name", "field": "prompt", "prefix": "@"}
    shots = [{"name": "cat"}, {"name": "dog"}, {}]

    assert found(named, {"prompt": "@cat sleeps", "shots": shots}) == [("/prompt", "Prompt does not mention @dog; Shots has it.")]
    assert found(named, {"prompt": "@cat sees @dog", "shots": shots}) == []
    assert found(named | {"advice": True}, {"prompt": "@cat sleeps", "shots": shots}) == []
    unique = {"check": "unique", "list": "shots", "item": "name"}
    assert found(unique, {"shots": [{"name": "cat"}, {"name": "cat"}]}) == [
        ("/shots/1/name", "Shots 2 has the name “cat” of another entry; each needs its own.")
    ]
    assert found(unique, {"shots": shots}) == []


def test_checks_wait_until_the_schema_and_the_rules_hold() -> None:
    rules = [{"if": {"required": ["shots"]}, "then": {"required": ["voice"]}, "message": "Shots need a voice."}]
    card = make_card(FIELDS, checks=[SUM_EQUALS], rules=rules)
    payload = {"shots": [{"seconds": 5}], "duration": "8"}

    assert [problem.rule for problem in validate(card, payload | {"duration": 8})] == ["type"]
    assert [problem.rule for problem in validate(card, payload)] == ["rule-1"]
    assert [problem.rule for problem in validate(card, payload | {"voice": URLS[0]})] == ["sum_field_equals"]


def test_all_kinds_of_all_cards_are_known() -> None:
    used = {check["check"] for card in registry.all_cards() for check in card.checks}

    assert used == checks.KINDS
    assert sum(len(card.checks) for card in registry.all_cards()) == 34
