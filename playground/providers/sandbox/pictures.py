"""Still pictures: opened with care, cut to the frame, and stand-ins for those that cannot be had."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont, ImageOps, UnidentifiedImageError

# A picture bigger than this is refused before it is decoded.
_MAX_PIXELS = 60_000_000
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")


def load_picture(path: Path) -> Image.Image | None:
    """A picture from outside as RGB, or None: only these formats are tried, and size is checked before decoding."""
    try:
        with Image.open(path, formats=_FORMATS) as opened:
            if opened.width * opened.height > _MAX_PIXELS or min(opened.size) < 2:
                return None
            # Cheaper decoding of big JPEGs; others ignore it.
            opened.draft("RGB", (3200, 3200))
            picture = ImageOps.exif_transpose(opened)
            if "A" in picture.getbands() or "transparency" in picture.info:
                picture = picture.convert("RGBA")
                picture = Image.alpha_composite(Image.new("RGBA", picture.size, (128, 128, 132, 255)), picture)
            return picture.convert("RGB")
    except (OSError, UnidentifiedImageError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


def cover(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The middle of a picture, cut to the shape of `size` and scaled to it."""
    if picture.size == size:
        return picture
    return ImageOps.fit(picture, size, Image.Resampling.BICUBIC)


def stand_in(size: tuple[int, int], words: str) -> Image.Image:
    """A quiet card for a file that cannot be had: `words` name it ("First frame")."""
    width, height = size
    vertical = np.linspace(0, 1, height)[:, None, None]
    horizontal = np.linspace(0, 1, width)[None, :, None]
    dark, light = np.array([34.0, 36.0, 46.0]), np.array([92.0, 86.0, 118.0])
    shade = dark + (light - dark) * (0.35 * vertical + 0.65 * horizontal)
    picture = Image.fromarray(shade.astype(np.uint8))
    pen = ImageDraw.Draw(picture)
    text_size = max(9, min(width, height) // 16)
    inset = min(width, height) // 5
    pen.rectangle((inset, inset, width - inset, height - inset), outline=(170, 166, 190), width=max(1, text_size // 12))
    for line, (text, scale) in enumerate(((words, 1.0), ("could not be fetched", 0.62))):
        font = ImageFont.load_default(text_size * scale)
        place = (width / 2, height / 2 + (line - 0.5) * text_size * 1.3)
        pen.text(place, text, fill=(232, 230, 240), font=font, anchor="mm")
    return picture
