"""Prices worked out by hand from the providers' tables, one line of arithmetic each.

A row says only what the price depends on; lengths in seconds are those of the files, by link.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from playground.catalog import registry
from playground.catalog.facts import Facts, MediaFacts
from playground.catalog.pricing import Unpriced, quote
from playground.core.money import format_credits

A, B = "https://example.com/files/a", "https://example.com/files/b"
NOBODY = "unpublished"
Row = tuple[str, dict[str, Any], dict[str, str], str]


def pictures(count: int) -> list[str]:
    return [f"https://example.com/files/picture-{number}" for number in range(count)]


CLIP = [{"url": A, "start": 0, "ends": 5}]
SHOTS = [{"prompt": "Rain", "duration": 5}]

PER_JOB: list[Row] = [
    ("kie/hailuo/02-text-to-video-pro", {}, {}, "57"),  # one price: 57
    ("kie/runway/aleph", {"aspectRatio": "1:1"}, {}, "110"),  # one price: 110
    ("kie/veo/1080p", {"taskId": "t"}, {}, "5"),  # one price: 5
    ("kie/veo/4k", {"taskId": "t"}, {}, "120"),  # one price: 120
    ("kie/sora-watermark-remover", {}, {}, "10"),  # retired, its price stays readable: 10
    ("modkie/google/veo-3-1", {"duration": 8}, {}, "60"),  # per job, however long: 60
    ("modkie/kling/kling-3-0", {"duration": 15}, {}, "35"),  # per job, however long: 35
    ("modkie/kling/v2-1", {}, {}, "55"),  # per job: 55
    ("kie/veo3", {"resolution": "4k"}, {}, "370"),  # 4K row of Quality: 370
    ("kie/veo3_fast", {}, {}, "60"),  # nothing said is 720p: 60
    ("kie/veo3_lite", {"resolution": "1080p", "duration": 4}, {}, "35"),  # 30 + 5 for 1080p, whatever the seconds
    ("kie/veo/extend", {"model": "quality"}, {}, "250"),  # quality row: 250
    ("kie/veo/extend", {}, {}, "60"),  # nothing said is fast: 60
    ("kie/kling/v2-1-master-text-to-video", {"duration": "10"}, {}, "320"),  # 10 s row: 320
    ("kie/kling/v2-1-standard", {}, {}, "25"),  # nothing said is 5 s: 25
    ("kie/wan/2-2-a14b-text-to-video-turbo", {}, {}, "80"),  # nothing said is 720p: 80
    ("kie/grok-imagine/upscale", {"resolution": "1080p"}, {}, "30"),  # the most, from 480p to 1080p: 30
    ("kie/sora-2-text-to-video", {"n_frames": "15"}, {}, "25"),  # 15 s row of December 2025: 25
    ("kie/kling-2.6/text-to-video", {"duration": "10", "sound": True}, {}, "220"),  # 10 s: 110, with sound doubled: 220
    ("kie/kling-2.6/image-to-video", {"duration": "5", "sound": False}, {}, "55"),  # 5 s silent: 55
    ("kie/hailuo/02-image-to-video-standard", {}, {}, "50"),  # nothing said is 10 s at 768P: 50
    ("kie/hailuo/02-image-to-video-standard", {"duration": "6", "resolution": "512P"}, {}, "12"),  # 6 s at 512P: 12
    ("kie/hailuo/2-3-image-to-video-pro", {"resolution": "1080P"}, {}, "80"),  # nothing said is 6 s, at 1080P: 80
    ("kie/wan/2-5-text-to-video", {"duration": "10"}, {}, "200"),  # nothing said is 1080p, 10 s: 200
    ("kie/wan/2-6-text-to-video", {}, {}, "104.5"),  # nothing said is 5 s at 1080p: 104.5
    ("kie/wan/2-6-video-to-video", {"duration": "10"}, {}, "209.5"),  # 10 s at 1080p: 209.5
    ("kie/runway/generate", {"duration": 10, "quality": "720p"}, {}, "30"),  # 10 s at 720p: 30
    ("kie/sora-2-pro-text-to-video", {}, {}, "330"),  # nothing said is 10 s in high: 330
]
WITH_MEDIA: list[Row] = [
    ("kie/gemini-omni-video", {"duration": "4", "resolution": "4k"}, {}, "147"),  # 63 for 4 s + 84 for 4K
    # with a clip 168, whatever the seconds
    ("kie/gemini-omni-video", {"duration": "4", "resolution": "1080p", "video_list": CLIP}, {A: "5"}, "168"),
    ("kie/google/gemini-omni-flash-1-1", {"duration": "10", "resolution": "360p"}, {}, "126"),  # 10 s up to 1080p: 126
    ("kie/grok-imagine/extend", {"extend_times": "6"}, {}, "27"),  # earlier take not known, 720p: 27
    ("kie/grok-imagine/extend", {"extend_times": "10"}, {"source_resolution": "480p"}, "24"),  # earlier take in 480p: 24
    ("kie/grok-imagine/extend", {"extend_times": "6"}, {"source_resolution": "480p"}, "14.4"),  # earlier take in 480p: 14.4
    # 6 s × 13 = 78, + (7 − 5) × 4 = 8
    ("kie/minimax-h3/reference-to-video", {"duration": 6, "reference_image_urls": pictures(7)}, {}, "86"),
    # 10 s × 8, five pictures are free
    ("kie/minimax-h3/reference-to-video", {"duration": 10, "resolution": "768P", "reference_image_urls": pictures(5)}, {}, "80"),
    (
        "kie/minimax-h3/reference-to-video",
        {"duration": 4, "resolution": "768P", "reference_image_urls": pictures(9), "reference_video_urls": [A]},
        {A: "4.5"},
        "84",  # (4 + 4.5) s × 8 = 68, + (9 − 5) × 4 = 16
    ),
    # 15 s × 13, two pictures are free
    ("kie/minimax-h3/image-to-video", {"duration": 15, "first_frame_url": A, "last_frame_url": B}, {}, "195"),
    ("kie/kling-3.0-omni/reference-to-video", {"video_urls": [A], "audio": False}, {A: "9"}, "100"),  # 5 s × 20: only output counts
    ("kie/kling-3.0-omni/reference-to-video", {"image_urls": [A], "audio": True, "resolution": "1080p"}, {}, "115"),  # 5 s × 23
]  # fmt: skip
PER_SECOND: list[Row] = [
    ("kie/kling-3.0/video", {"mode": "std", "sound": True, "duration": "5"}, {}, "100"),  # 5 s × 20
    ("kie/kling-3.0/video", {"duration": "5", "multi_shots": True, "multi_prompt": SHOTS}, {}, "135"),  # 5 s × 27: several shots have sound
    ("kie/kling-3.0/video", {"duration": "5", "multi_shots": True, "multi_prompt": SHOTS, "sound": False}, {}, "90"),  # 5 s × 18
    ("kie/kling-3.0/video", {"duration": "5", "multi_shots": False}, {}, "90"),  # 5 s × 18
    ("kie/kling-3.0/video", {"duration": "15", "mode": "4K", "sound": True}, {}, "1,005"),  # 15 s × 67
    ("kie/kling/v3-turbo-text-to-video", {"duration": "7", "resolution": "1080p"}, {}, "157.5"),  # 7 s × 22.5
    ("kie/bytedance/seedance-1.5-pro", {"duration": 4, "resolution": "480p"}, {}, "7"),  # 4 s × 1.75
    ("kie/bytedance/seedance-1.5-pro", {"duration": 12, "resolution": "1080p", "generate_audio": True}, {}, "180"),  # 12 s × 15
    ("kie/bytedance/v1-lite-text-to-video", {"duration": "10"}, {}, "45"),  # 10 s × 4.5
    ("kie/bytedance/v1-pro-text-to-video", {"resolution": "480p"}, {}, "14"),  # 5 s × 2.8
    ("kie/grok-imagine/text-to-video", {}, {}, "14.4"),  # 6 s × 2.4
    ("kie/grok-imagine/image-to-video", {"duration": "30", "resolution": "720p"}, {}, "135"),  # 30 s × 4.5
    ("kie/grok-imagine-video-1-5-preview", {"duration": 7, "resolution": "1080p"}, {}, "56"),  # 7 s × 8
    ("kie/happyhorse-1-1/text-to-video", {"duration": 3, "resolution": "720p"}, {}, "67.5"),  # 3 s × 22.5
    ("kie/pixverse-v6/reference-to-video", {"duration": 15, "quality": "1080p", "generate_audio_switch": True}, {}, "310.5"),  # 15 s × 20.7
    ("kie/pixverse-v6/text-to-video", {"duration": 1, "quality": "360p", "generate_audio_switch": True}, {}, "5.6"),  # 1 s × 5.6
    ("kie/kling-3.0-omni/image-to-video", {"duration": 7, "resolution": "1080p", "audio": True}, {}, "161"),  # 7 s × 23
    ("kie/wan/2-7-text-to-video", {"duration": 15, "resolution": "720p"}, {}, "240"),  # 15 s × 16
    ("kie/bytedance/seedance-2-mini", {"duration": 15, "resolution": "480p"}, {}, "57"),  # 15 s × 3.8
    ("kie/wan/3-0-video-prime", {"duration": 2, "resolution": "480P"}, {}, "24.4"),  # 2 s × 12.2
]  # fmt: skip
BY_LENGTH: list[Row] = [
    ("kie/bytedance/seedance-2", {"reference_video_urls": [A]}, {A: "3.2"}, "205"),  # (5 + 3.2) s × 25
    # (4 + 6.5) s × 6.8
    ("kie/bytedance/seedance-2-fast", {"duration": 4, "resolution": "480p", "reference_video_urls": [A, B]}, {A: "2.5", B: "4"}, "71.4"),
    ("kie/wan/3-0-video", {"resolution": "720P", "duration": 10, "reference_video_urls": [A]}, {A: "12"}, "352"),  # (10 + 12) s × 16
    ("kie/happyhorse/video-edit", {"video_url": A, "resolution": "720p"}, {A: "6.25"}, "350"),  # in and out, 2 × 6.25 s × 28
    ("kie/kling/ai-avatar-pro", {"audio_url": A}, {A: "12.3"}, "196.8"),  # 12.3 s × 16
    ("kie/infinitalk/from-audio", {"audio_url": A}, {A: "7.333"}, "21.999"),  # 7.333 s × 3
    ("kie/omnihuman-1-5", {"audio_url": A}, {A: "9.5"}, "256.5"),  # 9.5 s × 27
    ("kie/topaz/video-upscale", {"video_url": A, "upscale_factor": "4"}, {A: "10.01"}, "140.14"),  # 10.01 s × 14
    ("kie/kling-2.6/motion-control", {"video_urls": [A], "mode": "1080p"}, {A: "8.5"}, "153"),  # 8.5 s × 18
    ("kie/kling-3.0/motion-control", {"video_urls": [A], "mode": "std"}, {A: "3"}, "60"),  # 3 s × 20
    ("kie/wan/2-2-animate-move", {"video_url": A, "resolution": "580p"}, {A: "4.0001"}, "38.001"),  # 4.0001 s × 9.5 = 38.00095
    # 4.00004 s × 12.5 = 50.0005, half goes up
    ("kie/wan/2-2-animate-replace", {"video_url": A, "resolution": "720p"}, {A: "4.00004"}, "50.001"),
    ("kie/wan/2-2-a14b-speech-to-video-turbo", {}, {}, "60"),  # 80 / 16 = 5 s × 12
    # 120 / 24 = 5 s × 24
    ("kie/wan/2-2-a14b-speech-to-video-turbo", {"num_frames": 120, "frames_per_second": 24, "resolution": "720p"}, {}, "120"),
    # 100 / 30 s × 18
    ("kie/wan/2-2-a14b-speech-to-video-turbo", {"num_frames": 100, "frames_per_second": 30, "resolution": "580p"}, {}, "60"),
    ("kie/wan/2-2-a14b-speech-to-video-turbo", {"num_frames": 40, "frames_per_second": 60}, {}, "8"),  # 40 / 60 s × 12
    ("kie/wan/2-7-videoedit", {"video_url": A, "duration": 0, "resolution": "720p"}, {A: "7.4"}, "118.4"),  # 0 is the source's 7.4 s × 16
    ("kie/wan/2-7-videoedit", {"video_url": A}, {A: "7.4"}, "177.6"),  # nothing said is 0, at 1080p: 7.4 s × 24
    ("kie/wan/2-7-videoedit", {"video_url": A, "duration": 3}, {A: "7.4"}, "72"),  # 3 s × 24
    ("kie/kling-3.0-omni/transformation", {"video_urls": [A]}, {A: "9"}, "180"),  # the source's 9 s × 20
    ("kie/kling-3.0-omni/transformation", {"video_urls": [A], "duration": "5", "resolution": "1080p"}, {A: "9"}, "135"),  # 5 s × 27
]  # fmt: skip
KNOWN_LATE: list[Row] = [
    ("kie/bytedance/seedance-2-5", {"duration": -1, "resolution": "1080p"}, {}, "632 to 4,740"),  # 4 s × 158 to 30 s × 158
    # (4 + 10) s × 17 to (30 + 10) s × 17
    ("kie/bytedance/seedance-2-5", {"duration": -1, "resolution": "480p", "reference_video_urls": [A]}, {A: "10"}, "238 to 680"),
    ("kie/wan/3-0-video", {"duration": -1, "resolution": "720P"}, {}, "32 to 480"),  # 2 s × 16 to 30 s × 16
    ("kie/infinitalk/from-audio", {"audio_url": A, "resolution": "720p"}, {A: "15"}, "180"),  # once it was measured: 15 s × 12
    ("kie/kling/ai-avatar-standard", {"audio_url": A}, {}, "8 to 2,400"),  # 1 s × 8 to 300 s × 8, nobody has measured it
]  # fmt: skip
WITHOUT: list[Row] = [
    ("kie/wan/2-6-flash-image-to-video", {"duration": "5", "audio": True}, {}, NOBODY),
    ("kie/sora-2-characters", {}, {}, NOBODY),
    ("modkie/bytedance/seedance-2-mini", {"duration": 5}, {}, NOBODY),
    ("modkie/wan/2-7-image-to-video", {"duration": 5}, {}, NOBODY),
]
ROWS = [*PER_JOB, *WITH_MEDIA, *PER_SECOND, *BY_LENGTH, *KNOWN_LATE, *WITHOUT]


def price_of(model: str, payload: dict[str, Any], known: dict[str, str]) -> str:
    gateway, _, model_id = model.partition("/")
    media = {url: MediaFacts(seconds=Decimal(seconds)) for url, seconds in known.items() if url.startswith("https:")}
    parent = {name: value for name, value in known.items() if not name.startswith("https:")}
    try:
        found = quote(registry.get(model_id, gateway), payload, Facts(media=media, parent=parent))
    except Unpriced:
        return NOBODY
    low, high = format_credits(found.min_millicredits), format_credits(found.max_millicredits)
    return f"{low} to {high}" if found.is_range else low


@pytest.mark.parametrize(("model", "payload", "known", "credits"), ROWS)
def test_a_price_is_what_the_provider_s_table_comes_to(model: str, payload: dict[str, Any], known: dict[str, str], credits: str) -> None:
    assert price_of(model, payload, known) == credits


def test_there_are_more_than_sixty_of_every_shape() -> None:
    cards = [registry.get(model.partition("/")[2], model.partition("/")[0]) for model, *_ in ROWS]
    shapes = {name for card in cards for name in card.pricing} | {name for card in cards for name in card.pricing.get("seconds", ())}
    shapes |= {name for card in cards for axis in card.pricing["axes"] for name in axis}
    everywhere = registry.all_cards()
    known = {name for card in everywhere for name in (*card.pricing, *card.pricing.get("seconds", ()))}
    known |= {name for card in everywhere for axis in card.pricing["axes"] for name in axis}

    assert len(ROWS) > 60
    assert known - shapes == set()
    assert {len(card.pricing["axes"]) for card in cards} == {0, 1, 2, 3}
