"""The form of a card: its widgets, the payload that it makes, and what it says about bad input."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.http import QueryDict

from playground.catalog import registry
from playground.catalog.card import Card, CardError, parse_card
from playground.web.forms import CardForm, form_class_for
from tests.factories import KLING, VEO
from tests.web.playground import HOSTILE, KLING_FIELDS, VEO_FIELDS


def posted(card: Card, fields: dict[str, Any]) -> CardForm:
    data = QueryDict(mutable=True)
    data.update(fields)
    return form_class_for(card)(data)


def veo(**changes: Any) -> CardForm:
    return posted(registry.get(VEO), VEO_FIELDS | changes)


def kling(**changes: Any) -> CardForm:
    return posted(registry.get(KLING), KLING_FIELDS | changes)


def card_with(properties: dict[str, Any], *, required: tuple[str, ...] = ()) -> Card:
    """A card whose fields are the given ones, for the shapes that the cards at hand do not have."""
    base = registry.get(VEO)
    data = {
        "gateway": "modkie", "id": "maker/made-up", "vendor": "Maker", "family": "made-up", "title": "Made up", "summary": "For tests.",
        "contract": "jobs", "status": "live", "confidence": "documented", "typical_seconds": 10, "deadline_seconds": 60,
        "input": {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False},
        "pricing": {"unit": "job", "axes": [], "credits": 5}, "example": {}, "scenes": list(base.scenes),
    }  # fmt: skip
    return parse_card(json.dumps(data), where="test")


# --- the payload ----------------------------------------------------------------------------------------------------
def test_posted_text_becomes_typed_values_in_the_cards_order() -> None:
    form = kling(duration="7")
    assert form.is_valid()
    payload = form.payload()
    assert payload == {"prompt": "A calm sea at dusk", "aspect_ratio": "16:9", "resolution": "720p", "duration": 7, "generate_audio": True}
    assert list(payload) == list(registry.get(KLING).properties)
    assert isinstance(payload["duration"], int)


def test_a_choice_of_numbers_stays_a_number() -> None:
    assert veo(duration="8").payload()["duration"] == 8


def test_a_switch_that_is_off_says_so() -> None:
    fields = {name: value for name, value in KLING_FIELDS.items() if name != "generate_audio"}
    form = posted(registry.get(KLING), fields)
    assert form.is_valid()
    assert form.payload()["generate_audio"] is False


def test_an_unbound_form_has_the_defaults_and_a_takes_settings_over_them() -> None:
    form_class = form_class_for(registry.get(KLING))
    assert form_class().payload() == {"aspect_ratio": "16:9", "resolution": "720p", "duration": 5, "generate_audio": True}
    assert form_class(initial={"prompt": "Waves", "duration": 9, "generate_audio": False}).payload() == {
        "prompt": "Waves", "aspect_ratio": "16:9", "resolution": "720p", "duration": 9, "generate_audio": False,
    }  # fmt: skip


def test_empty_fields_are_left_out_and_line_breaks_are_what_was_typed() -> None:
    form = veo(prompt="one\r\ntwo", aspect_ratio="")
    assert form.payload() == {"prompt": "one\ntwo", "duration": 5}


def test_a_hostile_prompt_is_sent_as_it_is() -> None:
    form = veo(prompt=HOSTILE)
    assert form.is_valid()
    assert form.payload()["prompt"] == HOSTILE


@pytest.mark.parametrize(
    ("spec", "typed", "value"),
    [
        ({"type": "string", "x-widget": "number", "pattern": "^[0-9]+$", "x-number-string": True, "maxLength": 3}, "6", "6"),
        ({"type": "number", "x-widget": "number", "minimum": 0, "maximum": 1}, "0.5", 0.5),
        ({"type": "number", "x-widget": "number", "minimum": 0, "maximum": 9}, "5.0", 5),
        ({"type": "string", "x-widget": "text", "maxLength": 100}, " kept ", " kept "),
        (
            {"type": "string", "x-widget": "image", "format": "uri", "maxLength": 2000},
            "https://example.com/a.png",
            "https://example.com/a.png",
        ),
        ({"type": "array", "items": {"type": "string", "maxLength": 20}, "x-widget": "ids", "maxItems": 5}, "a\r\n\r\n b \r\n", ["a", "b"]),
    ],
)
def test_every_shape_of_field_reads_what_was_typed(spec: dict[str, Any], typed: str, value: object) -> None:
    form = posted(card_with({"field": spec}), {"field": typed})
    assert form.is_valid(), form.errors
    assert form.payload() == {"field": value}
    assert type(form.payload()["field"]) is type(value)


def test_a_switch_without_a_default_may_be_left_to_the_provider() -> None:
    card = card_with({"watermark": {"type": "boolean", "x-widget": "switch"}})
    assert posted(card, {}).payload() == {}
    assert posted(card, {"watermark": ""}).payload() == {}
    assert posted(card, {"watermark": "true"}).payload() == {"watermark": True}
    assert posted(card, {"watermark": "false"}).payload() == {"watermark": False}
    assert 'value="false" checked' in str(form_class_for(card)(initial={"watermark": False}))


def test_a_shape_without_a_widget_is_refused_when_the_form_is_made() -> None:
    card = card_with({"shots": {"type": "array", "items": {"type": "object"}, "x-widget": "list", "maxItems": 3}})
    with pytest.raises(CardError, match="/input/properties/shots"):
        form_class_for(card)


# --- bad input ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("fields", "field", "rule", "words"),
    [
        ({"prompt": ""}, "prompt", "required", "Prompt is required."),
        ({"prompt": "   \r\n "}, "prompt", "required", "Prompt is required."),
        ({"prompt": "x" * 20_048}, "prompt", "max_length", "48 characters too long"),
        ({"prompt": "a\x00b"}, "prompt", "characters", "cannot be stored"),
        ({"aspect_ratio": "2:1"}, "aspect_ratio", "enum", "must be one of 16:9"),
        ({"duration": "7"}, "duration", "enum", "must be one of 5, 8"),
        ({"duration": "five"}, "duration", "enum", "must be one of 5, 8"),
    ],
)
def test_a_mistake_names_field_and_rule_and_keeps_what_was_typed(fields: dict[str, str], field: str, rule: str, words: str) -> None:
    form = veo(**fields)
    assert not form.is_valid()
    assert [error.code for error in form.errors.as_data()[field]] == [rule]
    assert words in form.errors[field][0]
    assert form[field].value() == fields[field]


@pytest.mark.parametrize(
    ("typed", "rule"), [("0", "minimum"), ("16", "maximum"), ("2.5", "type"), ("many", "type"), ("9" * 5000, "type"), ("-1e5", "type")]
)
def test_a_number_out_of_bounds_is_refused(typed: str, rule: str) -> None:
    form = kling(duration=typed)
    assert not form.is_valid()
    assert {error.code for error in form.errors.as_data()["duration"]} == {rule}


def test_a_field_that_the_model_does_not_have_is_refused_by_name() -> None:
    form = veo(seed="7")
    assert not form.is_valid()
    assert "'seed' is not a field of Veo 3.1." in form.non_field_errors()


def test_two_mistakes_are_counted_and_named_above_the_form() -> None:
    form = veo(prompt="", duration="7")
    assert form.wrong
    assert form.wrong_words == "Two fields need a change."
    assert [field.label for field in form.wrong_fields] == ["Prompt", "Duration"]


def test_while_typing_a_missing_field_is_no_mistake_yet() -> None:
    form = veo(prompt="", duration="7")
    form.forgive_missing()
    assert list(form.errors) == ["duration"]


# --- the price ------------------------------------------------------------------------------------------------------
def test_the_price_does_not_wait_for_the_prompt_but_for_what_matters() -> None:
    quote = veo(prompt="").quote()
    assert quote is not None
    assert quote.hold_millicredits == 60_000
    assert veo(duration="7").quote() is None


# --- how it looks ---------------------------------------------------------------------------------------------------
def test_short_choices_stand_side_by_side_with_a_glyph_for_ratios() -> None:
    html = str(kling())
    assert html.count('type="radio" name="aspect_ratio"') == 6
    assert 'class="ar" style="--w:19px;--h:11px"' in html
    assert html.count('type="radio" name="resolution"') == 2
    assert 'role="switch"' in html


def test_long_or_open_choices_are_a_list() -> None:
    many = {
        "type": "string",
        "x-widget": "select",
        "enum": [f"choice number {number}" for number in range(9)],
        "default": "choice number 0",
    }
    may_stay_open = {"type": "string", "x-widget": "select", "enum": ["a", "b"]}
    html = str(form_class_for(card_with({"many": many, "open": may_stay_open}))())
    assert html.count("<select") == 2
    assert '<option value="" selected>Not set</option>' in html.replace("\n", "")


def test_a_number_with_both_bounds_has_a_slider_that_is_not_sent() -> None:
    html = str(kling())
    assert 'type="range" min="1" max="15"' in html
    assert html.count('name="duration"') == 1
    assert "1 – 15 s" in html


def test_the_prompt_counts_to_the_soft_limit_and_refuses_only_at_the_ceiling() -> None:
    form = kling(prompt="x" * 2_548)
    assert form.is_valid()
    assert "2,548 / 2,500" in str(form)
    assert "maxlength" not in str(form)


def test_advanced_fields_are_folded_and_the_summary_names_what_differs() -> None:
    seed = {"type": "integer", "title": "Seed", "x-widget": "number", "minimum": 0, "maximum": 99999, "x-advanced": True}
    checker = {"type": "boolean", "title": "Checker", "x-widget": "switch", "default": False, "x-advanced": True}
    card = card_with({"seed": seed, "checker": checker})
    assert posted(card, {"seed": "48213", "checker": "on"}).advanced_changes() == [("seed", 48213), ("checker", True)]
    html = str(posted(card, {"seed": "48213"}))
    assert '<details class="more">' in html
    assert "seed 48213" in html
    assert "checker off" not in html
    assert '<details class="more" open>' in str(posted(card, {"seed": "100000"}))


def test_a_mistake_is_tied_to_its_input_for_those_who_cannot_see_it() -> None:
    html = str(kling(duration="16"))
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_duration_error"' in html
    assert 'id="id_duration_error"' in html


def test_hostile_text_is_only_text_in_the_page() -> None:
    html = str(veo(prompt="</textarea><script>alert(1)</script>", aspect_ratio='"><script>', duration="<b>"))
    assert "<script>" not in html
    assert "<b>" not in html


def test_a_fix_changes_one_value_and_leaves_the_rest() -> None:
    form = veo(prompt="Eight seconds", duration="5").with_fix("duration", "8")
    assert form.is_valid()
    assert form.payload()["duration"] == 8
    assert form.payload()["prompt"] == "Eight seconds"
    assert "autofocus" in str(form)
    assert kling().with_fix("generate_audio", "false").payload()["generate_audio"] is False
    assert veo().with_fix("nobody", "x").payload() == veo().payload()
