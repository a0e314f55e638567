"""The pictures that stand for a video: poster, thumbnail and the short silent preview for hovering.

All sizes are budgets of the pages (a tile 25 kB, a stage 80 kB, a preview 1 MB): quality gives way first, then pixels.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image

from playground.core.speech import gettext_noop
from playground.media.errors import NotMedia
from playground.media.probe import check_size, open_video

POSTER_WIDTH = 1280
POSTER_BYTES = 80_000
THUMB_WIDTH = 640
THUMB_BYTES = 25_000
PREVIEW_SIDE = 480
PREVIEW_BYTES = 1_000_000
PREVIEW_SECONDS = 6
PREVIEW_FPS = 15
_WEBP_QUALITIES = (82, 65, 45, 25)
_WEBP_SMALLEST_SIDE = 64
# The first frame is often black or still settling; later than this costs decoding for no better a picture.
_POSTER_AT_SECONDS = 1.0


def make_poster(video: Path, target: Path, *, width: int = POSTER_WIDTH, max_bytes: int = POSTER_BYTES) -> tuple[int, int]:
    """Write a WebP of a frame near the start, at most `width` wide; returns its size in pixels."""
    with open_video(video) as (container, stream):
        wanted = min(_POSTER_AT_SECONDS, (container.duration or 0) / av.time_base / 3)
        chosen: VideoFrame | None = None
        for frame, seconds in _frames(container, stream):
            if chosen is not None and seconds > wanted:
                break
            chosen = frame
        if chosen is None:
            raise NotMedia(gettext_noop("Not one frame of the video can be decoded."))
        rotation = int(chosen.rotation)
        bound = (10**6, width) if rotation % 180 == 90 else (width, 10**6)
        size = _fit(chosen.width, chosen.height, *bound)
        image = _picture(chosen, *size)
    if rotation:
        image = image.rotate(rotation, expand=True)
    return _save_webp(image, target, max_bytes)


def make_thumb(poster: Path, target: Path, *, width: int = THUMB_WIDTH, max_bytes: int = THUMB_BYTES) -> tuple[int, int]:
    """Write a smaller WebP of a poster that this module made (nobody else's picture is opened here)."""
    with Image.open(poster, formats=["WEBP"]) as image:
        image.thumbnail((width, 10**6))
        return _save_webp(image.convert("RGB"), target, max_bytes)


def make_preview(video: Path, target: Path, *, side: int = PREVIEW_SIDE, max_bytes: int = PREVIEW_BYTES) -> tuple[int, int, int]:
    """Write a silent H.264 MP4 of the first seconds; returns width, height and duration in ms."""
    facts = _encode_preview(video, target, side, bits_per_second=max_bytes * 8 * 85 // 100 // PREVIEW_SECONDS)
    if target.stat().st_size > max_bytes:  # noise beats any rate control at this size; half the rate holds
        facts = _encode_preview(video, target, side, bits_per_second=max_bytes * 4 // 10 * 8 // PREVIEW_SECONDS)
    return facts


def _encode_preview(video: Path, target: Path, side: int, *, bits_per_second: int) -> tuple[int, int, int]:
    with (
        open_video(video) as (container, stream),
        av.open(str(target), "w", format="mp4", options={"movflags": "faststart"}) as output,
    ):
        writer: VideoStream | None = None
        last_tick = -1
        rotation = 0
        for frame, seconds in _frames(container, stream):
            if seconds >= PREVIEW_SECONDS:
                break
            tick = int(seconds * PREVIEW_FPS)
            if tick <= last_tick:
                continue
            if writer is None:
                rotation = int(frame.rotation)
                writer = _preview_stream(output, _fit(frame.width, frame.height, side, side, rotation=rotation), bits_per_second)
            small = _upright(frame, writer.width, writer.height, rotation)
            small.pts, small.time_base = tick, Fraction(1, PREVIEW_FPS)
            output.mux(writer.encode(small))
            last_tick = tick
        if writer is None:
            raise NotMedia(gettext_noop("Not one frame of the video can be decoded."))
        output.mux(writer.encode(None))
        return writer.width, writer.height, (last_tick + 1) * 1000 // PREVIEW_FPS


def _preview_stream(output: av.container.OutputContainer, size: tuple[int, int], bits_per_second: int) -> VideoStream:
    rate = {"maxrate": str(bits_per_second), "bufsize": str(bits_per_second)}
    writer = output.add_stream("libx264", rate=PREVIEW_FPS, options={"preset": "veryfast", "crf": "30", "threads": "1", **rate})
    assert isinstance(writer, VideoStream)
    writer.width, writer.height = size
    writer.pix_fmt = "yuv420p"
    writer.codec_context.time_base = Fraction(1, PREVIEW_FPS)
    return writer


def _upright(frame: VideoFrame, width: int, height: int, rotation: int) -> VideoFrame:
    if not rotation:
        # Half the time of the usual bicubic, and no difference that anyone sees at a third of the size.
        return frame.reformat(width=width, height=height, format="yuv420p", interpolation="BILINEAR")
    turned = rotation % 180 == 90
    small = _picture(frame, height if turned else width, width if turned else height).rotate(rotation, expand=True)
    return VideoFrame.from_ndarray(np.asarray(small), format="rgb24").reformat(format="yuv420p")


def _picture(frame: VideoFrame, width: int, height: int) -> Image.Image:
    return Image.fromarray(frame.reformat(width=width, height=height, format="rgb24").to_ndarray())


def _frames(container: InputContainer, stream: VideoStream) -> Iterator[tuple[VideoFrame, float]]:
    """Frames with their seconds since the first. The size is asked again: a stream may change it on the way."""
    first: float | None = None
    for index, frame in enumerate(container.decode(stream)):
        check_size(frame.width, frame.height)
        seconds = frame.time if frame.time is not None else index / 24
        first = seconds if first is None else first
        yield frame, seconds - first


def _fit(width: int, height: int, max_width: int, max_height: int, *, rotation: int = 0) -> tuple[int, int]:
    """The largest even size of this shape within the bounds, never enlarged."""
    if rotation % 180 == 90:
        width, height = height, width
    scale = min(1.0, max_width / width, max_height / height)
    return max(2, int(width * scale) // 2 * 2), max(2, int(height * scale) // 2 * 2)


def _save_webp(image: Image.Image, target: Path, max_bytes: int) -> tuple[int, int]:
    while True:
        for quality in _WEBP_QUALITIES:
            buffer = io.BytesIO()
            image.save(buffer, "WEBP", quality=quality, method=4)
            if buffer.tell() <= max_bytes or max(image.size) <= _WEBP_SMALLEST_SIDE:
                target.write_bytes(buffer.getvalue())
                return image.size
        image = image.resize((max(1, image.width * 2 // 3), max(1, image.height * 2 // 3)))
