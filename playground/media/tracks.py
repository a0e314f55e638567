"""Inspect foreign video and sound: read it through, then copy its picture and its sound into a new container of the
same kind, without metadata and without any other track (places, telemetry and covers stay behind). For the limited child.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream

from playground.core.speech import gettext_noop
from playground.media.errors import NotMedia, TooBig, Unsupported
from playground.media.pictures import THUMB_BYTES, THUMB_SIDE
from playground.media.poster import make_poster
from playground.media.probe import AUDIO_CODECS, MAX_DURATION_MS, check_whole, declared_ms, is_cover, open_container, probe_video, span_ms
from playground.media.sniff import MediaType
from playground.media.wholeness import check_container

_MUXERS = {
    MediaType.MP4: "mp4", MediaType.MOV: "mov", MediaType.WEBM: "webm", MediaType.MKV: "matroska", MediaType.AVI: "avi",
    MediaType.WAV: "wav", MediaType.MP3: "mp3", MediaType.OGG: "ogg", MediaType.AAC: "adts", MediaType.M4A: "ipod", MediaType.FLAC: "flac",
}  # fmt: skip
_MUXER_OPTIONS = {
    "mp4": {"movflags": "faststart"}, "mov": {"movflags": "faststart"}, "ipod": {"movflags": "faststart"},
    "mp3": {"write_id3v1": "0", "id3v2_version": "0"},
}  # fmt: skip


def inspect_track(source: Path, media_type: MediaType, folder: Path) -> dict[str, Any]:
    """Write `clean.<extension>` and, for a video, `thumb.webp` into `folder`; returns the facts. Raises MediaError."""
    check_container(source, media_type)
    if media_type.kind == "video":
        with open_container(source, media_type) as container:
            has_picture = any(not is_cover(stream) for stream in container.streams.video)
            if not has_picture and media_type is MediaType.MP4 and container.streams.audio:
                media_type = MediaType.M4A  # sound alone in the container of videos, as many recorders write it
    return _inspect_video(source, media_type, folder) if media_type.kind == "video" else _inspect_sound(source, media_type, folder)


def _inspect_video(source: Path, media_type: MediaType, folder: Path) -> dict[str, Any]:
    facts = probe_video(source)
    clean = folder / f"clean.{media_type.extension}"
    copy_tracks(source, clean, media_type)
    make_poster(clean, folder / "thumb.webp", width=THUMB_SIDE, max_bytes=THUMB_BYTES)
    return {
        "type": media_type.name,
        "width": facts.width,
        "height": facts.height,
        "duration_ms": facts.duration_ms,
        "fps": str(facts.fps) if facts.fps is not None else None,
        "has_audio": facts.has_audio,
        "codec": facts.codec,
    }


def _inspect_sound(source: Path, media_type: MediaType, folder: Path) -> dict[str, Any]:
    with open_container(source, media_type) as container:
        stream = _sound(container)
        said_ms = declared_ms(container, stream)
        length_ms = _read_sound(container, stream)
        check_whole(stream, length_ms, said_ms)
        codec = stream.codec_context.name
    if length_ms <= 0:
        raise NotMedia(gettext_noop("The sound has no duration."))
    if length_ms > MAX_DURATION_MS:
        raise TooBig(gettext_noop("The sound is longer than two hours."))
    copy_tracks(source, folder / f"clean.{media_type.extension}", media_type)
    return {"type": media_type.name, "duration_ms": length_ms, "has_audio": True, "codec": codec}


def _sound(container: InputContainer) -> Any:
    if not container.streams.audio:
        raise NotMedia(gettext_noop("There is no sound in the file."))
    stream = container.streams.audio[0]
    if stream.codec_context is None or stream.codec_context.name not in AUDIO_CODECS:
        raise Unsupported(gettext_noop("The sound is coded in a way that is not taken here."))
    return stream


def _read_sound(container: InputContainer, stream: Any) -> int:
    """Length in ms; NotMedia when nothing can be decoded. The start is decoded, the rest only read."""
    start: int | None = None
    end = decoded = 0
    for packet in container.demux(stream):
        if packet.is_corrupt:
            raise NotMedia(gettext_noop("The sound is cut off in the middle."))
        if decoded < 3:
            decoded += len(packet.decode())
        if packet.pts is not None:
            start = packet.pts if start is None else min(start, packet.pts)
            end = max(end, packet.pts + (packet.duration or 0))
    if not decoded:
        raise NotMedia(gettext_noop("Nothing of the sound can be decoded."))
    return span_ms(stream, (start or 0, end))


def copy_tracks(source: Path, target: Path, media_type: MediaType, *, into: MediaType | None = None) -> None:
    """The first picture and the first sound, packet by packet, into a fresh container."""
    muxer = _MUXERS[into or media_type]
    options = {"fflags": "+bitexact", **_MUXER_OPTIONS.get(muxer, {})}
    with open_container(source, media_type) as container, av.open(str(target), "w", format=muxer, options=options) as output:
        pictures = [stream for stream in container.streams.video if not is_cover(stream)][:1] if media_type.kind == "video" else []
        tracks: list[Stream] = [*pictures, *container.streams.audio[:1]]
        copies = {stream.index: output.add_stream_from_template(stream) for stream in tracks}
        last: dict[int, int] = {}
        for packet in container.demux(*tracks):
            if packet.dts is None and not packet.size:
                continue  # the end of a track
            _keep_order(packet, last)
            packet.stream = copies[packet.stream_index]
            output.mux_one(packet)


def _keep_order(packet: Packet[Any], last: dict[int, int]) -> None:
    """Some writers repeat a time stamp; a muxer refuses that."""
    index, before = packet.stream_index, last.get(packet.stream_index)
    if packet.dts is not None and before is not None and packet.dts <= before:
        packet.dts = before + 1
        packet.pts = max(packet.pts, packet.dts) if packet.pts is not None else None
    if packet.dts is not None:
        last[index] = packet.dts
