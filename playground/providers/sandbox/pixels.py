"""Small picture mathematics shared by the scenes. Fields are float32; colours are planar (3, height, width)."""

from __future__ import annotations

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
    t = np.clip((value - low) * np.float32(1.0 / (high - low)), 0, 1)
    return t * t * (3 - 2 * t)


def mix(low: Any, high: Any, share: Any) -> Any:
    return low + (high - low) * share


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


def sample(texture: Field, row: Field, column: Field) -> Field:
    """Bilinear look-up in a texture whose sides are powers of two and which repeats; channels may be last."""
    height, width = texture.shape[:2]
    flat = texture.reshape(height * width, -1) if texture.ndim == 3 else texture.ravel()
    row_floor, column_floor = np.floor(row), np.floor(column)
    dr, dc = (row - row_floor).astype(np.float32), (column - column_floor).astype(np.float32)
    if texture.ndim == 3:
        dr, dc = dr[..., None], dc[..., None]
    r0, c0 = row_floor.astype(np.int32) & (height - 1), column_floor.astype(np.int32) & (width - 1)
    r1, c1 = ((r0 + 1) & (height - 1)) * width, (c0 + 1) & (width - 1)
    r0 = r0 * width
    upper = flat.take(r0 + c0, axis=0)
    upper += (flat.take(r0 + c1, axis=0) - upper) * dc
    lower = flat.take(r1 + c0, axis=0)
    lower += (flat.take(r1 + c1, axis=0) - lower) * dc
    upper += (lower - upper) * dr
    return upper


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


def waves_1d(rng: Generator, x: Field, octaves: int, base: float, time: float = 0.0) -> Field:
    """A wandering line: a sum of sines with random phases, moving slowly with time."""
    total = np.zeros_like(x)
    for octave in range(octaves):
        frequency = base * 1.9**octave * rng.uniform(0.8, 1.2)
        total += np.sin(x * frequency + rng.uniform(0, 6.283) + time * rng.uniform(0.3, 0.9)) * 0.55**octave
    return total


class Developer:
    """Turns linear light into 8-bit pixels: filmic curve, vignette, contrast and dithering grain."""

    _TABLE_TOP = 6.0

    def __init__(self, canvas: Stage, rng: Generator, exposure: float, *, vignette: float = 0.30) -> None:
        self._vignette = (
            exposure
            * 65535
            / self._TABLE_TOP
            * (1 - vignette * (np.hypot(canvas.x * 0.5, canvas.y * 0.55) * 1.02).clip(0, 1.4) ** 2.4)
        ).astype(np.float32)
        self._table = self._curve(np.linspace(0, self._TABLE_TOP, 65536))
        # Triangular noise hides the steps of 8-bit gradients once the picture is enlarged.
        height, width = canvas.shape
        self._grain = (
            rng.random((3, height, width * 2), np.float32) + rng.random((3, height, width * 2), np.float32) - 1
        ) * np.float32(0.9) + np.float32(0.5)
        self._rng = rng
        self._width = width

    @staticmethod
    def _curve(light: Field) -> Field:
        film = np.clip((light * (2.51 * light + 0.03)) / (light * (2.43 * light + 0.59) + 0.14), 0, 1)
        shown = film ** (1 / 1.72)
        shown += (shown * shown * (3 - 2 * shown) - shown) * 0.28
        return (shown * 254).astype(np.float32)

    def develop(self, light: Field) -> npt.NDArray[np.uint8]:
        index = light * self._vignette
        np.clip(index, 0, 65535, out=index)
        shown = self._table.take(index.astype(np.uint16))
        start = int(self._rng.integers(0, self._width))
        shown += self._grain[:, :, start : start + self._width]
        np.clip(shown, 0, 255, out=shown)
        return np.ascontiguousarray(shown.astype(np.uint8).transpose(1, 2, 0))
