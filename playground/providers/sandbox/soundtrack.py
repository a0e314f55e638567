"""What is heard in a clip: the voice or music that was given, the sound of the clip that is edited, else the scene's."""

from __future__ import annotations

import numpy as np

from .footage import Material
from .pixels import Field
from .sound import SAMPLE_RATE, ambience

_FADE_SECONDS = 0.02


def soundtrack(material: Material) -> Field:
    """Stereo sound, float32 (2, samples), exactly as long as the picture."""
    spec, asked = material.spec, material.asked
    seconds = spec.frame_count / spec.fps
    count = max(1, round(seconds * SAMPLE_RATE))
    # Given sound beats the sound of a clip; a clip that goes on has its own sound behind it.
    for file in (*asked.files("speech"), *asked.files("sound"), *asked.files("source", "motion")):
        found = material.footage.sound(file.url, start=float(file.start or 0) if file.kind == "video" else 0.0, seconds=seconds)
        if found is not None and found.shape[1]:
            return _fitted(found, count, is_repeated=file.kind == "video")
    return ambience(spec.scene, seconds, spec.seed)


def _fitted(sound: Field, count: int, *, is_repeated: bool) -> Field:
    """Cut or filled to `count` samples: a clip that is shown again is heard again, a voice ends in silence."""
    if is_repeated:
        sound = np.tile(sound, -(-count // sound.shape[1]))
    track = np.zeros((2, count), np.float32)
    part = sound[:, :count]
    track[:, : part.shape[1]] = np.clip(part, -1, 1)
    fade = min(round(_FADE_SECONDS * SAMPLE_RATE), count)
    track[:, count - fade :] *= np.linspace(1, 0, fade, dtype=np.float32)
    return track
