"""Poster, thumbnail and preview stay within the budgets of the pages, whatever the video is."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from playground.media.poster import POSTER_BYTES, PREVIEW_BYTES, THUMB_BYTES, make_poster, make_preview, make_thumb
from playground.media.probe import probe_video
from tests.media.clips import make_clip


@pytest.mark.parametrize(
    ("size", "poster_size", "thumb_size"),
    [
        ((1920, 1080), (1280, 720), (640, 360)),
        ((720, 1280), (720, 1280), (640, 1138)),
        ((320, 180), (320, 180), (320, 180)),
    ],
)
def test_pictures_keep_the_shape_and_are_never_enlarged(
    tmp_path: Path, size: tuple[int, int], poster_size: tuple[int, int], thumb_size: tuple[int, int]
) -> None:
    video = make_clip(tmp_path / "v", width=size[0], height=size[1], seconds=0.5, has_audio=False)
    assert make_poster(video, tmp_path / "poster.webp") == poster_size
    assert make_thumb(tmp_path / "poster.webp", tmp_path / "thumb.webp") == thumb_size
    with Image.open(tmp_path / "thumb.webp") as thumb:
        assert (thumb.format, thumb.size) == ("WEBP", thumb_size)


def test_even_noise_fits_the_budgets(tmp_path: Path) -> None:
    video = make_clip(tmp_path / "v", width=960, height=540, seconds=1.5, is_noise=True)
    make_poster(video, tmp_path / "poster.webp")
    make_thumb(tmp_path / "poster.webp", tmp_path / "thumb.webp")
    make_preview(video, tmp_path / "preview.mp4")
    assert (tmp_path / "poster.webp").stat().st_size <= POSTER_BYTES
    assert (tmp_path / "thumb.webp").stat().st_size <= THUMB_BYTES
    assert (tmp_path / "preview.mp4").stat().st_size <= PREVIEW_BYTES


def test_a_preview_too_big_at_first_is_made_again_smaller(tmp_path: Path) -> None:
    video = make_clip(tmp_path / "v", width=480, height=480, seconds=1, is_noise=True)
    make_preview(video, tmp_path / "free.mp4")
    budget = (tmp_path / "free.mp4").stat().st_size // 2
    make_preview(video, tmp_path / "tight.mp4", max_bytes=budget)
    assert (tmp_path / "tight.mp4").stat().st_size < (tmp_path / "free.mp4").stat().st_size


def test_a_preview_is_silent_short_and_starts_at_once(tmp_path: Path) -> None:
    video = make_clip(tmp_path / "v", width=540, height=960, seconds=8)
    width, height, duration_ms = make_preview(video, tmp_path / "preview.mp4")
    facts = probe_video(tmp_path / "preview.mp4")
    assert (width, height) == (facts.width, facts.height) == (270, 480)
    assert not facts.has_audio and facts.codec == "h264"
    assert facts.duration_ms == duration_ms == 6000
    data = (tmp_path / "preview.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
