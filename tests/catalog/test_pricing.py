"""What a payload costs: every shape of price that the providers print."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from playground.catalog.card import Card
from playground.catalog.facts import Facts, MediaFacts
from playground.catalog.pricing import Quote, Unpriced, quote
from tests.catalog.cards import PROMPT, make_card

URL = {"type": "string", "format": "uri", "maxLength": 2000}
FIELDS: dict[str, Any] = {
    "prompt": PROMPT,
    "resolution": {"enum": ["480p", "720p", "1080p"], "default": "720p"},
    "duration": {"type": "integer", "minimum": -1, "maximum": 15, "default": 5},
    "sound": {"type": "boolean", "default": False},
    "multi_shots": {"type": "boolean"},
    "images": {"type": "array", "maxItems": 9, "items": URL},
    "first_frame": URL,
    "videos": {"type": "array", "maxItems": 3, "items": URL},
    "audio_url": URL,
}
LENGTHS = {"https://a.example/1": Decimal("4.5"), "https://a.example/2": Decimal(6)}
MEDIA = Facts(media={url: MediaFacts(seconds=seconds) for url, seconds in LENGTHS.items()})


def card(**pricing: Any) -> Card:
    return make_card(FIELDS, pricing={"axes": []} | pricing)


def exactly(credits: str) -> tuple[int, int]:
    millicredits = int(Decimal(credits) * 1000)
    return millicredits, millicredits


def span(found: Quote) -> tuple[int, int]:
    return found.min_millicredits, found.max_millicredits


def test_a_flat_price_per_job() -> None:
    assert quote(card(unit="job", credits=60), {}) == Quote(60_000, 60_000, "60 credits per job")


BY_SECOND = card(
    unit="second",
    axes=[{"field": "resolution", "default": "720p"}],
    credits={"480p": 2.4, "720p": 4.5, "1080p": 8},
    seconds={"field": "duration", "default": 6},
)


@pytest.mark.parametrize(
    ("payload", "credits"),
    [
        ({}, "27"),
        ({"duration": 15, "resolution": "480p"}, "36"),
        ({"duration": 1, "resolution": "1080p"}, "8"),
        ({"duration": 5.0}, "22.5"),
        ({"duration": "7"}, "31.5"),
    ],
    ids=str,
)
def test_a_price_per_second_by_resolution(payload: dict[str, Any], credits: str) -> None:
    assert span(quote(BY_SECOND, payload)) == exactly(credits)


def test_the_formula_is_the_sum_in_words() -> None:
    assert quote(BY_SECOND, {"duration": 5}).formula == "5 s × 4.5 credits, 720p"


def test_prices_are_added_up_without_binary_fractions() -> None:
    """15 × 2.4 is 36 and not 35.99…"""
    assert quote(BY_SECOND, {"duration": 15, "resolution": "480p"}).hold_millicredits == 36_000


TWO_AXES = card(
    unit="job",
    axes=[{"field": "duration", "default": 5}, {"field": "sound", "default": False, "default_when": {"multi_shots": True, "value": True}}],
    credits={"5|false": 55, "5|true": 110, "10|false": 110, "10|true": 220},
)


@pytest.mark.parametrize(
    ("payload", "credits"),
    [
        ({}, "55"),
        ({"sound": True}, "110"),
        ({"duration": 10, "sound": True}, "220"),
        ({"multi_shots": True}, "110"),
        ({"multi_shots": False}, "55"),
        ({"multi_shots": True, "sound": False}, "55"),
    ],
    ids=str,
)
def test_a_table_of_two_axes_with_a_default_that_depends(payload: dict[str, Any], credits: str) -> None:
    assert span(quote(TWO_AXES, payload)) == exactly(credits)


def test_a_cell_that_nobody_printed_has_no_price() -> None:
    with pytest.raises(Unpriced):
        quote(TWO_AXES, {"duration": 7})


@pytest.mark.parametrize(
    "pricing", [{"unit": "job", "credits": None}, {"unit": "job"}, {"unit": "second", "credits": None, "seconds": {"field": "duration"}}]
)
def test_a_model_without_a_published_price_has_none(pricing: dict[str, Any]) -> None:
    with pytest.raises(Unpriced):
        quote(card(**pricing), {"duration": 5})


BY_INPUT = card(
    unit="second",
    axes=[{"name": "video_input", "nonempty": ["videos", "first_frame"]}],
    credits={"no": 41, "yes": 25},
    seconds={"field": "duration", "default": 5},
)


@pytest.mark.parametrize(
    ("payload", "credits"),
    [
        ({}, "205"),
        ({"videos": []}, "205"),
        ({"first_frame": ""}, "205"),
        ({"videos": ["https://a.example/1"]}, "125"),
        ({"first_frame": "x"}, "125"),
    ],
    ids=str,
)
def test_a_price_that_depends_on_whether_media_are_given(payload: dict[str, Any], credits: str) -> None:
    assert span(quote(BY_INPUT, payload)) == exactly(credits)


WITH_EXTRAS = card(
    unit="second",
    credits=8,
    seconds={"field": "duration", "default": 6},
    extras=[{"count_of": ["images", "first_frame"], "free": 5, "credits_each": 4}],
)


@pytest.mark.parametrize(("images", "credits"), [(0, "48"), (5, "48"), (6, "52"), (9, "64")])
def test_surcharges_begin_after_the_free_ones(images: int, credits: str) -> None:
    assert span(quote(WITH_EXTRAS, {"images": ["x"] * images})) == exactly(credits)


def test_surcharges_count_across_fields_and_show_in_the_formula() -> None:
    found = quote(WITH_EXTRAS, {"images": ["x"] * 5, "first_frame": "x"})

    assert (span(found), found.formula) == (exactly("52"), "6 s × 8 credits + 4 credits")


def test_a_length_that_follows_the_given_media() -> None:
    by_audio = card(unit="second", credits=8, seconds={"media": "audio_url"})

    assert span(quote(by_audio, {"audio_url": "https://a.example/1"}, MEDIA)) == exactly("36")


def test_seconds_of_reference_clips_are_added() -> None:
    plus = card(unit="second", credits=10, seconds={"field": "duration", "default": 5}, plus_input_seconds="videos")

    assert span(quote(plus, {"videos": ["https://a.example/1", "https://a.example/2"]}, MEDIA)) == exactly("155")
    assert span(quote(plus, {}, MEDIA)) == exactly("50")


def test_a_length_that_the_model_chooses_is_a_range_and_the_most_is_held() -> None:
    found = quote(BY_SECOND, {"duration": -1})

    assert found.is_range
    assert span(found) == (4_500, 67_500)
    assert found.hold_millicredits == 67_500
    assert found.formula == "1–15 s × 4.5 credits, 720p"


def test_a_length_that_the_model_chooses_among_printed_ones() -> None:
    fields = FIELDS | {"duration": {"enum": [-1, 4, 8], "default": 4}}
    choosing = make_card(fields, pricing={"unit": "second", "axes": [], "credits": 2, "seconds": {"field": "duration"}})

    assert span(quote(choosing, {"duration": -1})) == (8_000, 16_000)


def test_zero_may_mean_as_long_as_the_input() -> None:
    zero = card(unit="second", credits=10, seconds={"field": "duration", "default": 0, "zero_means_media": "videos"})

    assert span(quote(zero, {"videos": ["https://a.example/2"]}, MEDIA)) == exactly("60")
    assert span(quote(zero, {"videos": ["https://a.example/2"], "duration": 3}, MEDIA)) == exactly("30")


def test_without_a_length_the_media_s_own_counts() -> None:
    otherwise = card(unit="second", credits=10, seconds={"field": "duration", "else_media": "videos"})

    assert span(quote(otherwise, {"videos": ["https://a.example/1"]}, MEDIA)) == exactly("45")
    assert span(quote(otherwise, {"duration": 2, "videos": ["https://a.example/1"]}, MEDIA)) == exactly("20")


def test_a_length_may_be_a_ratio_of_two_fields() -> None:
    frames = card(unit="second", credits=3, seconds={"ratio": ["frames", 81, "fps", 16]})

    assert span(quote(frames, {"frames": 160, "fps": 16})) == exactly("30")
    assert quote(frames, {}).hold_millicredits == 15_188, "81 / 16 s × 3 credits, rounded half up"


def test_a_price_may_depend_on_the_parent_task() -> None:
    extend = card(
        unit="job", axes=[{"name": "parent_model", "from_task": "model", "default": "fast"}], credits={"fast": 60, "quality": 250}
    )

    assert span(quote(extend, {})) == exactly("60")
    assert span(quote(extend, {}, Facts(parent={"parent_model": "quality"}))) == exactly("250")


def test_a_certain_price_is_no_range() -> None:
    assert not quote(BY_SECOND, {"duration": 5}).is_range
