"""Open foreign media and say what is in it. Everything here belongs in the limited child process.

A file is handed to FFmpeg as an open descriptor, so it has no name and no folder; the demuxer is forced from the magic
bytes, no protocol may be opened and only common decoders run. Measured: by name, a text file `x.mp4` holding
`ffconcat` or HLS lines makes FFmpeg open other files; forced, it is refused.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer
from av.stream import Disposition, Stream
from av.video.stream import VideoStream
from PIL import Image, UnidentifiedImageError

from playground.core.speech import gettext_noop
from playground.media.errors import NotMedia, TooBig, Unsupported
from playground.media.sniff import MediaType, sniff

__all__ = ["ImageFacts", "MediaType", "VideoFacts", "open_video", "probe_image", "probe_video", "sniff"]

VIDEO_CODECS = ("h264", "hevc", "vp8", "vp9", "av1", "libdav1d", "mpeg4", "prores")
_PCM = ("pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s24be", "pcm_s32le", "pcm_f32le", "pcm_u8", "pcm_alaw", "pcm_mulaw")
AUDIO_CODECS = ("aac", "mp3", "mp3float", "opus", "libopus", "vorbis", "flac", "alac", "ac3", "eac3", *_PCM)
MAX_SIDE_PIXELS = 8192
MAX_PIXELS = 50_000_000
MAX_DURATION_MS = 2 * 60 * 60 * 1000
# How much of a duration may be missing before a file counts as cut off: share and ms. A picture track says its own
# length, except for a last frame without duration; that of a whole file may be that of its sound and is only rounded.
_TRACK_SLACK = (0.01, 150)
_FILE_SLACK = (0.10, 500)


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """`width` and `height` are what a viewer sees, after the rotation that phones write into the file."""

    media_type: MediaType
    width: int
    height: int
    duration_ms: int
    fps: Decimal | None
    has_audio: bool
    codec: str


@dataclass(frozen=True, slots=True)
class ImageFacts:
    media_type: MediaType
    width: int
    height: int


@contextmanager
def open_video(path: Path) -> Iterator[tuple[InputContainer, VideoStream]]:
    """The container and its first video stream. Errors of FFmpeg inside the block become NotMedia too."""
    media_type = sniff(path)
    if media_type is None:
        if path.stat().st_size == 0:
            raise NotMedia(gettext_noop("The file is empty."))
        raise NotMedia(gettext_noop("The file is not a video of a kind that is known here."))
    if media_type.kind != "video":
        raise Unsupported(gettext_noop("The file holds %(type)s, not a video."), type=media_type.content_type)
    with open_container(path, media_type) as container:
        yield container, _video_stream(container)


@contextmanager
def open_container(path: Path, media_type: MediaType) -> Iterator[InputContainer]:
    """A video or sound file, read by this type's demuxer and no other. Errors of FFmpeg inside the block become NotMedia."""
    options = {"protocol_whitelist": "", "codec_whitelist": ",".join(VIDEO_CODECS + AUDIO_CODECS)}
    is_video = media_type.kind == "video"
    try:
        with (
            path.open("rb") as file,
            av.open(file, mode="r", format=media_type.demuxer, options=options, metadata_errors="replace") as container,
        ):
            yield container
    except av.error.MemoryError as error:
        # A damaged header can claim any size; FFmpeg's refusal says so, however much memory there is.
        words = gettext_noop("The video asks for more memory than is allowed.")
        raise TooBig(words if is_video else gettext_noop("The sound asks for more memory than is allowed.")) from error
    except (av.FFmpegError, UnicodeDecodeError) as error:
        words = gettext_noop("The video cannot be read: %(reason)s.")
        reason = str(getattr(error, "strerror", None) or "damaged")
        raise NotMedia(words if is_video else gettext_noop("The sound cannot be read: %(reason)s."), reason=reason) from error


def _video_stream(container: InputContainer) -> VideoStream:
    if not container.streams.video:
        raise NotMedia(gettext_noop("There is no picture in the file."))
    # A cover picture is a stream too, and no video.
    stream = next((stream for stream in container.streams.video if not is_cover(stream)), container.streams.video[0])
    context = stream.codec_context
    if context is None or context.name not in VIDEO_CODECS:
        raise Unsupported(gettext_noop("The video is coded in a way that is not taken here."))
    check_size(context.width, context.height)
    context.thread_count = 1  # CPU seconds are limited, not wall seconds, and the site wants the other cores.
    return stream


def is_cover(stream: Stream) -> bool:
    return bool(stream.disposition & Disposition.attached_pic)


def check_size(width: int, height: int) -> None:
    """Raises TooBig, or NotMedia for a picture without area. Cheap, so that it can be asked of every frame."""
    if width <= 0 or height <= 0:
        raise NotMedia(gettext_noop("The picture has no size."))
    if width > MAX_SIDE_PIXELS or height > MAX_SIDE_PIXELS or width * height > MAX_PIXELS:
        words = gettext_noop("The picture is %(width)s by %(height)s pixels; at most %(limit)s a side are taken.")
        raise TooBig(words, width=width, height=height, limit=MAX_SIDE_PIXELS)


def probe_video(path: Path) -> VideoFacts:
    """Read the whole file once, decode one frame. NotMedia also for a file that was cut off."""
    media_type = sniff(path)
    with open_video(path) as (container, stream):
        said_ms = declared_ms(container, stream)
        if said_ms > MAX_DURATION_MS:
            raise TooBig(gettext_noop("The video is longer than two hours."))
        rotation, end_ms = _read_through(container, stream, said_ms)
        duration_ms = said_ms or end_ms
        if duration_ms <= 0:
            raise NotMedia(gettext_noop("The video has no duration."))
        width, height = stream.codec_context.width, stream.codec_context.height
        if rotation % 180 == 90:
            width, height = height, width
        assert media_type is not None  # open_video refuses that
        return VideoFacts(
            media_type=media_type,
            width=width,
            height=height,
            duration_ms=duration_ms,
            fps=_fps(stream.average_rate),
            has_audio=bool(container.streams.audio),
            codec=stream.codec_context.name,
        )


def declared_ms(container: InputContainer, stream: Stream) -> int:
    if container.duration:
        return max(0, round(container.duration / 1000))
    return _track_ms(stream)


def _track_ms(stream: Stream) -> int:
    if stream.duration and stream.time_base:
        return max(0, round(stream.duration * stream.time_base * 1000))
    return 0


def _read_through(container: InputContainer, stream: VideoStream, declared_ms: int) -> tuple[int, int]:
    """Rotation of the first frame, and the length of the picture in ms; NotMedia for a file that is not whole."""
    rotation: int | None = None
    tracks: list[Stream] = [stream, *container.streams.audio[:1]]
    spans: dict[int, tuple[int, int]] = {}
    for packet in container.demux(*tracks):
        if packet.is_corrupt:
            raise NotMedia(gettext_noop("The video is cut off in the middle."))
        if rotation is None and packet.stream_index == stream.index:
            for frame in packet.decode():
                rotation = int(frame.rotation)  # type: ignore[union-attr]
                break
        if packet.pts is not None:
            start, end = spans.get(packet.stream_index, (packet.pts, packet.pts))
            spans[packet.stream_index] = min(start, packet.pts), max(end, packet.pts + (packet.duration or 0))
    if rotation is None:
        raise NotMedia(gettext_noop("Not one frame of the video can be decoded."))
    lengths_ms = [span_ms(track, spans.get(track.index, (0, 0))) for track in tracks]
    for track, length_ms in zip(tracks, lengths_ms, strict=True):
        check_whole(track, length_ms, declared_ms if track is stream else 0)
    return rotation, lengths_ms[0]


def span_ms(track: Stream, span: tuple[int, int]) -> int:
    return round((span[1] - span[0]) * (track.time_base or Fraction(1, 1000)) * 1000)


def check_whole(track: Stream, length_ms: int, file_ms: int) -> None:
    """A track must be as long as it says; one that says nothing (Matroska) about as long as the file."""
    track_ms = _track_ms(track)
    expected_ms, (share, slack_ms) = (track_ms, _TRACK_SLACK) if track_ms else (file_ms, _FILE_SLACK)
    if length_ms < expected_ms * (1 - share) - slack_ms:
        words = gettext_noop("The video is cut off: %(there)s of %(expected)s ms are there.")
        raise NotMedia(words, there=length_ms, expected=str(expected_ms))


def _fps(rate: Fraction | None) -> Decimal | None:
    if not rate or not 0 < rate <= 1000:
        return None
    return (Decimal(rate.numerator) / rate.denominator).quantize(Decimal("0.001"))


def probe_image(path: Path) -> ImageFacts:
    """Size and kind of a picture, decoded once in full. The size is judged before any pixel is allocated."""
    media_type = sniff(path)
    if media_type is None:
        raise NotMedia(gettext_noop("The file is not a picture of a kind that is known here."))
    if media_type.kind != "image":
        raise Unsupported(gettext_noop("The file holds %(type)s, not a picture."), type=media_type.content_type)
    try:
        with warnings.catch_warnings(), path.open("rb") as file:
            # Pillow only warns below twice its own limit; ours is lower and is asked first.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(file, formats=[media_type.demuxer]) as image:
                check_size(image.width, image.height)
                image.load()
                return ImageFacts(media_type, image.width, image.height)
    except Image.DecompressionBombError as error:
        raise TooBig(gettext_noop("The picture has too many pixels.")) from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise NotMedia(gettext_noop("The picture cannot be read.")) from error
