"""Inspect a foreign picture: strip it, decode it once, say what it is. For the limited child; FFmpeg is not loaded here,
because its libraries alone would take a third of the memory that a picture may have.
"""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import Any

from PIL import Image, ImageFile, ImageOps, JpegImagePlugin

from playground.core.speech import gettext_noop
from playground.media.errors import NotMedia, TooBig
from playground.media.sniff import MediaType
from playground.media.stripping import can_strip, strip

THUMB_SIDE = 320
THUMB_BYTES = 20_000
MAX_SIDE_PIXELS = 16_384
MAX_PIXELS = 50_000_000
# libwebp decodes into several whole pictures at once.
_MAX_WEBP_PIXELS = 15_000_000
# Turning a picture needs it twice in memory; a larger one keeps the mark that says how it is turned.
_MAX_TURNED_PIXELS = 25_000_000
_ORIENTATION = 0x0112
_THUMB_QUALITIES = (80, 60, 40)
# What Pillow and its codecs raise for damaged files.
DAMAGE = (OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, OverflowError, EOFError, ArithmeticError)


def inspect_picture(source: Path, media_type: MediaType, folder: Path) -> dict[str, Any]:
    """Write `clean.<extension>` and `thumb.webp` into `folder`; returns type and size. Raises MediaError."""
    clean = folder / f"clean.{media_type.extension}"
    warnings.simplefilter("ignore")
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        exif = strip(source, clean, media_type) if can_strip(media_type) else b""
        with opened(clean if can_strip(media_type) else source, media_type) as image:
            orientation = _orientation(exif)
            image.load()
            width, height = _finish(image, clean, media_type, orientation)
    except Image.DecompressionBombError as error:
        raise TooBig(gettext_noop("The picture has too many pixels.")) from error
    except DAMAGE as error:
        raise NotMedia(gettext_noop("The picture cannot be read: it is damaged.")) from error
    return {"type": media_type.name, "width": width, "height": height}


def opened(path: Path, media_type: MediaType) -> Image.Image:
    """The picture, not decoded yet; its size is judged before any pixel is allocated."""
    image = Image.open(path, formats=[media_type.demuxer])
    limit = _MAX_WEBP_PIXELS if media_type is MediaType.WEBP else MAX_PIXELS
    if max(image.size) > MAX_SIDE_PIXELS or image.width * image.height > limit:
        words = gettext_noop("The picture is %(width)s by %(height)s pixels; at most %(millions)s million are taken.")
        raise TooBig(words, width=f"{image.width:,}", height=f"{image.height:,}", millions=limit // 1_000_000)
    return image


def _orientation(exif: bytes) -> int:
    """1 to 8 as EXIF counts. (A TIFF is turned by Pillow while it is loaded.)"""
    try:
        block = Image.Exif()
        block.load(exif)
        value = block.get(_ORIENTATION, 1) if exif else 1
    except DAMAGE:
        return 1
    return value if value in range(1, 9) else 1


def _finish(image: Image.Image, clean: Path, media_type: MediaType, orientation: int) -> tuple[int, int]:
    """Turn and save anew where that is needed, and draw the thumbnail. Returns the size as it is seen."""
    is_turned = orientation > 4
    size = (image.height, image.width) if is_turned else image.size
    result = image
    if orientation != 1 and image.width * image.height > _MAX_TURNED_PIXELS and media_type is MediaType.JPEG:
        _mark_orientation(clean, orientation)
    elif orientation != 1:
        image.getexif()[_ORIENTATION] = orientation
        result = ImageOps.exif_transpose(image)
        orientation = 1
    if result is not image or not can_strip(media_type):
        save(result, clean, media_type, like=image)
    thumb = _thumb(result)
    if orientation != 1:
        thumb.getexif()[_ORIENTATION] = orientation
        thumb = ImageOps.exif_transpose(thumb)
    save_thumb(thumb, clean.parent / "thumb.webp")
    return size


def save(image: Image.Image, target: Path, media_type: MediaType, *, like: Image.Image | None = None) -> None:
    """Without any metadata but the colour profile. `like` is the picture whose fineness a JPEG keeps."""
    options: dict[str, Any] = {"icc_profile": (like or image).info.get("icc_profile")}
    if media_type is MediaType.JPEG:
        sampling = JpegImagePlugin.get_sampling(like) if isinstance(like, JpegImagePlugin.JpegImageFile) else 2
        options |= {"quality": 95, "subsampling": max(0, sampling)}
    elif media_type is MediaType.WEBP:
        options |= {"quality": 95, "method": 2}
    elif media_type is MediaType.TIFF:
        options |= {"compression": "tiff_lzw"}
    elif media_type in (MediaType.BMP, MediaType.GIF):
        options = {}
    image.info = {}
    for directory in ("tag", "tag_v2"):
        # Pillow would write what it finds in here, names and places among it, into a new TIFF.
        if hasattr(image, directory):
            delattr(image, directory)
    image.save(target, media_type.demuxer, exif=b"", **options)


def _thumb(image: Image.Image) -> Image.Image:
    small = image.copy() if max(image.size) <= THUMB_SIDE else None
    if small is None:
        scale = THUMB_SIDE / max(image.size)
        size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
        # Palette colours cannot be averaged; such pictures are one byte a pixel, so there is room for nearest only.
        small = image.resize(size, reducing_gap=2.0) if image.mode not in ("1", "P") else image.resize(size)
    if small.mode.startswith(("I;16", "I")):
        small = small.convert("I").point(lambda level: level / 256).convert("L")
    has_alpha = small.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in small.info
    return small.convert("RGBA" if has_alpha else "RGB")


def save_thumb(image: Image.Image, target: Path) -> None:
    for quality in _THUMB_QUALITIES:
        buffer = io.BytesIO()
        image.save(buffer, "WEBP", quality=quality, method=4)
        if buffer.tell() <= THUMB_BYTES:
            break
    target.write_bytes(buffer.getvalue())


def _mark_orientation(clean: Path, orientation: int) -> None:
    """Put an EXIF block that says this and nothing else behind the start of a JPEG."""
    block = Image.Exif()
    block[_ORIENTATION] = orientation
    exif = block.tobytes()
    marked = clean.with_suffix(".marked")
    with clean.open("rb") as source, marked.open("wb") as target:
        target.write(source.read(2) + b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif)
        while piece := source.read(1 << 20):
            target.write(piece)
    marked.replace(clean)
