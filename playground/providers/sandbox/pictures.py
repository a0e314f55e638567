"""Input pictures: the camera travels over them, one after the other. One that cannot be had becomes a stand-in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont, ImageOps, UnidentifiedImageError

from .clip import ClipSpec
from .pixels import Field

# A picture bigger than this is refused before it is decoded.
_MAX_PIXELS = 60_000_000
_FORMATS = ("JPEG", "PNG", "WEBP")
_OVERSIZE = 1.22
_FADE_SECONDS = 0.6


@dataclass(frozen=True, slots=True)
class _Move:
    """A camera move over one picture: from one centre and zoom to another, in shares of what may be travelled."""

    start: tuple[float, float, float]
    end: tuple[float, float, float]


class PictureShow:
    """The frames of a clip that was given pictures."""

    def __init__(self, spec: ClipSpec, pictures: Sequence[Path | None]) -> None:
        self._size = (spec.width, spec.height)
        self._seconds = spec.seconds
        paths = list(pictures[: spec.pictures]) + [None] * (spec.pictures - len(pictures))
        # More pictures than seconds would flicker by.
        paths = paths[: max(1, int(spec.seconds / 1.2))]
        self._pictures = [self._prepare(path, number) for number, path in enumerate(paths, 1)]
        rng = np.random.default_rng(spec.seed)
        self._moves = [self._draw_move(rng) for _ in self._pictures]

    def frames(self, times: Sequence[float]) -> Iterator[Field]:
        share = self._seconds / len(self._pictures)
        for time in times:
            number = min(int(time / share), len(self._pictures) - 1)
            picture = self._view(number, (time - number * share) / share)
            left = (number + 1) * share - time
            if number + 1 < len(self._pictures) and left < min(_FADE_SECONDS, share / 2):
                # The next picture starts its move early, so that nothing stands still during the fade.
                ahead = self._view(number + 1, -left / share)
                picture = Image.blend(ahead, picture, left / min(_FADE_SECONDS, share / 2))
            yield np.asarray(picture)

    def _view(self, number: int, progress: float) -> Image.Image:
        move, picture = self._moves[number], self._pictures[number]
        eased = 0.5 - 0.5 * float(np.cos(np.pi * np.clip(progress * 0.86 + 0.10, 0, 1)))
        x, y, zoom = (a + (b - a) * eased for a, b in zip(move.start, move.end, strict=True))
        width, height = picture.width / zoom, picture.height / zoom
        left, top = (picture.width - width) * x, (picture.height - height) * y
        return picture.resize(self._size, Image.Resampling.BICUBIC, box=(left, top, left + width, top + height), reducing_gap=None)

    @staticmethod
    def _draw_move(rng: np.random.Generator) -> _Move:
        x, y = rng.uniform(0.15, 0.85, 2)
        near, far = 1.34, 1.06
        start, end = (0.5, 0.5, far), (float(x), float(y), near)
        return _Move(start, end) if rng.random() < 0.6 else _Move(end, start)

    def _prepare(self, path: Path | None, number: int) -> Image.Image:
        width, height = (round(side * _OVERSIZE) for side in self._size)
        picture = load_picture(path) if path is not None else None
        if picture is None:
            return self._stand_in(width, height, number)
        return ImageOps.fit(picture, (width, height), Image.Resampling.LANCZOS)

    @staticmethod
    def _stand_in(width: int, height: int, number: int) -> Image.Image:
        vertical = np.linspace(0, 1, height)[:, None, None]
        horizontal = np.linspace(0, 1, width)[None, :, None]
        dark, light = np.array([34.0, 36.0, 46.0]), np.array([92.0, 86.0, 118.0])
        shade = dark + (light - dark) * (0.35 * vertical + 0.65 * horizontal)
        picture = Image.fromarray(shade.astype(np.uint8))
        pen = ImageDraw.Draw(picture)
        size = max(12, min(width, height) // 16)
        inset = min(width, height) // 5
        pen.rectangle((inset, inset, width - inset, height - inset), outline=(170, 166, 190), width=max(1, size // 12))
        for line, (text, scale) in enumerate(((f"Picture {number}", 1.0), ("could not be fetched", 0.62))):
            font = ImageFont.load_default(size * scale)
            place = (width / 2, height / 2 + (line - 0.5) * size * 1.3)
            pen.text(place, text, fill=(232, 230, 240), font=font, anchor="mm")
        return picture


def load_picture(path: Path) -> Image.Image | None:
    """A picture from outside as RGB, or None: only three formats are tried, and size is checked before decoding."""
    try:
        with Image.open(path, formats=_FORMATS) as opened:
            if opened.width * opened.height > _MAX_PIXELS or min(opened.size) < 2:
                return None
            # Cheaper decoding of big JPEGs; others ignore it.
            opened.draft("RGB", (3200, 3200))
            return ImageOps.exif_transpose(opened).convert("RGB")
    except (OSError, UnidentifiedImageError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
