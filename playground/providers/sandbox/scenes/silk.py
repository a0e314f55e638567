"""Satin in slow motion: one folded surface under two soft lights."""

from __future__ import annotations

import numpy as np

from playground.providers.sandbox.pixels import Field, colour

from .base import Scene

_DYES = (
    (colour(0.62, 0.04, 0.10), colour(1.0, 0.62, 0.55)),
    (colour(0.05, 0.22, 0.42), colour(0.62, 0.90, 1.0)),
    (colour(0.72, 0.50, 0.26), colour(1.0, 0.92, 0.74)),
    (colour(0.26, 0.08, 0.46), colour(0.95, 0.72, 1.0)),
    (colour(0.03, 0.26, 0.20), colour(0.72, 1.0, 0.86)),
)


class Silk(Scene):
    exposure = 1.0
    vignette = 0.36

    def prepare(self) -> None:
        rng = self.rng
        self._dye, self._sheen = _DYES[self.pick([dye for dye, _sheen in _DYES])]
        self._phase = rng.uniform(0, 6.283, 8).astype(np.float32)
        turn = rng.uniform(0.35, 0.85)
        # Narrow pictures show more of the cloth, so that its folds stay visible as folds.
        scale = 0.95 * max(1.0, 1.75 - 0.75 * float(self.canvas.x[0, -1]))
        x, y = self.canvas.x * scale, self.canvas.y * scale
        self._across = (x * np.cos(turn) + y * np.sin(turn)).astype(np.float32)
        self._along = (y * np.cos(turn) - x * np.sin(turn)).astype(np.float32)
        self._step = float(self.canvas.x[0, 1] - self.canvas.x[0, 0]) * scale / 0.95

    def _height(self, time: float) -> Field:
        a, b, p = self._across, self._along, [float(phase) for phase in self._phase]
        drift = time
        warp = np.sin(a * 1.35 + b * 0.75 + p[0] + drift * 0.55) + np.sin(b * 1.9 - a * 0.6 + p[1] - drift * 0.42)
        u = a + warp * 0.24
        second = np.sin(u * 2.1 - b * 1.6 + p[2] + drift * 0.7)
        v = b + second * 0.34 + warp * 0.10
        height: Field = np.sin(u * 3.4 + second * 1.5 + p[3] + drift * 0.8) * 0.50
        height += np.sin(u * 5.8 - v * 2.2 + warp * 1.3 + p[4] - drift * 0.95) * 0.21
        height += np.sin(v * 4.3 + second * 2.1 + p[5] + drift * 0.6) * 0.25
        height += np.sin(u * 10.5 + v * 3.7 + second * 2.4 + p[6] + drift * 1.3) * 0.045
        height *= np.float32(0.30)
        return height

    def frame(self, time: float) -> Field:
        height = self._height(time)
        slope = np.float32(-0.74 / self._step)
        ny, nx = np.empty_like(height), np.empty_like(height)
        nx[:, 1:-1] = (height[:, 2:] - height[:, :-2]) * (slope / 2)
        nx[:, 0], nx[:, -1] = nx[:, 1], nx[:, -2]
        ny[1:-1] = (height[2:] - height[:-2]) * (-slope / 2)
        ny[0], ny[-1] = ny[1], ny[-2]
        nz = 1 / np.sqrt(nx * nx + ny * ny + 1)
        nx, ny = nx * nz, ny * nz
        turn = float(time * 0.16)
        diffuse = np.maximum(nx * np.float32(-0.46 + 0.1 * np.sin(turn)) + ny * 0.56 + nz * 0.69, 0)
        key = np.maximum(nx * -0.26 + ny * 0.31 + nz * 0.915, 0)
        rim = np.maximum(nx * 0.55 - ny * 0.16 + nz * 0.82, 0)
        key = key**12
        highlight = key * key * key
        rim = rim * rim
        rim = rim * rim
        rim = rim * rim
        edge = (1 - nz) ** 2
        hollow = np.clip((height + 0.26) * 2.4, 0.06, 1.2)
        light: Field = self._dye * ((0.05 + 0.72 * diffuse + 0.50 * edge + 0.42 * rim) * hollow)
        light += self._sheen * ((1.05 * highlight + 0.10 * key) * hollow)
        return light
