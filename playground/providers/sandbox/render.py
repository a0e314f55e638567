"""Draw a clip and write it as an MP4 that a browser can start at once and seek in."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.reformatter import ColorRange, Colorspace, Interpolation
from av.video.stream import VideoStream
from PIL import Image

from playground.catalog.intent import Intent

from .clip import NOTHING_ASKED, ClipSpec
from .film import SceneShot, film
from .footage import Footage, Material, NoFootage
from .label import Label
from .pixels import Field
from .sound import SAMPLE_RATE
from .soundtrack import soundtrack

_KEYFRAME_SECONDS = 0.5
_AUDIO_BLOCK = 1024
_BT709 = 1
# With so little detail nobody looks for fine lines: encoder and enlargement take their quick ways, too.
_CHEAP_DETAIL = 0.25


def render(spec: ClipSpec, target: Path, *, asked: Intent = NOTHING_ASKED, footage: Footage | None = None) -> None:
    """Write the clip of `spec` to `target`; with `asked` it is made of the input files that `footage` has."""
    # The name of the target is not ours to choose, so the format is forced. Faststart puts the index first.
    with av.open(str(target), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        container.metadata.update(
            {
                "title": spec.title or f"Sandbox clip: {spec.scene}",
                "comment": f"Sandbox stand-in, no AI. model={spec.model_id} seed={spec.seed} scene={spec.scene}",
                "artist": "Rushes sandbox",
            }
        )
        video = _video_stream(container, spec)
        audio = container.add_stream("aac", rate=SAMPLE_RATE, layout="stereo") if spec.audio else None
        if audio is not None:
            audio.bit_rate = 128_000
        _write(container, video, audio, Material(spec, asked, footage or NoFootage()))


def poster_frame(spec: ClipSpec, *, time: float | None = None) -> Image.Image:
    """One frame of a clip's scene, by default from its middle, without the label."""
    moment = spec.seconds / 2 if time is None else time
    return Image.fromarray(SceneShot(spec).pixels(moment)).resize(spec.size, Image.Resampling.LANCZOS)


def draw_poster(scene: str, width: int, height: int, *, seed: int = 1, time: float = 2.5) -> Image.Image:
    """A picture of a scene without label or clip: for an empty stage or a cover."""
    return poster_frame(ClipSpec(scene=scene, width=width, height=height, seconds=5, seed=seed), time=time)


def _video_stream(container: OutputContainer, spec: ClipSpec) -> VideoStream:
    options = {
        "preset": "ultrafast" if spec.detail <= _CHEAP_DETAIL else "superfast",
        "crf": "21",
        "g": str(max(1, round(spec.fps * _KEYFRAME_SECONDS))),
    }
    stream = container.add_stream("libx264", rate=spec.fps, options=options)
    codec = stream.codec_context
    # Untagged, players guess the matrix from the height, and clips below 720p would come out too yellow.
    codec.color_primaries = codec.color_trc = codec.colorspace = _BT709
    codec.color_range = ColorRange.MPEG
    stream.width, stream.height, stream.pix_fmt = spec.width, spec.height, "yuv420p"
    # One thread: equal bytes for equal specs, and one renderer per core is the media worker's arrangement.
    codec.thread_count = 1
    stream.time_base = Fraction(1, spec.fps)
    return stream


def _write(container: OutputContainer, video: VideoStream, audio: AudioStream | None, material: Material) -> None:
    spec = material.spec
    blocks = _audio_frames(material) if audio is not None else iter(())
    label = Label(spec.width, spec.height)
    heard = 0
    for number, frame in enumerate(_video_frames(material)):
        label.stamp(frame)
        frame.pts, frame.time_base = number, Fraction(1, spec.fps)
        container.mux(video.encode(frame))
        # Sound keeps half a second ahead, so that the muxer interleaves without buffering the whole film.
        while audio is not None and heard < ((number + 1) / spec.fps + 0.5) * SAMPLE_RATE:
            block = next(blocks, None)
            if block is None:
                break
            heard += block.samples
            container.mux(audio.encode(block))
    container.mux(video.encode(None))
    if audio is not None:
        container.mux(audio.encode(None))


def _video_frames(material: Material) -> Iterator[av.VideoFrame]:
    interpolation = Interpolation.FAST_BILINEAR if material.spec.detail <= _CHEAP_DETAIL else Interpolation.LANCZOS
    for pixels in film(material):
        frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
        yield frame.reformat(
            material.spec.width,
            material.spec.height,
            "yuv420p",
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
            interpolation=interpolation,
        )


def _audio_frames(material: Material) -> Iterator[av.AudioFrame]:
    sound: Field = soundtrack(material)
    for start in range(0, sound.shape[1], _AUDIO_BLOCK):
        block: Any = np.ascontiguousarray(sound[:, start : start + _AUDIO_BLOCK])
        frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE, start, Fraction(1, SAMPLE_RATE)
        yield frame
