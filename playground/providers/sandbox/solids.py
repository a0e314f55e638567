"""Solid bodies by signed distance: marching rays to them, soft shadows, and edges that are drawn more finely."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .pixels import Field, Stage

Distance = Callable[[Field, Field, Field], Field]
Vector = tuple[Field, Field, Field]


def rounded_box(x: Field, y: Field, z: Field, half: tuple[float, float, float], radius: float) -> Field:
    qx = np.abs(x) - np.float32(half[0] - radius)
    qy = np.abs(y) - np.float32(half[1] - radius)
    qz = np.abs(z) - np.float32(half[2] - radius)
    inside = np.minimum(np.maximum(qx, np.maximum(qy, qz)), 0)
    mx, my, mz = np.maximum(qx, 0), np.maximum(qy, 0), np.maximum(qz, 0)
    distance: Field = np.sqrt(mx * mx + my * my + mz * mz) + inside - np.float32(radius)
    return distance


def cylinder(x: Field, y: Field, z: Field, radius: float, half_height: float, rounding: float) -> Field:
    dx = np.sqrt(x * x + z * z) - np.float32(radius - rounding)
    dy = np.abs(y) - np.float32(half_height - rounding)
    mx, my = np.maximum(dx, 0), np.maximum(dy, 0)
    distance: Field = np.minimum(np.maximum(dx, dy), 0) + np.sqrt(mx * mx + my * my) - np.float32(rounding)
    return distance


def sphere(x: Field, y: Field, z: Field, radius: float) -> Field:
    distance: Field = np.sqrt(x * x + y * y + z * z) - np.float32(radius)
    return distance


def march(
    distance: Distance,
    eye: tuple[float, float, float],
    way: tuple[Field, ...],
    start: Field,
    limit: Field,
    *,
    steps: int,
    gain: float,
) -> tuple[Field, Field]:
    """How far each ray gets, and whether it met something. Rays that are done leave the loop."""
    reach = start.astype(np.float32).copy()
    hit = np.zeros(reach.shape, bool)
    open_rays = np.flatnonzero(reach < limit)
    for _ in range(steps):
        if not len(open_rays):
            break
        t: Field = reach[open_rays]
        gap: Field = distance(*(np.float32(e) + w[open_rays] * t for e, w in zip(eye, way, strict=True)))
        arrived = gap < 0.0012 * t
        hit[open_rays[arrived]] = True
        t = t + gap * np.float32(gain)
        reach[open_rays] = t
        open_rays = open_rays[~arrived & (t < limit[open_rays])]
    return reach, hit


def normals(distance: Distance, x: Field, y: Field, z: Field, step: float = 0.0015) -> Vector:
    """Surface directions by four looks at the corners of a tetrahedron."""
    e = np.float32(step)
    a, b = distance(x + e, y - e, z - e), distance(x - e, y - e, z + e)
    c, d = distance(x - e, y + e, z - e), distance(x + e, y + e, z + e)
    nx, ny, nz = a - b - c + d, -a - b + c + d, -a + b - c + d
    length = 1 / np.maximum(np.sqrt(nx * nx + ny * ny + nz * nz), np.float32(1e-9))
    return nx * length, ny * length, nz * length


def soft_shadow(distance: Distance, at: Vector, light: tuple[float, float, float], *, softness: float, steps: int, reach: float) -> Field:
    """1 in the light, 0 in full shadow; a ray that passes close to a body is in its penumbra."""
    shade = np.ones(at[0].shape, np.float32)
    way = np.full(at[0].shape, 0.03, np.float32)
    open_rays = np.arange(len(shade))
    for _ in range(steps):
        s = way[open_rays]
        gap = distance(*(p[open_rays] + np.float32(direction) * s for p, direction in zip(at, light, strict=True)))
        darkest = np.minimum(shade[open_rays], gap * np.float32(softness) / s)
        shade[open_rays] = darkest
        s = s + np.clip(gap, 0.02, 0.30)
        way[open_rays] = s
        open_rays = open_rays[(darkest > 0.004) & (s < reach)]
        if not len(open_rays):
            break
    shade = np.clip(shade, 0, 1)
    return shade * shade * (3 - 2 * shade)


class Camera:
    """Rays of a pin-hole camera, one per pixel, with more of them where `refine` finds an edge."""

    def __init__(self, canvas: Stage, eye: tuple[float, float, float], target: tuple[float, float, float], focal: float) -> None:
        self.canvas, self.eye, self._focal = canvas, eye, focal
        forward = np.subtract(target, eye)
        self._forward = forward / np.linalg.norm(forward)
        right = np.cross((0, 1, 0), self._forward)
        self._right = right / np.linalg.norm(right)
        self._up = np.cross(self._forward, self._right)
        x, y = np.broadcast_arrays(canvas.x, canvas.y)
        self._x, self._y = x.ravel(), y.ravel()
        self._edges = np.zeros(0, np.intp)

    def refine(self, body: Field) -> None:
        """Give pixels whose neighbour shows another body three more rays; `body` numbers what each pixel shows."""
        picture = body.reshape(self.canvas.shape)
        edge = np.zeros(self.canvas.shape, bool)
        across, down = picture[:, 1:] != picture[:, :-1], picture[1:] != picture[:-1]
        edge[:, 1:] |= across
        edge[:, :-1] |= across
        edge[1:] |= down
        edge[:-1] |= down
        self._edges = np.flatnonzero(edge)
        width = float(self.canvas.x[0, 1] - self.canvas.x[0, 0])
        # A rotated grid: with the pixel's own centre, four samples on four different rows and columns.
        offsets = ((0.375, 0.125), (-0.125, 0.375), (-0.375, -0.25))
        base_x, base_y = np.broadcast_arrays(self.canvas.x, self.canvas.y)
        base_x, base_y = base_x.ravel(), base_y.ravel()
        self._x = np.concatenate([base_x, *(base_x[self._edges] + dx * width for dx, _ in offsets)]).astype(np.float32)
        self._y = np.concatenate([base_y, *(base_y[self._edges] + dy * width for _, dy in offsets)]).astype(np.float32)

    def rays(self) -> Vector:
        axes = zip(self._right, self._up, self._forward, strict=True)
        parts = [self._x * np.float32(r) + self._y * np.float32(u) + np.float32(f * self._focal) for r, u, f in axes]
        length = 1 / np.sqrt(parts[0] ** 2 + parts[1] ** 2 + parts[2] ** 2)
        return parts[0] * length, parts[1] * length, parts[2] * length

    def samples_of(self, pixels: Field) -> Field:
        """Indices of all rays that belong to some pixels (flat numbers, ascending); `resolve_part` undoes it."""
        count, edges = self.canvas.width * self.canvas.height, len(self._edges)
        own = np.flatnonzero(np.isin(self._edges, pixels))
        return np.concatenate([pixels, *(count + number * edges + own for number in range(3))])

    def resolve_part(self, samples: Field, pixels: Field) -> Field:
        """Samples (channels, rays) of `samples_of(pixels)` to the colours (channels, pixels)."""
        colours = samples[:, : len(pixels)].copy()
        edges = np.isin(pixels, self._edges)
        extra = samples[:, len(pixels) :].reshape(len(samples), 3, -1).sum(axis=1)
        colours[:, edges] = (colours[:, edges] + extra) * np.float32(0.25)
        return colours

    def resolve(self, samples: Field) -> Field:
        """Samples (channels, rays) to a planar picture; the rays of an edge pixel are averaged."""
        count = self.canvas.width * self.canvas.height
        picture = samples[:, :count].copy()
        if len(self._edges):
            extra = samples[:, count:].reshape(len(samples), 3, -1).sum(axis=1)
            picture[:, self._edges] = (picture[:, self._edges] + extra) * np.float32(0.25)
        return picture.reshape(-1, *self.canvas.shape)
