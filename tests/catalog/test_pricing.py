"""What a payload costs: every shape of price that the providers print."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from playground.catalog import registry
from playground.catalog.card import Card
from playground.catalog.facts import Facts, MediaFacts
from playground.catalog.pricing import OwnPrice, Quote, Unpriced, actual, quote
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


# ---------------------------------------------------------------- lengths that nobody knows yet


VOICE = {**URL, "title": "Speech"}


def by_media(limits: dict[str, Any] | None = None, **more: Any) -> Card:
    fields = {"voice": VOICE | ({"x-media": limits} if limits else {}), "mode": {"type": "string", "enum": ["a", "b"]}}
    return make_card(fields, pricing={"unit": "second", "axes": [], "credits": 8, "seconds": {"media": "voice"}}, **more)


@pytest.mark.parametrize(
    ("limits", "least", "most"),
    [({"min_s": 2, "max_s": 15}, 16, 120), ({"max_s": 300}, 8, 2400), ({"total_s": 30}, 8, 240), (None, 8, 480)],
)
def test_an_unknown_length_is_within_the_limits_of_its_field(limits: dict[str, Any] | None, least: int, most: int) -> None:
    assert span(quote(by_media(limits), {"voice": "https://a.example/9"})) == (least * 1000, most * 1000)


def test_the_formula_says_whose_seconds_they_are() -> None:
    card = by_media({"max_s": 15})

    assert quote(card, {"voice": "https://a.example/9"}).formula == "1–15 s of speech × 8 credits"
    assert quote(card, {"voice": "https://a.example/1"}, MEDIA).formula == "4.5 s of speech × 8 credits"


def test_a_required_file_that_is_still_missing_is_one_of_unknown_length() -> None:
    assert span(quote(by_media({"max_s": 15}, example={}), {})) == (0, 0)
    required = make_card({"voice": VOICE | {"x-media": {"max_s": 15}}}, required=["voice"], pricing=dict(by_media().pricing))
    assert span(quote(required, {})) == (8_000, 120_000)


def test_what_is_still_to_be_chosen_is_a_range_over_the_choices() -> None:
    wan = quote(registry.get("wan/2-5-text-to-video"), {"resolution": "720p"})
    assert (span(wan), wan.formula) == ((60_000, 120_000), "60–120 credits per job, 720p")

    seedance = quote(registry.get("bytedance/seedance-1.5-pro"), {})
    assert (span(seedance), seedance.formula) == ((14_000, 42_000), "4–12 s × 3.5 credits, 720p without sound")


def test_a_check_that_counts_in_one_mode_bounds_an_unknown_length_there() -> None:
    check = {"check": "media_seconds_lte", "media": "voice", "max": 10, "when": {"mode": "a"}}
    card = by_media({"max_s": 300}, checks=[check])

    assert quote(card, {"voice": "https://a.example/9", "mode": "a"}).max_millicredits == 80_000
    assert quote(card, {"voice": "https://a.example/9", "mode": "b"}).max_millicredits == 2_400_000


CLIPS = FIELDS | {"videos": FIELDS["videos"] | {"title": "Reference videos", "x-media": {"min_s": 2, "max_s": 15, "total_s": 20}}}
PLUS = make_card(
    CLIPS,
    pricing={"unit": "second", "axes": [], "credits": 10, "seconds": {"field": "duration", "default": 5}, "plus_input_seconds": "videos"},
)


def test_known_and_unknown_clips_are_added_up_within_their_common_limit() -> None:
    known, unknown = "https://a.example/2", "https://a.example/9"

    assert span(quote(PLUS, {"videos": [unknown]})) == (70_000, 200_000)
    assert span(quote(PLUS, {"videos": [known, unknown]}, MEDIA)) == (130_000, 250_000)
    assert quote(PLUS, {"videos": [known]}, MEDIA).formula == "(5 s + 6 s of reference videos) × 10 credits"


def test_a_chosen_length_leaves_room_for_the_clips_that_count_with_it() -> None:
    """30 s for both: with 6 s of clips the model makes 24 s at most."""
    check = {"check": "media_seconds_plus_field_lte", "media": "videos", "field": "duration", "max": 14}
    card = make_card(CLIPS, pricing=dict(PLUS.pricing), checks=[check])

    assert span(quote(card, {"duration": -1, "videos": ["https://a.example/2"]}, MEDIA)) == (70_000, 140_000)


EDIT = make_card(
    CLIPS | {"clip": {**URL, "title": "Source video", "x-media": {"min_s": 3, "max_s": 60}}},
    pricing={"unit": "second", "axes": [], "credits": 28, "seconds": {"media": "clip"}, "plus_input_seconds": "clip"},
)


def test_a_clip_that_is_billed_as_input_and_as_output_counts_twice() -> None:
    found = quote(EDIT, {"clip": "https://a.example/2"}, MEDIA)

    assert (span(found), found.formula) == (exactly("336"), "2 × 6 s of source video × 28 credits")


# ---------------------------------------------------------------- what it came to


def test_a_certain_price_is_charged_as_it_was_quoted() -> None:
    assert actual(BY_SECOND, {"duration": 5}, output_seconds=Decimal("5.2")) == 22_500
    assert actual(card(unit="job", credits=60), {}, output_seconds=None) == 60_000


@pytest.mark.parametrize(
    ("made", "credits"),
    [("7", "31.5"), ("7.04", "31.5"), ("6.96", "31.5"), ("0.4", "4.5"), ("99", "67.5"), (None, "4.5")],
    ids=str,
)
def test_a_length_that_the_model_chose_is_charged_in_whole_seconds_within_the_range(made: str | None, credits: str) -> None:
    seconds = Decimal(made) if made else None

    assert actual(BY_SECOND, {"duration": -1}, output_seconds=seconds) == exactly(credits)[0]


def test_a_length_that_follows_an_unseen_file_is_charged_as_the_clip_came_out() -> None:
    unseen = {"voice": "https://a.example/9"}

    assert actual(by_media({"max_s": 15}), unseen, output_seconds=Decimal("4.5")) == 36_000
    assert actual(by_media({"max_s": 15}), unseen, output_seconds=Decimal(40)) == 120_000, "no more than was held"
    assert actual(EDIT, {"clip": "https://a.example/9"}, output_seconds=Decimal(10)) == 560_000
    assert actual(by_media({"max_s": 15}), {"voice": "https://a.example/1"}, MEDIA, output_seconds=Decimal(9)) == 36_000


# ---------------------------------------------------------------- prices of a team's own


OWN, MARKUP, REBATE = OwnPrice(Decimal("2.5"), Decimal(0)), OwnPrice(None, Decimal(20)), OwnPrice(None, Decimal("-12.5"))


def test_own_credits_replace_the_whole_rate_per_job_or_per_second() -> None:
    assert quote(BY_SECOND, {"duration": 5}, own=OWN) == Quote(12_500, 12_500, "5 s × 2.5 credits (own price)")
    assert quote(TWO_AXES, {}, own=OWN) == Quote(2_500, 2_500, "2.5 credits per job (own price)")
    assert span(quote(WITH_EXTRAS, {"images": ["x"] * 9}, own=OWN)) == exactly("15")


def test_own_credits_price_what_nobody_publishes() -> None:
    unpublished = card(unit="job", credits=None)

    assert span(quote(unpublished, {}, own=OWN)) == exactly("2.5")
    with pytest.raises(Unpriced):
        quote(unpublished, {}, own=MARKUP)


def test_a_mark_up_multiplies_the_whole_and_rounds_half_up() -> None:
    assert quote(BY_SECOND, {"duration": 5}, own=MARKUP) == Quote(27_000, 27_000, "5 s × 4.5 credits, 720p + 20 %")
    assert span(quote(WITH_EXTRAS, {"images": ["x"] * 6}, own=MARKUP)) == exactly("62.4")
    assert quote(BY_SECOND, {"duration": 5}, own=REBATE) == Quote(19_688, 19_688, "5 s × 4.5 credits, 720p − 12.5 %")
    assert quote(BY_SECOND, {"duration": -1}, own=MARKUP).max_millicredits == 81_000
    assert actual(BY_SECOND, {"duration": -1}, output_seconds=Decimal(10), own=MARKUP) == 54_000


# ---------------------------------------------------------------- in words


@pytest.mark.parametrize(
    ("model", "payload", "formula"),
    [
        ("kling-3.0-omni/text-to-video", {"duration": 5, "audio": True}, "5 s × 18 credits, 720p with sound"),
        ("kling-3.0-omni/text-to-video", {"duration": 5, "audio": False}, "5 s × 14 credits, 720p without sound"),
        ("bytedance/seedance-2", {"duration": 5, "resolution": "480p"}, "5 s × 19 credits, 480p"),
        ("grok-imagine/extend", {"extend_times": "10"}, "45 credits per job, 10 s from a 720p take"),
        ("hailuo/2-3-image-to-video-pro", {"resolution": "1080P"}, "80 credits per job, 6 s, 1080P"),
    ],
)
def test_the_formula_says_what_the_rate_depends_on(model: str, payload: dict[str, Any], formula: str) -> None:
    assert quote(registry.get(model), payload).formula == formula


def test_a_price_that_may_turn_out_otherwise_says_why() -> None:
    assert quote(registry.get("grok-imagine/upscale"), {}).note
    assert quote(registry.get("veo3"), {}).note == ""


@pytest.mark.parametrize("card", registry.all_cards(), ids=lambda card: f"{card.gateway}/{card.id}")
def test_every_example_has_a_bounded_price_even_if_nobody_looked_at_its_files(card: Card) -> None:
    if card.pricing["credits"] is None:
        with pytest.raises(Unpriced):
            quote(card, card.example)
    else:
        found = quote(card, card.example)
        assert 0 < found.min_millicredits <= found.max_millicredits < 10_000_000
        assert found.formula
