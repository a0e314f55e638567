"""Friendly remarks: shown where prompt and form disagree, silent otherwise, never in the way."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.catalog import registry
from playground.catalog.hints import hints

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


@pytest.mark.parametrize("prompt", [None, "", "   ", 7, ["x"]])
def test_without_a_prompt_there_is_nothing_to_say(prompt: object) -> None:
    assert hints(VEO, {"prompt": prompt}) == []


@settings(deadline=None)
@given(st.text(max_size=200))
def test_no_prompt_breaks_a_remark(prompt: str) -> None:
    for card in registry.live_cards():
        assert all(hint.message for hint in hints(card, {"prompt": prompt}))
