"""What a payload asks for becomes the nearest clip that this machine draws."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.catalog import registry
from playground.catalog.facts import NOTHING_KNOWN, Facts, MediaFacts
from playground.providers.sandbox import ClipSpec, Plan, plan_clip
from playground.providers.sandbox.choice import SCENE_NAMES, choose_scene
from playground.providers.sandbox.clip import drawn_seed, prompt_of, seed_of_job
from playground.providers.sandbox.colours import tint_of

PICTURE = "https://example.com/a.png"
CLIP = "https://example.com/a.mp4"


def plan(model: str, facts: Facts = NOTHING_KNOWN, **payload: Any) -> Plan:
    return plan_clip(registry.get(model), payload, 7, max_seconds=15, facts=facts)


def spec(model: str, facts: Facts = NOTHING_KNOWN, **payload: Any) -> ClipSpec:
    return plan(model, facts, **payload).spec


def test_the_veo_card_s_example() -> None:
    card = registry.get("google/veo-3-1")
    found = plan_clip(card, card.example, 7, max_seconds=15)
    assert (found.spec.size, found.spec.seconds, found.spec.audio, found.spec.scene) == ((1280, 720), 5, True, "candy")
    assert found.notes == ()


@pytest.mark.parametrize(
    ("ratio", "size"),
    [("16:9", (1280, 720)), ("9:16", (720, 1280)), ("4:3", (960, 720)), ("1:1", (720, 720)), ("3:4", (720, 960)), ("21:9", (1680, 720))],
)
def test_shapes_keep_the_short_side_of_the_tier(ratio: str, size: tuple[int, int]) -> None:
    assert spec("bytedance/seedance-2", prompt="x", aspect_ratio=ratio).size == size


def test_beyond_1080p_the_nearest_limit_is_drawn_and_said() -> None:
    found = plan("kling-3.0/video", prompt="x", mode="4K")
    assert found.spec.size == (1920, 1080)
    assert found.notes == ("Drawn in 1080p, the sandbox's limit; 4K was asked for.",)


def test_beyond_the_longest_clip_the_limit_is_drawn_and_said() -> None:
    found = plan("grok-imagine/text-to-video", prompt="x", duration=30)
    assert found.spec.seconds == 15
    assert found.notes == ("Drawn for 15 s, the sandbox's limit; 30 s were asked for.",)


def test_a_length_that_is_left_to_the_model_is_said() -> None:
    found = plan("bytedance/seedance-2-5", prompt="x", duration=-1)
    assert found.spec.seconds == 5
    assert "left to the model" in found.notes[0]


def test_an_automatic_shape_follows_the_first_picture() -> None:
    payload: dict[str, Any] = {"prompt": "x", "image_urls": [PICTURE], "duration": 5}
    tall = Facts({PICTURE: MediaFacts("image/png", width=600, height=800)})
    assert spec("grok-imagine-video-1-5-preview", **payload).size == (854, 480)
    assert spec("grok-imagine-video-1-5-preview", tall, **payload).size == (480, 640)


def test_an_edit_keeps_size_length_and_sound_of_its_clip() -> None:
    facts = Facts({CLIP: MediaFacts("video/mp4", None, 544, 960, Decimal("7.4"), None, False)})
    found = spec("topaz/video-upscale", facts, video_url=CLIP, upscale_factor="1")
    assert (found.size, found.seconds, found.audio) == ((544, 960), 7.4, False)
    larger = plan("topaz/video-upscale", facts, video_url=CLIP, upscale_factor="4")
    assert larger.spec.size == (1080, 1906)
    assert larger.notes == ("Drawn in 1080p, the sandbox's limit; 2176p was asked for.",)


def test_a_very_long_shape_is_drawn_within_the_longest_side() -> None:
    found = plan("topaz/video-upscale", Facts({CLIP: MediaFacts("video/mp4", None, 4000, 1000, Decimal(3))}), video_url=CLIP)
    assert max(found.spec.size) == 2560
    assert "2560 pixels" in " ".join(found.notes)


def test_an_extension_and_a_document_are_explained() -> None:
    assert "added" in plan("grok-imagine/extend", task_id="abc", extend_times="6").notes[0]
    assert "documents" in plan("wan/3-0-video", prompt="x", reference_file_urls=["https://example.com/a.pdf"]).notes[0]


def test_a_job_whose_card_is_gone_is_drawn_all_the_same() -> None:
    found = plan_clip(None, {"prompt": "waves", "seed": 3}, 7, max_seconds=15).spec
    assert (found.scene, found.size, found.seed) == ("ocean", (1280, 720), 3)


def test_a_seed_in_the_payload_beats_the_job_s_own_draw() -> None:
    assert spec("wan/2-5-text-to-video", prompt="x", seed=42).seed == 42
    assert spec("veo3", prompt="x", seeds=50000).seed == 50000
    assert spec("wan/2-5-text-to-video", prompt="x", seed=-1).seed == 7
    assert drawn_seed({"seed": 42}, "a") == 42
    assert drawn_seed({}, "a") == seed_of_job("a")


def test_jobs_draw_different_seeds_and_the_same_one_again() -> None:
    assert seed_of_job("a") != seed_of_job("b")
    assert seed_of_job("a") == seed_of_job("a")


def test_shots_of_a_multi_shot_prompt_are_read_as_one() -> None:
    assert prompt_of({"multi_prompt": [{"prompt": "a sea", "duration": 3}, {"prompt": "a city", "duration": 2}]}) == "a sea a city"


def test_directives_choose_no_scene_no_title_and_no_colour() -> None:
    found = spec("veo3", prompt="waves of the ocean [[fail:1 red candy keyboard]]")
    assert (found.scene, found.title, found.tint) == ("ocean", "waves of the ocean", None)


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


def test_the_first_colour_that_is_named_tints_the_picture() -> None:
    red, blue = tint_of("A red kite over a blue sea"), tint_of("Ein blauer Vogel? Nein, blau.")
    assert red is not None and red[0] > red[2]
    assert blue is not None and blue[2] > blue[0]
    assert tint_of("一只红色的鸟") == red
    assert tint_of("The ship turns, rendered in detail") is None


@given(st.text(max_size=300))
def test_every_prompt_has_one_scene(prompt: str) -> None:
    assert choose_scene(prompt) in SCENE_NAMES
    assert choose_scene(prompt) == choose_scene(prompt)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(st.data())
def test_any_payload_gives_a_clip_within_the_limits(data: st.DataObject) -> None:
    card = data.draw(st.sampled_from(registry.all_cards()))
    payload = data.draw(st.dictionaries(st.sampled_from([*sorted(card.properties), "seed", "seeds"]), JSON_VALUES, max_size=6))
    found = plan_clip(card, payload, 7, max_seconds=15).spec
    assert found.width % 2 == found.height % 2 == 0
    assert 64 <= min(found.size) <= 1080
    assert max(found.size) <= 2560
    assert 0 < found.seconds <= 15
    assert found.seed >= 0
