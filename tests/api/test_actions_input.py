"""How an action's body becomes a model's input: scenes, models, files, options; and what is refused with which pointer."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings
from jsonschema import Draft202012Validator

from playground.api.actions.catalogue import ACTIONS
from playground.api.actions.files import Kind, addresses, place
from playground.api.actions.schemas import SCENES
from playground.catalog import registry
from playground.catalog.pricelist import rates_of
from playground.jobs.models import Job
from tests.api.client import Program, world

pytestmark = [pytest.mark.django_db, pytest.mark.once]
GENERATE = "ai.video.generate"
PROMPT = "gentle camera motion, natural lighting"
A, B, C = (f"https://example.com/{name}.jpg" for name in "abc")
CLIP = "https://example.com/clip.mp4"


def made(program: Program, **body: Any) -> Job:
    answer = program.act(GENERATE, {"prompt": PROMPT} | body)
    assert answer["code"] == 200, answer
    return Job.objects.get(pk=answer["data"]["taskId"])


def errors_of(program: Program, body: object, action: str = GENERATE) -> list[tuple[str, str]]:
    before = world()
    answer = program.act(action, body)
    assert answer["code"] == 422, answer
    assert world() == before
    return [(error["pointer"], error["rule"]) for error in answer["data"]["errors"]]


# --- scenes and models ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("scene", SCENES)
def test_every_scene_has_a_live_model_with_a_published_price(scene: str) -> None:
    gateway, _, model = settings.SCENE_MODELS[scene].partition("/")
    card = registry.get(model, gateway)

    assert card.is_live and gateway == "kie"
    assert rates_of(card, None)


def test_without_a_scene_it_is_text_to_video(program: Program) -> None:
    assert made(program).model_id == "bytedance/seedance-2-mini"


def test_a_clip_is_edited_by_the_default_of_its_scene(program: Program) -> None:
    job = made(program, scene="video-to-video", videoInput=CLIP, imageInput=A)

    assert (job.model_id, job.payload["video_url"], job.payload["reference_image"]) == ("wan/2-7-videoedit", CLIP, A)


def test_an_ad_is_upright_with_sound_and_its_pictures_say_what_things_look_like(program: Program) -> None:
    job = made(program, scene="ad-video", imageInput=f"{A},{B}")

    assert job.model_id == "bytedance/seedance-2-fast"
    assert job.payload == {
        "aspect_ratio": "9:16", "resolution": "720p", "duration": 8, "generate_audio": True,
        "prompt": PROMPT, "reference_image_urls": [A, B],
    }  # fmt: skip


def test_options_win_over_the_preset_of_an_ad(program: Program) -> None:
    payload = made(program, scene="ad-video", options={"aspect_ratio": "16:9", "duration": 4}).payload

    assert (payload["aspect_ratio"], payload["duration"], payload["resolution"]) == ("16:9", 4, "720p")


def test_the_preset_is_spelled_as_the_model_spells_it_and_skips_what_it_has_not(program: Program) -> None:
    payload = made(program, scene="ad-video", model="gemini-omni-video").payload

    assert payload == {"duration": "8", "aspect_ratio": "9:16", "resolution": "720p", "prompt": PROMPT}


def test_the_defaults_are_settings(program: Program) -> None:
    models = settings.SCENE_MODELS | {"text-to-video": "modkie/google/veo-3-1", "ad-video": "kie/veo3_fast"}
    with override_settings(SCENE_MODELS=models, AD_VIDEO_PRESET={"ratio": "16:9"}):
        assert made(program).model_id == "google/veo-3-1"
        ad = made(program, scene="ad-video")

    assert (ad.model_id, ad.payload["aspect_ratio"]) == ("veo3_fast", "16:9")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"model": "bytedance/seedance-2-mini"}, ("kie", "bytedance/seedance-2-mini")),
        ({"model": "kie/bytedance/seedance-2-mini"}, ("kie", "bytedance/seedance-2-mini")),
        ({"model": "bytedance/seedance-2-mini", "provider": "modkie"}, ("modkie", "bytedance/seedance-2-mini")),
        ({"model": "modkie/bytedance/seedance-2-mini"}, ("modkie", "bytedance/seedance-2-mini")),
        ({"model": "kie/veo3_fast", "provider": "kie"}, ("kie", "veo3_fast")),
        ({"model": "google/veo-3-1"}, ("modkie", "google/veo-3-1")),
        ({"provider": "modkie"}, ("modkie", "bytedance/seedance-2-mini")),
        ({"model": None, "provider": ""}, ("kie", "bytedance/seedance-2-mini")),
    ],
    ids=str,
)
def test_the_model_is_found_by_provider_and_id(program: Program, asked: dict[str, Any], found: tuple[str, str]) -> None:
    job = made(program, **asked)

    assert (job.gateway, job.model_id) == found


def test_what_a_model_requires_and_has_a_default_for_need_not_be_said(program: Program) -> None:
    assert made(program, model="gemini-omni-video").payload["duration"] == "8"


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"model": "kie/veo3_fast", "provider": "modkie"}, ("/provider", "conflict")),
        ({"model": "nobody/knows"}, ("/model", "unknown_model")),
        ({"model": "kie/nobody-knows"}, ("/model", "unknown_model")),
        ({"provider": "modkie", "scene": "video-to-video", "videoInput": CLIP}, ("/model", "required")),
        ({"provider": "fal"}, ("/provider", "enum")),
        ({"scene": "audio-to-video"}, ("/scene", "enum")),
    ],
    ids=str,
)
def test_a_model_that_is_none_is_refused(program: Program, asked: dict[str, Any], error: tuple[str, str]) -> None:
    assert errors_of(program, {"prompt": PROMPT} | asked)[0] == error


def test_a_retired_model_is_refused(program: Program) -> None:
    answer = program.act(GENERATE, {"prompt": PROMPT, "model": "sora-2-text-to-video"})

    assert answer["code"] == 422 and "no longer offered" in answer["msg"]


# --- files ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("", []),
        (A, [A]),
        (f"{A},{B}", [A, B]),
        (f" {A} , {B}, ", [A, B]),
        ([A, B], [A, B]),
        # Commas within an address are legal, and some hosts of pictures are fond of them.
        (f"https://example.com/w_300,h_200/a.jpg,{B}", ["https://example.com/w_300,h_200/a.jpg", B]),
    ],
)
def test_addresses_are_parted_by_commas(said: object, read: list[str]) -> None:
    assert addresses(said) == read


@pytest.mark.parametrize(
    ("model", "urls", "fields"),
    [
        ("bytedance/seedance-2-mini", [A], {"first_frame_url": A}),
        ("bytedance/seedance-2-mini", [A, B], {"first_frame_url": A, "last_frame_url": B}),
        ("bytedance/seedance-2-mini", [A, B, C], {"reference_image_urls": [A, B, C]}),
        ("wan/2-7-r2v", [A], {"reference_image": [A]}),
        ("kling/v2-1-pro", [A, B], {"image_url": A, "tail_image_url": B}),
        ("kling-3.0/video", [A], {"image_urls": [A]}),
        ("pixverse-v6/reference-to-video", [A, B], {"image_references": [{"image_url": A}, {"image_url": B}]}),
        ("omnihuman-1-5", [A], {"image_url": A}),
        ("runway/aleph", [A], {"referenceImage": A}),
        ("veo3_fast", [A, B, C], {"imageUrls": [A, B, C]}),
    ],
)
def test_pictures_go_where_the_card_has_room_for_them(model: str, urls: list[str], fields: dict[str, Any]) -> None:
    card = registry.get(model, "kie")
    only_references = "reference-to-video" in card.scenes and "image-to-video" not in card.scenes

    assert place(card, "image", urls, as_references=only_references) == (fields, [])


def test_a_placed_file_is_of_the_type_that_its_field_wants() -> None:
    kinds: tuple[Kind, ...] = ("image", "video")
    for card, kind, looks in itertools.product(registry.live_cards(), kinds, (False, True)):
        fields, _mistakes = place(card, kind, [A], as_references=looks)
        wrong = {name: value for name, value in fields.items() if not Draft202012Validator(card.properties[name]).is_valid(value)}
        assert not wrong, (card.key, wrong)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"model": "kling/v2-1-standard", "imageInput": f"{A},{B}"}, ("/imageInput", "max_items")),
        ({"model": "kling-2.6/text-to-video", "imageInput": A}, ("/imageInput", "unknown_field")),
        ({"model": "veo3_fast", "videoInput": CLIP}, ("/videoInput", "unknown_field")),
        ({"scene": "image-to-video", "imageInput": "no address"}, ("/imageInput", "format")),
        ({"scene": "video-to-video"}, ("/videoInput", "required")),
        ({"model": "kling/v2-1-standard"}, ("/imageInput", "required")),
    ],
    ids=str,
)
def test_files_that_do_not_fit_are_refused_where_they_were_said(program: Program, body: dict[str, Any], error: tuple[str, str]) -> None:
    assert error in errors_of(program, {"prompt": PROMPT} | body)


# --- options --------------------------------------------------------------------------------------------------------
def test_options_are_merged_into_the_input_before_it_is_checked(program: Program) -> None:
    options = {"duration": "6", "aspectRatio": "1:1", "prompt": PROMPT, "first_frame_url": A}
    payload = made(program, imageInput=A, options=options).payload

    assert payload == {"prompt": PROMPT, "first_frame_url": A, "duration": 6, "aspect_ratio": "1:1"}


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({"options": {"prompt": "Another"}}, [("/options/prompt", "conflict")]),
        ({"imageInput": A, "options": {"first_frame_url": B}}, [("/options/first_frame_url", "conflict")]),
        ({"scene": "video-to-video", "videoInput": CLIP, "options": {"video_url": A}}, [("/options/video_url", "conflict")]),
        ({"options": {"aspect_ratio": "1:1", "aspectRatio": "16:9"}}, [("/options/aspectRatio", "conflict")]),
        ({"options": {"duration": 99}}, [("/options/duration", "maximum")]),
        ({"options": {"duratoin": 5}}, [("/options/duratoin", "unknown_field")]),
        ({"options": {"duration": [5]}}, [("/options/duration", "type")]),
        ({"model": "kling-2.6/text-to-video"}, [("/options/sound", "required")]),
    ],
    ids=str,
)
def test_options_that_contradict_or_do_not_exist_are_refused(program: Program, body: dict[str, Any], errors: list[tuple[str, str]]) -> None:
    assert errors_of(program, {"prompt": PROMPT} | body) == errors


# --- the body itself ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"prompt": 5}, ("/prompt", "type")),
        ({"prompt": "x" * 50_001}, ("/prompt", "max_length")),
        ({"prompt": "x" * 20_001}, ("/prompt", "max_length")),
        ({"prompt": "a\x00b"}, ("/prompt", "characters")),
        ({}, ("/prompt", "required")),
        ({"prompt": PROMPT, "duration": 5}, ("/duration", "unknown_field")),
        ({"prompt": PROMPT, "options": "duration=5"}, ("/options", "type")),
        ({"prompt": PROMPT, "options": {f"o{n}": 1 for n in range(101)}}, ("/options", "max_items")),
        ({"prompt": PROMPT, "imageInput": {"url": A}}, ("/imageInput", "type")),
        ({"prompt": PROMPT, "imageInput": [A] * 51}, ("/imageInput", "type")),
        ({"prompt": PROMPT, "workspaceId": True}, ("/workspaceId", "type")),
        ({"prompt": PROMPT, "timeoutMs": 999}, ("/timeoutMs", "minimum")),
        ({"prompt": PROMPT, "timeoutMs": 1_800_001}, ("/timeoutMs", "maximum")),
        ({"prompt": PROMPT, "timeoutMs": "600000"}, ("/timeoutMs", "type")),
        ({"prompt": PROMPT, "timeoutMs": 1000.5}, ("/timeoutMs", "type")),
    ],
    ids=lambda value: str(value)[:60],
)
@pytest.mark.parametrize("action", [GENERATE, "ai.video.generate_and_wait"])
def test_a_wrong_body_is_refused_with_the_field_s_name(program: Program, body: dict[str, Any], error: tuple[str, str], action: str) -> None:
    assert error in errors_of(program, body, action)


@pytest.mark.parametrize("action", ["ai.video.query", "ai.video.cancel"])
@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, ("/taskId", "required")),
        ({"taskId": 5}, ("/taskId", "type")),
        ({"taskId": ["x"]}, ("/taskId", "type")),
        ({"taskId": "0" * 101}, ("/taskId", "max_length")),
        ({"taskid": "0" * 32}, ("/taskid", "unknown_field")),
    ],
    ids=str,
)
def test_a_question_about_no_task_is_refused(program: Program, action: str, body: dict[str, Any], error: tuple[str, str]) -> None:
    assert error in errors_of(program, body, action)


@pytest.mark.parametrize("action", ACTIONS)
def test_every_action_names_each_field_that_it_does_not_know(program: Program, action: str) -> None:
    errors = errors_of(program, {"nonsense": 1, "a/b": None}, action)

    assert {("/nonsense", "unknown_field"), ("/a~1b", "unknown_field")} <= set(errors)
