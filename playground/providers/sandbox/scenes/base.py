"""What a scene is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from playground.providers.sandbox.colours import Tint
from playground.providers.sandbox.pixels import Field, Generator, Stage


class Scene(ABC):
    """One moving picture. Frames are pure in time, so a clip of any length begins alike and posters need no film."""

    exposure: ClassVar[float] = 1.0
    vignette: ClassVar[float] = 0.30

    def __init__(self, canvas: Stage, seed: int, tint: Tint | None = None) -> None:
        self.canvas = canvas
        self.seed = seed
        self.tint = tint
        self.rng: Generator = np.random.default_rng(seed)
        self.prepare()

    @abstractmethod
    def prepare(self) -> None:
        """Draw what does not move."""

    @abstractmethod
    def frame(self, time: float) -> Field:
        """Linear light, planar (3, height, width), at `time` seconds."""

    def pick(self, colours: Sequence[ArrayLike]) -> int:
        """One of them by chance; where the prompt names a colour, the one of the nearest hue, for no tint makes green silk red."""
        chance = int(self.rng.integers(len(colours)))
        if self.tint is None:
            return chance
        wanted = _hue(self.tint)
        return max(range(len(colours)), key=lambda number: float(wanted @ _hue(colours[number])))

    def view(self, time: float) -> tuple[float, float, float] | None:
        """A camera move over the drawn frame: centre across, centre down (0..1) and zoom (1 or more); None stands."""
        return None


def _hue(colour: ArrayLike) -> Field:
    """A colour without its brightness and strength."""
    away = np.asarray(colour, np.float32).reshape(3)
    away = away / away.mean() - 1
    return np.asarray(away / np.linalg.norm(away), np.float32)
