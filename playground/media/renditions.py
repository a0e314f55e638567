"""The work of the limited child: one pass over a foreign video, plain values in and out, no Django."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playground.media.poster import make_poster, make_preview, make_thumb
from playground.media.probe import probe_video

POSTER_NAME = "poster.webp"
THUMB_NAME = "thumb.webp"
PREVIEW_NAME = "preview.mp4"


def render(source: str, directory: str) -> dict[str, Any]:
    """Probe `source`, write poster, thumb and preview into `directory`, return all facts. Raises MediaError."""
    video, folder = Path(source), Path(directory)
    facts = probe_video(video)
    poster = make_poster(video, folder / POSTER_NAME)
    thumb = make_thumb(folder / POSTER_NAME, folder / THUMB_NAME)
    preview_width, preview_height, preview_ms = make_preview(video, folder / PREVIEW_NAME)
    return {
        "video": {
            "type": facts.media_type.name,
            "width": facts.width,
            "height": facts.height,
            "duration_ms": facts.duration_ms,
            "fps": str(facts.fps) if facts.fps is not None else None,
            "has_audio": facts.has_audio,
            "codec": facts.codec,
        },
        "poster": {"width": poster[0], "height": poster[1]},
        "thumb": {"width": thumb[0], "height": thumb[1]},
        "preview": {"width": preview_width, "height": preview_height, "duration_ms": preview_ms},
    }
