"""Draw a clip and write it as an MP4 that a browser can start at once and seek in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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

from .clip import ClipSpec
from .label import Label
from .pictures import PictureShow
from .pixels import Developer, Field, stage
from .scenes import make_scene
from .sound import SAMPLE_RATE, ambience

# Drawing at full size is what costs: scenes are soft enough to be drawn small and enlarged.
_DRAWN_PIXELS = 640 * 360
_DRAWN_PIXELS_LARGE = 400_000
_KEYFRAME_SECONDS = 0.5
_AUDIO_BLOCK = 1024
_BT709 = 1


def render(spec: ClipSpec, target: Path, pictures: Sequence[Path | None] = ()) -> None:
    """Write the clip of `spec` to `target`; `pictures` are local files of its input pictures, None = not to be had."""
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
        _write(container, video, audio, spec, pictures)


def poster_frame(spec: ClipSpec, *, time: float | None = None) -> Image.Image:
    """One labelled frame of a clip, by default from its middle."""
    moment = spec.seconds / 2 if time is None else time
    pixels = next(_scene_frames(spec, [moment]))
    return Image.fromarray(pixels).resize((spec.width, spec.height), Image.Resampling.LANCZOS)


def draw_poster(scene: str, width: int, height: int, *, seed: int = 1, time: float = 2.5) -> Image.Image:
    """A picture of a scene without label or clip: for an empty stage or a cover."""
    return poster_frame(ClipSpec(scene=scene, width=width, height=height, seconds=5, seed=seed), time=time)


def _video_stream(container: OutputContainer, spec: ClipSpec) -> VideoStream:
    options = {"preset": "superfast", "crf": "21", "g": str(max(1, round(spec.fps * _KEYFRAME_SECONDS)))}
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


def _write(
    container: OutputContainer,
    video: VideoStream,
    audio: AudioStream | None,
    spec: ClipSpec,
    pictures: Sequence[Path | None],
) -> None:
    blocks = _audio_frames(spec) if audio is not None else iter(())
    label = Label(spec.width, spec.height)
    heard = 0
    for number, frame in enumerate(_video_frames(spec, pictures)):
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


def _video_frames(spec: ClipSpec, pictures: Sequence[Path | None]) -> Iterator[av.VideoFrame]:
    times = [number / spec.fps for number in range(spec.frame_count)]
    drawn = PictureShow(spec, pictures).frames(times) if spec.pictures else _scene_frames(spec, times)
    for pixels in drawn:
        frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
        yield frame.reformat(
            spec.width,
            spec.height,
            "yuv420p",
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
            interpolation=Interpolation.LANCZOS,
        )


def _scene_frames(spec: ClipSpec, times: Sequence[float]) -> Iterator[Field]:
    area = spec.width * spec.height
    drawn = _DRAWN_PIXELS if area <= 1280 * 720 else _DRAWN_PIXELS_LARGE
    scale = min(1.0, (drawn / area) ** 0.5)
    canvas = stage(max(16, round(spec.width * scale)), max(16, round(spec.height * scale)))
    scene = make_scene(spec.scene, canvas, spec.seed)
    developer = Developer(canvas, np.random.default_rng(spec.seed), scene.exposure, vignette=scene.vignette)
    for time in times:
        pixels = developer.develop(scene.frame(time))
        view = scene.view(time)
        yield pixels if view is None else _zoomed(pixels, view, (spec.width, spec.height))


def _zoomed(pixels: Field, view: tuple[float, float, float], size: tuple[int, int]) -> Field:
    """Crop to a camera's view with parts of pixels (whole ones would jerk) and enlarge to full size at once."""
    across, down, zoom = view
    picture = Image.fromarray(pixels)
    width, height = picture.width / zoom, picture.height / zoom
    left, top = (picture.width - width) * across, (picture.height - height) * down
    box = (left, top, left + width, top + height)
    return np.asarray(picture.resize(size, Image.Resampling.BICUBIC, box=box))


def _audio_frames(spec: ClipSpec) -> Iterator[av.AudioFrame]:
    sound: Field = ambience(spec.scene, spec.frame_count / spec.fps, spec.seed)
    for start in range(0, sound.shape[1], _AUDIO_BLOCK):
        block: Any = np.ascontiguousarray(sound[:, start : start + _AUDIO_BLOCK])
        frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE, start, Fraction(1, SAMPLE_RATE)
        yield frame
