"""The input files of a job as the renderer sees them: pictures, running pictures and sound, already out of their files.

Who opens foreign files needs the decoders' guards, which live elsewhere; here nothing but pixels and samples arrives.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from PIL import Image

from playground.catalog.facts import NOTHING_KNOWN, Facts
from playground.catalog.intent import Intent

from .clip import ClipSpec
from .pixels import Field


class Footage(Protocol):
    """Input files by the URL (or task id) that stands in the payload. None: not there, or of no use."""

    def facts(self) -> Facts:
        """What was measured of the files that are there."""

    def picture(self, url: str) -> Image.Image | None:
        """A picture as RGB, upright."""

    def frames(self, url: str, *, start: float, size: tuple[int, int]) -> Iterator[tuple[float, Image.Image]] | None:
        """Pictures of a clip from `start` on with their seconds since then, upright, just large enough to cover `size`."""

    def sound(self, url: str, *, start: float, seconds: float) -> Field | None:
        """Stereo samples at 48 kHz, float32 (2, at most `seconds`)."""


class NoFootage:
    """A job without input files, or whose files nobody could fetch."""

    def facts(self) -> Facts:
        return NOTHING_KNOWN

    def picture(self, url: str) -> Image.Image | None:
        return None

    def frames(self, url: str, *, start: float, size: tuple[int, int]) -> Iterator[tuple[float, Image.Image]] | None:
        return None

    def sound(self, url: str, *, start: float, seconds: float) -> Field | None:
        return None


@dataclass(frozen=True, slots=True)
class Material:
    """What a clip is made of: how it looks, which input files play which part, and the files."""

    spec: ClipSpec
    asked: Intent
    footage: Footage
