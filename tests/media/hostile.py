"""Files that nobody means well with, or that were broken on the way: generated, each with the name it is sent under."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from tests.media.clips import make_clip


class Hostile(NamedTuple):
    """`field` is what it is sent to: image, video, audio or file."""

    title: str
    field: str
    filename: str
    data: bytes


def picture(kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    pixels = Image.effect_noise((96, 64), 60)
    (pixels if kind == "GIF" else pixels.convert("RGB")).save(buffer, kind, **options)
    return buffer.getvalue()


PICTURES = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP", "gif": "GIF", "bmp": "BMP", "tiff": "TIFF"}
CUTS = (0.02, 0.1, 0.25, 0.4, 0.55, 0.7, 0.85, 0.97)


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width: int, height: int, *extra: bytes, rows: bytes = b"\0" * 1000, depth: int = 8) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(extra) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def box(name: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", len(body) + 8) + name + body


def truncated() -> Iterator[Hostile]:
    """Cut off in the middle."""
    for ending, kind in PICTURES.items():
        whole = picture(kind)
        for cut in CUTS:
            yield Hostile(f"{kind} cut at {cut:.0%}", "image", f"cut.{ending}", whole[: int(len(whole) * cut)])


def sized() -> Iterator[Hostile]:
    """Headers that claim absurd sizes."""
    for width, height in ((50_000, 50_000), (100_000, 3), (3, 100_000), (2**31 - 1, 2**31 - 1), (20_000, 20_000), (0, 10), (10, 0)):
        yield Hostile(f"PNG {width}x{height}", "image", "big.png", png(width, height))
        yield Hostile(f"16-bit PNG {width}x{height}", "image", "big.png", png(width, height, depth=16))
    jpeg = picture("JPEG")
    frame = jpeg.index(b"\xff\xc0")
    for width, height in ((50_000, 50_000), (65_535, 65_535), (65_535, 1), (0, 0)):
        yield Hostile(
            f"JPEG {width}x{height}", "image", "big.jpg", jpeg[: frame + 5] + struct.pack(">HH", height, width) + jpeg[frame + 9 :]
        )
    gif, bmp = picture("GIF"), picture("BMP")
    for width, height in ((65_535, 65_535), (50_000, 50_000), (0, 0), (16_000, 16_000)):
        yield Hostile(f"GIF {width}x{height}", "image", "big.gif", gif[:6] + struct.pack("<HH", width, height) + gif[10:])
        yield Hostile(f"BMP {width}x{height}", "image", "big.bmp", bmp[:18] + struct.pack("<ii", width, height) + bmp[26:])
    for width, height in ((16_383, 16_383), (50_000, 50_000), (2**24, 2**24)):
        canvas = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
        body = b"VP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + canvas + picture("WEBP")[12:]
        yield Hostile(f"WebP {width}x{height}", "image", "big.webp", b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body)
    for width, height in ((50_000, 50_000), (2**31, 2**31), (0, 0)):
        yield Hostile(f"TIFF {width}x{height}", "image", "big.tiff", tiff(width, height))


def tiff(width: int, height: int) -> bytes:
    tags = [(256, width), (257, height), (258, 8), (259, 1), (262, 1), (273, 200), (277, 1), (278, height), (279, 100)]
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    return (b"II*\0\x08\0\0\0" + struct.pack("<H", len(tags)) + entries + b"\0\0\0\0").ljust(400, b"\0")


def bombs() -> Iterator[Hostile]:
    """Little that unpacks to much."""
    zeros = zlib.compress(b"\0" * 50_000_000, 9)
    yield Hostile("PNG of zeros", "image", "bomb.png", png(20_000, 20_000, rows=b"\0" * 60_000_000))
    for size in (9000, 12_000, 16_000):
        yield Hostile(f"WebP of one colour {size}", "image", "bomb.webp", flat_webp(size))
    yield Hostile("GIF with 3,000 pictures", "image", "bomb.gif", gif_of(3000))
    yield Hostile("GIF with large pictures", "image", "bomb.gif", gif_of(900, side=2000))
    yield Hostile("GIF with pictures outside", "image", "bomb.gif", gif_of(2, side=300, canvas=10))
    profile = b"icc\0\0" + zlib.compress(b"\0" * 200_000_000, 9)
    yield Hostile("PNG with a profile of absurd length", "image", "bomb.png", png(8, 8, struct.pack(">I", 2**31 - 1) + b"iCCP" + profile))
    for name, size in (("word/document.xml", 60_000_000), ("xl/workbook.xml", 300_000_000), ("ppt/presentation.xml", 30_000_000)):
        yield Hostile(f"Office bomb {name}", "file", "bomb.docx", office(name, b"\0" * size))
    yield Hostile(
        "Office file of 6,000 parts", "file", "many.docx", office("word/document.xml", b"x", *[f"word/{n}.xml" for n in range(6000)])
    )
    stream = b"<< /Type /ObjStm /N 9 /First 4 /Filter /FlateDecode /Length %d >>\nstream\n" % len(zeros)
    yield Hostile(
        "PDF bomb", "file", "bomb.pdf", b"%PDF-1.7\n" + (b"1 0 obj\n" + stream + zeros + b"\nendstream\nendobj\n") * 3 + b"%%EOF\n"
    )


def flat_webp(side: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (side, side), 40).convert("RGB").save(buffer, "WEBP", lossless=True, method=0, quality=0)
    return buffer.getvalue()


def gif_of(frames: int, *, side: int = 4, canvas: int = 2000) -> bytes:
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, side, side, 0) + b"\x02\x02\x4c\x01\x00"
    return b"GIF89a" + struct.pack("<HHBBB", canvas, canvas, 0x80, 0, 0) + b"\0" * 6 + frame * frames + b"\x3b"


def office(main: str, content: bytes, *more: str, flags: int = 0) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in (("[Content_Types].xml", b"<Types/>"), (main, content), *((name, b"x") for name in more)):
            archive.writestr(name, part)
    data = bytearray(buffer.getvalue())
    if flags:
        for magic, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
            position = data.find(magic)
            while position >= 0:
                data[position + offset] |= flags
                position = data.find(magic, position + 4)
    return bytes(data)


def documents() -> Iterator[Hostile]:
    pdf = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Count 3 /Kids [] >>\nendobj\n"
    trailer = b"trailer\n<< /Root 1 0 R >>\nstartxref\n0\n%%EOF\n"
    yield Hostile("PDF cut off", "file", "a.pdf", pdf)
    yield Hostile("PDF without pages", "file", "a.pdf", b"%PDF-1.7\n" + trailer)
    yield Hostile("PDF encrypted", "file", "a.pdf", pdf + b"trailer\n<< /Root 1 0 R /Encrypt 9 0 R >>\n%%EOF\n")
    yield Hostile("PDF with an archive", "file", "a.pdf", pdf + trailer + office("a", b"b"))
    yield Hostile("PDF whose root is missing", "file", "a.pdf", pdf.replace(b"/Pages 2", b"/Pages 7") + trailer)
    yield Hostile("Word file with macros", "file", "a.docx", office("word/document.xml", b"x", "word/vbaProject.bin"))
    yield Hostile("Word file that climbs", "file", "a.docx", office("word/document.xml", b"x", "../../etc/cron.d/x"))
    yield Hostile("Word file encrypted", "file", "a.docx", office("word/document.xml", b"x", flags=1))
    whole = office("word/document.xml", b"hello " * 5000)
    for cut in CUTS:
        yield Hostile(f"Word file cut at {cut:.0%}", "file", "a.docx", whole[: int(len(whole) * cut)])
    yield Hostile("archive that is no document", "file", "a.docx", office("payload.exe", b"MZ"))
    for title, data in (("NUL", b"a\0b"), ("Latin-1", b"caf\xe9 au lait"), ("UTF-16", "text".encode("utf-16")), ("escapes", b"\x08\x7f")):
        yield Hostile(f"text with {title}", "file", "a.txt", data)


PLAYLISTS = {
    "HLS": b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
    "HLS with a byte order mark": b"\xef\xbb\xbf#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:1/secret\n",
    "ffconcat": b"ffconcat version 1.0\nfile /etc/passwd\n",
    "SDP": b"v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n",
    "PLS": b"[playlist]\nFile1=/etc/passwd\nNumberOfEntries=1\n",
    "DASH": b"<?xml version='1.0'?><MPD><BaseURL>file:///etc/passwd</BaseURL></MPD>",
    "SMIL": b"<smil><body><video src='/etc/passwd'/></body></smil>",
    "ASX": b"<asx><entry><ref href='file:///etc/passwd'/></entry></asx>",
}
OTHERS = {
    "SVG": b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>",
    "SVG with entities": b"<?xml version='1.0'?><!DOCTYPE s [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><svg>&x;</svg>",
    "HTML": b"<!doctype html><script>alert(1)</script>",
    "PHP": b"<?php system($_GET['c']); ?>",
    "shell": b"#!/bin/sh\nrm -rf /\n",
    "PostScript": b"%!PS-Adobe-3.0\n(/etc/passwd) (r) file\n",
    "Windows program": b"MZ\x90\0\3\0\0\0" + b"\0" * 200,
    "Linux program": b"\x7fELF\2\1\1" + b"\0" * 200,
    "gzip": b"\x1f\x8b\x08\0" + b"\0" * 100,
    "zip": b"PK\3\4\x14\0" + b"\0" * 100,
    "rar": b"Rar!\x1a\7\0" + b"\0" * 100,
    "7z": b"7z\xbc\xaf\x27\x1c" + b"\0" * 100,
    "tar": b"name".ljust(257, b"\0") + b"ustar\0" + b"\0" * 250,
    "HEIC": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 100,
    "AVIF": b"\0\0\0\x1cftypavif\0\0\0\0" + b"\0" * 100,
    "icon": b"\0\0\1\0\1\0\x10\x10" + b"\0" * 100,
    "Photoshop": b"8BPS\0\1" + b"\0" * 100,
    "Flash": b"FWS\x09" + b"\0" * 100,
    "FLV": b"FLV\1\5\0\0\0\x09" + b"\0" * 100,
    "ASF": bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c") + b"\0" * 100,
    "MPEG-TS": (b"\x47\x40\0\x10" + b"\0" * 184) * 4,
    "Java class": b"\xca\xfe\xba\xbe" + b"\0" * 100,
    "pcap": b"\xd4\xc3\xb2\xa1" + b"\0" * 100,
    "MVG": b"push graphic-context\nimage over 0,0 0,0 'https://127.0.0.1/x'\npop graphic-context\n",
    "random bytes": bytes((7 * n * n + 13 * n) % 251 + 1 for n in range(3000)),
    "zeros": b"\0" * 3000,
    "nothing": b"",
}


def other_kinds() -> Iterator[Hostile]:
    """Lists of other files and foreign kinds, under names that promise something else."""
    for title, data in PLAYLISTS.items():
        for field, ending in (("image", "png"), ("video", "mp4"), ("audio", "mp3"), ("file", "txt"), ("file", "md")):
            yield Hostile(f"{title} as {ending}", field, f"list.{ending}", data)
    for title, data in OTHERS.items():
        for field, ending in (("image", "jpg"), ("video", "mov"), ("audio", "wav")):
            yield Hostile(f"{title} as {ending}", field, f"other.{ending}", data)


def two_in_one() -> Iterator[Hostile]:
    """A picture or a video for one program, something else for another."""
    archive, page, script = office("evil.txt", b"x"), b"<html><script>alert(1)</script></html>", b"*/=1;alert(document.cookie)//"
    for ending, kind in PICTURES.items():
        whole = picture(kind)
        yield Hostile(f"{kind} and archive", "image", f"poly.{ending}", whole + archive)
        yield Hostile(f"{kind} and page", "image", f"poly.{ending}", whole + page)
        yield Hostile(f"{kind} and PHP", "image", f"poly.php.{ending}", whole + b"<?php system('id');")
    gif = picture("GIF")
    yield Hostile("GIF and script", "image", "poly.gif", gif + script)
    yield Hostile("GIF that opens a comment", "image", "poly.gif", gif[:-1] + b"\x21\xfe" + bytes([len(script)]) + script + b"\0;")
    jpeg = picture("JPEG")
    yield Hostile(
        "JPEG with a page in a comment", "image", "poly.jpg", jpeg[:2] + b"\xff\xfe" + struct.pack(">H", len(page) + 2) + page + jpeg[2:]
    )
    yield Hostile("PNG with a page in a text", "image", "poly.png", png(8, 8, chunk(b"tEXt", b"Comment\0" + page)))


def videos(folder: Path) -> Iterator[Hostile]:
    for container, ending in (("mp4", "mp4"), ("mov", "mov"), ("matroska", "mkv"), ("avi", "avi")):
        whole = make_clip(folder / f"whole.{ending}", container=container, seconds=2, width=160, height=90).read_bytes()
        for cut in (0.01, 0.1, 0.3, 0.5, 0.7):
            yield Hostile(f"{container} cut at {cut:.0%}", "video", f"cut.{ending}", whole[: int(len(whole) * cut)])
        yield Hostile(f"{container} and archive", "video", f"poly.{ending}", whole + office("evil.txt", b"x"))
        yield Hostile(f"{container} and page", "video", f"poly.{ending}", whole + b"<html><script>alert(1)</script></html>")
    whole = (folder / "whole.mp4").read_bytes()
    brand = box(b"ftyp", b"isom\0\0\2\0isomiso2avc1mp41")
    yield Hostile(
        "MP4 with a page in a free box", "video", "free.mp4", brand + box(b"free", b"<html><script>1</script>") + whole[len(brand) :]
    )
    yield Hostile("MP4 of nothing but its brand", "video", "brand.mp4", brand)
    yield Hostile("MP4 and text", "video", "text.mp4", brand + b"ffconcat version 1.0\nfile /etc/passwd\n")
    for size in (0, 1, 7, 2**31, 2**32 - 1):
        yield Hostile(f"MP4 box of {size}", "video", "box.mp4", brand + struct.pack(">I", size) + b"moov" + b"\0" * 64)
    deep = b""
    for _ in range(3000):
        deep = box(b"moov", deep)
    yield Hostile("MP4 boxes 3,000 deep", "video", "deep.mp4", brand + deep)
    for name in (b"stts", b"stsz", b"stsc", b"stco", b"stsd"):
        position = whole.index(name) + 4
        yield Hostile(
            f"MP4 {name.decode()} of 4 billion", "video", "table.mp4", whole[: position + 4] + b"\xff" * 8 + whole[position + 12 :]
        )
    reference = b"\0\0\0\0file:///etc/passwd\0"
    outside = whole.replace(b"url \0\0\0\1", b"url \0\0\0\0").replace(b"avc1", b"avcX")
    yield Hostile("MP4 with data elsewhere", "video", "dref.mp4", outside + box(b"free", reference))
    yield Hostile("WebM of nothing", "video", "a.webm", b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm" + b"\0" * 100)
    yield Hostile("Matroska of noise", "video", "a.mkv", b"\x1a\x45\xdf\xa3\x9f\x42\x82\x88matroska" + bytes(range(256)) * 20)
    yield Hostile("AVI of noise", "video", "a.avi", b"RIFF\xff\xff\xff\x7fAVI " + bytes(range(256)) * 20)


def sounds() -> Iterator[Hostile]:
    for title, data in {
        "WAV of noise": b"RIFF\xff\xff\xff\x7fWAVE" + bytes(range(256)) * 10,
        "WAV cut off": b"RIFF\x24\0\1\0WAVEfmt \x10\0\0\0\1\0\1\0\x44\xac\0\0\x88\x58\1\0\2\0\x10\0data\0\0\1\0" + b"\0" * 100,
        "WAV of an absurd rate": b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\1\0\xff\xff\xff\xff\xff\xff\0\0\0\0\0\0\x10\0data\x10\0\0\0"
        + b"\0" * 16,
        "WAV of an unknown codec": b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x55\x77\1\0\x44\xac\0\0\x88\x58\1\0\2\0\x10\0data\x10\0\0\0"
        + b"\0" * 16,
        "MP3 of a tag alone": b"ID3\4\0\0\0\0\x0f\x7f" + b"\0" * 2047,
        "MP3 with a tag without end": b"ID3\4\0\0\x7f\x7f\x7f\x7f" + b"\0" * 100,
        "OGG of nothing": b"OggS\0\2" + b"\0" * 200,
        "FLAC of nothing": b"fLaC\0\0\0\x22" + b"\0" * 200,
        "M4A of nothing": b"\0\0\0\x18ftypM4A \0\0\0\0M4A mp42" + b"\0" * 100,
    }.items():
        yield Hostile(title, "audio", "sound.bin", data)


def all_hostile(folder: Path) -> list[Hostile]:
    return [*truncated(), *sized(), *bombs(), *documents(), *other_kinds(), *two_in_one(), *videos(folder), *sounds()]
