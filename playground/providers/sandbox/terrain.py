"""Height fields seen in perspective: which point of the ground does each pixel show?

A ray march per pixel is far too slow in NumPy. Rows of ground points, ordered by depth, are projected instead; the
running maximum of their screen height per column tells which of them are visible, hills hiding what is behind them.
"""

from __future__ import annotations

from dataclasses import dataclass

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

    def project(self, height: Field, eye: float, bump: float = 0.0) -> Seen:
        """What each pixel shows. `height` is the ground above each point of the fan, `eye` the camera above zero."""
        rows, columns = self._canvas.shape
        screen = (height - np.float32(eye)) * self._scale + np.float32(self._tilt + bump)
        # Row numbers grow downwards, so "higher on the screen" is a running minimum.
        own = (self._top - screen) * self._rows_per_unit
        line = np.minimum.accumulate(own, axis=0)
        first = np.clip(np.ceil(line), 0, rows).astype(np.int32)
        # A ground point covers all rows from its own down: counting them gives the first visible one per pixel.
        counts = np.bincount((first * columns + self._columns).ravel(), minlength=(rows + 1) * columns)
        covered = np.cumsum(counts.reshape(rows + 1, columns)[:rows], axis=0, dtype=np.int32)
        total = len(self.depth)
        top = int(np.argmax(covered.any(axis=1)))
        index = total - covered[top:]
        is_ground = index < total
        np.clip(index, 1, total - 1, out=index)
        flat = index.astype(np.intp) * columns + self._columns
        before_flat = flat - columns
        here, before = line.take(flat), line.take(before_flat)
        pixel = np.arange(top, rows, dtype=np.float32)[:, None]
        fraction = (before - pixel) / np.maximum(before - here, np.float32(1e-3))
        # Behind a crest the point before is hidden: nothing of it may leak into the picture, but the crest itself
        # covers a part of the pixel, which smooths its outline.
        is_crest = own.take(before_flat) > before + np.float32(0.02)
        fraction[is_crest] = 1
        cover = np.where(is_crest & is_ground, np.clip(pixel + 1 - before, 0, 1), 0)
        # Above the far edge of the ground there is sky; the edge is smoothed in the same way.
        edge = np.clip(pixel + 1 - line[-1:], 0, 1) * ~is_ground
        np.clip(fraction, 0, 1, out=fraction)
        return Seen(top, flat, fraction, is_ground, (cover + edge).astype(np.float32), columns)


@dataclass(frozen=True, slots=True)
class Seen:
    """The visible ground from screen row `top` down."""

    top: int
    flat: Field
    fraction: Field
    is_ground: Field
    crest: Field
    columns: int

    def gather(self, values: Field) -> Field:
        """Values of the fan (channels last, best four of them) at the pixels."""
        table = values.reshape(-1, *values.shape[2:])
        weight = self.fraction[..., None] if values.ndim == 3 else self.fraction
        before = table.take(self.flat - self.columns, axis=0)
        behind = table.take(self.flat, axis=0)
        behind -= before
        behind *= weight
        before += behind
        return before

    def lay(self, light: Field, ground: Field) -> None:
        """Put the shaded ground (planar) into the picture, outlines of crests mixed with what is behind them."""
        part = light[:, self.top :]
        np.copyto(part, ground, where=self.is_ground)
        below = np.concatenate([part[:, 1:], part[:, -1:]], axis=1)
        below -= part
        below *= self.crest
        part += below
