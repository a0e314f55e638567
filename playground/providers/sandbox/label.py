"""The word SANDBOX in the upper right corner of every frame: a stand-in must never pass for a model's work.

There, since players lay their controls over the lower edge and pages their badges over the upper left.
"""

from __future__ import annotations

from typing import Any

import av
import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

_TEXT = "SANDBOX"
# Luma of 16..235: white text on a soft dark cushion reads on snow and at night.
_WHITE, _BLACK = 228.0, 16.0


class Label:
    """Stamps planar YUV frames in place; only the small rectangle of the text is touched."""

    def __init__(self, width: int, height: int) -> None:
        size = max(9, round(min(width, height) / 42))
        font = ImageFont.load_default(size)
        tracking = size * 0.18
        length = sum(font.getlength(letter) + tracking for letter in _TEXT)
        pad = size
        box = (round(length) + 2 * pad, round(size * 1.25) + 2 * pad)
        text = Image.new("L", box, 0)
        pen = ImageDraw.Draw(text)
        x = float(pad)
        for letter in _TEXT:
            pen.text((x, pad), letter, fill=255, font=font)
            x += font.getlength(letter) + tracking
        halo = text.filter(ImageFilter.GaussianBlur(size / 3.2))
        ink = np.asarray(text, np.float32) / 255 * 0.80
        shade = np.clip(np.asarray(halo, np.float32) / 255 * 1.5, 0, 1) * 0.42
        margin = max(2, round(min(width, height) / 30))
        # Even offsets keep the quarter-size chroma aligned.
        self._left = max(0, width - margin - box[0] + pad) // 2 * 2
        self._top = max(0, margin - pad) // 2 * 2
        visible = np.s_[: max(0, height - self._top), : max(0, width - self._left)]
        ink, shade = ink[visible], shade[visible]
        self._keep = (1 - shade) * (1 - ink)
        self._add = _BLACK * shade * (1 - ink) + _WHITE * ink
        self._grey = np.maximum(ink, shade * 0.6)[: ink.shape[0] // 2 * 2 : 2, : ink.shape[1] // 2 * 2 : 2]

    def stamp(self, frame: av.VideoFrame) -> None:
        luma = _plane(frame, 0, self._top, self._left, self._keep.shape)
        luma[:] = (luma * self._keep + self._add + 0.5).astype(np.uint8)
        for number in (1, 2):
            chroma = _plane(frame, number, self._top // 2, self._left // 2, self._grey.shape)
            chroma[:] = (chroma + (128.0 - chroma) * self._grey + 0.5).astype(np.uint8)


def _plane(frame: av.VideoFrame, number: int, top: int, left: int, shape: tuple[int, ...]) -> Any:
    plane = frame.planes[number]
    # Rows are padded to the codec's alignment; writing goes straight into the frame's own memory.
    pixels = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
    return pixels[top : top + shape[0], left : left + shape[1]]
