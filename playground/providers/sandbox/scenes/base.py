"""What a scene is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np

from playground.providers.sandbox.pixels import Field, Generator, Stage


class Scene(ABC):
    """One moving picture. Frames are pure in time, so a clip of any length begins alike and posters need no film."""

    exposure: ClassVar[float] = 1.0
    vignette: ClassVar[float] = 0.30

    def __init__(self, canvas: Stage, seed: int) -> None:
        self.canvas = canvas
        self.seed = seed
        self.rng: Generator = np.random.default_rng(seed)
        self.prepare()

    @abstractmethod
    def prepare(self) -> None:
        """Draw what does not move."""

    @abstractmethod
    def frame(self, time: float) -> Field:
        """Linear light, planar (3, height, width), at `time` seconds."""

    def view(self, time: float) -> tuple[float, float, float] | None:
        """A camera move over the drawn frame: centre across, centre down (0..1) and zoom (1 or more); None stands."""
        return None
