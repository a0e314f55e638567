"""A bottle on a pedestal in a studio; the lights go round it."""

from __future__ import annotations

import numpy as np

from playground.providers.sandbox.pixels import Field, colour, smoothstep
from playground.providers.sandbox.solids import Camera, Vector, cylinder, march, normals, rounded_box, soft_shadow, sphere

from .base import Scene

_BACKDROPS = ((0.86, 0.43, 0.24), (0.30, 0.50, 0.40), (0.42, 0.38, 0.66), (0.22, 0.44, 0.60), (0.80, 0.42, 0.46))
_LIQUIDS = ((0.95, 0.60, 0.20), (0.95, 0.66, 0.22), (0.82, 0.34, 0.50), (0.95, 0.72, 0.40), (0.60, 0.26, 0.44))
_FLOOR, _PEDESTAL, _BOTTLE, _CAP, _PEARL, _BALL = range(6)
_LIGHT_KEYS = 5
_SWING = 0.62


class Product(Scene):
    exposure = 0.86
    vignette = 0.34

    def prepare(self) -> None:
        rng = self.rng
        kind = self.pick(_LIQUIDS)
        self._backdrop = np.array(_BACKDROPS[kind], np.float32)
        self._liquid = np.array(_LIQUIDS[kind], np.float32)
        side = 1.0 if rng.random() < 0.5 else -1.0
        self._pearl = (-1.02 * side, 0.26, -0.72)
        self._ball = (1.25 * side, 0.40, 0.50)
        self._start = rng.uniform(0, 6.283)
        tall = self.canvas.height > self.canvas.width
        self._camera = Camera(self.canvas, (0.3, 1.75, -6.4), (0.0, 1.16, 0.0), 2.9 if tall else 3.3)
        self._trace(first=True)
        self._camera.refine(self._body + 8 * (self._ny > 0.95))
        self._trace(first=False)
        self._surface()
        self._light_up()

    def _bodies(self, x: Field, y: Field, z: Field) -> tuple[Field, ...]:
        pearl, ball = self._pearl, self._ball
        top = cylinder(x, y - np.float32(1.93), z, 0.13, 0.10, 0.01)
        cap = cylinder(x, y - np.float32(2.17), z, 0.22, 0.19, 0.035)
        return (
            cylinder(x, y - np.float32(0.22), z, 0.95, 0.22, 0.03),
            rounded_box(x, y - np.float32(1.16), z, (0.44, 0.70, 0.24), 0.10),
            np.minimum(top, cap),
            sphere(x - np.float32(pearl[0]), y - np.float32(pearl[1]), z - np.float32(pearl[2]), pearl[1]),
            sphere(x - np.float32(ball[0]), y - np.float32(ball[1]), z - np.float32(ball[2]), ball[1]),
        )

    def _distance(self, x: Field, y: Field, z: Field) -> Field:
        first, *others = self._bodies(x, y, z)
        for other in others:
            np.minimum(first, other, out=first)
        return first

    def _trace(self, *, first: bool) -> None:
        eye, way = self._camera.eye, self._camera.rays()
        down = np.minimum(way[1], -1e-4)
        to_floor = np.where(way[1] < -1e-3, -np.float32(eye[1]) / down, 60.0).astype(np.float32)
        # Only rays that pass near the group have to march; floor and backdrop are known by formula.
        along = -(eye[0] * way[0] + (eye[1] - 1.0) * way[1] + eye[2] * way[2])
        off = np.sqrt(np.maximum(eye[0] ** 2 + (eye[1] - 1.0) ** 2 + eye[2] ** 2 - along**2, 0))
        limit = np.where(off < 1.95, np.minimum(to_floor, 9.5), 0).astype(np.float32)
        start = np.full_like(limit, 4.3)
        reach, hit = march(self._distance, eye, way, start, limit, steps=70, gain=0.95)
        t = np.where(hit, reach, np.minimum(to_floor, 60))
        self._at: Vector = tuple(np.float32(e) + w * t for e, w in zip(eye, way, strict=True))  # type: ignore[assignment]
        body = np.zeros(len(t), np.int8)
        index = np.flatnonzero(hit)
        at: Vector = (self._at[0][index], self._at[1][index], self._at[2][index])
        body[index] = 1 + np.argmin(np.stack(self._bodies(*at)), axis=0)
        self._body, self._way, self._hit = body, way, hit
        nx, ny, nz = np.zeros_like(t), np.ones_like(t), np.zeros_like(t)
        nx[index], ny[index], nz[index] = normals(self._distance, *at)
        self._nx, self._ny, self._nz = nx, ny, nz
        self._far = smoothstep(6.8, 15.0, t)
        if not first:
            lifted = tuple(axis + n * np.float32(0.24) for axis, n in zip(self._at, (nx, ny, nz), strict=True))
            self._open = np.clip(self._distance(*lifted) / np.float32(0.24), 0, 1)

    def _surface(self) -> None:
        """Colour of every sample, squared because the palette was picked in display values."""
        paint = np.stack(
            [self._backdrop * 0.95, self._backdrop * 1.08, self._liquid, np.array((0.08, 0.08, 0.09)),
             np.array((0.95, 0.92, 0.86)), self._backdrop * 0.72]
        ).astype(np.float32)  # fmt: skip
        self._albedo = np.ascontiguousarray((paint**2)[self._body].T)
        x, y, _ = self._at
        glass = (self._body == _BOTTLE).astype(np.float32)
        level = smoothstep(1.635, 1.625, y) * glass
        wall = 1 - np.abs(self._nx) * 0.6
        self._glow = self._albedo * (wall * 0.62 * level * (0.45 + 0.95 * smoothstep(0.42, -0.42, x)))
        self._glow += 0.10 * (glass - level)
        self._glossy = ((self._body == _BOTTLE) | (self._body == _CAP)).astype(np.float32)
        paper = ((np.abs(x) < 0.25) & (np.abs(y - 1.1) < 0.2) & (self._nz < -0.9)).astype(np.float32) * glass
        print_ = (np.abs(y - 1.14) < 0.013) & (np.abs(x) < 0.13) | (np.abs(y - 1.05) < 0.007) & (np.abs(x) < 0.09)
        ink = np.array((0.86, 0.82, 0.74), np.float32)[:, None] * (1 - 0.93 * print_)
        self._albedo += (ink - self._albedo) * paper
        self._glow *= 1 - paper
        self._glossy *= 1 - 0.92 * paper
        self._matte = 1 - 0.45 * self._glossy
        wx, wy, wz = self._way
        facing = wx * self._nx + wy * self._ny + wz * self._nz
        self._fresnel = 0.04 + 0.96 * (1 - np.clip(-facing, 0, 1)) ** 5
        self._rx, self._ry, self._rz = (
            wx - 2 * facing * self._nx,
            wy - 2 * facing * self._ny,
            wz - 2 * facing * self._nz,
        )
        self._shine = self._glossy * (self._fresnel + 0.12) + (1 - self._glossy) * self._fresnel * 0.35 * self._open
        self._shine *= self._hit
        self._ambient = (0.36 + 0.30 * self._ny) * self._open

    def _key(self, angle: float) -> tuple[float, float, float]:
        light = np.array([-np.cos(angle * 0.9) * 0.80 + 0.10, 0.86, -0.50 - 0.62 * np.sin(angle)])
        light /= np.linalg.norm(light)
        return float(light[0]), float(light[1]), float(light[2])

    def _light_up(self) -> None:
        """Shadows are marched for a few positions of the light and blended in between: they are soft enough."""
        at = tuple(a + n * np.float32(0.01) for a, n in zip(self._at, (self._nx, self._ny, self._nz), strict=True))
        near = np.hypot(self._at[0], self._at[2]) < 5.2
        index = np.flatnonzero(near)
        here: Vector = (at[0][index], at[1][index], at[2][index])
        self._lit = []
        for number in range(_LIGHT_KEYS):
            light = self._key(_SWING * (2 * number / (_LIGHT_KEYS - 1) - 1))
            shade = np.ones(len(near), np.float32)
            shade[index] = soft_shadow(self._distance, here, light, softness=6, steps=26, reach=4.2)
            facing = np.maximum(self._nx * light[0] + self._ny * light[1] + self._nz * light[2], 0)
            self._lit.append((shade * facing).astype(np.float32))
        ambient = np.array((0.6, 0.6, 0.6), np.float32) + self._backdrop * 0.5
        self._still = self._albedo * (self._ambient * self._matte) * ambient[:, None] + self._glow
        self._lamp = self._albedo * self._matte * np.array((2.15, 1.98, 1.78), np.float32)[:, None]
        bx, by = np.broadcast_arrays(self.canvas.x, self.canvas.y)
        self._spot = (bx.ravel(), by.ravel())

    def view(self, time: float) -> tuple[float, float, float]:
        return 0.5 + 0.20 * np.sin(time * 0.25), 0.56, 1.10 - 0.08 * np.cos(time * 0.33)

    def frame(self, time: float) -> Field:
        swing = np.sin(self._start + time * 0.55)
        place = (swing + 1) / 2 * (_LIGHT_KEYS - 1)
        number = min(int(place), _LIGHT_KEYS - 2)
        lit = self._lit[number] + (self._lit[number + 1] - self._lit[number]) * np.float32(place - number)
        light = self._still + self._lamp * lit
        # Two soft boxes of the studio wander over the glass with the lamp.
        turn = swing * 0.50
        left = np.array([-0.8 * np.cos(turn) + 0.5 * np.sin(turn), 0.35, -0.5 * np.cos(turn) - 0.8 * np.sin(turn)])
        right = np.array([0.9 * np.cos(turn) + 0.35 * np.sin(turn), 0.2, -0.35 * np.cos(turn) + 0.9 * np.sin(turn)])
        window = self._soft_box(left, 0.72, 0.78) + 0.7 * self._soft_box(right, 0.84, 0.88)
        room = (self._backdrop**2 * 0.9)[:, None]
        light += (room + np.float32(2.2) * window) * self._shine
        picture = self._camera.resolve(light)
        return self._hang_backdrop(picture, swing)

    def _soft_box(self, way: Field, low: float, high: float) -> Field:
        way = (way / np.linalg.norm(way)).astype(np.float32)
        return smoothstep(low, high, self._rx * way[0] + self._ry * way[1] + self._rz * way[2])

    def _hang_backdrop(self, picture: Field, swing: float) -> Field:
        canvas = self.canvas
        glow = np.exp(-1.2 * np.hypot(canvas.x + 0.45 - 0.5 * swing, canvas.y - 0.25))
        wall = colour(*(self._backdrop**2)) * (0.35 + 1.0 * glow) ** 2
        if not hasattr(self, "_behind"):
            self._behind = self._camera.resolve((self._far * ~self._hit)[None].astype(np.float32))[0]
        picture += (wall - picture) * self._behind
        return picture
