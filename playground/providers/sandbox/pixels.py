"""Small picture mathematics shared by the scenes. Fields are float32; colours are planar (3, height, width)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Field = npt.NDArray[Any]
Generator = np.random.Generator


@dataclass(frozen=True, slots=True)
class Stage:
    """The canvas of a scene: its size in drawn pixels and centred coordinates with y upwards (1 = half the height)."""

    width: int
    height: int
    x: Field
    y: Field

    @property
    def shape(self) -> tuple[int, int]:
        return self.height, self.width


def stage(width: int, height: int) -> Stage:
    # Portrait pictures show a little more of the height, otherwise wide scenes feel cropped.
    zoom = 0.78 if height > width else 1.0
    x = ((np.arange(width) + 0.5) * 2 - width) / height * zoom
    y = -((np.arange(height) + 0.5) * 2 - height) / height * zoom
    return Stage(width, height, x.astype(np.float32)[None, :], y.astype(np.float32)[:, None])


def colour(red: float, green: float, blue: float) -> Field:
    return np.array([red, green, blue], np.float32)[:, None, None]


def smoothstep(low: float, high: float, value: Field) -> Field:
    t: Field = np.clip((value - low) * np.float32(1.0 / (high - low)), 0, 1)
    t = t * t * (3 - 2 * t)
    return t


def mix(low: Field, high: Field, share: Field | float) -> Field:
    mixed: Field = low + (high - low) * share
    return mixed


def blend(picture: Field, over: Field, alpha: Field) -> None:
    """Lay `over` upon `picture` in place; both planar, alpha flat."""
    picture += (over - picture) * alpha


def cloud_texture(rng: Generator, height: int, width: int, roughness: float, *, stretch: float = 1.0) -> Field:
    """Tileable noise with a power-law spectrum, values 0..1 with mean near one half."""
    fy = np.fft.fftfreq(height)[:, None] * height * stretch
    fx = np.fft.rfftfreq(width)[None, :] * width
    radius = np.hypot(fx, fy)
    radius[0, 0] = 1
    amplitude = radius**-roughness
    amplitude[0, 0] = 0
    phase = rng.uniform(0, 2 * np.pi, amplitude.shape)
    field = np.fft.irfft2(amplitude * np.exp(1j * phase), s=(height, width))
    field /= field.std() * 5
    return np.clip(field + 0.5, 0, 1).astype(np.float32)


class Lookup:
    """Bilinear look-up at fixed places of textures that repeat; sides must be powers of two.

    Channels may be last. Four of them are as fast as one, three are several times slower (unaligned rows).
    """

    def __init__(self, shape: tuple[int, ...], row: Field, column: Field) -> None:
        height, width = shape[:2]
        row_floor, column_floor = np.floor(row), np.floor(column)
        self._down = (row - row_floor).astype(np.float32)
        self._right = (column - column_floor).astype(np.float32)
        r0, c0 = row_floor.astype(np.intp) & (height - 1), column_floor.astype(np.intp) & (width - 1)
        r1, c1 = ((r0 + 1) & (height - 1)) * width, (c0 + 1) & (width - 1)
        r0 = r0 * width
        self._corners = (r0 + c0, r0 + c1, r1 + c0, r1 + c1)

    def of(self, texture: Field) -> Field:
        down, right = self._down, self._right
        if texture.ndim == 3:
            texture = texture.reshape(-1, texture.shape[2])
            down, right = down[..., None], right[..., None]
            a, b, c, d = (texture.take(corner, axis=0) for corner in self._corners)
        else:
            a, b, c, d = (texture.take(corner) for corner in self._corners)
        b -= a
        b *= right
        a += b
        d -= c
        d *= right
        c += d
        c -= a
        c *= down
        a += c
        return a


def sample(texture: Field, row: Field, column: Field) -> Field:
    """One bilinear look-up, see `Lookup`."""
    return Lookup(texture.shape, row, column).of(texture)


def box_blur(picture: Field, radius: int, axis: int) -> Field:
    """Mean over 2 * radius + 1 neighbours along an axis, edges repeated."""
    if radius < 1:
        return picture
    pad = [(0, 0)] * picture.ndim
    pad[axis] = (radius + 1, radius)
    total = np.cumsum(np.pad(picture, pad, mode="edge"), axis=axis, dtype=np.float32)
    length = total.shape[axis]
    high = np.take(total, range(2 * radius + 1, length), axis=axis)
    low = np.take(total, range(0, length - 2 * radius - 1), axis=axis)
    return (high - low) / np.float32(2 * radius + 1)


def soft_blur(picture: Field, radius: int) -> Field:
    """Two boxes each way: close to a round blur, and cheap."""
    for axis in (-1, -2):
        picture = box_blur(box_blur(picture, radius, axis), max(1, radius * 2 // 3), axis)
    return picture


class Developer:
    """Turns linear light into 8-bit pixels: filmic curve, vignette, contrast and dithering grain."""

    _TABLE_TOP = 6.0

    def __init__(
        self, canvas: Stage, rng: Generator, exposure: float, *, vignette: float = 0.30, tint: Sequence[float] | None = None
    ) -> None:
        self._vignette = (
            exposure * 65535 / self._TABLE_TOP * (1 - vignette * (np.hypot(canvas.x * 0.5, canvas.y * 0.55) * 1.02).clip(0, 1.4) ** 2.4)
        ).astype(np.float32)
        if tint:
            self._vignette = self._vignette[None] * np.array(tint, np.float32)[:, None, None]
        self._table = self._curve(np.linspace(0, self._TABLE_TOP, 65536))
        # Triangular noise hides the steps of 8-bit gradients once the picture is enlarged.
        height, width = canvas.shape
        self._grain = (rng.random((3, height, width * 2), np.float32) + rng.random((3, height, width * 2), np.float32) - 1) * np.float32(
            0.9
        ) + np.float32(0.5)
        self._rng = rng
        self._width = width
        self._light = np.empty((3, height, width), np.float32)
        self._index = np.empty((3, height, width), np.intp)
        self._pixels = np.empty((height, width, 3), np.uint8)

    @staticmethod
    def _curve(light: Field) -> Field:
        film = np.clip((light * (2.51 * light + 0.03)) / (light * (2.43 * light + 0.59) + 0.14), 0, 1)
        shown = film ** (1 / 1.72)
        shown += (shown * shown * (3 - 2 * shown) - shown) * 0.28
        return (shown * 254).astype(np.float32)

    def develop(self, light: Field) -> npt.NDArray[np.uint8]:
        """Pixels of a picture, channels last, valid until the next call: all big arrays are used again."""
        np.multiply(light, self._vignette, out=self._light)
        np.clip(self._light, 0, 65535, out=self._light)
        np.copyto(self._index, self._light, casting="unsafe")
        np.take(self._table, self._index, out=self._light, mode="clip")
        start = int(self._rng.integers(0, self._width))
        self._light += self._grain[:, :, start : start + self._width]
        np.clip(self._light, 0, 255, out=self._light)
        np.copyto(self._pixels, self._light.transpose(1, 2, 0), casting="unsafe")
        return self._pixels
