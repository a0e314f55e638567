"""Northern lights over a still lake."""

from __future__ import annotations

import numpy as np

from playground.providers.sandbox.pixels import Field, blend, cloud_texture, colour, mix, smoothstep

from .base import Scene

_SHORE = -0.42
_CURTAINS = 4


class Aurora(Scene):
    exposure = 1.25
    vignette = 0.24

    def prepare(self) -> None:
        canvas, rng = self.canvas, self.rng
        self._shore_row = int(np.count_nonzero(canvas.y > _SHORE))
        self._y = canvas.y[: self._shore_row]
        self._rays = cloud_texture(rng, 256, 2048, 1.05, stretch=6)
        self._hue = rng.uniform(0, 1)
        self._curtains = rng.uniform(0, 6.283, (_CURTAINS, 6))
        self._prepare_sky()
        self._prepare_hills()
        self._prepare_lake()

    def _prepare_sky(self) -> None:
        canvas, rng = self.canvas, self.rng
        y = self._y
        self._night = mix(colour(0.010, 0.042, 0.070), colour(0.006, 0.008, 0.034), smoothstep(-0.4, 1.0, y))
        rows, columns = len(y), canvas.width
        count = max(60, rows * columns // 380)
        stars = np.zeros((rows, columns), np.float32)
        strength = rng.random(count).astype(np.float32) ** 5 * 1.8 + 0.06
        np.maximum.at(stars, (rng.integers(0, rows, count), rng.integers(0, columns, count)), strength)
        big = np.flatnonzero(strength > 1.0)
        for _ in big:
            row, column = int(rng.integers(1, rows - 1)), int(rng.integers(1, columns - 1))
            stars[row - 1 : row + 2, column] += 0.18
            stars[row, column - 1 : column + 2] += 0.18
            stars[row, column] += 0.9
        self._stars = stars
        self._twinkle = rng.uniform(0, 6.283, stars.shape).astype(np.float32)
        # Below the curtain oxygen's green, above it nitrogen's violet.
        low = mix(colour(0.07, 1.00, 0.46), colour(0.10, 0.95, 0.70), self._hue)
        high = mix(colour(0.52, 0.16, 0.98), colour(0.95, 0.14, 0.55), self._hue)
        self._tint = mix(low, high, smoothstep(0.0, 0.95, y))

    def _prepare_hills(self) -> None:
        """Three ranges of hills; snow on the far ones takes the colour of the sky."""
        canvas, rng, y = self.canvas, self.rng, self._y
        texture = cloud_texture(rng, 512, 1024, 1.3)
        speckle = texture[np.arange(len(y))[:, None] & 511, np.arange(canvas.width) & 1023]
        self._hill_alpha = np.zeros((len(y), canvas.width), np.float32)
        dark = np.zeros((3, len(y), canvas.width), np.float32)
        snow = np.zeros((len(y), canvas.width), np.float32)
        for layer in range(3):
            x = canvas.x * (0.9 + 0.5 * layer) + layer * 7
            ridge = np.zeros_like(x)
            for octave in range(6):
                wave = rng.uniform(0, 6.283) + x * 1.15 * 2.1**octave * rng.uniform(0.85, 1.15)
                ridge += (1 - np.abs(np.sin(wave))) * 0.5**octave
            top = _SHORE + 0.05 + (0.37 - 0.125 * layer) * (ridge - 0.55 + 0.25 * np.sin(x * 0.9 + layer))
            below = top - y
            alpha = smoothstep(-0.002, 0.010, below)
            share = layer / 2
            blend(dark, mix(colour(0.020, 0.060, 0.075), colour(0.003, 0.009, 0.014), share), alpha)
            cap = smoothstep(0.20, 0.0, below) * smoothstep(0.42, 0.62, speckle) * alpha * (1 - share * 0.75)
            snow += (cap - snow) * alpha
            self._hill_alpha += (1 - self._hill_alpha) * alpha
        self._hills, self._snow = dark, snow

    def _prepare_lake(self) -> None:
        canvas, rng = self.canvas, self.rng
        rows = canvas.height - self._shore_row
        depth = (_SHORE - canvas.y[self._shore_row :]).astype(np.float32)
        self._ripple = cloud_texture(rng, 256, 1024, 1.35, stretch=0.10) - 0.5
        self._ripple_rows = np.minimum(1 / (depth + 0.05) * 16, 250).astype(np.float32)
        self._ripple_size = (depth + 0.05) * canvas.height * 0.16
        self._mirror_rows = np.clip(self._shore_row - 1 - np.arange(rows) * 0.97, 0, self._shore_row - 1)[:, None]
        self._columns = np.arange(canvas.width, dtype=np.float32)[None, :]
        self._lake_tint = (0.66 - 0.25 * np.clip(depth, 0, 1))[None].astype(np.float32) * colour(0.82, 1.0, 1.05)

    def _glow(self, time: float) -> Field:
        x = self.canvas.x
        total = np.zeros((len(self._y), self.canvas.width), np.float32)
        for number, phase in enumerate(self._curtains):
            sway = np.sin(x * 1.1 + phase[0] + time * 0.16) * 0.16 + np.sin(x * 2.7 + phase[1] - time * 0.27) * 0.07
            fold = np.sin(x * 5.9 + phase[2] + time * 0.52 + sway * 9) * 0.028
            base = (-0.02 + 0.17 * number + sway + fold).astype(np.float32)
            # Rays stand on the folded curtain: looked up along it, so that they bunch where it turns.
            along = (x * 82 + sway * 300 + time * (9 - 3 * number) + phase[3] * 300).astype(np.float32)
            line = self._rays[(int(phase[4] * 40) + int(time * 24 * 0.4)) % 256]
            index = np.floor(along).astype(np.int32)
            part = along - index
            rays = line[index & 2047] * (1 - part) + line[(index + 1) & 2047] * part
            rays = 0.22 + 1.6 * smoothstep(0.30, 0.85, rays) ** 1.3
            patch = 0.35 + 0.65 * smoothstep(-0.7, 0.8, np.sin(x * 1.4 + phase[5] + time * 0.22) + 0.3 * np.sin(x * 3.1))
            strength = (rays * patch * (0.80 - 0.13 * number)).astype(np.float32)
            above = self._y - base
            reach = (4.1 - 1.5 * rays.clip(0, 1.4)).astype(np.float32)
            total += np.exp(-np.maximum(above * reach, above * -24)) * strength
        return total

    def frame(self, time: float) -> Field:
        canvas = self.canvas
        light = np.empty((3, *canvas.shape), np.float32)
        glow = self._glow(time)
        sky = light[:, : self._shore_row]
        np.multiply(self._tint, glow * 0.80, out=sky)
        sky += self._night
        sky += self._stars * (0.75 + 0.25 * np.sin(self._twinkle + time * 3.1))
        shine = glow.mean(axis=0, keepdims=True)
        hills = self._hills * (1 + 1.6 * shine)
        hills += (colour(0.045, 0.20, 0.165) * (0.35 + 1.5 * shine)) * self._snow
        blend(sky, hills, self._hill_alpha)
        self._mirror(sky, light[:, self._shore_row :], time)
        return light

    def _mirror(self, sky: Field, lake: Field, time: float) -> None:
        rows = (self._ripple_rows + time * 3.5).astype(np.int32) & 255
        shift = int(time * 14)
        ripple = self._ripple[rows[:, 0]][:, (np.arange(self.canvas.width) + shift) & 1023]
        offset = ripple * self._ripple_size
        row = np.clip(self._mirror_rows + offset * 2.2, 0, self._shore_row - 1).astype(np.int32)
        column = np.clip(self._columns + offset * 1.1, 0, self.canvas.width - 1).astype(np.int32)
        flat = row * self.canvas.width + column
        for channel in range(3):
            lake[channel] = sky[channel].take(flat)
        lake *= self._lake_tint
        lake += colour(0.0, 0.010, 0.013) * (1 + 2.2 * ripple)
