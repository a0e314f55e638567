"""A swell at golden hour, looking into the sun."""

from __future__ import annotations

import numpy as np

from ..pixels import Field, Generator, blend, cloud_texture, colour, mix, sample, smoothstep
from ..terrain import Ground
from .base import Scene

_EYE = 1.75
_FOCAL = 1.6
_TILT = 0.14
_TABLE = 2048


class _Swell:
    """A tile of sea made in frequency space: every wave runs at the speed that its length has in deep water."""

    def __init__(self, rng: Generator, size: int, metres: float, longest: float, shortest: float, height: float) -> None:
        self.size, self.metres = size, metres
        k = 2 * np.pi * np.fft.fftfreq(size) * size / metres
        self._kx, self._kz = k[None, :].astype(np.float32), k[:, None].astype(np.float32)
        length = np.hypot(self._kx, self._kz)
        length[0, 0] = 1
        wind = np.array([0.42, 0.91])
        along = (self._kx * wind[0] + self._kz * wind[1]) / length
        spectrum = length**-1.9 * np.exp(-((2 * np.pi / longest / length) ** 2)) * (0.25 + 0.75 * along**2)
        spectrum *= np.exp(-((length * shortest / 2 / np.pi) ** 2)) * (along > -0.3)
        spectrum[0, 0] = 0
        noise = rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size))
        spectrum = spectrum * noise
        scale = height / np.fft.ifft2(spectrum).real.std()
        self._spectrum = (spectrum * scale).astype(np.complex64)
        self._speed = np.sqrt(9.81 * length).astype(np.float32)

    def at(self, time: float, ahead: float) -> Field:
        """Height and both slopes, channels last; `ahead` moves the camera along z at no cost."""
        moved = self._spectrum * np.exp(1j * (self._kz * np.float32(ahead) - self._speed * np.float32(time)))
        height = np.fft.ifft2(moved).real
        # The real parts of both slopes fit into one transform: i*k*h for x, and for z in the imaginary part.
        half = (moved + np.conj(np.roll(moved[::-1, ::-1], (1, 1), (0, 1)))) / 2
        slopes = np.fft.ifft2(half * (1j * self._kx - self._kz))
        return np.stack([height, slopes.real, slopes.imag], -1).astype(np.float32)


class Ocean(Scene):
    exposure = 0.92

    def prepare(self) -> None:
        canvas, rng = self.canvas, self.rng
        self._ground = Ground(canvas, near=1.6, far=420, depth_count=230, focal=_FOCAL, tilt=_TILT)
        self._swells = (_Swell(rng, 128, 44.0, 11.0, 1.3, 0.30), _Swell(rng, 128, 6.1, 1.6, 0.11, 0.021))
        warm = rng.uniform(0, 1)
        self._low = mix(colour(1.5, 0.60, 0.27), colour(1.45, 0.50, 0.36), warm)
        self._high = mix(colour(0.15, 0.24, 0.48), colour(0.20, 0.20, 0.46), warm)
        sun = np.array([rng.uniform(-0.22, 0.22), 0.075, 1.0])
        self._sun = (sun / np.linalg.norm(sun)).astype(np.float32)
        self._clouds = cloud_texture(rng, 256, 256, 1.75)
        self._prepare_tables()
        self._prepare_sky()
        self._prepare_water()

    def _prepare_tables(self) -> None:
        up = np.linspace(0, 1, _TABLE, dtype=np.float32)[None, :, None]
        sky = mix(self._low, self._high, 1 - np.exp(-up * 3.4))
        sky = mix(sky, colour(0.9, 0.32, 0.34), np.exp(-up * 7) * 0.35)
        self._sky_table = np.ascontiguousarray(sky[:, :, 0].T)
        # Indexed by the square root of 1 - cos: fine steps where the disc of the sun is.
        near = 1 - np.linspace(0, 1, _TABLE, dtype=np.float32)[:, None] ** 2
        near = np.maximum(near, 0)
        lobes = near**26 * 0.6 + near**1400 * 14
        self._sun_table = (lobes * np.array([2.2, 1.0, 0.4], np.float32)).astype(np.float32)

    def _light_from(self, x: Field, y: Field, z: Field) -> Field:
        """Colour of the clear sky in a direction, channels last."""
        towards = x * self._sun[0] + y * self._sun[1] + z * self._sun[2]
        place = np.sqrt(np.maximum(1 - towards, 0)) * (_TABLE - 1)
        light = self._sky_table.take((y * (_TABLE - 1)).astype(np.int16), axis=0)
        light += self._sun_table.take(np.minimum(place, _TABLE - 1).astype(np.int16), axis=0)
        return light

    def _prepare_sky(self) -> None:
        canvas = self.canvas
        self._sky_rows = int(np.count_nonzero(canvas.y > _TILT - 0.10))
        y = np.maximum(canvas.y[: self._sky_rows] - _TILT, 0.002)
        length = np.sqrt(canvas.x**2 + y**2 + _FOCAL**2)
        dx, dy, dz = canvas.x / length, y / length, _FOCAL / length
        self._clear = np.ascontiguousarray(self._light_from(dx, dy, dz).transpose(2, 0, 1))
        towards = np.clip(dx * self._sun[0] + dy * self._sun[1] + dz * self._sun[2], 0, 1)
        self._cloud_colour = colour(1.35, 0.55, 0.38) * (0.45 + 1.0 * towards**6)
        self._cloud_mask = smoothstep(0.0, 0.10, dy) * 0.85
        self._cloud_column = dx / (dy + 0.13) * 30
        self._cloud_row = dz / (dy + 0.13) * 58

    def _prepare_water(self) -> None:
        ground = self._ground
        self._places = []
        for swell in self._swells:
            unit = swell.size / swell.metres
            self._places.append((ground.depth * unit + 0 * ground.side, ground.side * unit))
        depth = ground.depth + 0 * ground.side
        # Slopes that a far pixel cannot resolve would glitter: they fade with distance.
        self._fine_fade = np.exp(-depth / 16)[..., None].astype(np.float32)
        self._broad_fade = (1 / (1 + (depth / 75) ** 2)).astype(np.float32)
        self._haze = (1 - np.exp(-((depth / 190) ** 1.5))).astype(np.float32)
        self._depth = depth

    def _sky(self, time: float) -> Field:
        cloud = sample(self._clouds, self._cloud_row + time * 1.6, self._cloud_column + time * 1.1)
        cloud += sample(self._clouds, self._cloud_row * 2.3 - time * 1.2, self._cloud_column * 2.3)
        alpha = smoothstep(0.92, 1.42, cloud) * self._cloud_mask
        sky = self._clear.copy()
        blend(sky, self._cloud_colour, alpha)
        return sky

    def frame(self, time: float) -> Field:
        canvas, ground = self.canvas, self._ground
        broad, fine = (
            sample(swell.at(time * 0.85, time * 0.55), *place)
            for swell, place in zip(self._swells, self._places, strict=True)
        )
        water = broad * self._broad_fade[..., None] + fine * self._fine_fade
        # Sharpen crests and flatten troughs, as gravity does.
        crest = 1 + 0.9 * water[..., 0]
        water[..., 1:] *= crest[..., None]
        water[..., 0] *= 1 + 0.45 * water[..., 0]
        flat, fraction, is_ground = ground.project(water[..., 0], _EYE + 0.10 * np.sin(time * 0.9))
        light = np.empty((3, *canvas.shape), np.float32)
        light[:, : self._sky_rows] = self._sky(time)
        first = int(np.argmax(is_ground.any(axis=1)))
        flat, fraction, mask = flat[first:], fraction[first:], is_ground[first:]
        packed = np.concatenate([water, self._depth[..., None], self._haze[..., None]], -1)
        seen = ground.gather(packed, flat, fraction)
        sea = self._shade(seen, first).transpose(2, 0, 1)
        np.copyto(light[:, first:], sea, where=mask)
        return light

    def _shade(self, seen: Field, first: int) -> Field:
        canvas = self.canvas
        height, slope_x, slope_z, haze = seen[..., 0], seen[..., 1], seen[..., 2], seen[..., 4]
        y = canvas.y[first:] - _TILT
        inverse = 1 / np.sqrt(canvas.x**2 + y**2 + _FOCAL**2)
        vx, vy, vz = canvas.x * inverse, y * inverse, _FOCAL * inverse
        normal = 1 / np.sqrt(1 + slope_x**2 + slope_z**2)
        nx, ny, nz = -slope_x * normal, normal, -slope_z * normal
        facing = vx * nx + vy * ny + vz * nz
        rx, ry, rz = vx - 2 * facing * nx, np.abs(vy - 2 * facing * ny), vz - 2 * facing * nz
        mirror = 1 + np.minimum(facing, 0)
        fresnel = (0.02 + 0.98 * mirror**5)[..., None]
        glow = (np.maximum(height + 0.42, 0) * 0.62)[..., None]
        body = np.array([0.010, 0.050, 0.082], np.float32) + glow * np.array([0.035, 0.27, 0.26], np.float32)
        shade = body + (self._light_from(rx, ry, rz) - body) * fresnel
        horizon = self._light_from(vx, np.full_like(vx, 0.004), vz)
        shade += (horizon - shade) * haze[..., None]
        return shade
