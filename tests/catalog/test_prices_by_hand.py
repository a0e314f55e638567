"""Prices worked out by hand from the providers' tables, with pencil and without the calculator that they test."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from playground.catalog import registry
from playground.catalog.facts import Facts, MediaFacts
from playground.catalog.pricing import quote

# The names say how many seconds each lasts.
S3, S3_AGAIN, S4, S5, S6, S7_5, S8, S10, S12, S12_4, S20, S30 = (
    f"https://example.com/uploads/{seconds}" for seconds in ("3", "3?again", "4", "5", "6", "7.5", "8", "10", "12", "12.4", "20", "30")
)
PICTURE = "https://example.com/uploads/picture"
LENGTHS = {
    url: Decimal(url.rpartition("/")[2].partition("?")[0]) for url in (S3, S3_AGAIN, S4, S5, S6, S7_5, S8, S10, S12, S12_4, S20, S30)
}
MEDIA = {url: MediaFacts(seconds=seconds) for url, seconds in LENGTHS.items()}
CLIP = {"url": S6, "start": 0, "ends": 4}
SHOTS = [{"prompt": "a calm sea", "duration": 4}, {"prompt": "a storm", "duration": 6}]

# gateway/model, payload, credits; beside each the sum.
BY_HAND: list[tuple[str, dict[str, Any], str]] = [
    ("kie/bytedance/seedance-1.5-pro", {"duration": 8, "resolution": "720p", "generate_audio": True}, "56"),  # 8 × 7
    ("kie/bytedance/seedance-1.5-pro", {"duration": 4, "resolution": "480p"}, "7"),  # 4 × 1.75
    ("kie/bytedance/seedance-1.5-pro", {"duration": 12, "resolution": "1080p", "generate_audio": True}, "180"),  # 12 × 15
    ("kie/bytedance/seedance-2-5", {"duration": 10, "resolution": "1080p"}, "1580"),  # 10 × 158
    ("kie/bytedance/seedance-2-5", {"duration": 5, "resolution": "480p", "reference_video_urls": [S8]}, "221"),  # 13 × 17
    ("kie/bytedance/seedance-2-fast", {}, "124"),  # 5 × 24.8
    ("kie/bytedance/seedance-2-fast", {"duration": 10, "resolution": "480p"}, "117"),  # 10 × 11.7
    ("kie/bytedance/seedance-2-fast", {"reference_video_urls": [S3, S3_AGAIN]}, "165"),  # 11 × 15
    ("kie/bytedance/seedance-2-mini", {"duration": 4, "resolution": "480p"}, "15.2"),  # 4 × 3.8
    ("kie/bytedance/seedance-2-mini", {"duration": 10}, "82"),  # 10 × 8.2
    ("kie/bytedance/seedance-2", {"duration": 4, "resolution": "4k", "first_frame_url": PICTURE}, "832"),  # 4 × 208
    ("kie/bytedance/seedance-2", {"duration": 5, "resolution": "1080p", "reference_video_urls": [S10]}, "930"),  # 15 × 62
    ("kie/bytedance/v1-lite-image-to-video", {"duration": "10", "resolution": "1080p"}, "100"),  # 10 × 10
    ("kie/bytedance/v1-lite-text-to-video", {"duration": "5", "resolution": "480p"}, "10"),  # 5 × 2
    ("kie/bytedance/v1-pro-fast-image-to-video", {"duration": "10", "resolution": "720p"}, "36"),
    ("kie/bytedance/v1-pro-fast-image-to-video", {"duration": "10", "resolution": "1080p"}, "72"),
    ("kie/bytedance/v1-pro-image-to-video", {"duration": "10", "resolution": "480p"}, "28"),  # 10 × 2.8
    ("kie/bytedance/v1-pro-text-to-video", {"duration": "5", "resolution": "1080p"}, "70"),  # 5 × 14
    ("kie/gemini-omni-video", {"duration": "4", "resolution": "720p"}, "63"),
    ("kie/gemini-omni-video", {"duration": "10", "resolution": "4k", "video_list": [CLIP]}, "252"),
    ("kie/google/gemini-omni-flash-1-1", {"duration": "6", "resolution": "1080p"}, "84"),
    ("kie/grok-imagine-video-1-5-preview", {"duration": 8}, "19.2"),  # 8 × 2.4
    ("kie/grok-imagine/text-to-video", {"duration": 6, "resolution": "720p"}, "27"),  # 6 × 4.5
    ("kie/grok-imagine/image-to-video", {"duration": "30", "resolution": "1080p"}, "240"),  # 30 × 8
    ("kie/grok-imagine/extend", {"extend_times": "10", "task_id": "from 480p"}, "24"),
    ("kie/grok-imagine/extend", {"extend_times": "6"}, "27"),  # a take of 720p, as long as nobody knows it
    ("kie/grok-imagine/upscale", {"resolution": "1080p"}, "30"),
    ("kie/hailuo/02-image-to-video-pro", {}, "57"),
    ("kie/hailuo/02-image-to-video-standard", {}, "50"),  # 10 s of 768P
    ("kie/hailuo/02-image-to-video-standard", {"duration": "6", "resolution": "512P"}, "12"),
    ("kie/hailuo/02-text-to-video-standard", {"duration": "10"}, "50"),
    ("kie/hailuo/2-3-image-to-video-pro", {"duration": "10", "resolution": "768P"}, "90"),
    ("kie/hailuo/2-3-image-to-video-standard", {"duration": "6", "resolution": "1080P"}, "50"),
    ("kie/happyhorse-1-1/text-to-video", {}, "145"),  # 5 × 29
    ("kie/happyhorse-1-1/image-to-video", {"duration": 7, "resolution": "720p"}, "157.5"),  # 7 × 22.5
    ("kie/happyhorse/text-to-video", {"duration": 5, "resolution": "1080p"}, "240"),  # 5 × 48
    ("kie/happyhorse/video-edit", {"video_url": S10, "resolution": "720p"}, "560"),  # (10 + 10) × 28
    ("kie/infinitalk/from-audio", {"audio_url": S7_5, "resolution": "720p"}, "90"),  # 7.5 × 12
    ("kie/kling-2.6/text-to-video", {"duration": "10", "sound": True}, "220"),
    ("kie/kling-2.6/motion-control", {"video_urls": [S12], "mode": "1080p"}, "216"),  # 12 × 18
    ("kie/kling-3.0-omni/text-to-video", {"duration": 15, "resolution": "4k", "audio": True}, "1005"),  # 15 × 67
    ("kie/kling-3.0-omni/reference-to-video", {"duration": 5, "resolution": "1080p", "video_urls": [S5]}, "135"),  # 5 × 27
    ("kie/kling-3.0-omni/transformation", {"video_urls": [S8]}, "160"),  # 8 × 20
    ("kie/kling-3.0-omni/transformation", {"video_urls": [S8], "duration": "5", "resolution": "1080p"}, "135"),  # 5 × 27
    ("kie/kling-3.0/motion-control", {"video_urls": [S6], "mode": "pro"}, "162"),  # 6 × 27
    ("kie/kling-3.0/video", {"duration": "5", "mode": "std", "sound": False}, "70"),  # 5 × 14
    ("kie/kling-3.0/video", {"duration": "10", "mode": "pro", "multi_shots": True, "multi_prompt": SHOTS}, "270"),  # 10 × 27, with sound
    ("kie/kling/ai-avatar-pro", {"audio_url": S30}, "480"),  # 30 × 16
    ("kie/kling/v2-1-master-text-to-video", {"duration": "10"}, "320"),
    ("kie/kling/v2-1-standard", {}, "25"),
    ("kie/kling/v2-5-turbo-text-to-video-pro", {"duration": "10"}, "84"),
    ("kie/kling/v3-turbo-text-to-video", {"duration": "7", "resolution": "1080p"}, "157.5"),  # 7 × 22.5
    ("kie/minimax-h3/text-to-video", {}, "78"),  # 6 × 13
    (
        "kie/minimax-h3/reference-to-video",
        {"resolution": "768P", "reference_video_urls": [S4], "reference_image_urls": [PICTURE] * 7},
        "88",  # (6 + 4) × 8 + 2 × 4
    ),
    ("kie/omnihuman-1-5", {"audio_url": S12_4}, "334.8"),  # 12.4 × 27
    ("kie/pixverse-v6/image-to-video", {"duration": 5, "quality": "720p", "generate_audio_switch": True}, "48"),  # 5 × 9.6
    ("kie/runway/aleph", {}, "110"),
    ("kie/sora-2-text-to-video", {"n_frames": "15"}, "25"),
    ("kie/topaz/video-upscale", {"video_url": S20, "upscale_factor": "4"}, "280"),  # 20 × 14
    ("kie/veo3", {"resolution": "4k"}, "370"),
    ("kie/veo3_fast", {"resolution": "1080p", "duration": 4}, "65"),
    ("kie/veo3_lite", {}, "30"),
    ("kie/veo/4k", {}, "120"),
    ("kie/veo/extend", {"model": "quality"}, "250"),
    ("kie/wan/2-2-a14b-speech-to-video-turbo", {"resolution": "580p"}, "90"),  # 80 frames at 16 a second: 5 × 18
    ("kie/wan/2-2-a14b-speech-to-video-turbo", {"resolution": "720p", "num_frames": 120, "frames_per_second": 24}, "120"),  # 5 × 24
    ("kie/wan/2-2-animate-move", {"video_url": S6, "resolution": "580p"}, "57"),  # 6 × 9.5
    ("kie/wan/2-5-text-to-video", {"duration": "10", "resolution": "720p"}, "120"),
    ("kie/wan/2-6-text-to-video", {"duration": "10", "resolution": "1080p"}, "209.5"),
    ("kie/wan/2-6-text-to-video", {"duration": "15", "resolution": "1080p"}, "315"),
    ("kie/wan/2-7-videoedit", {"video_url": S4, "resolution": "720p"}, "64"),  # 4 × 16
    ("kie/wan/3-0-video-prime", {}, "252"),  # 5 × 50.4
    ("kie/wan/3-0-video", {"duration": 10, "resolution": "480P", "reference_video_urls": [S5]}, "120"),  # (10 + 5) × 8
    ("modkie/google/veo-3-1", {"duration": 8}, "60"),
    ("modkie/kling/kling-3-0", {"duration": 15}, "35"),
    ("modkie/kling/v2-1", {}, "55"),
]


@pytest.mark.parametrize(("model", "payload", "credits"), BY_HAND, ids=[f"{row[0]} {row[2]}" for row in BY_HAND])
def test_the_price_is_what_a_pencil_says(model: str, payload: dict[str, Any], credits: str) -> None:
    gateway, _, model_id = model.partition("/")
    parent = {"source_resolution": "480p"} if payload.get("task_id") == "from 480p" else {}

    found = quote(registry.get(model_id, gateway), payload, Facts(media=MEDIA, parent=parent))

    assert (found.min_millicredits, found.max_millicredits) == (int(Decimal(credits) * 1000),) * 2


def test_every_shape_of_price_is_among_them() -> None:
    pricings = [registry.get(model.partition("/")[2], model.partition("/")[0]).pricing for model, _, _ in BY_HAND]
    sources = {name for pricing in pricings for name in pricing.get("seconds", {})}
    kinds = {name for pricing in pricings for axis in pricing["axes"] for name in axis}

    assert {pricing["unit"] for pricing in pricings} == {"job", "second"}
    assert sources >= {"field", "media", "ratio", "else_media", "zero_means_media"}
    assert kinds >= {"field", "nonempty", "from_task", "default_when"}
    assert any(pricing.get("extras") for pricing in pricings) and any(pricing.get("plus_input_seconds") for pricing in pricings)
