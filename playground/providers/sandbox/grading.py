"""How one sees that the sandbox has edited a clip: other colours, wiped over the picture, and what it was given inset."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from .colours import Tint
from .pictures import cover
from .pixels import Generator

_WIPE_SECONDS = 1.4
_SLIDE_SECONDS = 0.5
_INSET_SHARE = 0.27


class Grade:
    """Colours of a clip through curves: the colour that the prompt names, else warm lights and cold shadows or the reverse."""

    def __init__(self, tint: Tint | None, rng: Generator) -> None:
        lights = np.array(tint or _any_tint(rng))
        shadows = np.ones(3) if tint else 2 - lights
        level = np.linspace(0, 1, 256)
        contrast = level + (level * level * (3 - 2 * level) - level) * 0.35
        curves = [
            255 * np.clip(contrast * (shadow + (light - shadow) * level**0.7), 0, 1) for light, shadow in zip(lights, shadows, strict=True)
        ]
        self._table = [int(value) for curve in curves for value in curve]

    def of(self, picture: Image.Image, time: float) -> Image.Image:
        """The graded picture; in the first moments a line travels over it, and right of it the source is as it was."""
        graded = picture.point(self._table)
        edge = round(picture.width * min(1.0, time / _WIPE_SECONDS) ** 1.5)
        if edge < picture.width:
            graded.paste(picture.crop((edge, 0, picture.width, picture.height)), (edge, 0))
            line = max(1, picture.width // 480)
            graded.paste((245, 245, 245), (edge, 0, min(edge + line, picture.width), picture.height))
        return graded


def _any_tint(rng: Generator) -> tuple[float, float, float]:
    warm, cold = (1.12, 1.0, 0.86), (0.86, 1.0, 1.14)
    return warm if rng.random() < 0.5 else cold


class Inset:
    """Small pictures with a white edge that slide in at the right; they stand for references."""

    def __init__(self, pictures: list[Image.Image], size: tuple[int, int]) -> None:
        self._width = size[0]
        self._margin = max(2, min(size) // 30)
        side = round(min(size) * _INSET_SHARE)
        self._cards = [_card(picture, side) for picture in pictures[: max(1, (size[1] - self._margin) // (side + self._margin))]]

    def lay(self, picture: Image.Image, time: float) -> Image.Image:
        shown = picture.copy()
        top = self._margin
        for number, (card, mask) in enumerate(self._cards):
            share = float(np.clip((time - 0.15 * number) / _SLIDE_SECONDS, 0, 1))
            away = (1 - share) ** 3
            left = self._width - round((card.width + self._margin) * (1 - away))
            shown.paste(card, (left, top), mask)
            top += card.height + self._margin
        return shown


def _card(picture: Image.Image, side: int) -> tuple[Image.Image, Image.Image]:
    edge = max(1, side // 60)
    scale = side / max(picture.size)
    inner = cover(picture, (max(2, round(picture.width * scale)), max(2, round(picture.height * scale))))
    card = Image.new("RGB", (inner.width + 2 * edge, inner.height + 2 * edge), (245, 245, 245))
    card.paste(inner, (edge, edge))
    mask = Image.new("L", card.size, 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, card.width - 1, card.height - 1), radius=max(2, side // 18), fill=255)
    return card, mask
