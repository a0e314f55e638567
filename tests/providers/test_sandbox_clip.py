"""A payload of any model becomes the nearest clip that this machine draws."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.providers.sandbox import ClipSpec, clip_from_payload
from playground.providers.sandbox.choice import SCENE_NAMES, choose_scene
from playground.providers.sandbox.clip import picture_links, prompt_of, seed_of_job

VEO_EXAMPLE = {
    "prompt": "A keyboard whose keys are made of different types of candy. Typing makes sweet, crunchy sounds. "
    "Audio: Crunchy, sugary typing sounds, delighted giggles.",
    "aspect_ratio": "16:9",
    "duration": 5,
}
KLING_EXAMPLE = {
    "prompt": "Two friends share a joke on a terrace",
    "aspect_ratio": "9:16",
    "resolution": "480p",
    "duration": 8,
    "generate_audio": False,
}


def clip(payload: dict[str, Any], seed: int = 7, **more: Any) -> tuple[ClipSpec, tuple[str, ...]]:
    return clip_from_payload(payload, seed, max_seconds=15, **more)


def test_the_veo_card_s_example() -> None:
    spec, notes = clip(VEO_EXAMPLE)
    assert (spec.width, spec.height, spec.seconds, spec.audio, spec.scene) == (1280, 720, 5, True, "candy")
    assert notes == ()


def test_the_kling_card_s_example() -> None:
    spec, _ = clip(KLING_EXAMPLE)
    assert (spec.width, spec.height, spec.seconds, spec.audio) == (480, 854, 8, False)


@pytest.mark.parametrize(
    ("ratio", "size"),
    [("16:9", (1280, 720)), ("9:16", (720, 1280)), ("4:3", (960, 720)), ("1:1", (720, 720)), ("3:4", (720, 960)), ("21:9", (1680, 720))],
)
def test_shapes_keep_the_short_side_of_the_tier(ratio: str, size: tuple[int, int]) -> None:
    spec, _ = clip({"prompt": "x", "aspect_ratio": ratio})
    assert (spec.width, spec.height) == size


@pytest.mark.parametrize("name", ["aspect_ratio", "ratio", "aspectRatio"])
def test_every_name_of_the_shape_is_read(name: str) -> None:
    assert clip({"prompt": "x", name: "1:1"})[0].width == 720


@pytest.mark.parametrize(
    ("payload", "short"),
    [
        ({"resolution": "480p"}, 480), ({"resolution": "768P"}, 768), ({"quality": "1080p"}, 1080), ({"mode": "std"}, 720),
        ({"mode": "pro"}, 1080), ({"mode": "normal"}, 720), ({"output_resolution": "1080"}, 1080), ({"size": "high"}, 1080),
        ({"resolution": "360p"}, 360), ({}, 720),
    ],
)  # fmt: skip
def test_tiers_of_resolution(payload: dict[str, Any], short: int) -> None:
    assert clip({"prompt": "x", **payload})[0].height == short


def test_beyond_1080p_the_nearest_limit_is_drawn_and_said() -> None:
    spec, notes = clip({"prompt": "x", "mode": "4K"})
    assert (spec.width, spec.height) == (1920, 1080)
    assert notes == ("Drawn in 1080p, the sandbox's limit; 4K was asked for.",)


def test_a_size_in_pixels_gives_shape_and_tier() -> None:
    spec, _ = clip({"prompt": "x", "size": "480*832"})
    assert (spec.width, spec.height) == (480, 832)


@pytest.mark.parametrize("word", ["Auto", "adaptive", "auto"])
def test_automatic_shapes_follow_the_first_picture(word: str) -> None:
    payload = {"prompt": "x", "aspect_ratio": word, "image_url": "https://example.com/a.png"}
    assert clip(payload)[0].width == 1280
    assert clip(payload, first_picture_size=(600, 800))[0].width == 720
    assert clip(payload, first_picture_size=(600, 800))[0].height == 960


@pytest.mark.parametrize(
    ("payload", "seconds"),
    [
        ({"duration": 8}, 8), ({"duration": "10"}, 10), ({"n_frames": "15"}, 15), ({"extend_times": "6"}, 6), ({"duration": -1}, 5),
        ({"duration": 0}, 5), ({}, 5), ({"num_frames": 81, "frames_per_second": 16}, 81 / 16), ({"duration": "8s"}, 8),
        ({"duration": "nan"}, 5), ({"duration": True}, 5),
    ],
)  # fmt: skip
def test_durations(payload: dict[str, Any], seconds: float) -> None:
    assert clip({"prompt": "x", **payload})[0].seconds == seconds


def test_beyond_the_longest_clip_the_limit_is_drawn_and_said() -> None:
    spec, notes = clip({"prompt": "x", "n_frames": "25"})
    assert spec.seconds == 15
    assert notes == ("Drawn for 15 s, the sandbox's limit; 25 s were asked for.",)


@pytest.mark.parametrize("name", ["generate_audio", "sound", "generateAudio", "audio"])
def test_sound_can_be_switched_off_by_every_name(name: str) -> None:
    assert clip({"prompt": "x", name: False})[0].audio is False
    assert clip({"prompt": "x", name: True})[0].audio is True


def test_a_seed_in_the_payload_beats_the_job_s_own_draw() -> None:
    assert clip({"prompt": "x", "seed": 42})[0].seed == 42
    assert clip({"prompt": "x", "seeds": 50000})[0].seed == 50000
    assert clip({"prompt": "x", "seed": -1}, seed=9)[0].seed == 9


def test_jobs_draw_different_seeds_and_the_same_one_again() -> None:
    assert seed_of_job("a") != seed_of_job("b")
    assert seed_of_job("a") == seed_of_job("a")


def test_pictures_are_found_under_every_name_once() -> None:
    payload = {"image_urls": ["https://e.com/1", "https://e.com/2"], "tail_image_url": "https://e.com/3", "image_url": "https://e.com/1"}
    assert picture_links(payload) == ("https://e.com/1", "https://e.com/2", "https://e.com/3")
    assert clip({"prompt": "x", **payload})[0].pictures == 3


def test_shots_of_a_multi_shot_prompt_are_read_as_one() -> None:
    assert prompt_of({"multi_prompt": [{"prompt": "a sea", "duration": 3}, {"prompt": "a city", "duration": 2}]}) == "a sea a city"


def test_directives_choose_no_scene_and_no_title() -> None:
    spec, _ = clip({"prompt": "waves of the ocean [[fail:1 candy keyboard]]"})
    assert spec.scene == "ocean"
    assert spec.title == "waves of the ocean"


@pytest.mark.parametrize(
    ("prompt", "scene"),
    [
        ("Waves break on black sand, drone rising slowly", "ocean"),
        ("A neon street at night, a courier steps out of the fog", "city"),
        ("Northern lights over a frozen fjord", "aurora"),
        ("Sunbeams in an old forest", "forest"),
        ("Red silk flowing in slow motion", "silk"),
        ("Perfume bottle on a pedestal, studio light", "product"),
        ("The ship turns towards the rings of the planet", "planet"),
        ("A kite rises over dunes", "dunes"),
        ("极光", "aurora"),
    ],
)
def test_words_choose_the_scene(prompt: str, scene: str) -> None:
    assert choose_scene(prompt) == scene


@given(st.text(max_size=300))
def test_every_prompt_has_one_scene(prompt: str) -> None:
    assert choose_scene(prompt) in SCENE_NAMES
    assert choose_scene(prompt) == choose_scene(prompt)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
FIELD_NAMES = st.sampled_from(
    ["prompt", "aspect_ratio", "size", "duration", "resolution", "mode", "seed", "seeds", "generate_audio", "image_url", "image_urls"]
)


@given(st.dictionaries(FIELD_NAMES, JSON_VALUES, max_size=6))
def test_any_payload_gives_a_clip_within_the_limits(payload: dict[str, Any]) -> None:
    spec, _ = clip(payload)
    assert spec.width % 2 == spec.height % 2 == 0
    assert 2 <= min(spec.width, spec.height) <= 1080
    assert max(spec.width, spec.height) <= 2560
    assert 0 < spec.seconds <= 15
    assert spec.seed >= 0
