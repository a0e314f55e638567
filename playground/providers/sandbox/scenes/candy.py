"""A keyboard made of candy, close up, while somebody types on it."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from playground.providers.sandbox.pixels import Field, colour, smoothstep, soft_blur
from playground.providers.sandbox.solids import Camera, Vector, march, normals, rounded_box, soft_shadow
from playground.providers.sandbox.typing_rhythm import key_strokes

from .base import Scene

_LEVELS = 6
_PLAYED_KEYS = 10
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
        size = self.canvas.height / 360
        self._radii = (max(1, round(1.4 * size)), max(2, round(4.0 * size)))
        self._letters = _letter_sheet()
        self._paint_levels()

    def _cell(self, x: Field, z: Field) -> tuple[Field, Field, Field]:
        row = np.floor(z + np.float32(0.5))
        x = x + np.mod(row, 2) * np.float32(0.37)
        column = np.floor(x + np.float32(0.5))
        return row, column, x - column

    def _distance(self, x: Field, y: Field, z: Field) -> Field:
        row, column, local = self._cell(x, z)
        press: Field | float = 0.0
        if self._pressed is not None:
            press = np.where((row == self._pressed[0]) & (column == self._pressed[1]), np.float32(self._press), 0)
        # Keys taper towards the top; the shrunken step (gain below 1) pays for that.
        lift = y - np.float32(0.26) + press
        taper = np.float32(1.0) + np.clip(lift + np.float32(0.26), 0, 0.6) * np.float32(0.24)
        key = rounded_box(local * taper, lift, (z - row) * taper, (0.435, 0.26, 0.435), 0.13)
        return np.minimum(key * np.float32(0.84), y + np.float32(0.12))

    def _paint_levels(self) -> None:
        """The keyboard with all keys up, and how the typed keys look at every depth of their travel."""
        self._pressed: tuple[int, int] | None = None
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
        self._sharp = self._camera.resolve(light)
        self._base = self._defocus(self._sharp, np.s_[:, :])
        self._plan_strokes()
        self._looks: dict[tuple[int, int], Field] = {}
        for key in self._playable:
            self._press_key(key, way, reach)

    def _press_key(self, key: int, way: tuple[Field, ...], reach: Field) -> None:
        """How one key looks at every depth of its travel, with its neighbours up and its shadow gone with it."""
        pixels = self._pixels[key]
        picked = self._camera.samples_of(pixels)
        near = tuple(axis[picked] for axis in way)
        # A pressed key lies deeper, so distances to the raised one are a safe start.
        begin = np.maximum(reach[picked] - np.float32(0.05), 0.1)
        self._pressed = (key // 256 - 64, key % 256 - 64)
        for level in range(1, _LEVELS):
            self._press = _TRAVEL * level / (_LEVELS - 1)
            at, body, _ = self._trace(near, begin)
            self._looks[key, level] = self._camera.resolve_part(self._shade(at, near, body), pixels)
        self._pressed = None

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
        # Never fully grazing: rays that just miss a key would make its outline glow.
        fresnel = 0.04 + 0.9 * (1 - np.clip(-facing, 0.16, 1)) ** 5
        diffuse = np.maximum(n[0] * _LIGHT[0] + n[1] * _LIGHT[1] + n[2] * _LIGHT[2], 0) * shadow
        window = smoothstep(0.86, 0.95, rx * 0.72 + ry * 0.62 + rz * 0.31)
        room: Field = np.array((0.65, 0.42, 0.46), np.float32)[:, None]
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

    def _defocus(self, picture: Field, box: tuple[slice, slice]) -> Field:
        """Sharp at the focus, softer before and behind, by blending three stages of blur; `box` cuts a part out."""
        blur = self._blur[box]
        part = np.minimum(picture[(slice(None), *box)], 3)
        near, far = (soft_blur(part, radius) for radius in self._radii)
        soft: Field = part + (near - part) * np.clip(blur, 0, 1)
        soft += (far - soft) * np.clip(blur - 1, 0, 1)
        return soft.astype(np.float32)

    def _plan_strokes(self) -> None:
        """Only keys that are whole, large and in focus are typed on."""
        picture = self._keys
        height, width = picture.shape
        keys, counts = np.unique(picture, return_counts=True)
        middle = np.unique(picture[height // 4 : -height // 5, width // 6 : -width // 6])
        border = np.unique(np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]]))
        soft = np.bincount(np.unique(picture, return_inverse=True)[1].ravel(), self._blur.ravel()) / counts
        large = keys[(counts > width * height / 260) & (keys >= 0) & (soft < 0.75)]
        chosen = np.setdiff1d(np.intersect1d(large, middle), border)
        sharpness = {int(key): float(blur) for key, blur in zip(keys, soft, strict=True)}
        self._playable = sorted((int(key) for key in (chosen if len(chosen) else keys[-1:])), key=sharpness.__getitem__)
        self._playable = self._playable[:_PLAYED_KEYS]
        self._pixels = {}
        for key in self._playable:
            # Some pixels more on each side, for the outline and the shadow on the neighbours.
            body = soft_blur((picture == key).astype(np.float32), 2) > 0.01
            self._pixels[key] = np.flatnonzero(body.ravel())

    def view(self, time: float) -> tuple[float, float, float]:
        return (
            0.5 + 0.32 * np.sin(time * 0.31 + 0.4),
            0.5 + 0.30 * np.cos(time * 0.23),
            1.10 - 0.06 * np.cos(time * 0.37),
        )

    def frame(self, time: float) -> Field:
        sharp, boxes = self._sharp, []
        for stroke in key_strokes(self.seed, time + 0.2):
            depth = float(np.interp(time - stroke.seconds, (-0.075, 0.0, 0.05, 0.26), (0, 1, 1, 0)))
            level = round(depth * (_LEVELS - 1))
            if level:
                sharp = sharp.copy() if sharp is self._sharp else sharp
                key = self._playable[int(stroke.key * len(self._playable))]
                sharp.reshape(3, -1)[:, self._pixels[key]] = self._looks[key, level]
                boxes.append(self._box_of(self._pixels[key]))
        light = self._base.copy()
        for box in boxes:
            self._blur_again(light, sharp, box)
        sweep = 0.5 + 0.5 * np.sin(time * 0.9 + self.canvas.x * 1.1 - self.canvas.y * 0.6)
        light *= 0.90 + 0.22 * sweep.astype(np.float32)
        light += colour(0.012, 0.006, 0.008)
        return light

    def _blur_again(self, light: Field, sharp: Field, box: tuple[int, int, int, int]) -> None:
        """Renew the surroundings of a key: a blurred outline reaches beyond it, and needs neighbours to blur with."""
        top, bottom, left, right = box
        margin = 2 * self._radii[1]
        upper, first = max(0, top - 2 * margin), max(0, left - 2 * margin)
        part = self._defocus(sharp, np.s_[upper : bottom + 2 * margin, first : right + 2 * margin])
        row, column = max(0, top - margin), max(0, left - margin)
        target = light[:, row : bottom + margin, column : right + margin]
        inner = part[:, row - upper :, column - first :]
        target[:] = inner[:, : target.shape[1], : target.shape[2]]

    def _box_of(self, pixels: Field) -> tuple[int, int, int, int]:
        rows, columns = np.divmod(pixels, self.canvas.width)
        return int(rows.min()), int(rows.max()) + 1, int(columns.min()), int(columns.max()) + 1


def _letter_sheet() -> Field:
    sheet = np.zeros((26, _GLYPH, _GLYPH), np.float32)
    font = ImageFont.load_default(_GLYPH * 0.92)
    for number in range(26):
        tile = Image.new("L", (_GLYPH, _GLYPH), 0)
        ImageDraw.Draw(tile).text((_GLYPH / 2, _GLYPH / 2), chr(65 + number), fill=255, font=font, anchor="mm")
        # Soft outlines: the look-up on the key takes the nearest point.
        sheet[number] = np.asarray(tile.filter(ImageFilter.GaussianBlur(1.3)), np.float32) / 255
    return sheet
