"""What a form is told before somebody runs into a rule, and what it does by itself."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from playground.catalog import registry, schema
from playground.catalog.card import Card, CardError
from playground.catalog.facts import Facts, MediaFacts
from playground.catalog.guidance import FieldGuide, OneOf, guide, settle
from playground.catalog.rules import Forbids, Narrows, Needs, rules_of
from playground.catalog.values import choices_of, spelled, without_empty
from tests.catalog.cards import make_card
from tests.reference.oracle import card_of, models, name_of
from tests.reference.payloads import Maker

PICTURE, CLIP, VOICE = (f"https://example.com/uploads/{name}" for name in ("a.png", "b.mp4", "c.wav"))
NOTHING = FieldGuide()
WITH_RULES = [model for model in models() if model["rules"]]
each_model_with_rules = pytest.mark.parametrize("model", WITH_RULES, ids=name_of)


def guides(model_id: str, payload: dict[str, Any], facts: Facts | None = None) -> dict[str, FieldGuide]:
    """The guides of the fields about which there is something to say."""
    found = guide(registry.get(model_id), payload, facts or Facts())
    return {name: said for name, said in found.items() if said != NOTHING}


def changes(model_id: str, payload: dict[str, Any], edited: str = "") -> list[tuple[str, Any, Any]]:
    return [(change.field, change.old, change.new) for change in settle(registry.get(model_id), payload, edited).changes]


def message(model_id: str, number: int) -> str:
    """The sentence of a rule, counted from 1."""
    return str(registry.get(model_id).rules[number - 1]["message"])


def lasting(**seconds: float) -> Facts:
    return Facts(
        media={url: MediaFacts(seconds=Decimal(str(seconds[kind]))) for kind, url in (("clip", CLIP), ("voice", VOICE)) if kind in seconds}
    )


def test_a_mode_without_pictures_shuts_the_picture_field_and_pictures_shut_the_mode() -> None:
    reason = message("veo3", 1)

    assert guides("veo3", {"generationType": "TEXT_2_VIDEO"})["imageUrls"].forbidden == reason
    assert guides("veo3", {"imageUrls": [PICTURE]})["generationType"].choices == {"TEXT_2_VIDEO": reason}
    assert guides("veo3", {}) == {}


def test_of_a_mode_and_its_opposite_the_one_edited_last_stays() -> None:
    both = {"prompt": "x", "generationType": "TEXT_2_VIDEO", "imageUrls": [PICTURE]}

    assert changes("veo3", both) == [("imageUrls", [PICTURE], None)]
    assert changes("veo3", both, "generationType") == [("imageUrls", [PICTURE], None)]
    assert changes("veo3", both, "imageUrls") == [("generationType", "TEXT_2_VIDEO", None)]


def test_a_mode_that_needs_pictures_asks_for_them_and_narrows_the_rest() -> None:
    found = guides("veo3_fast", {"generationType": "REFERENCE_2_VIDEO"})
    reason = message("veo3_fast", 3)

    assert (found["imageUrls"].required, found["imageUrls"].min_items, found["imageUrls"].max_items) == (reason, 1, 3)
    assert found["duration"].choices == {"4": reason, "6": reason}
    assert found["aspect_ratio"].choices == {"Auto": reason}
    assert changes("veo3_fast", {"generationType": "REFERENCE_2_VIDEO", "duration": 4, "aspect_ratio": "Auto"}) == [
        ("duration", 4, 8),
        ("aspect_ratio", "Auto", "16:9"),
    ]


def test_a_resolution_with_one_length_bites_on_the_length_only() -> None:
    model = "hailuo/2-3-image-to-video-pro"

    assert guides(model, {"resolution": "1080P"})["duration"].choices == {"10": message(model, 1)}
    assert "resolution" not in guides(model, {"duration": "10"})
    assert changes(model, {"resolution": "1080P", "duration": "10"}, "resolution") == [("duration", "10", "6")]


def test_a_change_says_why() -> None:
    (change,) = settle(registry.get("runway/generate"), {"quality": "1080p", "duration": 10, "aspectRatio": "1:1"}).changes

    assert (change.field, change.old, change.new, change.reason) == ("duration", 10, 5, message("runway/generate", 1))


def test_frames_and_references_shut_each_other_out() -> None:
    model, reason = "bytedance/seedance-2", message("bytedance/seedance-2", 1)
    frames = {name for name, said in guides(model, {"reference_image_urls": [PICTURE]}).items() if said.forbidden == reason}
    references = {name for name, said in guides(model, {"first_frame_url": PICTURE}).items() if said.forbidden == reason}

    assert frames == {"first_frame_url", "last_frame_url"}
    assert references == {"reference_image_urls", "reference_video_urls", "reference_audio_urls"}


def test_of_frames_and_references_the_side_edited_last_stays_else_the_first() -> None:
    model = "bytedance/seedance-2"
    both = {"first_frame_url": PICTURE, "last_frame_url": PICTURE, "reference_image_urls": [PICTURE]}

    assert settle(registry.get(model), both, "reference_image_urls").payload == {"reference_image_urls": [PICTURE]}
    assert "reference_image_urls" not in settle(registry.get(model), both, "last_frame_url").payload
    assert "reference_image_urls" not in settle(registry.get(model), both).payload


def test_a_last_frame_waits_for_a_first_frame() -> None:
    model, reason = "bytedance/seedance-2", message("bytedance/seedance-2", 2)

    assert guides(model, {}) == {"last_frame_url": FieldGuide(forbidden=reason)}
    assert "last_frame_url" not in guides(model, {"first_frame_url": PICTURE})
    assert guides(model, {"last_frame_url": PICTURE})["first_frame_url"].required == reason
    assert changes(model, {"last_frame_url": PICTURE}) == [], "an upload is not thrown away because something is missing"


def test_elements_wait_for_a_start_picture() -> None:
    assert guides("kling-3.0/video", {})["kling_elements"].forbidden == message("kling-3.0/video", 3)
    assert "kling_elements" not in guides("kling-3.0/video", {"image_urls": [PICTURE]})


def test_a_single_shot_needs_a_prompt_and_many_shots_a_list() -> None:
    assert guides("kling-3.0/video", {"multi_shots": False})["prompt"].required == message("kling-3.0/video", 1)

    found = guides("kling-3.0/video", {"multi_shots": True})
    assert "prompt" not in found
    assert found["multi_prompt"].required and found["multi_prompt"].min_items == 1
    assert found["image_urls"].max_items == 1
    assert changes("kling-3.0/video", {"multi_shots": True, "image_urls": [PICTURE, CLIP]}) == [], "one picture too many stays a problem"


def test_one_of_two_fields_is_asked_for_until_one_is_given() -> None:
    asked = OneOf(message("wan/2-7-image-to-video", 1), ("first_frame_url", "first_clip_url"))

    found = guides("wan/2-7-image-to-video", {})
    assert found["first_frame_url"].one_of == found["first_clip_url"].one_of == asked
    assert all(said.one_of is None for said in guides("wan/2-7-image-to-video", {"first_clip_url": CLIP}).values())


def test_exactly_one_of_two_fields_shuts_the_other() -> None:
    reason = message("pixverse-v6/extend", 1)

    assert guides("pixverse-v6/extend", {"taskId": "x"}) == {"video_url": FieldGuide(forbidden=reason)}
    assert guides("pixverse-v6/extend", {"video_url": CLIP}) == {"taskId": FieldGuide(forbidden=reason)}
    assert changes("pixverse-v6/extend", {"taskId": "x", "video_url": CLIP}, "video_url") == [("taskId", "x", None)]


@pytest.mark.parametrize(
    ("model", "payload", "dropped"),
    [
        ("grok-imagine/image-to-video", {"image_urls": [PICTURE], "index": 0}, "index"),
        ("volcengine/video-to-video-lip-sync", {"mode": "basic", "templ_start_seconds": 0}, "templ_start_seconds"),
        ("pixverse-v6/image-to-video", {"image_urls": [PICTURE], "template_id": 7, "duration": 5}, "duration"),
        (
            "kling-3.0-omni/text-to-video",
            {"customize_multi_shots": False, "multi_prompt": [{"prompt": "a", "duration": 3}]},
            "multi_prompt",
        ),
    ],
)
def test_a_forbidden_field_is_not_sent_even_if_it_has_a_default(model: str, payload: dict[str, Any], dropped: str) -> None:
    assert settle(registry.get(model), payload).payload == {name: value for name, value in payload.items() if name != dropped}
    assert guides(model, payload)[dropped].forbidden


def test_a_default_keeps_nothing_out() -> None:
    """The length is always there; if it counted, no effect template could ever be chosen."""
    assert "template_id" not in guides("pixverse-v6/image-to-video", {"image_urls": [PICTURE], "duration": 5})


def test_a_needed_field_with_a_default_comes_back_by_itself() -> None:
    assert changes("pixverse-v6/image-to-video", {"image_urls": [PICTURE]}) == [("duration", None, 5)]
    assert changes("runway/generate", {"quality": "720p"}) == [("aspectRatio", None, "16:9")]


def test_a_fixed_value_is_set_and_the_other_choices_are_impossible() -> None:
    model = "kling-3.0-omni/reference-to-video"
    found = guides(model, {"video_urls": [CLIP], "audio": True, "aspect_ratio": "16:9"})

    assert found["audio"].choices == {"true": message(model, 4)}
    assert set(found["aspect_ratio"].choices) == {"16:9", "9:16", "1:1"}
    assert changes(model, {"video_urls": [CLIP], "audio": True, "aspect_ratio": "16:9"}) == [
        ("audio", True, False),
        ("aspect_ratio", "16:9", "auto"),
    ]


def test_a_rule_on_what_is_absent_bites_until_it_is_there() -> None:
    model, shots = "kling-3.0-omni/image-to-video", {"customize_multi_shots": True, "multi_prompt": [{"prompt": "a", "duration": 3}]}

    assert set(guides(model, {"image_urls": [PICTURE]})["aspect_ratio"].choices) == {"16:9", "9:16", "1:1"}
    assert "aspect_ratio" not in guides(model, {"image_urls": [PICTURE]} | shots)


def test_what_is_left_of_a_shared_allowance_is_each_field_s_most() -> None:
    found = guides("kling-3.0-omni/reference-to-video", {"video_urls": [CLIP], "image_urls": [PICTURE] * 3})

    assert (found["image_urls"].max_items, found["elements"].max_items) == (4, 1)
    assert found["elements"].narrowed == "Reference images and Elements come to at most 4 together while Reference video is given."
    full = guides("kling-3.0-omni/reference-to-video", {"image_urls": [PICTURE] * 7})
    assert full["elements"].forbidden == "Reference images and Elements come to at most 7 together while Reference video is not given."


def test_a_clip_counts_for_two_pictures() -> None:
    found = guides("gemini-omni-video", {"video_list": [{"url": CLIP, "start": 0, "ends": 4}]})

    assert found["image_urls"].max_items == 5
    assert found["character_ids"].max_items == 3


def test_a_file_that_is_too_long_shuts_a_mode() -> None:
    model, payload = "kling-2.6/motion-control", {"video_urls": [CLIP], "character_orientation": "video"}

    (reason,) = guides(model, payload, lasting(clip=12))["character_orientation"].choices.items()
    assert reason[0] == "image" and "lasts 12 s; at most 10 s" in reason[1]
    assert guides(model, payload, lasting(clip=9)) == {}


def test_the_length_of_reference_clips_leaves_so_much_for_the_result() -> None:
    found = guides("wan/3-0-video", {"reference_video_urls": [CLIP], "duration": 5}, lasting(clip=12))

    assert found["duration"].maximum == 18
    assert "duration" not in guides("wan/3-0-video", {"reference_video_urls": [CLIP], "duration": 5})


def test_a_rule_that_says_more_than_rules_can_say_is_named() -> None:
    card = make_card(rules=[{"if": {"required": ["prompt"]}, "then": {"properties": {"prompt": {"pattern": "x"}}}, "message": "No."}])

    with pytest.raises(CardError, match=r"/rules/0/then: 'pattern' has no meaning in a rule"):
        guide(card, {})


def test_bounds_of_a_number_and_a_list_are_narrowed_too() -> None:
    fields = {
        "draft": {"type": "boolean", "title": "Draft"},
        "seconds": {"type": "integer", "title": "Seconds", "minimum": 1, "maximum": 15, "default": 10},
    }
    rule = {"if": {"properties": {"draft": {"const": True}}, "required": ["draft"]}, "then": {"properties": {"seconds": {"maximum": 4}}}}
    card = make_card(fields, rules=[rule | {"message": "A draft is short."}])

    assert guide(card, {"draft": True})["seconds"] == FieldGuide(maximum=4, narrowed="A draft is short.")
    assert settle(card, {"draft": True, "seconds": 12}).payload == {"draft": True, "seconds": 4}


# ---------------------------------------------------------------- whatever is in the form


def payloads(model: Any, count: int) -> Iterator[dict[str, Any]]:
    """Random contents of a form: nothing that is not a field, nothing empty."""
    maker = Maker(model, random.Random(f"{name_of(model)} in a form"))
    for _ in range(count):
        payload = without_empty(maker.payload())
        yield {name: value for name, value in payload.items() if name in maker.fields}


def broken(card: Card, payload: dict[str, Any]) -> list[str]:
    """Rules that forbid, fix or narrow and are broken; what is only missing, or one too many in a list, is the person's to mend."""
    found = []
    for rule in rules_of(card):
        for effect in rule.effects if rule.holds(payload) else ():
            for name, is_missing in effect.breaches(payload):
                too_many = isinstance(effect, Narrows) and isinstance(payload.get(name), list)
                if not is_missing and not too_many:
                    found.append(f"{rule.message} ({name})")
    return found


@each_model_with_rules
def test_a_settled_payload_breaks_no_rule_and_stays_as_it_is(model: Any) -> None:
    card = card_of(model)
    for payload in payloads(model, 60):
        for edited in ("", *card.properties):
            settled = settle(card, payload, edited)
            assert broken(card, settled.payload) == [], (payload, edited)
            assert settle(card, settled.payload, edited).changes == []
            told = {change.field: change.new for change in settled.changes}
            undone = {name: value for name, value in {**payload, **told}.items() if value is not None}
            assert undone == settled.payload, "every change is told"


@each_model_with_rules
def test_a_choice_that_is_not_called_impossible_stays_once_it_is_made(model: Any) -> None:
    card = card_of(model)
    for payload in payloads(model, 60):
        settled = settle(card, payload).payload
        for name, said in guide(card, settled).items():
            for choice in choices_of(card.properties[name]):
                made = {**settled, name: choice}
                if spelled(choice) in said.choices:
                    assert broken(card, made), f"{name}={choice} would break nothing in {settled}"
                elif not said.forbidden:
                    assert settle(card, made, name).payload.get(name) == choice, (settled, name, choice)


@each_model_with_rules
def test_a_field_that_is_not_called_forbidden_stays_once_it_is_given(model: Any) -> None:
    card = card_of(model)
    maker = Maker(model, random.Random("a value"))
    for payload in payloads(model, 60):
        settled = settle(card, payload).payload
        for name, said in guide(card, settled).items():
            value = maker.value(card.properties[name])
            if name in settled or not without_empty({name: value}) or choices_of(card.properties[name]):
                continue
            given = {**settled, name: value}
            if said.forbidden:
                problems = {rule.message for rule in rules_of(card) if rule.breaches(given)}
                assert said.forbidden in problems or "come to at most" in said.forbidden, (settled, name)
            else:
                kept = settle(card, given, name).payload
                assert kept.get(name) == value, (settled, name)
                dropped = [other for other in settled if other not in kept and other not in card.defaults]
                assert dropped == [], f"nothing said that {name} would cost {dropped} in {settled}"


def sides_of(card: Card, number: int, found: list[dict[str, Any]]) -> set[str]:
    """On which sides of a rule random payloads come to stand: it applies and is kept, applies and is broken, does not apply."""
    rule = rules_of(card)[number]
    return {"off" if not rule.holds(payload) else "broken" if rule.breaches(payload) else "kept" for payload in found}


def shown(card: Card, payload: dict[str, Any]) -> tuple[dict[str, FieldGuide], dict[str, Any]]:
    return guide(card, payload), settle(card, payload).payload


def without_rule(card: Card, number: int) -> Card:
    rules = card.rules[:number] + card.rules[number + 1 :]
    return dataclasses.replace(card, rules=rules, version=f"{card.version}-{number}")


@each_model_with_rules
def test_every_rule_bites_in_form_and_validator_alike(model: Any) -> None:
    """Both sides of each rule are reached, and taking it out changes what is refused and what is shown or done."""
    card = card_of(model)
    found = list(payloads(model, 400))
    for number, rule in enumerate(rules_of(card)):
        always = not list(rule.condition.names())
        assert sides_of(card, number, found) >= ({"kept", "broken"} if always else {"kept", "broken", "off"}), rule.message
        poorer = without_rule(card, number)
        assert any(shown(card, payload) != shown(poorer, payload) for payload in found), rule.message
        if any(isinstance(effect, Forbids) or (isinstance(effect, Narrows) and effect.choices) for effect in rule.effects):
            assert any(settle(card, payload).payload != settle(poorer, payload).payload for payload in found), rule.message
        assert any(schema.validate(card, payload) != schema.validate(poorer, payload) for payload in found), rule.message


def test_all_rules_of_all_cards_are_read() -> None:
    rules = [rule for card in registry.all_cards() for rule in rules_of(card)]

    assert len(rules) == sum(len(model["rules"]) for model in models()) == 66
    assert {type(effect) for rule in rules for effect in rule.effects} == {Forbids, Needs, Narrows}
