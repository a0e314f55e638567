"""What clip a payload asks for: every card read by hand, and the rules behind it one by one."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.catalog import registry
from playground.catalog.facts import Facts, MediaFacts
from playground.catalog.intent import Intent, intent, parse_ratio
from playground.catalog.roles import field_for, tier_lines, value_for
from tests.catalog.asked import ASKED, Asked

UPLOADS = "https://example.com/uploads/"
PORTRAIT = MediaFacts("image/png", 1000, 900, 1600)
CLIP = MediaFacts("video/mp4", 1000, 1200, 800, Decimal(4), Decimal(24), True)
VOICE = MediaFacts("audio/mpeg", 1000, seconds=Decimal(7))
PARENT = MediaFacts("video/mp4", 1000, 832, 480, Decimal(6), Decimal(24), True)
FACTS = Facts(
    {UPLOADS + "frame-a.png": PORTRAIT, UPLOADS + "frame-b.png": PORTRAIT, UPLOADS + "clip.mp4": CLIP, UPLOADS + "voice.mp3": VOICE}
    | dict.fromkeys(("task_grok_0001", "task_pix_0001", "task_runway_0001", "veo_task_0001"), PARENT)
)


def ask(model: str, facts: Facts = FACTS, gateway: str | None = None, **payload: Any) -> Intent:
    return intent(registry.get(model, gateway), payload, facts)


def test_the_table_has_every_live_card() -> None:
    assert [asked.key for asked in ASKED] == [card.key for card in registry.live_cards()]


@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: "-".join(asked.key))
def test_the_example_of(asked: Asked) -> None:
    card = registry.get(asked.model, asked.gateway)
    found = intent(card, card.example, FACTS)
    ratios = {"picture": 9 / 16, "clip": 3 / 2, "task": 832 / 480, "free": None}
    lines = {"clip*2": 1600, "task": 480, "free": None, "keep": None}
    seconds = {"clip": 4, "voice": 7, "task": 6}
    ratio = ratios[asked.ratio] if asked.ratio in ratios else parse_ratio(asked.ratio)
    assert found.ratio == (None if ratio is None else pytest.approx(ratio))
    assert found.short_side == (lines[asked.lines] if asked.lines in lines else int(asked.lines))
    assert found.seconds == (seconds[asked.seconds] if asked.seconds in seconds else Decimal(asked.seconds))
    assert found.has_audio is (asked.sound in ("sound", "kept"))


def test_what_nobody_measured_stays_open() -> None:
    found = ask("kling-2.6/motion-control", Facts(), input_urls=["https://e.com/a.png"], video_urls=["https://e.com/b.mp4"], mode="1080p")
    assert (found.ratio, found.seconds, found.has_audio) == (None, None, None)
    assert found.shape_of == "https://e.com/b.mp4"
    assert found.short_side == 1080


@pytest.mark.parametrize(
    ("model", "payload", "seconds"),
    [
        ("bytedance/seedance-2-5", {"prompt": "x", "duration": -1}, None),
        ("bytedance/seedance-2-5", {"prompt": "x"}, 5),
        ("grok-imagine/text-to-video", {"prompt": "x"}, 6),
        ("wan/2-7-videoedit", {"prompt": "x", "video_url": UPLOADS + "clip.mp4", "duration": 0}, 4),
        ("wan/2-7-videoedit", {"prompt": "x", "video_url": UPLOADS + "clip.mp4"}, 4),
        ("wan/2-2-a14b-speech-to-video-turbo", {"prompt": "x", "num_frames": 81, "frames_per_second": 18}, Decimal("4.5")),
        ("kling-3.0/video", {"multi_shots": True, "multi_prompt": [{"prompt": "a", "duration": 3}, {"prompt": "b", "duration": 4}]}, 7),
        ("kling-3.0/video", {"prompt": "x", "duration": "12"}, 12),
        ("gemini-omni-video", {"prompt": "x", "video_list": [{"url": "https://e.com/c.mp4", "start": 2, "ends": 5.5}]}, Decimal("3.5")),
        ("gemini-omni-video", {"prompt": "x", "duration": "10", "video_list": [{"url": UPLOADS + "clip.mp4", "start": 1, "ends": 9}]}, 3),
        ("grok-imagine/extend", {"task_id": "task_grok_0001", "extend_times": "10"}, 10),
        ("volcengine/video-to-video-lip-sync", {"video_url": UPLOADS + "clip.mp4", "audio_url": "v", "align_audio": False}, 4),
    ],
)  # fmt: skip
def test_seconds(model: str, payload: dict[str, Any], seconds: Decimal | int | None) -> None:
    assert ask(model, **payload).seconds == seconds


@pytest.mark.parametrize(
    ("model", "payload", "ratio"),
    [
        ("kling-3.0/video", {"prompt": "x", "image_urls": [UPLOADS + "frame-a.png"], "aspect_ratio": "16:9"}, "9:16"),
        ("kling-3.0/video", {"prompt": "x", "aspect_ratio": "1:1"}, "1:1"),
        ("grok-imagine/image-to-video", {"image_urls": [UPLOADS + "frame-a.png"], "aspect_ratio": "1:1"}, "9:16"),
        ("grok-imagine/image-to-video", {"image_urls": [UPLOADS + "frame-a.png", UPLOADS + "frame-b.png"], "aspect_ratio": "1:1"}, "1:1"),
        ("veo3", {"prompt": "x", "imageUrls": [UPLOADS + "frame-a.png"], "aspect_ratio": "Auto"}, "9:16"),
        ("bytedance/seedance-2", {"prompt": "x", "first_frame_url": UPLOADS + "frame-a.png", "aspect_ratio": "adaptive"}, "9:16"),
        ("bytedance/seedance-2", {"prompt": "x", "first_frame_url": UPLOADS + "frame-a.png", "aspect_ratio": "21:9"}, "21:9"),
        ("runway/generate", {"prompt": "x", "imageUrl": UPLOADS + "frame-a.png", "aspectRatio": "4:3"}, "9:16"),
        ("wan/2-7-videoedit", {"prompt": "x", "video_url": UPLOADS + "clip.mp4", "aspect_ratio": "1:1"}, "1:1"),
    ],
)
def test_shapes(model: str, payload: dict[str, Any], ratio: str) -> None:
    assert ask(model, **payload).ratio == pytest.approx(parse_ratio(ratio))


@pytest.mark.parametrize(
    ("model", "payload", "has_audio"),
    [
        ("kling-3.0/video", {"prompt": "x"}, False),
        ("kling-3.0/video", {"multi_shots": True}, True),
        ("kling-3.0/video", {"multi_shots": True, "sound": False}, False),
        ("happyhorse/video-edit", {"video_url": "https://e.com/silent.mp4", "audio_setting": "origin"}, None),
        ("wan/2-7-videoedit", {"video_url": UPLOADS + "clip.mp4", "audio_setting": "origin"}, True),
        ("pixverse-v6/text-to-video", {"prompt": "x"}, False),
        ("wan/3-0-video", {"prompt": "x"}, True),
        ("veo3", {"prompt": "x"}, True),
        ("hailuo/02-text-to-video-pro", {"prompt": "x"}, False),
    ],
)
def test_sound(model: str, payload: dict[str, Any], has_audio: bool | None) -> None:
    assert ask(model, **payload).has_audio is has_audio


@pytest.mark.parametrize(
    ("model", "payload", "parts"),
    [
        ("veo3_fast", {"imageUrls": ["a", "b"]}, ["first a", "last b"]),
        ("veo3_fast", {"imageUrls": ["a", "b"], "generationType": "REFERENCE_2_VIDEO"}, ["reference a", "reference b"]),
        ("bytedance/seedance-1.5-pro", {"input_urls": ["a", "b"]}, ["first a", "last b"]),
        ("bytedance/v1-lite-image-to-video", {"image_url": "a", "end_image_url": "b"}, ["first a", "last b"]),
        ("wan/2-7-image-to-video", {"first_clip_url": "c", "driving_audio_url": "d"}, ["continued c", "sound d"]),
        ("kling-2.6/motion-control", {"input_urls": ["a"], "video_urls": ["c"]}, ["reference a", "motion c"]),
        ("kling-3.0-omni/transformation", {"video_urls": ["c"], "image_urls": ["a"]}, ["source c", "reference a"]),
        ("omnihuman-1-5", {"image_url": "a", "mask_url": ["m"], "audio_url": "v"}, ["first a", "speech v"]),
        ("pixverse-v6/reference-to-video", {"image_references": [{"image_url": "a"}, {"image_url": "b"}]}, ["reference a", "reference b"]),
        ("kling-3.0/video", {"kling_elements": [{"name": "dog", "element_input_urls": ["a", "b"]}]}, ["reference a", "reference b"]),
        ("grok-imagine/extend", {"task_id": "t", "extend_at": 3}, ["continued t"]),
        ("topaz/video-upscale", {"video_url": "c"}, ["source c"]),
        ("wan/3-0-video", {"reference_file_urls": ["f"], "reference_link_urls": ["https://e.com"]}, []),
        ("gemini-omni-video", {"video_list": [{"url": "c", "start": 0, "ends": 3}]}, ["source c"]),
    ],
)
def test_which_file_plays_which_part(model: str, payload: dict[str, Any], parts: list[str]) -> None:
    assert [f"{file.part} {file.url}" for file in ask(model, Facts(), **payload).inputs] == parts


def test_the_same_id_on_two_gateways_is_read_by_its_own_card() -> None:
    assert ask("wan/2-7-image-to-video", gateway="modkie", prompt="x").seconds == 5
    assert ask("veo/4k", taskId="veo_task_0001").parent == "veo_task_0001"


@pytest.mark.parametrize(
    ("word", "lines"),
    [
        ("480p", 480), ("768P", 768), ("1080", 1080), ("2K", 1440), ("4k", 2160), ("4K", 2160), ("std", 720), ("pro", 1080),
        ("normal", None), ("basic", None), (True, None), (None, None), (["720p"], None),
    ],
)  # fmt: skip
def test_words_for_resolutions(word: object, lines: int | None) -> None:
    assert tier_lines(word) == lines


def test_a_field_s_name_alone_does_not_make_its_role() -> None:
    assert field_for(registry.get("grok-imagine/text-to-video"), "resolution") == "resolution"
    assert field_for(registry.get("kling-3.0/video"), "resolution") == "mode"
    assert field_for(registry.get("volcengine/video-to-video-lip-sync"), "resolution") is None
    assert field_for(registry.get("grok-imagine/image-to-video"), "parent") is None
    assert value_for(registry.get("wan/2-5-text-to-video"), "resolution", {}) == "1080p"


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.sampled_from(["16:9", "auto", "4K", "10", "0:0"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["url", "start", "ends", "duration"]), inner, max_size=3),
    max_leaves=5,
)


@given(st.data())
def test_any_payload_is_read_without_an_error(data: st.DataObject) -> None:
    card = data.draw(st.sampled_from(registry.all_cards()))
    payload = data.draw(st.dictionaries(st.sampled_from(sorted(card.properties)), JSON_VALUES, max_size=6))
    found = intent(card, payload, FACTS)
    assert found.seconds is None or found.seconds > 0
    assert found.ratio is None or found.ratio > 0
    assert found.short_side is None or found.short_side > 0


LINES = {"2K": 1440, "4k": 2160, "4K": 2160, "std": 720, "pro": 1080}


def choices() -> list[tuple[str, str, str, Any]]:
    """Every choice of every live card that looks like a shape, a resolution or a length, whatever its field is called."""
    found: list[tuple[str, str, str, Any]] = []
    for card in registry.live_cards():
        for name, field in card.properties.items():
            for choice in field.get("enum", ()):
                is_shape, is_lines = re.fullmatch(r"\d+:\d+", str(choice)), re.fullmatch(r"\d{3,4}[pP]?", str(choice)) or choice in LINES
                if is_shape or is_lines or name in ("duration", "extend_times"):
                    found.append((*card.key, name, choice))
    return found


@pytest.mark.parametrize("choice", choices(), ids=lambda choice: "-".join(map(str, choice)))
def test_every_choice_of_a_field_is_understood(choice: tuple[str, str, str, Any]) -> None:
    gateway, model, name, value = choice
    card = registry.get(model, gateway)
    # One picture alone beats the shape at some models, so the shape is asked for without files.
    payload = {key: kept for key, kept in card.example.items() if "image" not in key.lower()} | {name: value}
    found = intent(card, payload, FACTS)
    text = str(value)
    if ":" in text:
        across, down = map(int, text.split(":"))
        assert found.ratio == pytest.approx(across / down)
    elif name in ("duration", "extend_times"):
        assert found.seconds == Decimal(text)
    else:
        assert found.short_side == LINES.get(text, int(re.sub(r"\D", "", text) or 0))


@pytest.mark.parametrize("model", ["kling-2.6/text-to-video", "kling-3.0-omni/text-to-video", "pixverse-v6/text-to-video", "wan/3-0-video"])
def test_a_switch_for_sound_is_obeyed_both_ways(model: str) -> None:
    card = registry.get(model)
    name = field_for(card, "audio")
    assert name is not None
    assert intent(card, {"prompt": "x", name: True}, FACTS).has_audio is True
    assert intent(card, {"prompt": "x", name: False}, FACTS).has_audio is False


def test_every_switch_that_speaks_of_sound_is_known_as_one() -> None:
    words = ("audio", "sound")
    for card in registry.live_cards():
        named = [
            name
            for name, field in card.properties.items()
            if field.get("type") == "boolean" and any(word in name.lower() for word in words) and not name.startswith("align")
        ]
        assert named == [name for name in [field_for(card, "audio")] if name], card.key
