"""A keyboard made of candy, close up, while somebody types on it."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ..pixels import Field, colour, smoothstep, soft_blur
from ..solids import Camera, Vector, march, normals, rounded_box, soft_shadow
from ..typing_rhythm import key_strokes
from .base import Scene

_LEVELS = 7
_TRAVEL = 0.20
_SWEETS = np.array(
    [(1.0, 0.24, 0.42), (0.26, 0.84, 0.70), (1.0, 0.76, 0.20), (0.48, 0.50, 1.0), (1.0, 0.46, 0.20), (0.97, 0.92, 0.88),
     (0.62, 0.86, 0.30)], np.float32
)  # fmt: skip
_LIGHT = (-0.49, 0.79, 0.36)
_GLYPH = 48


class Candy(Scene):
    exposure = 0.70
    vignette = 0.30

    def prepare(self) -> None:
        rng = self.rng
        self._salt = float(rng.uniform(0, 50))
        shift = float(rng.integers(0, 9))
        tall = self.canvas.height > self.canvas.width
        target = (0.3 + shift, 0.2, 0.4)
        eye = (target[0] - 1.6, target[1] + 2.65, target[2] - 3.3)
        self._camera = Camera(self.canvas, eye, target, 2.0 if tall else 2.35)
        self._focus = float(np.linalg.norm(np.subtract(target, eye)))
        self._letters = _letter_sheet()
        self._paint_levels()

    def _cell(self, x: Field, z: Field) -> tuple[Field, Field, Field]:
        row = np.floor(z + np.float32(0.5))
        x = x + np.mod(row, 2) * np.float32(0.37)
        column = np.floor(x + np.float32(0.5))
        return row, column, x - column

    def _distance(self, x: Field, y: Field, z: Field) -> Field:
        row, _, local = self._cell(x, z)
        # Keys taper towards the top; the shrunken step (gain below 1) pays for that.
        lift = y - np.float32(0.26 - self._press)
        taper = np.float32(1.0) + np.clip(lift + np.float32(0.26), 0, 0.6) * np.float32(0.24)
        key = rounded_box(local * taper, lift, (z - row) * taper, (0.435, 0.26, 0.435), 0.13)
        return np.minimum(key * np.float32(0.84), y + np.float32(0.12))

    def _paint_levels(self) -> None:
        """The keyboard with all keys up, and how the typed keys look at every depth of their travel."""
        self._press = 0.0
        way = self._camera.rays()
        begin = np.maximum((0.56 - self._camera.eye[1]) / way[1], 0.1)
        _, body, _ = self._trace(way, begin)
        self._camera.refine(body)
        way = self._camera.rays()
        begin = np.maximum((0.56 - self._camera.eye[1]) / way[1], 0.1)
        at, body, reach = self._trace(way, begin)
        light = self._shade(at, way, body)
        pixels = self.canvas.width * self.canvas.height
        self._keys = body[:pixels].reshape(self.canvas.shape)
        self._blur = np.clip(np.abs(1 / self._focus - 1 / reach[:pixels]) * 15, 0, 2).reshape(self.canvas.shape)
        self._flat = [self._defocus(self._camera.resolve(light)).reshape(3, -1)]
        self._plan_strokes()
        picked = self._camera.samples_of(np.concatenate(list(self._pixels.values())))
        # A pressed key lies deeper, so distances to the raised keys are a safe start.
        near_way, near_start = tuple(axis[picked] for axis in way), reach[picked] - np.float32(0.05)
        for level in range(1, _LEVELS):
            self._press = _TRAVEL * level / (_LEVELS - 1)
            at, body, _ = self._trace(near_way, near_start)
            light[:, picked] = self._shade(at, near_way, body)
            self._flat.append(self._defocus(self._camera.resolve(light)).reshape(3, -1))

    def _trace(self, way: tuple[Field, ...], begin: Field) -> tuple[Vector, Field, Field]:
        eye = self._camera.eye
        reach, _ = march(self._distance, eye, way, begin, np.full_like(begin, 24), steps=38, gain=0.9)
        at: Vector = tuple(np.float32(e) + w * reach for e, w in zip(eye, way, strict=True))  # type: ignore[assignment]
        row, column, _ = self._cell(at[0], at[2])
        body = np.where(at[1] < -0.09, -1, (row.astype(np.int32) + 64) * 256 + column.astype(np.int32) + 64)
        return at, body.astype(np.int32), reach

    def _hash(self, row: Field, column: Field, salt: float) -> Field:
        value = np.sin(row * 127.1 + column * 311.7 + salt + self._salt) * 43758.5453
        return value - np.floor(value)

    def _shade(self, at: Vector, way: tuple[Field, ...], body: Field) -> Field:
        x, y, z = at
        n = normals(self._distance, x, y, z)
        row, column, local = self._cell(x, z)
        kind = (self._hash(row.astype(np.float64), column.astype(np.float64), 0) * len(_SWEETS)).astype(np.intp)
        base = _SWEETS[kind].T ** 1.25
        recipe = self._hash(row.astype(np.float64), column.astype(np.float64), 7.7).astype(np.float32)
        base = self._decorate(base, recipe, local, z - row, x, z, n[1])
        board = body < 0
        base[:, board] = np.array((0.13, 0.06, 0.10), np.float32)[:, None]
        lifted: Vector = tuple(a + m * np.float32(0.012) for a, m in zip(at, n, strict=True))  # type: ignore[assignment]
        shadow = soft_shadow(self._distance, lifted, _LIGHT, softness=6, steps=13, reach=1.3)
        open_ = np.clip(self._distance(*(a + m * np.float32(0.17) for a, m in zip(at, n, strict=True))) / 0.15, 0, 1)
        wx, wy, wz = way
        facing = wx * n[0] + wy * n[1] + wz * n[2]
        rx, ry, rz = (w - 2 * facing * m for w, m in zip(way, n, strict=True))
        shine = np.maximum(rx * _LIGHT[0] + ry * _LIGHT[1] + rz * _LIGHT[2], 0)
        fresnel = 0.04 + 0.9 * (1 - np.clip(-facing, 0, 1)) ** 5
        diffuse = np.maximum(n[0] * _LIGHT[0] + n[1] * _LIGHT[1] + n[2] * _LIGHT[2], 0) * shadow
        window = smoothstep(0.86, 0.95, rx * 0.72 + ry * 0.62 + rz * 0.31)
        room = np.array((0.65, 0.42, 0.46), np.float32)[:, None]
        room = room + (np.array((1.1, 1.02, 1.0), np.float32)[:, None] - room) * smoothstep(-0.2, 0.8, ry) + 1.6 * window
        light = base * (diffuse * np.array((1.55, 1.42, 1.28), np.float32)[:, None])
        light += base * ((0.30 + 0.25 * n[1]) * open_) * np.array((0.75, 0.72, 0.95), np.float32)[:, None]
        # Light that went through the sugar: saturated, strongest low on the sides.
        light += base * base * (0.22 * open_ * (1.3 - np.clip(n[1], 0, 1)))
        light += room * (fresnel * open_ * 0.9) + shine**60 * 1.3 * shadow
        sugar = recipe > 0.72
        sparkle = self._hash(np.floor(x * 90.0), np.floor(z * 90.0 + y * 60.0), 3.3) > 0.982
        light += (sugar & sparkle & ~board) * (0.9 * (0.3 + diffuse))
        haze = 1 - np.exp(-np.maximum(np.hypot(x - self._camera.eye[0], z - self._camera.eye[2]) - 5, 0) * 0.05)
        light += (np.array((0.85, 0.50, 0.52), np.float32)[:, None] - light) * haze
        return light.astype(np.float32)

    def _decorate(self, base: Field, recipe: Field, u: Field, v: Field, x: Field, z: Field, up: Field) -> Field:
        """Stripes for some sweets, sugar for others, and a letter on top of each."""
        stripes = (recipe < 0.16) & (np.sin((u + v) * 21) > 0)
        base = np.where(stripes, base * 0.35 + 0.62, base)
        top = (up > 0.90) & (np.abs(u) < 0.25) & (np.abs(v) < 0.25)
        number = (self._hash(np.floor(z + 0.5).astype(np.float64), np.floor(x), 19.0) * 0).astype(np.intp)
        key = np.floor(z + 0.5).astype(np.intp) * 7 + np.floor(x + np.mod(np.floor(z + 0.5), 2) * 0.37 + 0.5).astype(np.intp)
        number = (number + key * 11) % 26
        column = np.clip(((u + 0.25) * 2 * _GLYPH).astype(np.intp), 0, _GLYPH - 1)
        row = np.clip(((0.25 - v) * 2 * _GLYPH).astype(np.intp), 0, _GLYPH - 1)
        ink = self._letters[number, row, column] * top
        pale = base.mean(axis=0) > 0.80
        icing = np.where(pale, 0.16, 1.0).astype(np.float32)
        return base + (icing - base) * (ink * 0.88)

    def _defocus(self, picture: Field) -> Field:
        """Sharp at the focus, softer before and behind, by blending three stages of blur."""
        blur = self._blur
        size = self.canvas.height / 360
        stages = [picture]
        for radius in (max(1, round(1.4 * size)), max(2, round(4.0 * size))):
            stages.append(soft_blur(np.minimum(picture, 3), radius))
        soft = stages[0] + (stages[1] - stages[0]) * np.clip(blur, 0, 1)
        return (soft + (stages[2] - soft) * np.clip(blur - 1, 0, 1)).astype(np.float32)

    def _plan_strokes(self) -> None:
        """Only keys that are whole, large and in focus are typed on."""
        picture = self._keys
        height, width = picture.shape
        keys, counts = np.unique(picture, return_counts=True)
        middle = np.unique(picture[height // 4 : -height // 5, width // 6 : -width // 6])
        border = np.unique(np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]]))
        large = keys[(counts > width * height / 260) & (keys >= 0)]
        chosen = np.setdiff1d(np.intersect1d(large, middle), border)
        self._playable = [int(key) for key in (chosen if len(chosen) else keys[-1:])]
        self._pixels = {}
        for key in self._playable:
            # Two pixels more on each side: edges are blended with, and blurred into, their neighbours.
            body = soft_blur((picture == key).astype(np.float32), 1)
            self._pixels[key] = np.flatnonzero(body.ravel() > 0.01)

    def frame(self, time: float) -> Field:
        flat = self._flat[0].copy()
        light = flat.reshape(3, *self.canvas.shape)
        for stroke in key_strokes(self.seed, time + 0.2):
            age = time - stroke.seconds
            depth = float(np.interp(age, (-0.075, 0.0, 0.05, 0.26), (0, 1, 1, 0)))
            level = round(depth * (_LEVELS - 1))
            if level:
                key = self._playable[int(stroke.key * len(self._playable))]
                pixels = self._pixels[key]
                flat[:, pixels] = self._flat[level][:, pixels]
        sweep = 0.5 + 0.5 * np.sin(time * 0.9 + self.canvas.x * 1.1 - self.canvas.y * 0.6)
        light *= 0.90 + 0.22 * sweep.astype(np.float32)
        light += colour(0.012, 0.006, 0.008)
        return light


def _letter_sheet() -> Field:
    sheet = np.zeros((26, _GLYPH, _GLYPH), np.float32)
    font = ImageFont.load_default(_GLYPH * 0.92)
    for number in range(26):
        tile = Image.new("L", (_GLYPH, _GLYPH), 0)
        ImageDraw.Draw(tile).text((_GLYPH / 2, _GLYPH / 2), chr(65 + number), fill=255, font=font, anchor="mm")
        sheet[number] = np.asarray(tile, np.float32) / 255
    return sheet
