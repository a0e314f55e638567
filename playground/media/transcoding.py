"""Video and sound anew: H.264 and AAC in MP4, sound as MP3, WAV or AAC. For the limited child."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.audio.resampler import AudioResampler
from av.container import InputContainer, OutputContainer
from av.filter import Graph
from av.video.frame import VideoFrame

from playground.core.speech import gettext_noop
from playground.media.errors import NotMedia, TooBig, Unsupported
from playground.media.geometry import Shape, shape_for
from playground.media.probe import check_size, is_cover, open_container
from playground.media.sniff import MediaType
from playground.media.tracks import copy_tracks

_SOUND = {
    MediaType.MP3: ("mp3", "libmp3lame", "s16p", 44_100),
    MediaType.WAV: ("wav", "pcm_s16le", "s16", 44_100),
    MediaType.M4A: ("ipod", "aac", "fltp", 44_100),
    MediaType.AAC: ("adts", "aac", "fltp", 44_100),
}
_FASTEST_FPS = 120
_SOUND_BITS = 128_000
_SLOWEST_VIDEO_BITS = 100_000
# Of a limit on bytes, what picture and sound may take: the container needs some, and rate control is no promise.
_USED_SHARE = 0.85
# Lookahead holds decoded frames, dozens of them by default; memory is what is scarce here.
_X264 = "rc-lookahead=4:sync-lookahead=0:ref=2:bframes=0:threads=1"


def transcode(source: Path, target: Path, media_type: MediaType, wanted: MediaType, plan: dict[str, Any]) -> None:
    """Write `source` anew by the plan of `mending`. Raises MediaError."""
    with open_container(source, media_type) as container:
        if wanted is MediaType.MP4 and _only_moves(container, plan, source.stat().st_size):
            copy_tracks(source, target, media_type, into=wanted)
        elif wanted is MediaType.MP4:
            _video(container, target, plan)
        elif wanted in _SOUND:
            _sound(container, target, wanted, plan)
        else:
            raise Unsupported(gettext_noop("Nothing here can write this kind of file."))
    if plan.get("max_bytes") and target.stat().st_size > plan["max_bytes"]:
        raise TooBig(gettext_noop("The file cannot be made small enough. Choose a shorter part of it."))


def _only_moves(container: InputContainer, plan: dict[str, Any], size_bytes: int) -> bool:
    """Whether the same coded picture and sound keep the plan in another container: nothing is lost then, and no time."""
    stream = next((stream for stream in container.streams.video if not is_cover(stream)), None)
    codecs = {track.codec_context.name for track in container.streams.audio[:1]}
    if stream is None or stream.codec_context.name not in ("h264", "hevc") or codecs - {"aac", "mp3", "mp3float"}:
        return False
    context, seconds = stream.codec_context, (container.duration or 0) / av.time_base
    shape = shape_for(context.width, context.height, plan)
    rate = stream.average_rate or Fraction(0)
    return (
        shape.outer == (context.width, context.height)
        and seconds <= plan.get("max_seconds", seconds)
        and _rate(rate, plan.get("fps")) == _rate(rate, None)
        and size_bytes <= plan.get("max_bytes", size_bytes)
    )


def _video(container: InputContainer, target: Path, plan: dict[str, Any]) -> None:
    stream = next((stream for stream in container.streams.video if not is_cover(stream)), None)
    if stream is None:
        raise NotMedia(gettext_noop("There is no picture in the file."))
    stream.codec_context.thread_count = 1
    sounds = container.streams.audio[:1]
    with av.open(str(target), "w", format="mp4", options={"movflags": "faststart", "fflags": "+bitexact"}) as output:
        picture = _Picture(output, stream, plan, _bits(container, plan))
        sound = _Sound(output, "aac", "fltp", 44_100, plan) if sounds else None
        for packet in container.demux(stream, *sounds):
            for frame in packet.decode():
                if isinstance(frame, VideoFrame):
                    picture.take(frame)
                elif sound is not None:
                    sound.take(frame)
            if picture.is_over and (sound is None or sound.is_over):
                break
        picture.end()
        if sound is not None:
            sound.end()


def _bits(container: InputContainer, plan: dict[str, Any]) -> int | None:
    """Bits a second for the picture that keep a limit on bytes, if the plan has one."""
    seconds = (container.duration or 0) / av.time_base
    seconds = min(seconds, plan.get("max_seconds") or seconds)
    if not plan.get("max_bytes") or seconds <= 0:
        return None
    bits = int(plan["max_bytes"] * 8 * _USED_SHARE / seconds) - _SOUND_BITS
    if bits < _SLOWEST_VIDEO_BITS:
        raise TooBig(gettext_noop("The video is too long for this size. Choose a shorter part of it."))
    return bits


class _Picture:
    """The picture track: turned upright, cut, scaled, at an allowed rate, encoded."""

    def __init__(self, output: OutputContainer, stream: Any, plan: dict[str, Any], bits: int | None) -> None:
        self._output, self._stream, self._plan, self._bits = output, stream, plan, bits
        self._rate = _rate(stream.average_rate, plan.get("fps"))
        self._writer: Any = None
        self._graph: Any = None
        self._first: float | None = None
        self._count = 0
        self.is_over = False

    def take(self, frame: VideoFrame) -> None:
        if self.is_over:
            return
        check_size(frame.width, frame.height)
        seconds = frame.time if frame.time is not None else self._count / float(self._rate)
        self._first = seconds if self._first is None else self._first
        position = seconds - self._first
        if self._plan.get("max_seconds") and position >= self._plan["max_seconds"]:
            self.is_over = True
            return
        if self._graph is None:
            self._begin(frame)
        frame.pts, frame.time_base = round(position * 90_000), Fraction(1, 90_000)
        self._graph.push(frame)
        self._drain()

    def end(self) -> None:
        if self._writer is None:
            raise NotMedia(gettext_noop("Not one frame of the video can be decoded."))
        self._graph.push(None)
        self._drain()
        self._output.mux(self._writer.encode(None))

    def _begin(self, frame: VideoFrame) -> None:
        rotation = int(frame.rotation) % 360
        size = (frame.height, frame.width) if rotation % 180 == 90 else (frame.width, frame.height)
        shape = shape_for(*size, self._plan, even=True)
        self._graph = _graph(frame, rotation, shape, self._rate)
        options = {"preset": "veryfast", "crf": "20", "x264-params": _X264}
        if self._bits:
            options |= {"maxrate": str(self._bits), "bufsize": str(self._bits)}
        self._writer = self._output.add_stream("libx264", rate=self._rate, options=options)
        self._writer.width, self._writer.height = shape.outer
        self._writer.pix_fmt = "yuv420p"
        self._writer.codec_context.time_base = 1 / self._rate

    def _drain(self) -> None:
        most = self._plan.get("max_seconds")
        for frame in _pulled(self._graph):
            # The rate filter rounds up; one frame too many would be over the limit again.
            if most and (self._count + 1) / self._rate > Fraction(str(most)):
                self.is_over = True
                return
            frame.pts, frame.time_base = self._count, 1 / self._rate
            self._count += 1
            self._output.mux(self._writer.encode(frame))


def _rate(rate: Fraction | None, bounds: list[float] | None) -> Fraction:
    rate = rate if rate and 0 < rate <= _FASTEST_FPS else Fraction(30)
    if bounds:
        lowest, highest = (Fraction(str(bound)) for bound in bounds)
        rate = min(max(rate, lowest), highest)
    return Fraction(rate).limit_denominator(1001)


def _graph(frame: VideoFrame, rotation: int, shape: Shape, rate: Fraction) -> Graph:
    graph = Graph()
    links = [graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=Fraction(1, 90_000))]
    turns = {90: [("transpose", "cclock")], 270: [("transpose", "clock")], 180: [("hflip", ""), ("vflip", "")]}
    steps = list(turns.get(rotation, []))
    steps += [
        ("crop", f"{shape.width}:{shape.height}:{shape.left}:{shape.top}:exact=1"),
        ("scale", f"{shape.inner[0]}:{shape.inner[1]}"),
        ("format", "yuv420p"),
    ]
    if shape.is_padded:
        left, top = (outer - inner for outer, inner in zip(shape.outer, shape.inner, strict=True))
        steps.append(("pad", f"{shape.outer[0]}:{shape.outer[1]}:{left // 2}:{top // 2}"))
    steps += [("setsar", "1"), ("fps", f"{rate.numerator}/{rate.denominator}")]
    links += [graph.add(name, options) for name, options in steps]
    links.append(graph.add("buffersink"))
    graph.link_nodes(*links)
    graph.configure()
    return graph


def _pulled(graph: Graph) -> Iterator[VideoFrame]:
    while True:
        try:
            frame = graph.pull()
        except (av.BlockingIOError, av.EOFError):
            return
        assert isinstance(frame, VideoFrame)
        yield frame


def _sound(container: InputContainer, target: Path, wanted: MediaType, plan: dict[str, Any]) -> None:
    if not container.streams.audio:
        raise NotMedia(gettext_noop("There is no sound in the file."))
    muxer, codec, layout, rate = _SOUND[wanted]
    options = {"fflags": "+bitexact", **({"write_id3v1": "0", "id3v2_version": "0"} if muxer == "mp3" else {})}
    with av.open(str(target), "w", format=muxer, options=options) as output:
        writer = _Sound(output, codec, layout, rate, plan, bits=_sound_bits(container, plan))
        for frame in container.decode(container.streams.audio[0]):
            writer.take(frame)
            if writer.is_over:
                break
        writer.end()


def _sound_bits(container: InputContainer, plan: dict[str, Any]) -> int:
    seconds = (container.duration or 0) / av.time_base
    seconds = min(seconds, plan.get("max_seconds") or seconds)
    if not plan.get("max_bytes") or seconds <= 0:
        return _SOUND_BITS
    return max(32_000, min(_SOUND_BITS, int(plan["max_bytes"] * 8 * _USED_SHARE / seconds)))


class _Sound:
    """The sound track: resampled to two channels at most, cut at the sample, encoded."""

    def __init__(
        self, output: OutputContainer, codec: str, layout: str, rate: int, plan: dict[str, Any], *, bits: int = _SOUND_BITS
    ) -> None:
        self._output = output
        writer: Any = output.add_stream(codec, rate=rate, layout="stereo")
        if codec != "pcm_s16le":
            writer.bit_rate = bits
        self._writer = writer
        self._resampler = AudioResampler(format=layout, layout="stereo", rate=rate, frame_size=None)
        self._left = int(plan["max_seconds"] * rate) if plan.get("max_seconds") else None
        self._fifo = av.AudioFifo()
        self._rate = rate
        self._written = 0
        self.is_over = False

    def take(self, frame: Any) -> None:
        if self.is_over:
            return
        frame.pts = None  # gaps and jumps in damaged files; the samples themselves are the clock
        for piece in self._resampler.resample(frame):
            self._fifo.write(piece)
        self._encode()

    def end(self) -> None:
        if not self.is_over:
            for piece in self._resampler.resample(None):
                self._fifo.write(piece)
            self._encode(partial=True)
        if not self._written:
            raise NotMedia(gettext_noop("Nothing of the sound can be decoded."))
        self._output.mux(self._writer.encode(None))

    def _encode(self, *, partial: bool = False) -> None:
        size = self._writer.codec_context.frame_size or 1024
        while not self.is_over and (frame := self._fifo.read(size, partial)):
            if self._left is not None and self._written + frame.samples >= self._left:
                self.is_over = True
                rest = self._left - self._written
                if rest < frame.samples:
                    if rest <= 0:
                        return
                    frame = _cut(frame, rest)
            frame.pts, frame.time_base = self._written, Fraction(1, self._rate)
            self._written += frame.samples
            self._output.mux(self._writer.encode(frame))


def _cut(frame: Any, samples: int) -> Any:
    fifo = av.AudioFifo()
    frame.pts = None
    fifo.write(frame)
    return fifo.read(samples)
