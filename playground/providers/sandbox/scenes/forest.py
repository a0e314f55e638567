"""Morning light between trunks; the camera glides sideways."""

from __future__ import annotations

import numpy as np

from playground.providers.sandbox.pixels import Field, blend, cloud_texture, colour, mix, sample, smoothstep

from .base import Scene

_LAYERS = 6
_MOODS = (colour(1.10, 0.80, 0.40), colour(0.70, 0.92, 0.52), colour(1.12, 0.68, 0.38), colour(0.92, 0.90, 0.48))


class Forest(Scene):
    exposure = 0.84
    vignette = 0.34

    def prepare(self) -> None:
        canvas, rng = self.canvas, self.rng
        self._mist = _MOODS[int(rng.integers(len(_MOODS)))]
        self._sun = (float(rng.uniform(-0.1, 0.45)), 0.95)
        distance = np.hypot(canvas.x - self._sun[0], canvas.y - 0.45)
        self._back = (self._mist * (0.42 + 0.95 * np.exp(-distance * 1.25))).astype(np.float32)
        self._bark = cloud_texture(rng, 512, 1024, 1.25, stretch=0.12)
        self._leaf = cloud_texture(rng, 512, 1024, 1.15)
        self._grass = cloud_texture(rng, 512, 2048, 0.95, stretch=0.35)
        self._layers = [self._layer(number) for number in range(_LAYERS)]
        dx, dy = canvas.x - self._sun[0], self._sun[1] + 0.30 - canvas.y
        angle = np.arctan2(dx, dy)
        self._angle = (angle * 75 + 512).astype(np.float32)
        self._ray_fade = (np.exp(-np.hypot(dx, dy) * 0.62) * smoothstep(1.35, 0.15, np.abs(angle)) * 1.7).astype(np.float32)
        self._rays = cloud_texture(rng, 64, 1024, 0.95)
        self._fog = cloud_texture(rng, 128, 512, 1.7, stretch=0.5)
        self._motes = rng.random((90, 5)).astype(np.float32)
        self._way = 1.0 if rng.random() < 0.5 else -1.0

    def _layer(self, number: int) -> tuple[Field, Field, float]:
        """One row of trees with its ground and leaves, wider than the picture by what the camera travels."""
        canvas = self.canvas
        near = number / (_LAYERS - 1)
        speed = 0.012 + 0.085 * near**1.6
        width = canvas.width * 2
        unit = float(canvas.x[0, 1] - canvas.x[0, 0])
        x = ((np.arange(width) - width / 4) * unit + float(canvas.x[0, 0])).astype(np.float32)[None, :]
        y = canvas.y
        picture = np.zeros((3, canvas.height, width), np.float32)
        alpha = np.zeros((canvas.height, width), np.float32)
        yy, xx = np.broadcast_arrays(y, x)
        leaf = sample(self._leaf, yy * 130 + number * 70, xx * 130 + number * 290)
        self._plant(picture, alpha, x, y, near, speed)
        ground = -0.40 - near * 0.50 + 0.05 * np.sin(x * 1.7 + number * 3) + 0.03 * np.sin(x * 5.1 + number)
        blade = self._grass[(number * 40) % 512, (np.arange(width) * 2 + number * 99) % 2048]
        cover = smoothstep(0.025, -0.02, y - ground - (blade - 0.5) * (0.05 + 0.16 * near))
        speck = sample(self._leaf, yy * 420, xx * 260 + number * 50)
        soil = mix(self._mist * 0.46, colour(0.020, 0.030, 0.012), near**0.6)
        blend(picture, soil * (0.45 + 1.1 * speck), cover)
        alpha += (1 - alpha) * cover
        crown = smoothstep(0.48, 0.72, leaf) * smoothstep(0.15, 0.85, y + 0.25 * near + 0.25 * (leaf - 0.5))
        green = mix(self._mist * 0.55, colour(0.020, 0.045, 0.014), near**0.7)
        blend(picture, green * (0.6 + 0.8 * speck), crown * 0.80)
        alpha += (1 - alpha) * crown * 0.80
        return picture * alpha, 1 - alpha, speed / unit

    def _plant(self, picture: Field, alpha: Field, x: Field, y: Field, near: float, speed: float) -> None:
        rng = self.rng
        gap = 0.13 + 0.50 * near
        place = float(x[0, 0])
        tone = mix(self._mist * 0.60, colour(0.020, 0.018, 0.014), near**0.62)
        lit = self._mist * (0.34 * (1 - near * 0.5))
        while place < x[0, -1]:
            place += gap * rng.uniform(0.45, 1.75)
            half = (0.010 + 0.082 * near**1.25) * rng.uniform(0.55, 1.35)
            lean, bend = rng.uniform(-0.045, 0.045), rng.uniform(0, 6.283)
            unit = float(x[0, 1] - x[0, 0])
            reach = half * 1.35 + 0.08
            left = max(0, int((place - reach - float(x[0, 0])) / unit))
            span = np.s_[..., left : left + int(2 * reach / unit) + 2]
            middle = place + y * lean + 0.012 * np.sin(y * 2.6 + bend)
            local = (x[span] - middle) / (half * (1 + 0.22 * smoothstep(0.2, -1.0, y)))
            if not local.size:
                continue
            row, column = np.broadcast_arrays(y * 60 + bend * 50, local * (9 + 16 * near) + bend * 99)
            bark = sample(self._bark, row, column)
            edge = 0.0065 / half
            trunk = smoothstep(1 + edge, 1 - edge, np.abs(local) + (bark - 0.5) * 0.10)
            # The side that looks at the sun catches a rim of light.
            rim = smoothstep(0.25, 1.0, local * np.sign(self._sun[0] - place))
            blend(picture[span], tone * (0.50 + 0.95 * bark) + lit * (rim * (0.35 + bark)), trunk)
            alpha[span] += (1 - alpha[span]) * trunk

    def frame(self, time: float) -> Field:
        canvas = self.canvas
        light = self._back.copy()
        for number, (picture, clear, speed) in enumerate(self._layers):
            start = canvas.width / 2 + self._way * min(time * speed, canvas.width * 0.45)
            whole = int(np.floor(start))
            part = np.float32(start - whole)
            here, there = np.s_[..., whole : whole + canvas.width], np.s_[..., whole + 1 : whole + 1 + canvas.width]
            light *= clear[here] * (1 - part) + clear[there] * part
            light += picture[here] * (1 - part)
            light += picture[there] * part
            if number < _LAYERS - 1:
                # Mist lies between the rows, and thins towards the camera.
                veil = np.float32(0.15 * (1 - number / _LAYERS))
                light += (self._mist - light) * veil
        self._shine(light, time)
        return light

    def _shine(self, light: Field, time: float) -> None:
        canvas = self.canvas
        place = self._angle + np.float32(time * 1.6)
        index = place.astype(np.int32)
        part = place - index
        line = self._rays[int(time * 0.8) % 64] * (1 - time * 0.8 % 1) + self._rays[int(time * 0.8 + 1) % 64] * (time * 0.8 % 1)
        ray = line[index & 1023] * (1 - part) + line[(index + 1) & 1023] * part
        ray = smoothstep(0.30, 0.95, ray) * self._ray_fade
        row = (np.linspace(0, 60, canvas.height).astype(np.int32)[:, None] + int(time * 2)) & 127
        column = (np.linspace(0, 180, canvas.width).astype(np.int32)[None, :] + int(time * 14)) & 511
        light += self._mist * (ray * (0.42 + 0.35 * self._fog[row, column]))
        height, width = light.shape[1:]
        for x, y, depth, phase, power in self._motes:
            column_ = int(((x + time * (0.010 + 0.03 * depth) + 0.01 * np.sin(time + phase * 9)) % 1) * (width - 2))
            row_ = int(((y - time * 0.016 * depth + 0.012 * np.sin(time * 1.3 + phase * 20)) % 1) * (height - 2))
            glow = power * power * (0.6 + 0.4 * np.sin(time * 2.5 + phase * 30)) * ray[row_, column_]
            light[:, row_ : row_ + 2, column_ : column_ + 2] += self._mist * np.float32(glow * 1.6)
