"""What a clip is cut together from: a camera over a still picture, or the running pictures of another clip."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from PIL import Image

from .pictures import cover
from .pixels import Generator

Reader = Callable[[], Iterator[tuple[float, Image.Image]]]
# How far the camera comes near; stills are kept so large that it never enlarges them.
NEAR = 1.34
_FAR = 1.06


class Shot(Protocol):
    """`moment` is in seconds since the shot began, a little below zero during a fade; it never goes back."""

    def image(self, moment: float) -> Image.Image: ...


@dataclass(frozen=True, slots=True)
class Camera:
    """Where a view is: its centre as a share of what may be travelled, and how near (1 = everything)."""

    x: float = 0.5
    y: float = 0.5
    zoom: float = 1.0

    def towards(self, other: Camera, share: float) -> Camera:
        return Camera(*(a + (b - a) * share for a, b in zip((self.x, self.y, self.zoom), (other.x, other.y, other.zoom), strict=True)))


class Still:
    """A camera move over one picture, eased at both ends; with a `lead` it is on its way before the shot begins."""

    def __init__(
        self, picture: Image.Image, size: tuple[int, int], seconds: float, move: tuple[Camera, Camera], *, lead: float = 0.0
    ) -> None:
        start, end = move
        self._lead = lead
        self._size = size
        self._seconds = max(seconds, 1e-3)
        self._start, self._end = start, end
        near = max(start.zoom, end.zoom)
        self._picture = cover(picture, (round(size[0] * near), round(size[1] * near)))

    def image(self, moment: float) -> Image.Image:
        share = float(np.clip(self._lead + moment / self._seconds * (1 - 1.4 * self._lead), 0, 1))
        camera = self._start.towards(self._end, 0.5 - 0.5 * float(np.cos(np.pi * share)))
        picture = self._picture
        width, height = picture.width / camera.zoom, picture.height / camera.zoom
        left, top = (picture.width - width) * camera.x, (picture.height - height) * camera.y
        return picture.resize(self._size, Image.Resampling.BICUBIC, box=(left, top, left + width, top + height))


def drawn_move(rng: Generator) -> tuple[Camera, Camera]:
    """Towards or away from a place that is drawn at random."""
    x, y = rng.uniform(0.15, 0.85, 2)
    far, near = Camera(zoom=_FAR), Camera(float(x), float(y), NEAR)
    return (far, near) if rng.random() < 0.6 else (near, far)


class Reel:
    """The pictures of a clip at its own pace, from its start again when it is over."""

    def __init__(self, read: Reader, size: tuple[int, int]) -> None:
        self._read = read
        self._size = size
        self._frames = read()
        self._ahead: tuple[float, Image.Image] | None = next(self._frames, None)
        if self._ahead is None:
            raise ValueError("a clip without pictures")
        self._shown = self._ahead[1]
        self._fitted: Image.Image | None = None
        self._offset = self._last = 0.0
        self._step = 1 / 24

    def image(self, moment: float) -> Image.Image:
        while self._ahead is None or self._ahead[0] + self._offset <= moment + 1e-6:
            if self._ahead is None:
                # The last picture stays as long as the one before it did.
                self._offset += self._last + max(self._step, 1 / 60)
                self._frames = self._read()
                self._ahead = next(self._frames, None)
                if self._ahead is None:
                    break
                continue
            self._step = max(0.0, self._ahead[0] - self._last)
            self._last, self._shown = self._ahead
            self._fitted = None
            self._ahead = next(self._frames, None)
        if self._fitted is None:
            self._fitted = cover(self._shown, self._size)
        return self._fitted


def in_turn(shots: list[Shot], seconds: float, times: list[float], fade_seconds: float = 0.6) -> Iterator[Image.Image]:
    """One shot after the other, each for its share of the time, dissolving into the next."""
    share = seconds / len(shots)
    fade = min(fade_seconds, share / 2)
    for time in times:
        number = min(int(time / share), len(shots) - 1)
        picture = shots[number].image(time - number * share)
        left = (number + 1) * share - time
        if number + 1 < len(shots) and left < fade:
            # The next shot starts its move early, so that nothing stands still during the fade.
            picture = Image.blend(shots[number + 1].image(-left), picture, left / fade)
        yield picture


def dissolve(first: Shot, second: Shot, times: list[float], start: float, end: float) -> Iterator[Image.Image]:
    """From one shot to another between two moments; both begin when the clip does."""
    for time in times:
        share = float(np.clip((time - start) / max(end - start, 1e-3), 0, 1))
        share = share * share * (3 - 2 * share)
        if share <= 0:
            yield first.image(time)
        elif share >= 1:
            yield second.image(time)
        else:
            yield Image.blend(first.image(time), second.image(time), share)
