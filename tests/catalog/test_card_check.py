"""Everything that can be wrong with a card file is said, where it is, and all of it at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from playground.catalog.card_check import check, check_text, shared_ids
from playground.catalog.card_rules import ARGUMENTS
from playground.catalog.checks import KINDS
from playground.catalog.registry import card_files
from tests.catalog.documented import EXAMPLE, GONE, WHERE, changed, leads_somewhere

FILES = card_files()
FIELDS = "/input/properties"
SHOTS = f"{FIELDS}/shots/items/properties"
TEXT = {"type": "string", "title": "Style", "description": "How it looks.", "x-widget": "text", "maxLength": 50}
LINK = {**TEXT, "x-widget": "image", "format": "uri"}


def pointers(*changes: tuple[str, object]) -> list[str]:
    return [problem.pointer for problem in check(changed(*changes), WHERE)]


def test_the_documented_example_is_a_good_card() -> None:
    assert check(EXAMPLE, WHERE) == []


# Where it is spoiled, with what, and where that must be said ("" for the same place).
HEAD = [
    ("/summary", GONE, ""),
    ("/vendor", "", ""),
    ("/good_at", ["only one"], ""),
    ("/use_cases/0", "x" * 121, ""),
    ("/summary", "x" * 161, ""),
    ("/colour", "blue", ""),
    ("/scenes/1", "opera", ""),
    ("/status", "soon", ""),
    ("/contract", "carrier-pigeon", ""),
    ("/contract", "veo", "/endpoint"),
    ("/endpoint", "/api/v1/veo", ""),
    ("/typical_seconds", 4000, ""),
    ("/typical_seconds", "a minute", ""),
    ("/deadline_seconds", 0, ""),
    ("/gateway", "modkie", "/id"),
    ("/id", "example/other", ""),
    ("/id", "../secret", ""),
    ("/output/audio", "maybe", ""),
    ("/sources", [], ""),
    ("/confidence", "sure", ""),
    ("/rules", "none", ""),
]
OF_FIELDS = [
    (f"{FIELDS}/prompt/title", GONE, ""),
    (f"{FIELDS}/prompt/description", "", ""),
    (f"{FIELDS}/prompt/description", "x" * 121, ""),
    (f"{FIELDS}/prompt/x-widget", "scroll", ""),
    (f"{FIELDS}/prompt/x-widget", "switch", ""),
    (f"{FIELDS}/prompt/contains", 3, ""),
    (f"{FIELDS}/prompt/maxLength", "long", ""),
    (f"{FIELDS}/prompt/pattern", "(", ""),
    (f"{FIELDS}/prompt/maxLength", GONE, f"{FIELDS}/prompt"),
    (f"{FIELDS}/prompt/minLength", 9999, ""),
    (f"{FIELDS}/prompt/x-assumed/0", "maximum", ""),
    (f"{FIELDS}/prompt/x-soft-max-length", 2500, ""),
    (f"{FIELDS}/prompt/x-accept", ["image/png"], ""),
    (f"{FIELDS}/prompt/x-number-string", True, ""),
    (f"{FIELDS}/images/maxItems", GONE, f"{FIELDS}/images"),
    (f"{FIELDS}/images/items/maxLength", GONE, f"{FIELDS}/images/items"),
    (f"{FIELDS}/images/items/format", GONE, f"{FIELDS}/images/x-widget"),
    (f"{FIELDS}/images/x-widget", "image", ""),
    (f"{FIELDS}/images/x-media/min_seconds", 3, ""),
    (f"{FIELDS}/duration/maximum", GONE, f"{FIELDS}/duration"),
    (f"{FIELDS}/duration/minimum", 16, ""),
    (f"{FIELDS}/duration/default", 99, ""),
    (f"{FIELDS}/duration/x-unit", "parsec", ""),
    (f"{FIELDS}/resolution/default", "8k", ""),
    (f"{FIELDS}/resolution/enum/1", 1080, ""),
    (f"{FIELDS}/resolution/x-widget", "text", ""),
    (f"{FIELDS}/resolution/type", "colour", ""),
    (f"{FIELDS}/sound/default", "yes", ""),
    (f"{FIELDS}/shots/x-widget", "ids", ""),
    (f"{SHOTS}/text/maxLength", GONE, f"{SHOTS}/text"),
    (f"{SHOTS}/text/title", GONE, ""),
    (f"{SHOTS}/seconds/default", 30, ""),
    (f"{FIELDS}/shots/items/required/0", "words", ""),
    (f"{FIELDS}/a field", TEXT, ""),
    (f"{FIELDS}/style", {**TEXT, "x-ref": "task", "x-widget": "textarea"}, f"{FIELDS}/style/x-ref"),
    ("/input/required/0", "length", ""),
    ("/input/additionalProperties", True, ""),
]
NAMED = {"check": "names_used_in_prompt", "list": "shots", "item": "text", "field": "prompt", "prefix": "@"}
OF_RULES = [
    ("/rules/0/message", GONE, ""),
    ("/rules/0/if/properties/multi_shot", {"enum": [True]}, ""),
    ("/rules/0/if/required/0", "multi_shot", ""),
    ("/rules/0/if/properties/multi_shots/enum/0", "yes", ""),
    ("/rules/0/if/type", "elephant", ""),
    ("/rules/0/then/required/0", "shot", ""),
    ("/rules/0/then/properties/images", {"minLength": 3}, "/rules/0/then"),
    ("/rules/1/if/not/required/0", "shot", ""),
    ("/rules/1/then/required", "prompt", ""),
    ("/rules/1/if", {"required": ["prompt"]}, "/rules/1"),
    ("/rules/1/then", {}, ""),
    ("/checks/0/check", "sum_is_nice", ""),
    ("/checks/0/check", GONE, ""),
    ("/checks/0/check", None, ""),
    ("/checks/0/item", GONE, ""),
    ("/checks/0/item", "minutes", ""),
    ("/checks/0/list", "images", ""),
    ("/checks/0/field", "length", ""),
    ("/checks/0/max", 5, ""),
    ("/checks/0/when", {"multi_shots": "yes"}, ""),
    ("/checks/0/when_present", "picture", ""),
    ("/checks/-", {"check": "count_lte", "field": "images", "max": "two"}, "/checks/1/max"),
    ("/checks/-", {"check": "media_seconds_lte", "media": "prompt", "max": 2}, "/checks/1/media"),
    ("/checks/-", {"check": "count_sum_lte", "terms": [{"count": "cats"}], "max": 2}, "/checks/1/terms"),
    ("/checks/-", {"check": "count_sum_lte", "terms": [{"count": "images", "weight": "heavy"}], "max": 2}, "/checks/1/terms"),
    ("/checks/-", {"check": "count_lte", "field": "images", "max": -1}, "/checks/1/max"),
    ("/checks/0/when", 3, ""),
    ("/checks/0/advice", True, ""),
    ("/checks/-", NAMED | {"advice": "yes"}, "/checks/1/advice"),
]
OF_PRICES = [
    ("/pricing/source", GONE, ""),
    ("/pricing/as_of", "last week", ""),
    ("/pricing/as_of", "2026-13", ""),
    ("/pricing/unit", "frame", ""),
    ("/pricing/unit", "job", "/pricing/seconds"),
    ("/pricing/seconds", GONE, ""),
    ("/pricing/seconds", {"media": "prompt"}, "/pricing/seconds/media"),
    ("/pricing/seconds/media", "images", "/pricing/seconds"),
    ("/pricing/seconds/field", "length", ""),
    ("/pricing/seconds", {"ratio": ["frames", 80, "duration", 0]}, "/pricing/seconds/ratio/0"),
    ("/pricing/plus_input_seconds", "sound", ""),
    ("/pricing/axes/0/field", "size", ""),
    ("/pricing/axes/0/field", "prompt", ""),
    ("/pricing/axes/0/default", GONE, ""),
    ("/pricing/axes/0/default", "8k", ""),
    ("/pricing/axes/0", {"name": "take", "from_task": "prompt", "default": "720p"}, "/pricing/axes/0/from_task"),
    ("/pricing/axes/0", {"nonempty": ["images"]}, "/pricing/axes/0/name"),
    ("/pricing/axes/0/nonempty", ["images"], "/pricing/axes/0"),
    ("/pricing/axes/1/default_when/value", "loud", ""),
    ("/pricing/axes/1/default_when/shots_many", True, ""),
    ("/pricing/credits/720p|maybe", 3, ""),
    ("/pricing/credits/720p", 3, ""),
    ("/pricing/credits/720p|true", "20", ""),
    ("/pricing/credits/720p|true", -1, ""),
    ("/pricing/credits/1080p|true", GONE, "/pricing/credits"),
    ("/pricing/credits/720p|true", 20.0005, ""),
    ("/pricing/credits/720p|true", 2_000_000, ""),
    ("/pricing/credits", 5, ""),
    ("/pricing/credits", None, ""),
    ("/pricing/unpublished", True, ""),
    ("/pricing/confidence", "none", ""),
    ("/pricing/extras", [{"count_of": ["pictures"], "free": 1, "credits_each": 2}], "/pricing/extras/0/count_of/0"),
    ("/pricing/history", [{"as_of": "yesterday", "credits": 3, "source": "x"}], "/pricing/history/0/as_of"),
    ("/pricing/history", [{"as_of": "2026-05", "credits": {"8k|true": 3}, "source": "x"}], "/pricing/history/0/credits/8k|true"),
]
OF_EXAMPLES = [
    ("/example/duration", 99, ""),
    ("/example/colour", "blue", ""),
    ("/example/prompt", GONE, ""),
    ("/example", {"duration": 5, "multi_shots": True, "shots": [{"text": "Rain", "seconds": 4}]}, "/example/shots"),
]


@pytest.mark.parametrize(("spoiled", "value", "said"), HEAD + OF_FIELDS + OF_RULES + OF_PRICES + OF_EXAMPLES)
def test_a_spoiled_card_is_told_where(spoiled: str, value: object, said: str) -> None:
    found = pointers((spoiled, value))

    assert (said or spoiled) in found
    assert all(leads_somewhere(pointer, changed((spoiled, value))) for pointer in found)


def test_all_that_is_wrong_is_said_at_once_and_in_the_order_of_the_file() -> None:
    spoiled = [("/title", 3), (f"{FIELDS}/duration/maximum", GONE), ("/rules/0/then/required/0", "shot"), ("/pricing/as_of", "x")]

    assert pointers(*spoiled) == ["/title", f"{FIELDS}/duration", "/rules/0/then/required/0", "/pricing/as_of"]


def test_a_sentence_says_what_to_do_about_an_open_end() -> None:
    (problem,) = check(changed((f"{FIELDS}/duration/minimum", GONE), (f"{FIELDS}/duration/maximum", GONE)), WHERE)

    assert (
        problem.message == "has no end: minimum and maximum are missing; add them, and name in x-assumed what the provider does not print."
    )


def test_a_misspelt_key_is_answered_with_the_right_one() -> None:
    (problem,) = check(changed(("/use_case", ["x"])), WHERE)

    assert (problem.pointer, problem.message) == ("/use_case", "is unknown here; perhaps 'use_cases' is meant.")


def test_a_rule_that_nothing_meets_or_nothing_breaks_says_nothing() -> None:
    always = {"if": {"type": "object"}, "then": {"properties": {"duration": {"maximum": 15}}}, "message": "At most 15 s."}
    never = {"if": {"type": "object"}, "then": {"properties": {"duration": {"maximum": 1}}, "required": ["duration"]}, "message": "1 s."}

    (idle,) = check(changed(("/rules/-", always)), WHERE)
    assert (idle.pointer, "broken" in idle.message) == ("/rules/2", True)
    assert "/example/duration" in pointers(("/rules/-", never))


def test_a_card_without_a_published_price_needs_none() -> None:
    unpublished = [("/pricing/credits", None), ("/pricing/unpublished", True), ("/pricing/confidence", "none")]

    assert pointers(*unpublished) == []


def test_a_combination_that_a_rule_forbids_needs_no_price() -> None:
    rule = {
        "if": {"properties": {"resolution": {"const": "1080p"}}, "required": ["resolution"]},
        "then": {"properties": {"sound": {"const": False}}, "required": ["sound"]},
        "message": "1080p is silent.",
    }

    assert pointers(("/pricing/credits/1080p|true", GONE), ("/rules/-", rule)) == []


def test_a_price_by_the_presence_of_files_is_asked_for_both() -> None:
    axis = {"name": "picture", "nonempty": ["images"]}
    prices = {"720p|yes": 1, "720p|no": 2, "1080p|yes": 3}
    (problem,) = check(changed(("/pricing/axes/1", axis), ("/pricing/credits", prices)), WHERE)

    assert (problem.pointer, "'1080p|no'" in problem.message) == ("/pricing/credits", True)


def test_links_need_an_end_in_a_field_of_one_file_too() -> None:
    assert pointers((f"{FIELDS}/frame", {key: value for key, value in LINK.items() if key != "maxLength"})) == [f"{FIELDS}/frame"]
    assert pointers((f"{FIELDS}/frame", LINK)) == []


@pytest.mark.parametrize("data", [None, [], "card", 5])
def test_what_is_no_object_is_no_card(data: object) -> None:
    assert [problem.pointer for problem in check(data, WHERE)] == [""]


@pytest.mark.parametrize("key", EXAMPLE)
@pytest.mark.parametrize("value", [None, 3, "x", [], {}, [3], {"x": 3}], ids=repr)
def test_whatever_stands_at_a_key_is_no_traceback(key: str, value: Any) -> None:
    card = {**EXAMPLE, key: value}

    assert [problem for problem in check(card, WHERE) if not leads_somewhere(problem.pointer, card)] == []


@pytest.mark.parametrize("key", EXAMPLE["pricing"])
@pytest.mark.parametrize("value", [None, 3, "x", [], {}, [3], {"x": 3}], ids=repr)
def test_whatever_stands_in_the_prices_is_no_traceback(key: str, value: Any) -> None:
    card = changed((f"/pricing/{key}", value))

    assert [problem for problem in check(card, WHERE) if not leads_somewhere(problem.pointer, card)] == []


JUNK: list[Any] = [None, 3, -1, 0.5, "x", "", [], {}, [3], {"x": 3}, True, "a/b~c", [{}], [[]], {"enum": []}, 10**30, "\ud800"]


@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_done_to_a_card_every_pointer_leads_somewhere(seed: int) -> None:
    random = Random(seed)
    for _ in range(80):
        card = json.loads(random.choice(FILES).read_text(encoding="utf-8"))
        for _ in range(random.choice((1, 2))):
            spoil(card, random)
        where = f"{card.get('gateway')}/{str(card.get('id')).replace('/', '__')}.json"
        assert [problem for problem in check(card, where) if not leads_somewhere(problem.pointer, card)] == []


def spoil(card: dict[str, Any], random: Random) -> None:
    """Something is taken out or replaced, anywhere in the card."""
    containers = [place for place in containers_of(card) if place]
    place = random.choice(containers)
    key = random.choice(list(place) if isinstance(place, dict) else range(len(place)))
    if random.random() < 0.3:
        del place[key]
    else:
        place[key] = random.choice(JUNK)


def containers_of(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        yield value
        for part in value.values() if isinstance(value, dict) else value:
            yield from containers_of(part)


@pytest.mark.parametrize("text", ["", "{", '{"id": 1, "id": 2}'])
def test_a_text_that_is_no_json_or_says_a_key_twice_is_told_so(text: str) -> None:
    (problem,) = check_text(text, WHERE)

    assert (problem.pointer, problem.message.startswith("is no JSON")) == ("", True)


def test_a_text_is_checked_like_its_content() -> None:
    assert check_text(json.dumps(EXAMPLE), WHERE) == []


def test_two_files_cannot_claim_the_same_id_alias_or_title() -> None:
    other = changed(("/id", "example/storyboard-preview"), ("/aliases", []))
    found = [(where, problem.pointer) for where, problem in shared_ids({"a.json": EXAMPLE, "b.json": other})]

    assert found == [("b.json", "/id"), ("b.json", "/title")]
    assert shared_ids({"a.json": EXAMPLE, "b.json": {**EXAMPLE, "gateway": "modkie"}}) == []


def test_every_kind_of_check_has_its_arguments_listed() -> None:
    assert set(ARGUMENTS) == KINDS
