"""What the limited child draws for previews: a still or a few seconds of a sandbox scene, without Django."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from playground.providers.sandbox import ClipSpec, draw_poster, render

WIDTH, HEIGHT = 480, 270
CLIP_SECONDS, CLIP_FPS = 3.0, 15
POSTER_QUALITY = 74


def draw(orders: Sequence[Mapping[str, Any]]) -> int:
    """Draw each order ({kind, scene, seed, at, title, model_id, target}); a finished file appears under its name at once."""
    for order in orders:
        target = Path(order["target"])
        unfinished = target.with_name(f"{target.name}.{os.getpid()}.tmp")
        if order["kind"] == "poster":
            picture = draw_poster(order["scene"], WIDTH, HEIGHT, seed=order["seed"], time=order["at"])
            picture.save(unfinished, "WEBP", quality=POSTER_QUALITY)
        else:
            render(_clip(order), unfinished)
        os.replace(unfinished, target)
    return len(orders)


def _clip(order: Mapping[str, Any]) -> ClipSpec:
    return ClipSpec(
        scene=order["scene"],
        width=WIDTH,
        height=HEIGHT,
        seconds=CLIP_SECONDS,
        seed=order["seed"],
        audio=False,
        title=order["title"],
        model_id=order["model_id"],
        fps=CLIP_FPS,
    )
