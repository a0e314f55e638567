"""Mended copies of uploads: cut or padded to a shape, made smaller, shorter, or written anew in a kind that a field takes.

A copy is an upload of its own that remembers what it was made from; the original stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from playground.catalog.facts import MediaFacts
from playground.catalog.filetypes import canonical, kind_of, writable_among
from playground.catalog.preflight import BYTES_PER_MB
from playground.core.speech import gettext_noop
from playground.media import errors, files
from playground.media.examination import MENDING_MEMORY_BYTES, MENDING_SECONDS, in_child
from playground.media.models import Upload
from playground.media.sniff import MediaType
from playground.media.uploads import facts_of, store_upload

Fit = Literal["crop", "pad", ""]
_WRITTEN = ("image/jpeg", "image/png", "image/webp", "video/mp4", "audio/mpeg", "audio/wav", "audio/mp4", "audio/aac")
# Encoders of sound begin with some silence of their own, which a reader may count.
_SOUND_SLACK_SECONDS = 0.1
_FASTEST_FPS = 120


def apply_fix(upload: Upload, spec: Mapping[str, Any], fit: Fit = "", *, user_id: int | None) -> Upload:
    """A copy of `upload` that keeps the limits of a field's `spec`; its shape is changed only with a `fit`.

    Runs for up to MENDING_SECONDS; holds no lock. Raises MediaError, leaving nothing behind.
    """
    plan = plan_for(spec, facts_of(upload), fit)
    media_type = MediaType[plan["type"]]
    with files.work_directory() as work, files.local_copy(upload.stored.storage_name) as source:
        target = f"{work}/mended.{media_type.extension}"
        in_child("playground.media.mending.mend", str(source), target, plan, memory_bytes=MENDING_MEMORY_BYTES, seconds=MENDING_SECONDS)
        stem = upload.name.rpartition(".")[0]
        name = f"{stem}.{media_type.extension}"
        return store_upload(upload.team_id, user_id, Path(target), name, source=upload.source, derived_from=upload.derived_from or upload)


def plan_for(spec: Mapping[str, Any], facts: MediaFacts, fit: Fit = "") -> dict[str, Any]:
    """The limits of a field as `mending` reads them. Raises Unsupported where no accepted kind can be written here."""
    media: Mapping[str, Any] = spec.get("x-media", {})
    kind = kind_of(facts.content_type)
    plan: dict[str, Any] = {"type": _written_type(spec, facts.content_type, kind).name}
    if fit and "ratio" in media:
        plan |= {"ratio": list(media["ratio"]), "fit": fit}
    lowest, highest = _bounds(media, "side_px")
    fewest, most = _bounds(media, "pixels")
    seconds = min((media[name] for name in ("max_s", "total_s") if name in media), default=None)
    plan |= {
        "min_side": lowest,
        "max_side": highest,
        "min_pixels": fewest,
        "max_pixels": most,
        "max_seconds": seconds - _SOUND_SLACK_SECONDS if seconds and kind == "audio" else seconds,
        "max_bytes": int(spec["x-max-mb"] * BYTES_PER_MB) if "x-max-mb" in spec else None,
        "fps": _rates(media) if kind == "video" else None,
    }
    return {name: value for name, value in plan.items() if value is not None}


def _written_type(spec: Mapping[str, Any], content_type: str, kind: str) -> MediaType:
    """The file's own kind where the field takes it and it can be written here, else the best that the field takes."""
    accepted = [str(name) for name in spec.get("x-accept", ())] or [content_type]
    is_kept = content_type in _WRITTEN and content_type in {canonical(name) for name in accepted}
    wanted = content_type if is_kept else writable_among(accepted, kind)
    media_type = next((media_type for media_type in MediaType if media_type.content_type == wanted), None)
    if media_type is None:
        raise errors.Unsupported(gettext_noop("Nothing that this field takes can be made of this file here."))
    return media_type


def _bounds(media: Mapping[str, Any], name: str) -> tuple[Any, Any]:
    low, high = media.get(name, (None, None))
    return media.get(f"min_{name}", low), media.get(f"max_{name}", high)


def _rates(media: Mapping[str, Any]) -> list[float] | None:
    low, high = _bounds(media, "fps")
    return [low or 1, high or _FASTEST_FPS] if low or high else None
