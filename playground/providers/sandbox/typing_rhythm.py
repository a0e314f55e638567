"""When which candy key goes down: picture and sound read the same score."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Stroke:
    """One key press: when it hits the bottom, and which of the keys (as a share of all) it is."""

    seconds: float
    key: float


def key_strokes(seed: int, seconds: float) -> list[Stroke]:
    """Strokes of a clip, like a fast typist with pauses between words."""
    rng = np.random.default_rng([seed, 11])
    strokes: list[Stroke] = []
    moment = 0.35
    while moment < seconds:
        strokes.append(Stroke(moment, float(rng.random())))
        moment += float(rng.uniform(0.11, 0.22) + (rng.uniform(0.12, 0.28) if rng.random() < 0.16 else 0))
    return strokes
