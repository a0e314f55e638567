"""The pictures of the sandbox. Entry point: `make_scene(name, stage, seed)`, then `frame(time)` for linear light.

Every scene is a small model of light in NumPy, drawn at about 640 x 360 and enlarged. A library of ready clips was
rejected: it could not honour seed, shape and length, and would weigh megabytes in the repository; shaders would need
a GPU or a software rasteriser that a bare machine does not have.
"""

from __future__ import annotations

from playground.providers.sandbox.colours import Tint
from playground.providers.sandbox.pixels import Stage

from .aurora import Aurora
from .base import Scene
from .candy import Candy
from .city import City
from .dunes import Dunes
from .forest import Forest
from .ocean import Ocean
from .planet import Planet
from .product import Product
from .silk import Silk

_SCENES: dict[str, type[Scene]] = {
    "ocean": Ocean,
    "aurora": Aurora,
    "silk": Silk,
    "planet": Planet,
    "forest": Forest,
    "product": Product,
    "city": City,
    "candy": Candy,
    "dunes": Dunes,
}


def make_scene(name: str, canvas: Stage, seed: int, tint: Tint | None = None) -> Scene:
    return _SCENES[name](canvas, seed, tint)


__all__ = ["Scene", "make_scene"]
