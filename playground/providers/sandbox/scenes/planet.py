"""A planet turning through its terminator, seen from orbit."""

from __future__ import annotations

import numpy as np

from playground.providers.sandbox.pixels import Field, cloud_texture, colour, mix, sample, smoothstep

from .base import Scene

_ROWS, _COLUMNS = 512, 1024


class Planet(Scene):
    exposure = 1.15
    vignette = 0.22

    def prepare(self) -> None:
        rng = self.rng
        # In narrow pictures the whole globe should still be seen as one.
        narrow = min(1.0, 0.42 + 0.42 * float(self.canvas.x[0, -1]))
        self._radius = 0.96 * narrow
        self._centre = (float(rng.uniform(0.10, 0.34)) * narrow, -0.20 * narrow)
        sun = np.array([-0.74, 0.50, 0.30])
        self._sun = sun / np.linalg.norm(sun)
        self._is_giant = bool(rng.random() < 0.25)
        self._air = colour(1.0, 0.50, 0.22) if self._is_giant else colour(0.22, 0.52, 1.0)
        self._prepare_space()
        self._prepare_sphere()
        self._prepare_texture()

    def _prepare_space(self) -> None:
        canvas, rng = self.canvas, self.rng
        rows, columns = canvas.shape
        cloud = cloud_texture(rng, 512, 1024, 1.6)
        dust = cloud_texture(rng, 512, 1024, 1.3)
        self._sky = np.empty((3, rows, columns), np.float32)
        yy, xx = canvas.y * 190 + 256, canvas.x * 190 + 512
        row, column = np.broadcast_arrays(yy, xx)
        far, near = sample(cloud, row, column), sample(dust, row * 1.4, column * 1.4)
        self._sky[:] = colour(0.004, 0.005, 0.012)
        self._sky += colour(0.12, 0.045, 0.21) * far**3 * 1.5 + colour(0.26, 0.11, 0.06) * (near * far) ** 3 * 2.6
        count = rows * columns // 260
        stars = np.zeros((rows, columns), np.float32)
        brightness = rng.random(count).astype(np.float32) ** 6 * 1.7 + 0.05
        np.maximum.at(stars, (rng.integers(0, rows, count), rng.integers(0, columns, count)), brightness)
        self._stars = stars * (0.4 + near)
        self._phase = rng.uniform(0, 6.283, stars.shape).astype(np.float32)
        glare = np.hypot(canvas.x + 1.25, canvas.y - 0.95)
        self._sky += colour(1.0, 0.82, 0.60) * np.exp(-glare * 2.4) * 0.42

    def _prepare_sphere(self) -> None:
        canvas = self.canvas
        dx, dy = canvas.x - np.float32(self._centre[0]), canvas.y - np.float32(self._centre[1])
        distance = np.hypot(dx, dy).astype(np.float32)
        pixel = float(canvas.x[0, 1] - canvas.x[0, 0])
        self._cover = smoothstep(self._radius + pixel, self._radius - pixel, distance)
        rows, columns = np.flatnonzero(self._cover.any(axis=1)), np.flatnonzero(self._cover.any(axis=0))
        self._box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        outside = np.maximum(distance - self._radius, 0)
        way = (dx * self._sun[0] + dy * self._sun[1]) / np.maximum(distance, 1e-3)
        halo = np.exp(-outside * 17) * smoothstep(-0.25, 0.75, way)
        self._sky += self._air * (halo * 1.25 * (1 - self._cover))
        box = self._box
        nx, ny = np.broadcast_arrays(dx, dy)
        nx, ny = nx[box] / self._radius, ny[box] / self._radius
        nz = np.sqrt(np.maximum(1 - nx**2 - ny**2, 0))
        # The axis leans, so that bands and rotation are not parallel to the picture's edge.
        lean = 0.36
        ax, ay = nx * np.cos(lean) - ny * np.sin(lean), nx * np.sin(lean) + ny * np.cos(lean)
        self._row = (np.arcsin(np.clip(ay, -1, 1)) / np.pi + 0.5) * _ROWS
        self._column = np.arctan2(ax, nz + 1e-6) / (2 * np.pi) * _COLUMNS
        facing = nx * self._sun[0] + ny * self._sun[1] + nz * self._sun[2]
        self._day = np.maximum(facing, 0) ** 0.85 * 2.3
        self._night = smoothstep(0.06, -0.22, facing) * np.clip(nz * 1.6, 0, 1)
        dusk = np.exp(-(((facing - 0.05) / 0.10) ** 2))
        rim = (1 - nz) ** 3
        self._air_light = self._air * (rim * smoothstep(-0.12, 0.35, facing) * 1.9)
        self._air_light += colour(0.9, 0.30, 0.10) * (dusk * 0.10 * (0.3 + rim))
        self._thin = 1 - 0.55 * rim

    def _prepare_texture(self) -> None:
        rng = self.rng
        high = cloud_texture(rng, _ROWS, _COLUMNS, 1.75, stretch=0.5)
        fine = cloud_texture(rng, _ROWS, _COLUMNS, 1.2, stretch=0.5)
        latitude = np.abs(np.linspace(-1, 1, _ROWS, dtype=np.float32))[:, None]
        self._surface = self._giant(high, fine) if self._is_giant else self._earth(high, fine, latitude)
        swirl = cloud_texture(rng, _ROWS, _COLUMNS, 1.55, stretch=0.9)
        rows, columns = np.mgrid[:_ROWS, :_COLUMNS].astype(np.float32)
        veil = sample(cloud_texture(rng, _ROWS, _COLUMNS, 1.45, stretch=0.7), rows + swirl * 110, columns + high * 150)
        self._veil = smoothstep(0.53, 0.80, veil * 0.72 + swirl * 0.30)
        self._veil *= 0.0 if self._is_giant else 0.92

    def _earth(self, high: Field, fine: Field, latitude: Field) -> Field:
        land = smoothstep(0.545, 0.575, high + (fine - 0.5) * 0.14)
        dry = smoothstep(0.40, 0.60, fine * 0.6 + 0.45 * (1 - np.abs(latitude - 0.30) * 1.6))
        ground = mix(colour(0.055, 0.14, 0.045), colour(0.46, 0.33, 0.17), dry) * (0.7 + 0.6 * fine)
        water = mix(colour(0.010, 0.050, 0.15), colour(0.015, 0.13, 0.21), smoothstep(0.40, 0.55, high))
        picture = mix(water, ground, land)
        ice = smoothstep(0.76, 0.90, latitude + (fine - 0.5) * 0.35)
        picture = mix(picture, colour(0.80, 0.86, 0.92), ice)
        grid = self.rng.random((_ROWS, _COLUMNS), np.float32)
        lamps = (grid > 0.95) * smoothstep(0.50, 0.72, fine) * land * (1 - ice) * (0.4 + self.rng.random(fine.shape))
        return np.ascontiguousarray(np.concatenate([picture, lamps[None]]).transpose(1, 2, 0).astype(np.float32))

    def _giant(self, high: Field, fine: Field) -> Field:
        rows = np.linspace(0, 1, _ROWS, dtype=np.float32)[:, None]
        band = np.sin(rows * 34 + high * 4.2 + fine * 1.1) * 0.5 + 0.5 * np.sin(rows * 13 + high * 2)
        picture = mix(colour(0.42, 0.19, 0.09), colour(0.95, 0.74, 0.50), 0.5 + 0.5 * band)
        picture = picture * (0.85 + 0.3 * fine)
        return np.ascontiguousarray(np.concatenate([picture, np.zeros((1, *fine.shape))]).transpose(1, 2, 0).astype(np.float32))

    def frame(self, time: float) -> Field:
        turn = time * 11.0 + 300
        ground = sample(self._surface, self._row, self._column + turn)
        veil = sample(self._veil, self._row, self._column + turn * 1.22)
        # A second look towards the sun gives clouds a shadow on the ground.
        shadow = 1 - 0.5 * sample(self._veil, self._row + 2.2, self._column + turn * 1.22 - 3.5)
        albedo = ground[..., :3].transpose(2, 0, 1) * shadow
        albedo += (colour(0.92, 0.94, 0.97) - albedo) * veil
        face = albedo * (self._day * self._thin)
        face += colour(1.0, 0.60, 0.22) * (ground[..., 3] * self._night * (1 - veil * 0.7) * 2.2)
        face += self._air_light
        light: Field = self._sky + self._stars * (0.8 + 0.2 * np.sin(self._phase + time * 2.3))
        part = light[(slice(None), *self._box)]
        part += (face - part) * self._cover[self._box]
        return light
