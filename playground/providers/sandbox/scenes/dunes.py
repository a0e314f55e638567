"""A flight over dunes in the evening."""

from __future__ import annotations

import numpy as np

from playground.providers.sandbox.pixels import Field, cloud_texture, colour, mix, sample, smoothstep, soft_blur
from playground.providers.sandbox.terrain import Ground

from .base import Scene

_SIZE = 512
_METRES = 96.0
_FOCAL = 1.35
_TILT = 0.44
_SUN = (-0.62, 0.23, 0.75)


class Dunes(Scene):
    exposure = 0.74

    def prepare(self) -> None:
        canvas, rng = self.canvas, self.rng
        self._ground = Ground(canvas, near=1.6, far=230, depth_count=270, focal=_FOCAL, tilt=_TILT)
        self._unit = np.float32(_SIZE / _METRES)
        sun = np.array(_SUN)
        self._sun = sun / np.linalg.norm(sun)
        self._start = float(rng.uniform(0, _METRES))
        self._turn = float(rng.uniform(0, 6.283))
        self._prepare_ground()
        self._prepare_sky()

    def _prepare_ground(self) -> None:
        """Height and lit colour of a tile of desert; light and shadow do not move, so they are baked."""
        rng = self.rng
        warp = cloud_texture(rng, _SIZE, _SIZE, 2.4)
        other = cloud_texture(rng, _SIZE, _SIZE, 2.2)
        rows, columns = np.mgrid[:_SIZE, :_SIZE].astype(np.float32) / _SIZE
        crest = np.zeros((_SIZE, _SIZE), np.float32)
        for along, across, bend, share in ((2, 5, 9.0, 1.0), (-3, 6, 12.0, 0.50), (4, 11, 16.0, 0.20)):
            phase = (columns * across + rows * along) * np.pi + warp * bend * 0.62 + other * bend * 0.3
            # Rounded a little at the crest: a sharp one, seen at discrete depths, would look like a saw.
            ridge = 1.09 - np.sqrt(np.sin(phase) ** 2 + 0.008)
            crest += share * ridge**1.5
        height = crest * 1.75 * (0.45 + 0.95 * other) + warp * 1.4
        step = _METRES / _SIZE
        sx = (np.roll(height, -1, 1) - np.roll(height, 1, 1)) / (2 * step)
        sz = (np.roll(height, -1, 0) - np.roll(height, 1, 0)) / (2 * step)
        # Wind ripples only bend the light; they are too fine to be hills.
        ripple = np.cos((columns * 190 + rows * 120) * np.pi + warp * 60) * 0.085
        nx, ny, nz = -(sx + ripple), np.ones_like(sx), -(sz + ripple * 0.6)
        length = np.sqrt(nx**2 + ny**2 + nz**2)
        facing = np.maximum((nx * self._sun[0] + ny * self._sun[1] + nz * self._sun[2]) / length, 0)
        shade = self._shadow(height, step)
        fine = cloud_texture(rng, _SIZE, _SIZE, 0.9)
        sand = mix(colour(0.80, 0.40, 0.17), colour(0.94, 0.60, 0.33), other) * (0.86 + 0.28 * fine)
        lit = sand * (facing * shade * colour(3.6, 1.95, 0.92) + colour(0.17, 0.18, 0.33) * (0.6 + 0.4 * ny / length))
        lit += sand * colour(0.07, 0.035, 0.012) * height / 3
        # Far away only broad forms can be told apart; finer ones would flicker on the horizon.
        self._height = np.zeros((_SIZE, _SIZE, 2), np.float32)
        self._height[..., 0], self._height[..., 1] = height, soft_blur(np.tile(height, (2, 2)), 7)[:_SIZE, :_SIZE]
        self._lit = np.zeros((_SIZE, _SIZE, 4), np.float32)
        self._lit[..., :3] = lit.transpose(1, 2, 0)

    def _shadow(self, height: Field, step: float) -> Field:
        shade = np.ones_like(height)
        flat = np.hypot(self._sun[0], self._sun[2])
        for number in range(1, 34):
            distance = number * 1.6
            dx, dz = round(self._sun[0] / flat * distance), round(self._sun[2] / flat * distance)
            line = height + np.hypot(dx, dz) * step * self._sun[1] / flat
            over = line - np.roll(height, (-dz, -dx), (0, 1))
            shade = np.minimum(shade, np.clip(0.5 + over * 5 / (1 + 0.08 * number), 0, 1))
        return shade

    def _prepare_sky(self) -> None:
        canvas = self.canvas
        y = (canvas.y - _TILT) / _FOCAL
        up = np.broadcast_to(y, canvas.shape)
        sky = mix(colour(1.28, 0.66, 0.30), colour(0.24, 0.33, 0.56), smoothstep(-0.02, 0.62, up))
        length = np.sqrt(canvas.x**2 + (canvas.y - _TILT) ** 2 + _FOCAL**2)
        towards = (canvas.x * self._sun[0] + (canvas.y - _TILT) * self._sun[1] + _FOCAL * self._sun[2]) / length
        towards = np.maximum(towards, 0)
        sky = sky + colour(1.7, 0.80, 0.28) * (towards**10 * 0.62 + towards**900 * 7)
        cloud = cloud_texture(self.rng, 256, 512, 1.6, stretch=4)
        row, column = np.broadcast_arrays(110 / (np.maximum(up, 0) + 0.22), canvas.x * 90 / (np.maximum(up, 0) + 0.45))
        veil = smoothstep(0.50, 0.86, sample(cloud, row, column)) * smoothstep(0.02, 0.30, up)
        self._sky = (sky + (colour(1.45, 0.75, 0.48) - sky) * veil * 0.55).astype(np.float32)
        depth = self._ground.depth
        self._haze = (1 - np.exp(-((depth / 72) ** 1.25))).astype(np.float32)
        self._farness = smoothstep(12, 60, depth)
        self._air = np.array((1.12, 0.61, 0.30, 0), np.float32)

    def frame(self, time: float) -> Field:
        ground = self._ground
        yaw = 0.10 * np.sin(time * 0.23 + self._turn)
        ahead = self._start + time * 4.6
        cos, sin = np.float32(np.cos(yaw)), np.float32(np.sin(yaw))
        row = (ground.depth * cos - ground.side * sin + np.float32(ahead)) * self._unit
        column = (ground.side * cos + ground.depth * sin + np.float32(self._turn * 9)) * self._unit
        heights = sample(self._height, row, column)
        height = heights[..., 0] + (heights[..., 1] - heights[..., 0]) * self._farness
        seen = ground.project(height, 4.6 + 0.35 * np.sin(time * 0.4))
        place = np.zeros((*row.shape, 4), np.float32)
        place[..., 0], place[..., 1], place[..., 2] = row, column, self._haze
        at = seen.gather(place)
        sand = sample(self._lit, at[..., 0], at[..., 1])
        # Ripples of the wind, in the foreground only: they are finer than the baked tile.
        wave = np.sin(at[..., 0] * np.float32(2.5) + at[..., 1] * np.float32(1.1) + np.sin(at[..., 1] * np.float32(0.45)) * 2)
        near = np.maximum(1 - at[..., 2] * np.float32(5.5), 0)
        sand *= (1 + np.float32(0.15) * wave * near)[..., None]
        sand += (self._air - sand) * at[..., 2:3]
        light: Field = self._sky.copy()
        seen.lay(light, np.ascontiguousarray(sand.transpose(2, 0, 1)[:3]))
        return light
