"""Friendly remarks: shown where prompt and form disagree, silent otherwise, never in the way."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.catalog import registry
from playground.catalog.facts import Facts, MediaFacts
from playground.catalog.hints import Hint, callback_hints, hints
from playground.catalog.schema import validate
from playground.catalog.wording import is_unbalanced
from tests.reference.oracle import card_of, models, name_of
from tests.reference.payloads import Maker

VEO, KLING = registry.get("google/veo-3-1"), registry.get("kling/kling-3-0")


def found(card: Any, prompt: str, **payload: Any) -> dict[str, Any]:
    return {hint.code: hint.fix for hint in hints(card, {"prompt": prompt} | payload)}


def test_the_examples_of_the_cards_need_no_remark() -> None:
    for card in registry.live_cards():
        assert hints(card, card.example) == []


def test_another_length_in_the_prompt_is_offered_where_the_model_has_it() -> None:
    assert found(VEO, "An 8 second shot of the sea", duration=5) == {"duration": ("duration", 8)}
    assert found(VEO, "An 8 s shot of the sea", duration=8) == {}
    assert found(VEO, "A 12 second shot of the sea", duration=5) == {"duration": None}
    assert found(KLING, "A 12-second shot of the sea") == {"duration": ("duration", 12)}
    assert found(KLING, "A twelve-second shot of the sea") == {"duration": ("duration", 12)}


def test_two_lengths_in_the_prompt_are_nobody_s_wish() -> None:
    assert found(VEO, "First 2 seconds of rain, then 3 seconds of sun") == {}


def test_another_shape_in_the_prompt_is_offered() -> None:
    assert found(VEO, "A vertical video of a waterfall") == {"ratio": ("aspect_ratio", "9:16")}
    assert found(VEO, "A waterfall in 21:9, slow", aspect_ratio="21:9") == {}


def test_sound_in_the_prompt_while_sound_is_off() -> None:
    assert found(KLING, "Rain with soft music on a tin roof", generate_audio=False) == {"audio": ("generate_audio", True)}
    assert found(KLING, "Rain with soft music on a tin roof") == {}


def test_another_resolution_in_the_prompt() -> None:
    assert found(KLING, "A 480p look of an old tape", resolution="720p") == {"resolution": ("resolution", "480p")}


def test_a_quotation_without_an_end_and_a_prompt_of_nothing() -> None:
    assert "quotes" in found(VEO, 'She says "hello and leaves')
    assert "short" in found(VEO, "A cat")


def test_a_prompt_over_the_soft_limit_is_sent_unchanged() -> None:
    assert "long" in found(VEO, "waves " * 200)


def test_a_prompt_over_the_ceiling_is_not_promised_to_be_sent() -> None:
    assert "long" not in found(VEO, "fog " * 6000)


# ---------------------------------------------------------------- the same things under other names


PICTURE = "https://example.com/uploads/a.png"


def remarks(model_id: str, **payload: Any) -> dict[str, Hint]:
    return {hint.code: hint for hint in hints(registry.get(model_id), payload)}


@pytest.mark.parametrize(
    ("model", "prompt", "payload", "fix"),
    [
        ("kling-3.0/video", "An 8-second shot of the sea", {"duration": "5"}, ("duration", "8")),
        ("sora-2-text-to-video", "Fifteen seconds of rain", {"n_frames": "10"}, ("n_frames", "15")),
        ("grok-imagine/extend", "Go on for 10 seconds", {"extend_times": "6"}, ("extend_times", "10")),
        ("grok-imagine/image-to-video", "A 12 s clip of a dancer", {"duration": "6"}, ("duration", "12")),
        ("wan/3-0-video", "A 12 second clip of roofs", {"duration": -1}, ("duration", 12)),
        ("kling-3.0/video", "Ein Video von 8 Sekunden", {"duration": "5"}, ("duration", "8")),
    ],
)
def test_a_length_is_found_under_every_name_and_set_in_its_own_spelling(
    model: str, prompt: str, payload: dict[str, Any], fix: tuple[str, Any]
) -> None:
    assert remarks(model, prompt=prompt, **payload)["duration"].fix == fix


@pytest.mark.parametrize(
    "prompt",
    [
        "After 3 seconds the door opens",
        "He turns, and 2 seconds later he is gone",
        "The first 2 seconds are black",
        "Every 4 seconds a flash",
    ],
)
def test_a_moment_in_the_clip_is_not_its_length(prompt: str) -> None:
    assert "duration" not in remarks("kling-3.0/video", prompt=prompt, duration="5")


def test_a_length_that_a_rule_forbids_now_comes_with_the_reason_and_without_a_button() -> None:
    found = remarks("hailuo/2-3-image-to-video-pro", prompt="Ten seconds of waves", duration="6", resolution="1080P")["duration"]

    assert found.fix is None
    assert found.message.endswith(str(registry.get("hailuo/2-3-image-to-video-pro").rules[0]["message"]))


@pytest.mark.parametrize(
    ("model", "prompt", "payload", "fix"),
    [
        ("sora-2-text-to-video", "A vertical video of rain on glass", {"aspect_ratio": "landscape"}, ("aspect_ratio", "portrait")),
        ("sora-2-text-to-video", "Rain on glass, 16:9", {"aspect_ratio": "portrait"}, ("aspect_ratio", "landscape")),
        ("wan/2-7-text-to-video", "A square clip of a pond", {"ratio": "16:9"}, ("ratio", "1:1")),
        ("wan/3-0-video", "Widescreen view of the roofs", {"aspect_ratio": "adaptive"}, ("aspect_ratio", "16:9")),
    ],
)
def test_a_shape_is_found_under_every_name(model: str, prompt: str, payload: dict[str, Any], fix: tuple[str, Any]) -> None:
    assert remarks(model, prompt=prompt, **payload)["ratio"].fix == fix


def test_a_time_of_day_is_no_shape() -> None:
    assert "ratio" not in remarks("wan/2-7-text-to-video", prompt="The clock says 9:16 am, rain falls", ratio="16:9")


@pytest.mark.parametrize(
    ("model", "prompt", "payload", "fix"),
    [
        ("kling-3.0/video", "Waves in 1080p, slow", {"mode": "std"}, ("mode", "pro")),
        ("kling-3.0/video", "Waves in 4k, slow", {"mode": "std"}, ("mode", "4K")),
        ("hailuo/2-3-image-to-video-pro", "Full HD waves, slow", {"resolution": "768P"}, ("resolution", "1080P")),
        ("minimax-h3/text-to-video", "Waves, 768p is enough", {"resolution": "2K"}, ("resolution", "768P")),
    ],
)
def test_a_resolution_is_found_under_every_name(model: str, prompt: str, payload: dict[str, Any], fix: tuple[str, Any]) -> None:
    assert remarks(model, prompt=prompt, **payload)["resolution"].fix == fix


def test_a_resolution_that_the_model_has_not_is_a_figure_of_speech() -> None:
    assert remarks("hailuo/02-text-to-video-standard", prompt="8k ultra detailed alpacas, 4k") == {}


def test_sound_where_it_cannot_be_had() -> None:
    silent = remarks("runway/generate", prompt="Waves with soft music")["audio"]
    assert (silent.fix, silent.message) == (None, "The prompt describes sound (“music”); Runway video makes silent clips.")

    with_clip = remarks("kling-3.0-omni/reference-to-video", prompt="She sings to the crowd", video_urls=[PICTURE], audio=False)["audio"]
    assert with_clip.fix is None


def test_silence_that_is_asked_for_is_no_sound() -> None:
    assert "audio" not in remarks("kling-3.0/video", prompt="A quiet pond, no music, without sound", sound=False)


# ---------------------------------------------------------------- what was pasted in, and its language


SECRETS = {
    "an API key": "sk-" + "proj-" + "a1B2" * 8,
    "an AWS key": "AKIA" + "ABCD1234" * 2,
    "a GitHub token": "ghp_" + "a1B2c3" * 6,
    "a signed token": "eyJ" + "hbGciOi" + "." + "eyJzdWIiOi" + "." + "c2lnbmF0dXJl",
    "an authorization header": "Bearer " + "abcdef0123456789" * 2,
    "a private key": "-----BEGIN " + "PRIVATE KEY-----\nMIIB\n-----END " + "PRIVATE KEY-----",
}


@pytest.mark.parametrize(("kind", "secret"), SECRETS.items(), ids=SECRETS)
def test_a_secret_in_a_prompt_is_serious_and_can_be_taken_out(kind: str, secret: str) -> None:
    first, *_ = hints(VEO, {"prompt": f"A calm sea at dusk {secret} with gulls"})

    assert (first.code, first.level, first.field) == ("secret", "bad", "prompt")
    assert kind in first.message and secret not in first.message
    assert first.fix is not None and secret not in first.fix[1]
    assert first.fix[1].startswith("A calm sea at dusk") and first.fix[1].endswith("with gulls")


def test_a_secret_in_one_of_many_shots_is_found_too() -> None:
    shots = [{"prompt": "A calm sea", "duration": 5}, {"prompt": f"Key {SECRETS['an API key']}", "duration": 5}]
    found = remarks("kling-3.0/video", multi_shots=True, multi_prompt=shots, duration="10")["secret"]

    assert (found.field, found.fix) == ("multi_prompt", None)


def test_a_link_in_a_prompt_is_not_opened() -> None:
    found = remarks("kling-3.0/video", prompt="The logo of https://example.com/logo.png turns, slowly.")["link"]

    assert found.fix == ("prompt", "The logo of turns, slowly.")
    assert "link" not in remarks("wan/3-0-video", prompt="A page comes alive", reference_link_urls=["https://example.com/page"])


@pytest.mark.parametrize(
    ("prompt", "language"),
    [
        ("Ein Hund läuft über die Wiese und die Sonne geht auf", "German"),
        ("Un chien court dans les champs et le soleil se lève sur la mer", "French"),
        ("Un perro corre por el campo mientras el sol sale sobre las colinas", "Spanish"),
        ("一只狗在草地上奔跑，太阳升起来了", "Chinese"),
        ("犬が草原を走り、太陽が昇る", "Japanese"),
        ("Собака бежит по лугу, встаёт солнце", "Cyrillic script"),
        ("كلب يركض في الحقل عند شروق الشمس", "Arabic script"),
    ],
)
def test_a_language_is_named_where_english_is_expected(prompt: str, language: str) -> None:
    assert language in remarks("grok-imagine/text-to-video", prompt=prompt)["language"].message
    assert remarks("veo3", prompt=prompt, enableTranslation=False)["language"].fix == ("enableTranslation", True)
    assert "language" not in remarks("veo3", prompt=prompt), "translation is on by itself"
    assert "language" not in remarks("kling-3.0/video", prompt=prompt), "nothing says that this model wants English"


@pytest.mark.parametrize(
    "prompt",
    [
        "A chef says “Bonjour, je suis le chef et voici la soupe du jour” and smiles at us",
        "Die hard fans in a stadium, on the der Weg street",
        "Tokyo 東京 at night, neon rain, slow dolly",
        "La Paz from above, clouds over the city and the mountains",
        "🎬🎬🎬 12345 !!!",
    ],
)
def test_foreign_words_in_an_english_prompt_are_no_foreign_prompt(prompt: str) -> None:
    assert "language" not in remarks("grok-imagine/text-to-video", prompt=prompt)


@pytest.mark.parametrize(
    "text", ["„Hallo“, sagt sie", "« Bonjour », dit-elle", "»Hallo«, sagt er", "彼は「こんにちは」と言う", "She says “hi”", 'a 12" pipe']
)
def test_quotations_of_every_style_may_be_closed(text: str) -> None:
    assert not is_unbalanced(text)


@pytest.mark.parametrize(
    "text",
    ["„Hallo, sagt sie", "« Bonjour, dit-elle", "彼は「こんにちはと言う", "She says “hi", 'He says "no', "hello”, she said, “ok”, “no"],
)
def test_quotations_of_every_style_may_be_left_open(text: str) -> None:
    assert is_unbalanced(text)


def test_a_few_signs_of_chinese_are_not_short() -> None:
    assert "short" not in remarks("kling-3.0/video", prompt="海浪拍打黑沙滩")
    assert "short" in remarks("kling-3.0/video", prompt="海浪")


# ---------------------------------------------------------------- what does not count, and sums and names


def test_pictures_that_the_mode_does_not_take_are_pointed_at_with_a_mode_that_does() -> None:
    found = remarks("veo3", prompt="A dog in the sun", generationType="TEXT_2_VIDEO", imageUrls=[PICTURE])["ignored"]

    assert (found.field, found.fix) == ("imageUrls", ("generationType", "FIRST_AND_LAST_FRAMES_2_VIDEO"))


def test_a_shape_that_the_picture_decides_does_not_count() -> None:
    tall = Facts(media={PICTURE: MediaFacts(width=900, height=1600)})
    payload = {"prompt": "An orange cat dances", "imageUrl": PICTURE, "aspectRatio": "16:9"}

    assert [hint.field for hint in hints(registry.get("runway/generate"), payload, tall)] == ["aspectRatio"]
    assert hints(registry.get("runway/generate"), payload | {"aspectRatio": "9:16"}, tall) == []


def test_shots_that_do_not_add_up_are_one_button_away() -> None:
    shots = [{"prompt": "a calm sea", "duration": 5}, {"prompt": "a storm", "duration": 3}]

    found = remarks("kling-3.0/video", multi_shots=True, multi_prompt=shots, duration="5")["sum"]
    assert (found.fix, found.fix_label) == (("duration", "8"), "Set duration to 8 s")
    assert "sum" not in remarks("kling-3.0/video", multi_shots=True, multi_prompt=shots, duration="8")
    assert "sum" not in remarks("kling-3.0/video", multi_shots=True, multi_prompt=shots * 3, duration="8"), "no clip is that long"


def test_names_that_the_prompt_lacks_are_one_button_away() -> None:
    elements = [{"name": "cat", "description": "a cat", "element_input_urls": [PICTURE]}]

    found = remarks("kling-3.0/video", prompt="An animal sleeps on the sofa", image_urls=[PICTURE], kling_elements=elements)["names"]
    assert found.fix == ("prompt", "An animal sleeps on the sofa @cat")


def test_with_shots_the_names_are_looked_for_in_their_texts() -> None:
    elements = [{"name": name, "description": name, "element_input_urls": [PICTURE, PICTURE]} for name in ("cat", "dog")]
    shots = [{"prompt": "@cat sleeps", "duration": 2}, {"prompt": "it wakes", "duration": 3}]
    payload: dict[str, Any] = {"multi_shots": True, "multi_prompt": shots, "duration": "5", "image_urls": [PICTURE]}

    found = remarks("kling-3.0/video", **payload, prompt="@dog", kling_elements=elements)
    assert (found["names"].field, found["names"].message, found["names"].fix) == ("multi_prompt", "No shot mentions @dog.", None)
    assert found["ignored"].field == "prompt"
    assert "names" not in remarks("kling-3.0/video", **payload, kling_elements=elements[:1])


def test_a_prompt_beside_a_list_of_shots_does_not_count() -> None:
    payload: dict[str, Any] = {"prompt": "A calm sea at dusk", "multi_prompt": [{"prompt": "a calm sea", "duration": 5}], "duration": "5"}

    assert remarks("kling-3.0/video", multi_shots=True, **payload)["ignored"].field == "prompt"
    assert "ignored" not in remarks("kling-3.0/video", multi_shots=False, prompt="A calm sea at dusk")


@pytest.mark.parametrize(("url", "count"), [("http://example.com/done", 1), ("https://example.com/done", 0), ("", 0)])
def test_a_callback_over_http_can_be_read_on_the_way(url: str, count: int) -> None:
    assert len(callback_hints(url)) == count


@pytest.mark.parametrize("model", models(), ids=name_of)
def test_whatever_is_in_the_form_every_button_sets_something_that_the_field_takes(model: Any) -> None:
    card, maker = card_of(model), Maker(model, random.Random(3))
    for _ in range(40):
        payload = maker.payload()
        for hint in hints(card, payload):
            assert hint.message.endswith(".") and len(hint.message) < 250
            assert bool(hint.fix) == bool(hint.fix_label)
            if hint.fix:
                name, value = hint.fix
                pointers = [
                    problem.field for problem in validate(card, {**payload, name: value}) if problem.rule in ("enum", "type", "maximum")
                ]
                assert name not in pointers, hint


@pytest.mark.parametrize("prompt", [None, "", "   ", 7, ["x"]])
def test_without_a_prompt_there_is_nothing_to_say(prompt: object) -> None:
    assert hints(VEO, {"prompt": prompt}) == []


@settings(deadline=None)
@given(st.text(max_size=200))
def test_no_prompt_breaks_a_remark(prompt: str) -> None:
    for card in registry.live_cards():
        assert all(hint.message for hint in hints(card, {"prompt": prompt}))
