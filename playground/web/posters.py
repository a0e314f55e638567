"""A picture for a model that has no takes yet: a frame of the clip that the sandbox would draw for its example."""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings

from playground.catalog.card import Card
from playground.core import ids
from playground.providers.sandbox import clip_from_payload, draw_poster

WIDTH, HEIGHT = 640, 360
QUALITY = 82


def poster_of(card: Card) -> Path:
    """The file, drawn at the first request for this version of the card. Two that race both draw; the last one stays."""
    path = settings.DATA_DIR / "posters" / f"{card.gateway}-{card.id.replace('/', '-')}-{card.version}.webp"
    if path.exists():
        return Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    spec, _ = clip_from_payload(dict(card.example), seed=1, max_seconds=5, model_id=card.id)
    unfinished = path.with_suffix(f".{ids.new_id().hex}.tmp")
    draw_poster(spec.scene, WIDTH, HEIGHT).save(unfinished, "WEBP", quality=QUALITY)
    os.replace(unfinished, path)
    return Path(path)
