"""Small real videos, drawn for the tests."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np


def make_clip(
    path: Path,
    *,
    width: int = 320,
    height: int = 180,
    seconds: float = 2,
    fps: int = 24,
    has_audio: bool = True,
    audio_seconds: float | None = None,
    is_noise: bool = False,
    container: str = "mp4",
) -> Path:
    """A moving gradient (or noise) in H.264 with an optional AAC tone; the index is in front, as in provider files."""
    rng = np.random.default_rng(7)
    options = {"movflags": "faststart"} if container in ("mp4", "mov") else {}
    with av.open(str(path), "w", format=container, options=options) as output:
        video = output.add_stream("libx264", rate=fps, options={"preset": "ultrafast", "crf": "23"})
        video.width, video.height, video.pix_fmt = width, height, "yuv420p"
        audio = output.add_stream("aac", rate=44_100) if has_audio else None
        for index in range(int(seconds * fps)):
            if is_noise:
                pixels = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
            else:
                ramp = (np.arange(width)[None, :] + np.arange(height)[:, None] + index * 4) % 256
                pixels = np.stack([ramp, 255 - ramp, np.full_like(ramp, 90)], axis=-1).astype(np.uint8)
            output.mux(video.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        output.mux(video.encode(None))
        if audio is not None:
            samples = int(44_100 * (audio_seconds or seconds))
            tone = (np.sin(np.arange(samples) / 20) * 0.1).astype(np.float32)
            for start in range(0, samples - 1023, 1024):
                frame = av.AudioFrame.from_ndarray(tone[None, start : start + 1024], format="fltp", layout="mono")
                frame.sample_rate, frame.pts, frame.time_base = 44_100, start, Fraction(1, 44_100)
                output.mux(audio.encode(frame))
            output.mux(audio.encode(None))
    return path


def make_empty_track(path: Path) -> Path:
    """A container with sound and no picture."""
    with av.open(str(path), "w", format="mp4") as output:
        audio = output.add_stream("aac", rate=44_100)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 4096), np.float32), format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 44_100, 0, Fraction(1, 44_100)
        output.mux(audio.encode(frame))
        output.mux(audio.encode(None))
    return path
