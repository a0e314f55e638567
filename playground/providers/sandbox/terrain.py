"""Height fields seen in perspective: which point of the ground does each pixel show?

A ray march per pixel is far too slow in NumPy. Rows of ground points, ordered by depth, are projected instead; the
running maximum of their screen height per column tells which of them are visible, hills hiding what is behind them.
"""

from __future__ import annotations

import numpy as np

from .pixels import Field, Stage


class Ground:
    """A fan of ground points: `depth_count` depths, growing geometrically, for each column of the screen."""

    def __init__(self, canvas: Stage, *, near: float, far: float, depth_count: int, focal: float, tilt: float) -> None:
        self._canvas = canvas
        self._tilt = tilt
        self.depth = np.geomspace(near, far, depth_count).astype(np.float32)[:, None]
        self.side = (canvas.x / np.float32(focal)) * self.depth
        self._scale = np.float32(focal) / self.depth
        height = canvas.height
        top, bottom = float(canvas.y[0, 0]), float(canvas.y[-1, 0])
        self._rows_per_unit = np.float32((height - 1) / (top - bottom))
        self._top = np.float32(top)
        self._columns = np.arange(canvas.width, dtype=np.int32)[None, :]

    def project(self, height: Field, eye: float, bump: float = 0.0) -> tuple[Field, Field, Field]:
        """For every pixel: index of the ground row behind it, the fraction to the next, and whether it is ground.

        `height` is the ground above each point of the fan, `eye` the camera above zero.
        """
        rows, columns = self._canvas.shape
        screen = (height - np.float32(eye)) * self._scale + np.float32(self._tilt + bump)
        # Row numbers grow downwards, so "higher on the screen" is a running minimum.
        line = np.minimum.accumulate((self._top - screen) * self._rows_per_unit, axis=0)
        first = np.clip(np.ceil(line), 0, rows).astype(np.int32)
        # A ground point covers all rows from its own to the one before: counting them gives the visible index.
        counts = np.bincount((first * columns + self._columns).ravel(), minlength=(rows + 1) * columns)
        covered = counts.reshape(rows + 1, columns)[:rows]
        # Points whose row is at most r are in front of or on pixel r; the first of them shows.
        total = len(self.depth)
        index = total - np.cumsum(covered, axis=0, dtype=np.int32)
        is_ground = index < total
        index = np.clip(index, 1, total - 1)
        flat = index * columns + self._columns
        here, before = line.take(flat), line.take(flat - columns)
        pixel = np.arange(rows, dtype=np.float32)[:, None]
        fraction = np.clip((before - pixel) / np.maximum(before - here, np.float32(1e-3)), 0, 1)
        return flat, fraction.astype(np.float32), is_ground

    def gather(self, values: Field, flat: Field, fraction: Field) -> Field:
        """Values of the fan (channels last) at the projected pixels."""
        columns = self._canvas.width
        table = values.reshape(-1, *values.shape[2:])
        weight = fraction[..., None] if values.ndim == 3 else fraction
        behind = table.take(flat, axis=0)
        before = table.take(flat - columns, axis=0)
        before += (behind - before) * weight
        return before
