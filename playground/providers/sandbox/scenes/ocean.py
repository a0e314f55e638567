"""A swell at golden hour, looking into the sun."""

from __future__ import annotations

import numpy as np

from playground.providers.sandbox.pixels import Field, Generator, Lookup, blend, cloud_texture, colour, mix, sample, smoothstep
from playground.providers.sandbox.terrain import Ground

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
        """Height, both slopes and a free channel; `ahead` moves the camera along z at no cost."""
        moved = self._spectrum * np.exp(1j * (self._kz * np.float32(ahead) - self._speed * np.float32(time)))
        height = np.fft.ifft2(moved).real
        # The real parts of both slopes fit into one transform: i*k*h for x, and for z in the imaginary part.
        half = (moved + np.conj(np.roll(moved[::-1, ::-1], (1, 1), (0, 1)))) / 2
        slopes = np.fft.ifft2(half * (1j * self._kx - self._kz))
        field = np.zeros((self.size, self.size, 4), np.float32)
        field[..., 0], field[..., 1], field[..., 2] = height, slopes.real, slopes.imag
        return field


class Ocean(Scene):
    exposure = 0.92

    def prepare(self) -> None:
        canvas, rng = self.canvas, self.rng
        self._ground = Ground(canvas, near=1.6, far=260, depth_count=205, focal=_FOCAL, tilt=_TILT)
        self._swells = (_Swell(rng, 128, 44.0, 11.0, 1.7, 0.29), _Swell(rng, 128, 6.1, 1.6, 0.11, 0.021))
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
        self._sky_table = sky[:, :, 0].astype(np.float32)
        # Indexed by the square root of 1 - cos: fine steps where the disc of the sun is.
        near = np.maximum(1 - np.linspace(0, 1, _TABLE, dtype=np.float32) ** 2, 0)
        lobes = near**26 * 0.6 + near**1400 * 14
        self._sun_table = (lobes * colour(2.2, 1.0, 0.4)[:, 0]).astype(np.float32)

    def _light_from(self, x: Field, y: Field, z: Field) -> Field:
        """Colour of the clear sky in a direction, planar."""
        away = 1 - (x * self._sun[0] + y * self._sun[1] + z * self._sun[2])
        np.clip(away, 0, 1, out=away)
        near = (np.sqrt(away, out=away) * (_TABLE - 1)).astype(np.intp)
        up = (y * (_TABLE - 1)).astype(np.intp)
        light = np.empty((3, *x.shape), np.float32)
        for channel in range(3):
            light[channel] = self._sky_table[channel].take(up, mode="clip")
            light[channel] += self._sun_table[channel].take(near, mode="clip")
        return light

    def _prepare_sky(self) -> None:
        canvas = self.canvas
        self._sky_rows = int(np.count_nonzero(canvas.y > _TILT - 0.10))
        y = np.maximum(canvas.y[: self._sky_rows] - _TILT, 0.002)
        length = np.sqrt(canvas.x**2 + y**2 + _FOCAL**2)
        dx, dy, dz = canvas.x / length, y / length, _FOCAL / length
        self._clear = self._light_from(dx, dy, dz)
        towards = np.clip(dx * self._sun[0] + dy * self._sun[1] + dz * self._sun[2], 0, 1)
        self._cloud_colour = colour(1.35, 0.55, 0.38) * (0.45 + 1.0 * towards**6)
        self._cloud_mask = smoothstep(0.0, 0.10, dy) * 0.85
        self._cloud_column = dx / (dy + 0.13) * 30
        self._cloud_row = dz / (dy + 0.13) * 58

    def _prepare_water(self) -> None:
        ground = self._ground
        depth = np.broadcast_to(ground.depth, ground.side.shape)
        # Fine waves are looked up only where they can still be seen.
        self._fine_rows = int(np.count_nonzero(ground.depth < 45))
        self._places = []
        for swell, rows in zip(self._swells, (len(depth), self._fine_rows), strict=True):
            unit = swell.size / swell.metres
            self._places.append(Lookup((swell.size, swell.size), depth[:rows] * unit, ground.side[:rows] * unit))
        # Slopes that a far pixel cannot resolve would glitter: they fade with distance.
        self._fine_fade = np.exp(-depth[: self._fine_rows] / 16)[..., None].astype(np.float32)
        self._broad_fade = (1 / (1 + (depth / 48) ** 2))[..., None].astype(np.float32)
        self._haze = (1 - np.exp(-((depth / 120) ** 1.5))).astype(np.float32)

    def _sky(self, time: float) -> Field:
        cloud = sample(self._clouds, self._cloud_row + time * 1.6, self._cloud_column + time * 1.1)
        cloud += sample(self._clouds, self._cloud_row * 2.3 - time * 1.2, self._cloud_column * 2.3)
        alpha = smoothstep(0.92, 1.42, cloud) * self._cloud_mask
        sky = self._clear.copy()
        blend(sky, self._cloud_colour, alpha)
        return sky

    def frame(self, time: float) -> Field:
        broad, fine = (place.of(swell.at(time * 0.85, time * 0.55)) for swell, place in zip(self._swells, self._places, strict=True))
        broad *= self._broad_fade
        fine *= self._fine_fade
        broad[: self._fine_rows] += fine
        # Sharpen crests and flatten troughs, as gravity does.
        height = broad[..., 0].copy()
        broad *= (1 + 0.9 * height)[..., None]
        broad[..., 0] = height = height * (1 + 0.45 * height)
        broad[..., 3] = self._haze
        seen = self._ground.project(height, _EYE + 0.10 * np.sin(time * 0.9))
        light = np.empty((3, *self.canvas.shape), np.float32)
        light[:, : self._sky_rows] = self._sky(time)
        seen.lay(light, self._shade(seen.gather(broad), seen.top))
        return light

    def _shade(self, seen: Field, first: int) -> Field:
        canvas = self.canvas
        height, slope_x, slope_z, haze = (np.ascontiguousarray(seen[..., channel]) for channel in range(4))
        y = canvas.y[first:] - _TILT
        inverse = 1 / np.sqrt(canvas.x**2 + y**2 + _FOCAL**2)
        vx, vy, vz = canvas.x * inverse, y * inverse, _FOCAL * inverse
        ny = 1 / np.sqrt(1 + slope_x * slope_x + slope_z * slope_z)
        nx, nz = -slope_x * ny, -slope_z * ny
        facing = vx * nx + vy * ny + vz * nz
        mirror = 1 + np.minimum(facing, 0)
        fresnel = mirror * mirror
        fresnel = 0.02 + 0.98 * fresnel * fresnel * mirror
        facing *= 2
        reflected = self._light_from(vx - facing * nx, np.abs(vy - facing * ny), vz - facing * nz)
        glow = np.maximum(height + 0.42, 0) * 0.62
        shade = colour(0.010, 0.050, 0.082) + glow * colour(0.035, 0.27, 0.26)
        reflected -= shade
        reflected *= fresnel
        shade += reflected
        horizon = self._light_from(vx, np.full_like(vx, 0.004), vz)
        horizon -= shade
        horizon *= haze
        shade += horizon
        return shade
