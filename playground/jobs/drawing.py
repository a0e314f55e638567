"""What the media worker runs in its limited child to draw a clip of the sandbox: foreign input files are opened here,
behind the guards of the media package, and handed to the renderer as pixels and samples.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from PIL import Image

from playground.catalog.facts import Facts, MediaFacts
from playground.media.errors import MediaError, NotMedia
from playground.media.probe import MediaType, check_size, open_container, open_video, sniff
from playground.providers.base import Running
from playground.providers.sandbox import SAMPLE_RATE, Sandbox, load_picture

Sound = npt.NDArray[np.float32]
# Decoding from the beginning is as quick for what starts earlier.
_SEEK_SECONDS = 2.0
_ROUNDING_SECONDS = 1e-3


def draw(running: dict[str, Any], link: str, target: str, options: dict[str, Any], files: dict[str, str]) -> list[str]:
    """Draw a job's clip from `files` (local paths by URL or task id); returns notes. Raises what `Sandbox.draw` raises."""
    sandbox = Sandbox(max_seconds=options["max_seconds"], detail=options["detail"])
    footage = LocalFootage({url: Path(path) for url, path in files.items()})
    return list(sandbox.draw(Running(**running), link, Path(target), footage))


class LocalFootage:
    """Files on this disk; one that cannot be read is as good as missing."""

    def __init__(self, files: Mapping[str, Path]) -> None:
        self._files = files
        self._facts = Facts({url: found for url, path in files.items() if (found := _measured(path)) is not None})

    def facts(self) -> Facts:
        return self._facts

    def picture(self, url: str) -> Image.Image | None:
        return load_picture(self._files[url]) if self._kind(url) == "image" else None

    def frames(self, url: str, *, start: float, size: tuple[int, int]) -> Iterator[tuple[float, Image.Image]] | None:
        return _frames(self._files[url], start, size) if self._kind(url) == "video" else None

    def sound(self, url: str, *, start: float, seconds: float) -> Sound | None:
        found = self._facts.media.get(url)
        if found is None or not found.has_audio:
            return None
        with suppress(MediaError):
            return _sound(self._files[url], start, seconds)
        return None

    def _kind(self, url: str) -> str:
        found = self._facts.media.get(url)
        return found.content_type.partition("/")[0] if found else ""


def _measured(path: Path) -> MediaFacts | None:
    """Width and height as they are seen; seconds of the picture, or of the sound where there is none."""
    media_type = sniff(path)
    if media_type is None:
        return None
    try:
        if media_type.kind == "image":
            picture = load_picture(path)
            return MediaFacts(media_type.content_type, width=picture.width, height=picture.height) if picture else None
        if media_type.kind == "video":
            return _measured_video(path, media_type)
        return _measured_sound(path, media_type) if media_type.kind == "audio" else None
    except MediaError:
        return None


def _measured_video(path: Path, media_type: MediaType) -> MediaFacts:
    with open_video(path) as (container, stream):
        frame = next(container.decode(stream), None)
        if frame is None:
            raise NotMedia("Not one frame of the video can be decoded.")
        check_size(frame.width, frame.height)
        turned = frame.rotation % 180 == 90
        width, height = (frame.height, frame.width) if turned else (frame.width, frame.height)
        length = stream.duration * stream.time_base if stream.duration and stream.time_base else (container.duration or 0) / av.time_base
        seconds = Decimal(str(round(float(length), 3))) if length > 0 else None
        return MediaFacts(media_type.content_type, None, width, height, seconds, has_audio=bool(container.streams.audio))


def _measured_sound(path: Path, media_type: MediaType) -> MediaFacts:
    with open_container(path, media_type) as container:
        if not container.streams.audio:
            raise NotMedia("There is no sound in the file.")
        seconds = Decimal(str(round(container.duration / av.time_base, 3))) if container.duration else None
        return MediaFacts(media_type.content_type, seconds=seconds, has_audio=True)


def _frames(path: Path, start: float, size: tuple[int, int]) -> Iterator[tuple[float, Image.Image]]:
    """Decode from the keyframe before `start`; what breaks on the way ends the clip there."""
    with suppress(MediaError), open_video(path) as (container, stream):
        begin = float(stream.start_time * stream.time_base) if stream.start_time and stream.time_base else 0.0
        if start >= _SEEK_SECONDS and stream.time_base:
            container.seek(int((begin + start) / stream.time_base), stream=stream)
        for index, frame in enumerate(container.decode(stream)):
            check_size(frame.width, frame.height)
            moment = (frame.time if frame.time is not None else index / 24) - begin - start
            if moment >= -_ROUNDING_SECONDS:
                yield max(0.0, moment), _upright(frame, size)


def _upright(frame: av.VideoFrame, size: tuple[int, int]) -> Image.Image:
    turned = frame.rotation % 180 == 90
    across, down = (size[1], size[0]) if turned else size
    # Just large enough to cover the wanted size, so that no pixel is computed for nothing.
    scale = min(1.0, max(across / frame.width, down / frame.height))
    width, height = max(2, round(frame.width * scale)), max(2, round(frame.height * scale))
    picture = Image.fromarray(frame.reformat(width=width, height=height, format="rgb24").to_ndarray())
    return picture.rotate(frame.rotation, expand=True) if frame.rotation else picture


def _sound(path: Path, start: float, seconds: float) -> Sound | None:
    media_type = sniff(path)
    if media_type is None:
        return None
    with open_container(path, media_type) as container:
        resampler = av.AudioResampler("fltp", "stereo", SAMPLE_RATE)
        skipped, end = round(start * SAMPLE_RATE), round((start + seconds) * SAMPLE_RATE)
        blocks: list[Sound] = []
        count = 0
        for frame in container.decode(audio=0):
            for block in resampler.resample(frame):
                samples = block.to_ndarray().astype(np.float32)
                # Only what is wanted is kept: an hour of sound would fill the child's memory.
                blocks.append(samples[:, max(0, skipped - count) : max(0, end - count)])
                count += samples.shape[1]
            if count >= end:
                break
        if not blocks:
            return None
        sound: Sound = np.concatenate(blocks, axis=1)
        return sound
