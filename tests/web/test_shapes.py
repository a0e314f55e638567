"""The frame that is reserved for a take has the shape that the take will have."""

from __future__ import annotations

from typing import Any

import pytest

from playground.web.shapes import ratio_of
from tests.factories import make_job, make_owner
from tests.inputfiles import upload

pytestmark = pytest.mark.django_db


def reserved(model: str, looks_at_files: bool = False, **payload: Any) -> float:
    job = make_job(make_owner(), model_id=model, payload={"prompt": "A boat on a lake", **payload}).job
    return float(ratio_of(None, job, looks_at_files=looks_at_files))


def test_the_payload_s_shape_under_every_name() -> None:
    assert reserved("wan/2-7-text-to-video", ratio="9:16") == pytest.approx(9 / 16, abs=1e-3)


def test_a_default_of_the_card_counts() -> None:
    assert reserved("grok-imagine/text-to-video") == pytest.approx(2 / 3, abs=1e-3)


def test_nothing_known_is_a_wide_frame() -> None:
    assert reserved("wan/2-6-text-to-video") == pytest.approx(16 / 9, abs=1e-3)
    assert float(ratio_of(None, None)) == pytest.approx(16 / 9, abs=1e-3)


def test_a_frame_that_follows_a_picture_follows_the_upload(django_assert_max_num_queries: Any) -> None:
    owner = make_owner()
    job = make_job(
        owner, model_id="kling/v2-1-standard", payload={"prompt": "A boat", "image_url": upload(owner, "picture"), "duration": "5"}
    ).job
    assert float(ratio_of(None, job, looks_at_files=True)) == pytest.approx(0.75, abs=1e-3)
    with django_assert_max_num_queries(0):
        assert float(ratio_of(None, job)) == pytest.approx(16 / 9, abs=1e-3)
