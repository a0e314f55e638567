"""Foreign files are what their first bytes say, are opened as nothing else, and lead to no other file."""

from __future__ import annotations

import contextlib
import io
import struct
import zlib
from decimal import Decimal
from pathlib import Path

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from playground.media.errors import MediaError, NotMedia, TooBig, Unsupported
from playground.media.probe import probe_image, probe_video
from playground.media.sniff import MediaType, sniff, sniff_bytes
from tests.media.clips import make_clip, make_empty_track


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds next to nothing."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


def picture(kind: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(buffer, kind)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"\0\0\0\x20ftypisom\0\0\2\0", MediaType.MP4),
        (b"\0\0\0\x14ftypqt  \0\0\2\0", MediaType.MOV),
        (b"\0\0\0\x1cftypavif\0\0\0\0", None),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm", MediaType.WEBM),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x82\x88matroska", MediaType.MKV),
        (b"\x1a\x45\xdf\xa3 something else", None),
        (b"RIFF\x24\0\0\0WAVEfmt ", MediaType.WAV),
        (b"RIFF\x24\0\0\0WEBPVP8 ", MediaType.WEBP),
        (b"RIFF\x24\0\0\0AVI LIST", MediaType.AVI),
        (b"ID3\x04\0\0\0\0\0\0\0", MediaType.MP3),
        (b"\xff\xfb\x90\x00" + b"\0" * 413 + b"\xff\xfb\x90\x00", MediaType.MP3),
        (b"\xff\xfb\x90\x00" + b"\0" * 500, None),
        (b"OggS\0\2", MediaType.OGG),
        (picture("JPEG"), MediaType.JPEG),
        (picture("PNG"), MediaType.PNG),
        (picture("WEBP"), MediaType.WEBP),
        (b"GIF89a", MediaType.GIF),
        (b"<svg xmlns=", None),
        (b"#EXTM3U\n", None),
        (b"ffconcat version 1.0\n", None),
        (b"", None),
    ],
)
def test_the_first_bytes_decide(head: bytes, expected: MediaType | None) -> None:
    assert sniff_bytes(head) is expected


@given(st.binary(max_size=200))
def test_any_bytes_can_be_sniffed(head: bytes) -> None:
    assert sniff_bytes(head) is None or isinstance(sniff_bytes(head), MediaType)


def test_a_video_is_described(clip: Path) -> None:
    facts = probe_video(clip)
    assert (facts.media_type, facts.codec) == (MediaType.MP4, "h264")
    assert (facts.width, facts.height, facts.fps, facts.has_audio) == (320, 180, Decimal("24.000"), True)
    assert abs(facts.duration_ms - 2000) <= 50


@pytest.mark.parametrize(("container", "expected"), [("matroska", MediaType.MKV), ("mov", MediaType.MOV)])
def test_other_containers_are_read_too(tmp_path: Path, container: str, expected: MediaType) -> None:
    path = make_clip(tmp_path / "x", seconds=1, has_audio=False, container=container)
    facts = probe_video(path)
    assert (facts.media_type, facts.has_audio) == (expected, False)


def test_a_turned_phone_video_has_the_size_that_people_see(tmp_path: Path) -> None:
    turned = tmp_path / "turned.mp4"
    data = make_clip(tmp_path / "x", seconds=1, has_audio=False).read_bytes()
    upright = struct.pack(">9i", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
    quarter = struct.pack(">9i", 0, 0x10000, 0, -0x10000, 0, 0, 180 << 16, 0, 0x40000000)
    track_header = data.index(b"tkhd")
    at = data.index(upright, track_header)
    turned.write_bytes(data[:at] + quarter + data[at + 36 :])
    facts = probe_video(turned)
    assert (facts.width, facts.height) == (180, 320)


@pytest.mark.parametrize(
    "text",
    [
        "ffconcat version 1.0\nfile '{other}'\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile://{other}\n#EXT-X-ENDLIST\n",
    ],
    ids=["concat", "hls"],
)
@pytest.mark.parametrize("disguise", [b"", b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41\n"], ids=["plain", "polyglot"])
def test_a_list_of_files_named_mp4_opens_no_other_file(clip: Path, tmp_path: Path, text: str, disguise: bytes) -> None:
    """Opened by its name, FFmpeg would follow it: that is the trap."""
    path = written(tmp_path / "clip.mp4", disguise + text.format(other=clip).encode())
    with pytest.raises(NotMedia):
        probe_video(path)


def test_the_trap_is_real(clip: Path, tmp_path: Path) -> None:
    path = written(tmp_path / "clip.mp4", f"ffconcat version 1.0\nfile '{clip}'\n".encode())
    with av.open(str(path), options={"safe": "0"}) as container:
        assert container.streams.video[0].codec_context.width == 320


def test_a_movie_that_refers_to_another_file_does_not_open_it(clip: Path, tmp_path: Path) -> None:
    """QuickTime can keep its samples elsewhere; the self-reference of the data entry is turned into a file URL."""
    data = clip.read_bytes()
    assert b"url \x00\x00\x00\x01" in data
    path = written(tmp_path / "x.mp4", data.replace(b"url \x00\x00\x00\x01", b"url \x00\x00\x00\x00"))
    with contextlib.suppress(MediaError):
        assert probe_video(path).width == 320


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.85, 0.95])
def test_a_video_that_was_cut_off_is_refused(clip: Path, tmp_path: Path, share: float) -> None:
    data = clip.read_bytes()
    with pytest.raises(NotMedia):
        probe_video(written(tmp_path / "cut.mp4", data[: int(len(data) * share)]))


def test_sound_that_outlasts_the_picture_is_no_cut(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "x", seconds=1, audio_seconds=4)
    assert probe_video(path).duration_ms >= 3900


def test_a_video_whose_pictures_are_noise_bytes_is_refused(clip: Path, tmp_path: Path) -> None:
    data = clip.read_bytes()
    body = data.index(b"mdat") + 4
    with pytest.raises(NotMedia):
        probe_video(written(tmp_path / "x.mp4", data[:body] + b"\xff" * (len(data) - body)))


@pytest.mark.parametrize(
    "data",
    [b"", b"\0", bytes(range(256)) * 20, b"<html><body>no video</body></html>"],
    ids=["empty", "zero", "any", "html"],
)
def test_what_is_no_video_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(NotMedia):
        probe_video(written(tmp_path / "x.mp4", data))


def test_sound_and_pictures_are_no_videos(tmp_path: Path) -> None:
    with pytest.raises(NotMedia):
        probe_video(make_empty_track(tmp_path / "sound.mp4"))
    with pytest.raises(Unsupported):
        probe_video(written(tmp_path / "x.mp4", picture("PNG")))


def test_a_header_that_claims_absurd_sizes_is_refused(clip: Path, tmp_path: Path) -> None:
    """One damaged byte among the tables makes FFmpeg ask for more memory than any machine has."""
    original, refusals = clip.read_bytes(), set()
    for place in range(400, 520):
        path = written(tmp_path / f"{place}", original[:place] + b"\x01" + original[place + 1 :])
        try:
            probe_video(path)
        except MediaError as error:
            refusals.add(type(error))
    assert TooBig in refusals


@given(st.data())
def test_damaged_videos_raise_only_media_errors(clip: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    damaged = bytearray(clip.read_bytes()[:4000])
    for _ in range(data.draw(st.integers(1, 8))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    path = written(tmp_path_factory.mktemp("damaged") / "x", bytes(damaged) + clip.read_bytes()[4000:])
    with contextlib.suppress(MediaError):
        probe_video(path)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_described(tmp_path: Path, kind: str) -> None:
    facts = probe_image(written(tmp_path / "x.gif", picture(kind)))
    assert (facts.media_type.demuxer, facts.width, facts.height) == (kind, 40, 30)


@pytest.mark.parametrize("size", [(100_000, 100_000), (8193, 1), (8000, 8000)])
def test_a_picture_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, size: tuple[int, int]) -> None:
    with pytest.raises(TooBig):
        probe_image(written(tmp_path / "bomb.png", png_header(*size)))


@pytest.mark.parametrize(
    "data",
    [png_header(64, 64), b"\x89PNG\r\n\x1a\n<script>alert(1)</script>", b"GIF89a"],
    ids=["short", "polyglot", "gif"],
)
def test_a_broken_picture_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(NotMedia):
        probe_image(written(tmp_path / "x.png", data))


def test_a_video_is_no_picture(clip: Path) -> None:
    with pytest.raises(Unsupported):
        probe_image(clip)
    assert sniff(clip) is MediaType.MP4
