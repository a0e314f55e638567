"""The one validator: every problem at once, at its field, under its rule's name, in a sentence."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.catalog import pricing, registry, schema
from playground.catalog.schema import Problem, validate
from tests.catalog.cards import PROMPT, make_card
from tests.reference.oracle import card_of, models
from tests.reference.payloads import Maker

FIELDS: dict[str, dict[str, Any]] = {
    "prompt": PROMPT,
    "ratio": {"title": "Ratio", "enum": ["16:9", "1:1"]},
    "seconds": {"type": "integer", "title": "Seconds", "minimum": 1, "maximum": 15},
    "step": {"type": "number", "title": "Step", "minimum": 0, "maximum": 10, "multipleOf": 0.5},
    "sound": {"type": "boolean", "title": "Sound"},
    "image": {"type": "string", "title": "Image", "format": "uri", "maxLength": 2000},
    "images": {
        "type": "array",
        "title": "Images",
        "minItems": 1,
        "maxItems": 2,
        "uniqueItems": True,
        "items": {"type": "string", "format": "uri", "maxLength": 2000},
    },
    "shots": {
        "type": "array",
        "title": "Shots",
        "maxItems": 3,
        "items": {
            "type": "object",
            "properties": {"prompt": PROMPT, "seconds": {"type": "integer", "minimum": 1, "maximum": 9}},
            "required": ["prompt"],
            "additionalProperties": False,
        },
    },
    "a/b~c": {"type": "string", "title": "Odd name", "maxLength": 3},
}
RULES = [
    {
        "if": {"required": ["image"]},
        "then": {"not": {"anyOf": [{"required": ["ratio"]}]}},
        "message": "Ratio follows the image; leave it out.",
    },
    {
        "if": {"properties": {"sound": {"const": True}}, "required": ["sound"]},
        "then": {"required": ["seconds"], "properties": {"step": {"maximum": 1}}},
        "message": "Sound needs a length and small steps.",
    },
    {
        "if": {"required": ["shots"]},
        "then": {"anyOf": [{"required": ["image"]}, {"required": ["images"]}]},
        "message": "Shots need a picture.",
    },
]
CARD = make_card(FIELDS, required=["prompt"], rules=RULES)

CASES: list[tuple[dict[str, Any], str, str, str]] = [
    # payload beside a valid prompt, pointer, rule, words of the sentence
    ({"ratio": "2:1"}, "/ratio", "enum", "Ratio must be one of 16:9, 1:1."),
    ({"seconds": 0}, "/seconds", "minimum", "Seconds must be at least 1."),
    ({"seconds": 16}, "/seconds", "maximum", "Seconds must be at most 15."),
    ({"seconds": "5"}, "/seconds", "type", "Seconds must be a whole number."),
    ({"seconds": 5.5}, "/seconds", "type", "Seconds must be a whole number."),
    ({"seconds": True}, "/seconds", "type", "Seconds must be a whole number."),
    ({"step": "x"}, "/step", "type", "Step must be a number."),
    ({"step": 0.3}, "/step", "multiple_of", "Step"),
    ({"sound": "true"}, "/sound", "type", "Sound must be true or false."),
    ({"sound": 1}, "/sound", "type", "Sound must be true or false."),
    ({"image": "no url"}, "/image", "format", "Image must be a valid URL."),
    ({"images": "https://a.example/"}, "/images", "type", "Images must be a list."),
    ({"images": []}, "/images", "min_items", "Images takes at least 1."),
    (
        {"images": ["https://a.example/1", "https://a.example/2", "https://a.example/3"]},
        "/images",
        "max_items",
        "Images takes at most 2; there are 3.",
    ),
    ({"images": ["https://a.example/1", "no url"]}, "/images/1", "format", "Images 2 must be a valid URL."),
    ({"images": ["https://a.example/1"] * 2}, "/images", "unique_items", "Images"),
    ({"shots": [{"prompt": "a"}, {}]}, "/shots/1/prompt", "required", "Shots 2 · Prompt is required."),
    ({"shots": [{"prompt": "a", "x": 1}]}, "/shots/0/x", "unknown_field", "'x' is not a field of Test Model."),
    ({"shots": [{"prompt": "a", "seconds": 10}]}, "/shots/0/seconds", "maximum", "Shots 1 · seconds must be at most 9."),
    ({"shots": ["a"]}, "/shots/0", "type", "Shots 1 must be an object."),
    ({"a/b~c": "long"}, "/a~1b~0c", "max_length", "Odd name is 1 characters too long (at most 3)."),
    ({"nonsense": 1}, "/nonsense", "unknown_field", "'nonsense' is not a field of Test Model."),
    ({"image": "https://a.example/1", "ratio": "1:1"}, "/ratio", "rule-1", "Ratio follows the image; leave it out."),
    ({"sound": True}, "/seconds", "rule-2", "Sound needs a length"),
    ({"sound": True, "seconds": 5, "step": 2}, "/step", "rule-2", "Sound needs a length"),
    ({"shots": [{"prompt": "a"}]}, "/image", "rule-3", "Shots need a picture."),
]


@pytest.mark.parametrize(("payload", "pointer", "rule", "words"), CASES, ids=[f"{case[1]} {case[2]}" for case in CASES])
def test_a_problem_names_field_rule_and_remedy(payload: dict[str, Any], pointer: str, rule: str, words: str) -> None:
    (problem,) = validate(CARD, {"prompt": "A test"} | payload)

    assert (problem.pointer, problem.rule) == (pointer, rule)
    assert problem.message.startswith(words)
    assert problem.message.endswith(".")


@pytest.mark.parametrize(
    ("payload", "rule", "words"),
    [
        ({}, "required", "Prompt is required."),
        ({"prompt": ""}, "min_length", "Prompt is required."),
        ({"prompt": "x" * 101}, "max_length", "Prompt is 1 characters too long (at most 100)."),
        ({"prompt": None}, "type", "Prompt must be text."),
        ({"prompt": ["x"]}, "type", "Prompt must be text."),
        ({"prompt": "a\x00b"}, "characters", "The text holds a character that cannot be stored."),
        ({"prompt": "a\udfffb"}, "characters", "The text holds a character that cannot be stored."),
    ],
    ids=str,
)
def test_a_prompt_is_text_that_can_be_stored(payload: dict[str, Any], rule: str, words: str) -> None:
    assert validate(CARD, payload) == [Problem("/prompt", rule, words)]


@pytest.mark.parametrize("payload", [None, [], "text", 7, True])
def test_an_input_that_is_no_object_is_one_problem(payload: object) -> None:
    assert validate(CARD, payload) == [Problem("", "type", "The input must be an object.")]


RANGES: dict[str, Any] = {
    "auto": {"type": "integer", "title": "Duration", "minimum": -1, "maximum": 30, "anyOf": [{"const": -1}, {"minimum": 4}]},
    "digits": {
        "type": "string",
        "title": "Seconds",
        "maxLength": 4,
        "pattern": "^([6-9]|[12][0-9]|30)$",
        "x-number-string": True,
        "x-minimum": 6,
        "x-maximum": 30,
    },
    "whole": {"type": "string", "title": "Length", "maxLength": 4, "pattern": "^[0-9]+$", "x-number-string": True},
    "page": {"type": "string", "title": "Page", "maxLength": 90, "pattern": "^https://sora\\.chatgpt\\.com/"},
    "span": {"type": "string", "title": "Span", "maxLength": 9, "pattern": "^\\d+,\\d+$", "description": "Start and end, as in 1,3."},
}


@pytest.mark.parametrize(
    ("name", "value", "rule", "words"),
    [
        ("auto", 2, "range", "Duration must be -1 or 4 to 30."),
        ("auto", -2, "minimum", "Duration must be -1 or 4 to 30."),
        ("auto", 31, "maximum", "Duration must be -1 or 4 to 30."),
        ("digits", "5", "pattern", "Seconds must be 6 to 30."),
        ("digits", "12345", "max_length", "Seconds must be 6 to 30."),
        ("whole", "5s", "pattern", "Length must be a whole number in digits."),
        ("page", "https://example.com/", "pattern", "Page must begin with https://sora.chatgpt.com/."),
        ("span", "1-3", "pattern", "Span is not written as the model reads it: start and end, as in 1,3."),
    ],
)
def test_a_range_is_told_whole_and_once(name: str, value: object, rule: str, words: str) -> None:
    assert validate(make_card(RANGES), {name: value}) == [Problem(f"/{name}", rule, words)]


@pytest.mark.parametrize(
    "payload", [{"auto": -1}, {"auto": 4}, {"digits": "6"}, {"digits": "30"}, {"whole": "5"}, {"span": "1,3"}], ids=str
)
def test_the_ends_of_a_range_belong_to_it(payload: dict[str, Any]) -> None:
    assert validate(make_card(RANGES), payload) == []


@pytest.mark.parametrize(
    ("payload", "is_missing"),
    [
        ({}, True),
        ({"prompt": ""}, True),
        ({"prompt": "x", "sound": True}, True),
        ({"prompt": "x", "shots": [{"prompt": "a"}]}, True),
        ({"prompt": "x", "images": []}, True),
        ({"prompt": 7}, False),
        ({"prompt": "x", "seconds": 99}, False),
        ({"prompt": "x", "image": "https://a.example/1", "ratio": "1:1"}, False),
        ({"prompt": "x", "sound": True, "seconds": 5, "step": 2}, False),
    ],
    ids=str,
)
def test_what_is_still_to_be_given_is_told_from_what_is_wrong(payload: dict[str, Any], is_missing: bool) -> None:
    assert [problem.is_missing for problem in validate(CARD, payload)] == [is_missing]


def test_a_rule_is_told_at_every_field_that_breaks_it() -> None:
    rule = {
        "if": {"required": ["a"]},
        "then": {"not": {"anyOf": [{"required": ["b"]}, {"required": ["c"]}, {"required": ["d"]}]}},
        "message": "Not together.",
    }
    fields = {name: {"type": "boolean"} for name in "abcd"}

    problems = validate(make_card(fields, rules=[rule]), {"a": True, "c": True, "d": False})
    assert [(problem.pointer, problem.rule) for problem in problems] == [("/c", "rule-1"), ("/d", "rule-1")]


def test_of_two_fields_that_exclude_each_other_the_second_is_one_too_many() -> None:
    rule = {"if": {"type": "object"}, "then": {"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}, "message": "One of the two."}
    card = make_card({name: {"type": "boolean"} for name in "ab"}, rules=[rule])

    assert [(problem.pointer, problem.is_missing) for problem in validate(card, {})] == [("/a", True)]
    assert [(problem.pointer, problem.is_missing) for problem in validate(card, {"a": True, "b": True})] == [("/b", False)]
    assert validate(card, {"b": True}) == []


def test_all_problems_come_at_once_in_the_order_of_the_fields() -> None:
    problems = validate(CARD, {"seconds": 99, "ratio": "2:1", "nonsense": 1})

    assert [problem.pointer for problem in problems] == ["/nonsense", "/prompt", "/ratio", "/seconds"]


@pytest.mark.parametrize("character", ["\n", "\t", "\x7f", "\u2028", "\ufeff", "é", "👩‍👩‍👧", "\x1b"])
def test_other_characters_are_the_author_s_business(character: str) -> None:
    assert validate(CARD, {"prompt": f"a{character}b"}) == []


def test_a_length_is_counted_in_characters() -> None:
    assert validate(CARD, {"prompt": "🎬" * 100}) == []


@pytest.mark.parametrize("value", [1, 15, 5.0])
def test_a_whole_number_may_be_written_with_a_point(value: float) -> None:
    assert validate(CARD, {"prompt": "x", "seconds": value}) == []


def test_empty_form_fields_say_nothing() -> None:
    typed: dict[str, object] = {"prompt": "x", "image": "", "images": [], "seconds": None, "sound": False, "step": 0}

    assert schema.without_empty(typed) == {"prompt": "x", "sound": False, "step": 0}


@pytest.mark.parametrize(("pointer", "field"), [("", ""), ("/prompt", "prompt"), ("/shots/1/prompt", "shots"), ("/a~1b~0c", "a/b~c")])
def test_a_problem_knows_its_top_level_field(pointer: str, field: str) -> None:
    assert Problem(pointer, "rule", "Words.").field == field


texts = st.text(st.characters(), max_size=30)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=10,
)
payloads = json_values | st.dictionaries(st.sampled_from(sorted(FIELDS)) | texts, json_values, max_size=6)


@settings(deadline=None)
@given(payloads)
def test_any_json_is_valid_or_explained(payload: object) -> None:
    for card in (CARD, *registry.live_cards()):
        problems = validate(card, payload)

        assert all(problem.message.endswith(".") and problem.rule for problem in problems)
        assert all(problem.pointer == "" or problem.pointer.startswith("/") for problem in problems)


PRICED = [model for model in models() if model["pricing"]["credits"] is not None]


@settings(deadline=None)
@given(st.sampled_from(PRICED), st.integers())
def test_whatever_is_valid_has_a_price(model: Any, seed: int) -> None:
    card, payload = card_of(model), Maker(model, random.Random(seed)).payload()
    if not validate(card, payload):
        quote = pricing.quote(card, payload)
        assert 0 < quote.min_millicredits <= quote.max_millicredits
