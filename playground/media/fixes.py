"""Mended copies of uploads: cut or padded to a shape, made smaller, shorter, or written anew in a kind that a field takes.

A copy is an upload of its own that remembers what it was made from; the original stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from playground.catalog.facts import MediaFacts
from playground.media import errors, files
from playground.media.examination import MENDING_MEMORY_BYTES, in_child
from playground.media.models import Upload
from playground.media.sniff import MediaType
from playground.media.uploads import facts_of, store_upload

Fit = Literal["crop", "pad", ""]
# What can be written here, best first; the source's own kind comes before all of them.
_WRITTEN = {
    "image": (MediaType.JPEG, MediaType.PNG, MediaType.WEBP),
    "video": (MediaType.MP4,),
    "audio": (MediaType.MP3, MediaType.WAV, MediaType.M4A, MediaType.AAC),
}
_ALIASES = {
    "image/jpg": "image/jpeg",
    "audio/mp3": "audio/mpeg",
    "audio/x-wav": "audio/wav",
    "audio/m4a": "audio/mp4",
    "audio/x-m4a": "audio/mp4",
}
# Encoders of sound begin with some silence of their own, which a reader may count.
_SOUND_SLACK_SECONDS = 0.1
_BYTES_PER_MB = 1_000_000


def apply_fix(upload: Upload, spec: Mapping[str, Any], fit: Fit = "", *, user_id: int | None) -> Upload:
    """A copy of `upload` that keeps the limits of a field's `spec`; its shape is changed only with a `fit`.

    Runs for up to the wall seconds of an examination; holds no lock. Raises MediaError, leaving nothing behind.
    """
    plan = plan_for(spec, facts_of(upload), fit)
    media_type = MediaType[plan["type"]]
    with files.work_directory() as work, files.local_copy(upload.stored.storage_name) as source:
        target = f"{work}/mended.{media_type.extension}"
        in_child("playground.media.mending.mend", str(source), target, plan, memory_bytes=MENDING_MEMORY_BYTES)
        stem = upload.name.rpartition(".")[0]
        name = f"{stem}.{media_type.extension}"
        return store_upload(upload.team_id, user_id, Path(target), name, source=upload.source, derived_from=upload.derived_from or upload)


def plan_for(spec: Mapping[str, Any], facts: MediaFacts, fit: Fit = "") -> dict[str, Any]:
    """The limits of a field as `mending` reads them. Raises Unsupported where no accepted kind can be written here."""
    media: Mapping[str, Any] = spec.get("x-media", {})
    kind = facts.content_type.partition("/")[0]
    plan: dict[str, Any] = {"type": _written_type(spec, facts.content_type, kind).name}
    if fit and "ratio" in media:
        plan |= {"ratio": list(media["ratio"]), "fit": fit}
    lowest, highest = media.get("side_px", (media.get("min_side_px"), media.get("max_side_px")))
    fewest, most = media.get("pixels", (media.get("min_pixels"), media.get("max_pixels")))
    seconds = media.get("max_s") or media.get("total_s")
    plan |= {
        "min_side": lowest,
        "max_side": highest,
        "min_pixels": fewest,
        "max_pixels": most,
        "max_seconds": seconds - _SOUND_SLACK_SECONDS if seconds and kind == "audio" else seconds,
        "max_bytes": int(spec["x-max-mb"] * _BYTES_PER_MB) if "x-max-mb" in spec else None,
        "fps": _rates(media) if kind == "video" else None,
    }
    return {name: value for name, value in plan.items() if value is not None}


def _written_type(spec: Mapping[str, Any], content_type: str, kind: str) -> MediaType:
    accepted = {_ALIASES.get(str(name), str(name)) for name in spec.get("x-accept", ())}
    choices = [media_type for media_type in _WRITTEN.get(kind, ()) if not accepted or media_type.content_type in accepted]
    if not choices:
        raise errors.Unsupported("Nothing that this field takes can be made of this file here.")
    return next((media_type for media_type in choices if media_type.content_type == content_type), choices[0])


def _rates(media: Mapping[str, Any]) -> list[float] | None:
    if "fps" in media:
        return list(media["fps"])
    return [media["min_fps"], 120] if "min_fps" in media else None
