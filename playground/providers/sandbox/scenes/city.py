"""A wet avenue at night, far out of focus: lamps become discs, and the road doubles them."""

from __future__ import annotations

import numpy as np

from playground.providers.sandbox.pixels import Field, blend, box_blur, cloud_texture, colour, mix, smoothstep

from .base import Scene

_KERB = -0.30
_HUES = np.array(
    [(1.0, 0.50, 0.14), (1.0, 0.72, 0.34), (1.0, 0.14, 0.20), (0.16, 0.50, 1.0), (0.16, 0.95, 0.78), (0.85, 0.25, 1.0)],
    np.float32,
)
_SIZES = 10


class City(Scene):
    exposure = 1.55
    vignette = 0.30

    def prepare(self) -> None:
        canvas, rng = self.canvas, self.rng
        self._kerb_row = int(np.count_nonzero(canvas.y > _KERB))
        self._unit = canvas.height / 2 / float(canvas.y[0, 0])
        self._span = float(canvas.x[0, -1]) + 0.3
        radii = np.geomspace(0.022, 0.150, _SIZES)
        self._discs = [_disc(radius * self._unit) for radius in radii]
        self._prepare_lamps()
        self._prepare_cars()
        self._prepare_street()
        wet = cloud_texture(rng, 512, 1024, 1.15, stretch=0.16)
        self._wet = wet[: canvas.height - self._kerb_row, :]
        self._rain = rng.random((70, 4)).astype(np.float32)

    def _prepare_lamps(self) -> None:
        rng = self.rng
        count = 78
        self._lamp_x = rng.uniform(-self._span, self._span, count)
        self._lamp_y = _KERB + 0.10 + rng.beta(1.2, 1.9, count) * 1.25
        self._lamp_size = (rng.random(count) ** 1.7 * (_SIZES - 1)).astype(int)
        self._lamp_hue = _HUES[rng.choice(len(_HUES), count, p=(0.30, 0.24, 0.15, 0.15, 0.10, 0.06))]
        self._lamp_power = rng.uniform(0.14, 0.80, count) * (1.0 - 0.55 * self._lamp_size / _SIZES)
        self._lamp_beat = rng.uniform(0.4, 2.6, count)
        self._lamp_phase = rng.uniform(0, 6.283, count)

    def _prepare_cars(self) -> None:
        rng = self.rng
        self._cars = [
            (lane, float(rng.uniform(0, 1)), float(rng.uniform(0.055, 0.10)), float(rng.uniform(0.7, 1.2)))
            for lane in (-1, -1, -1, -1, 1, 1, 1, 1)
        ]

    def _prepare_street(self) -> None:
        canvas, rng = self.canvas, self.rng
        y = canvas.y[: self._kerb_row]
        sky = mix(colour(0.050, 0.034, 0.085), colour(0.010, 0.012, 0.040), smoothstep(_KERB, 0.95, y))
        sky = sky + colour(0.16, 0.055, 0.05) * np.exp(-((y - _KERB) * 3.6)) * np.exp(-np.abs(canvas.x) * 0.9)
        self._sky = np.ascontiguousarray(np.broadcast_to(sky, (3, self._kerb_row, canvas.width))).astype(np.float32)
        for layer in range(3):
            for _ in range(9):
                x, wide = rng.uniform(-self._span, self._span), rng.uniform(0.07, 0.20) * (0.8 + 0.3 * layer)
                top = rng.uniform(0.10, 1.0) * (1.05 - 0.22 * layer) * (0.35 + 0.75 * min(1.0, abs(x) / 1.2))
                wall = smoothstep(0.035, 0.0, np.abs(canvas.x - np.float32(x)) - wide) * smoothstep(0.035, 0.0, y - top)
                tone = mix(colour(0.030, 0.030, 0.075), colour(0.010, 0.012, 0.030), layer / 2)
                blend(self._sky, tone, wall * 0.80)
                self._light_windows(x, wide, top, layer)

    def _light_windows(self, x: float, wide: float, top: float, layer: int) -> None:
        """A blurred grid of lit rooms: small, so that houses read as houses."""
        rng, canvas = self.rng, self.canvas
        step = 0.050 - 0.006 * layer
        glow = np.array((1.0, 0.70, 0.36)) if rng.random() < 0.7 else np.array((0.55, 0.75, 1.0))
        size = max(1, round(0.0095 * self._unit))
        for column in np.arange(x - wide + 0.02, x + wide - 0.02, step):
            for row in np.arange(_KERB + 0.12, top - 0.03, step * 1.2):
                if rng.random() > 0.30:
                    continue
                left = round((column + self._span - 0.3) * self._unit)
                upper = round((float(canvas.y[0, 0]) - row) * self._unit)
                if 0 <= left < canvas.width - size and 0 <= upper < self._kerb_row - size:
                    power = rng.uniform(0.04, 0.22)
                    self._sky[:, upper : upper + size * 2, left : left + size] += (glow * power)[:, None, None]

    def _put(self, picture: Field, x: float, y: float, size: int, hue: Field, power: float) -> None:
        disc = self._discs[size]
        side = disc.shape[0]
        left = (x + self._span - 0.3) * self._unit - side / 2
        top = (float(self.canvas.y[0, 0]) - y) * self._unit - side / 2
        column, row = int(np.floor(left)), int(np.floor(top))
        height, width = picture.shape[1:]
        x0, x1, y0, y1 = max(column, 0), min(column + side, width), max(row, 0), min(row + side, height)
        if x0 < x1 and y0 < y1:
            piece = disc[y0 - row : y1 - row, x0 - column : x1 - column]
            picture[:, y0:y1, x0:x1] += piece * (hue * np.float32(power))[:, None, None]

    def frame(self, time: float) -> Field:
        canvas = self.canvas
        light = np.empty((3, *canvas.shape), np.float32)
        upper = light[:, : self._kerb_row]
        upper[:] = self._sky
        for number in range(len(self._lamp_x)):
            depth = self._lamp_size[number] / _SIZES
            x = self._lamp_x[number] - time * (0.012 + 0.060 * depth)
            x = (x + self._span) % (2 * self._span) - self._span
            beat = np.sin(time * self._lamp_beat[number] + self._lamp_phase[number])
            power = self._lamp_power[number] * (0.80 + 0.26 * beat)
            self._put(upper, x, self._lamp_y[number], self._lamp_size[number], self._lamp_hue[number], power)
        self._drive(upper, time)
        self._reflect(upper, light[:, self._kerb_row :], time)
        self._fall(light, time)
        return light

    def _drive(self, picture: Field, time: float) -> None:
        """Pairs of lights that come and go along the avenue, growing as they come nearer."""
        for lane, start, speed, power in self._cars:
            way = (start + time * speed * 1.6) % 1.0
            near = way**1.8 if lane < 0 else (1 - way) ** 1.8
            hue = np.array((1.0, 0.90, 0.72) if lane < 0 else (1.0, 0.10, 0.08), np.float32)
            x, y = lane * (0.10 + 1.05 * near), _KERB + 0.035 + 0.085 * near
            size = min(_SIZES - 1, int(0.5 + near * (_SIZES - 3)))
            fade = min(1.0, 6 * way, 6 * (1 - way))
            for side in (-1, 1):
                self._put(picture, x + side * (0.022 + 0.10 * near), y, size, hue, 0.75 * power * fade * (1.1 - near * 0.6))

    def _reflect(self, upper: Field, road: Field, time: float) -> None:
        rows, width = road.shape[1:]
        mirror = upper[:, ::-1][:, : min(rows, upper.shape[1])]
        # Wet asphalt drags every light towards the viewer.
        smeared = box_blur(box_blur(mirror, max(1, rows // 9), 1), max(1, rows // 16), 1)
        shift = int(time * 30)
        wet = self._wet[np.arange(rows) % 512][:, (np.arange(width) + 400) % 1024]
        wave = self._wet[(np.arange(rows) * 2 + shift) % len(self._wet)][:, (np.arange(width) + shift // 2) % 1024]
        depth = np.linspace(0.02, 1, rows, dtype=np.float32)[:, None]
        column = np.arange(width, dtype=np.float32)[None] + (wave - 0.5) * (0.35 + depth) * (0.34 * self._unit)
        column = np.clip(column, 0, width - 1).astype(np.int32)
        row = np.minimum(np.arange(rows) * 0.93, smeared.shape[1] - 1).astype(np.int32)[:, None]
        flat = row * width + column
        shine = (0.70 + 2.3 * smoothstep(0.32, 0.68, wet)) * (1.05 - 0.45 * depth)
        for channel in range(3):
            road[channel] = np.ascontiguousarray(smeared[channel]).take(flat)
        road *= shine
        road += colour(0.006, 0.007, 0.014)

    def _fall(self, light: Field, time: float) -> None:
        height, width = light.shape[1:]
        length = max(4, height // 14)
        fade = np.linspace(0, 1, length, dtype=np.float32)
        for x, y, speed, power in self._rain:
            top = int(((y + time * (1.3 + speed)) % 1.15 - 0.1) * height)
            column = int((x + time * 0.03) % 1 * width)
            first, last = max(top, 0), min(top + length, height)
            if first < last:
                light[:, first:last, column] += fade[first - top : last - top] * np.float32(0.02 + 0.05 * power)


def _disc(radius: float) -> Field:
    """An out-of-focus point: a flat disc with a brighter rim, as real lenses draw it."""
    side = int(np.ceil(radius * 2 + 3))
    axis = np.arange(side) - (side - 1) / 2
    distance = np.hypot(axis[:, None], axis[None, :])
    edge = np.clip(radius - distance + 0.5, 0, 1)
    rim = smoothstep(radius * 0.55, radius, distance)
    disc: Field = edge * (0.55 + 0.55 * rim)
    return disc.astype(np.float32)
