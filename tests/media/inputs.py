"""Small honest files with places and names in them, as phones and programs write them."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image, ImageCms, PngImagePlugin

from tests.media.clips import make_clip
from tests.media.hostile import office

# What must not be found in anything that is stored: a place, and a name.
PLACE, NAME = b"+48.1374+011.5755", b"Erika Mustermann"
_ORIENTATION, _GPS, _ARTIST = 0x0112, 0x8825, 0x013B


def exif(orientation: int = 1) -> bytes:
    block = Image.Exif()
    block[_ORIENTATION] = orientation
    block[_ARTIST] = NAME.decode()
    block.get_ifd(_GPS).update({1: "N", 2: (48.0, 8.0, 14.6), 3: "E", 4: (11.0, 34.0, 31.8), 29: PLACE.decode()})
    return block.tobytes()


def photo(kind: str = "JPEG", *, size: tuple[int, int] = (400, 300), orientation: int = 1) -> bytes:
    """Red on the left, blue on the right, with EXIF, XMP, a colour profile and a comment where the kind has them."""
    image = Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    xmp = b"<x:xmpmeta><rdf:li>" + PLACE + NAME + b"</rdf:li></x:xmpmeta>"
    buffer = io.BytesIO()
    if kind == "JPEG":
        image.save(buffer, kind, exif=exif(orientation), icc_profile=profile, xmp=xmp, comment=NAME, quality=90)
    elif kind == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_text("Location", PLACE.decode())
        text.add_itxt("XML:com.adobe.xmp", xmp.decode(), zip=True)
        image.save(buffer, kind, exif=exif(orientation), icc_profile=profile, pnginfo=text)
    elif kind == "WEBP":
        image.save(buffer, kind, exif=exif(orientation), icc_profile=profile, xmp=xmp)
    elif kind == "TIFF":
        image.save(
            buffer,
            kind,
            exif=exif(orientation),
            icc_profile=profile,
            tiffinfo={_ORIENTATION: orientation, 700: xmp, 315: NAME.decode(), 270: PLACE.decode()},
        )
    elif kind == "GIF":
        image.save(buffer, kind, comment=NAME + PLACE)
    else:
        image.save(buffer, kind)
    return buffer.getvalue()


def video(path: Path, container: str = "mp4", *, rotation: int = 0, **options: float) -> Path:
    """A clip that says where it was shot."""
    plain = make_clip(path.with_suffix(".plain"), container=container, **options)  # type: ignore[arg-type]
    tags = {"movflags": "use_metadata_tags"} if container == "mov" else {}
    with av.open(str(plain)) as source, av.open(str(path), "w", format=container, options=tags) as output:
        copies = {stream.index: output.add_stream_from_template(stream) for stream in source.streams}
        output.metadata.update(
            {"location": PLACE.decode(), "com.apple.quicktime.location.ISO6709": PLACE.decode(), "artist": NAME.decode()}
        )
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = copies[packet.stream_index]
                output.mux_one(packet)
    plain.unlink()
    if rotation:
        turned(path, rotation)
    return path


def turned(path: Path, rotation: int) -> None:
    """Write a quarter turn into the matrix of the picture track, as phones do."""
    data = path.read_bytes()
    upright = np.array([0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000], ">i4").tobytes()
    quarter = np.array([0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000], ">i4").tobytes()
    assert rotation == 90
    position = data.index(upright, data.index(b"tkhd"))
    path.write_bytes(data[:position] + quarter + data[position + len(upright) :])


SOUNDS = {
    "mp3": ("mp3", "libmp3lame", "fltp", 44_100, "audio/mpeg"),
    "slow.mp3": ("mp3", "libmp3lame", "fltp", 22_050, "audio/mpeg"),
    "wav": ("wav", "pcm_s16le", "s16", 44_100, "audio/wav"),
    "ogg": ("ogg", "libopus", "flt", 48_000, "audio/ogg"),
    "m4a": ("ipod", "aac", "fltp", 44_100, "audio/mp4"),
    "aac": ("adts", "aac", "fltp", 44_100, "audio/aac"),
    "flac": ("flac", "flac", "s16", 44_100, "audio/flac"),
    "mp4": ("mp4", "aac", "fltp", 44_100, "audio/mp4"),
}


def sound(path: Path, kind: str = "mp3", *, seconds: float = 3) -> Path:
    """A tone with a name and a place in its tags."""
    container, codec, layout, rate, _ = SOUNDS[kind]
    tone = np.sin(np.arange(int(seconds * rate)) / 20) * 0.1
    samples = (tone * 32_000).astype(np.int16) if layout == "s16" else tone.astype(np.float32)
    with av.open(str(path), "w", format=container) as output:
        output.metadata.update({"artist": NAME.decode(), "comment": PLACE.decode()})
        stream: Any = output.add_stream(codec, rate=rate, layout="mono")
        size = stream.codec_context.frame_size or 960
        for start in range(0, len(samples), size):
            frame = av.AudioFrame.from_ndarray(samples[None, start : start + size], format=layout, layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = rate, start, Fraction(1, rate)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


def pdf(pages: int, *, is_packed: bool = False) -> bytes:
    """A PDF whose page tree says so; packed as most programs write it, inside a compressed stream."""
    import zlib

    tree = b"<< /Type /Pages /Count %d /Kids [ ] >>" % pages
    head = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
    if is_packed:
        packed = zlib.compress(b"2 0 " + tree)
        body = b"3 0 obj\n<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length %d >>\nstream\n" % len(packed)
        body += packed + b"\nendstream\nendobj\n"
    else:
        body = b"2 0 obj\n" + tree + b"\nendobj\n"
    return head + body + b"trailer\n<< /Root 1 0 R >>\nstartxref\n0\n%%EOF\n"


def slides(count: int) -> bytes:
    return office("ppt/presentation.xml", b"<p/>", *[f"ppt/slides/slide{number + 1}.xml" for number in range(count)])
