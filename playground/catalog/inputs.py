"""Which file of a payload plays which part: first frame, reference, the clip to edit, the voice that is spoken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from playground.catalog.card import Card
from playground.catalog.roles import field_for

Kind = Literal["image", "video", "audio", "any"]
Part = Literal["first", "last", "reference", "source", "continued", "motion", "speech", "sound"]

_KINDS: dict[str, Kind] = {"image": "image", "images": "image", "video": "video", "videos": "video", "audio": "audio", "audios": "audio"}
# Pictures under these names are told apart by the scene and by how many there are.
_OPEN_NAMES = ("image_url", "imageUrl", "image_urls", "imageUrls", "input_urls")
_LAST_WORDS = ("last", "end_", "tail")
# A mask says where to look and is never seen; a document and a web page are read, not shown.
_UNSEEN = ("mask_url", "reference_file_urls", "reference_link_urls")
_SPEAKING_SCENES = ("speech-to-video",)


@dataclass(frozen=True, slots=True)
class Input:
    """One input file. `url` stands in the payload as it is here; for `continued` it may be the id of an earlier task.

    `start` and `end` (seconds) cut a clip. `kind` "any" is a picture or a clip: the bytes decide.
    """

    url: str
    part: Part
    kind: Kind
    field: str
    start: Decimal | None = None
    end: Decimal | None = None


def inputs_of(card: Card, payload: Mapping[str, Any]) -> tuple[Input, ...]:
    """Every input file that can be seen or heard, in the order of the card's fields, an earlier task first."""
    found = list(_parent(card, payload))
    for name, field in card.properties.items():
        value = payload.get(name)
        if value and name not in _UNSEEN:
            found += _of_field(card, payload, name, field, value)
    return tuple(found)


def _parent(card: Card, payload: Mapping[str, Any]) -> Iterator[Input]:
    name = field_for(card, "parent")
    task = payload.get(name) if name else None
    if name and isinstance(task, str) and task:
        yield Input(task, "source" if "upscale" in card.scenes else "continued", "video", name, start=_seconds(payload.get("extend_at")))


def _of_field(card: Card, payload: Mapping[str, Any], name: str, field: Mapping[str, Any], value: Any) -> Iterator[Input]:
    item = field.get("items", {})
    if item.get("type") == "object":
        for entry in value if isinstance(value, list) else ():
            yield from _of_entry(card, name, item["properties"], entry)
        return
    kind = _KINDS.get(str(field.get("x-widget")))
    if kind is None:
        return
    urls = [
        url for url in ([value] if isinstance(value, str) else value if isinstance(value, list) else []) if isinstance(url, str) and url
    ]
    parts = _picture_parts(card, payload, name, field, len(urls)) if kind == "image" else [_part(card, name, kind)] * len(urls)
    start = _seconds(payload.get("templ_start_seconds")) if kind == "video" else None
    for url, part in zip(urls, parts, strict=True):
        yield Input(url, part, kind, name, start=start)


def _of_entry(card: Card, name: str, fields: Mapping[str, Any], entry: Any) -> Iterator[Input]:
    """Entries of a list: named references, elements with their pictures or clip, a clip that is cut."""
    if not isinstance(entry, Mapping):
        return
    for key, field in fields.items():
        kind = _KINDS.get(str(field.get("x-widget")))
        value = entry.get(key)
        # The voice of an element belongs to its person and is not the sound of the clip.
        if kind not in ("image", "video") or not value:
            continue
        accepted = {word.partition("/")[0] for word in field.get("x-accept", ())}
        part: Part = "source" if kind == "video" and "video-to-video" in card.scenes else "reference"
        for url in [value] if isinstance(value, str) else value:
            if isinstance(url, str) and url:
                yield Input(
                    url, part, "any" if len(accepted) > 1 else kind, name, _seconds(entry.get("start")), _seconds(entry.get("ends"))
                )


def _part(card: Card, name: str, kind: Kind) -> Part:
    if kind == "audio":
        return "speech" if name == "audio_url" and (set(_SPEAKING_SCENES) & set(card.scenes) or "video_url" in card.properties) else "sound"
    if name == "first_clip_url" or "extend" in card.scenes:
        return "continued"
    if "motion-control" in card.scenes or (_is_silent_about_itself(card) and "video-to-video" in card.scenes):
        return "motion"
    is_reference = "reference" in name or ("reference-to-video" in card.scenes and "video-to-video" not in card.scenes)
    return "reference" if is_reference else "source"


def _is_silent_about_itself(card: Card) -> bool:
    """A clip and one picture, no words: the picture's person moves as the clip's does."""
    return field_for(card, "prompt") is None and {"video_url", "image_url"} <= set(card.properties)


def _picture_parts(card: Card, payload: Mapping[str, Any], name: str, field: Mapping[str, Any], count: int) -> Sequence[Part]:
    references: Sequence[Part] = ["reference"] * count
    if any(word in name for word in _LAST_WORDS):
        return ["last"] * count
    if name not in _OPEN_NAMES:
        return references if "reference" in name else ["first"] * count
    scenes = set(card.scenes)
    has_own_frames = any(other != name and "first_frame" in other for other in card.properties)
    is_about_frames = bool(scenes & {"image-to-video", *_SPEAKING_SCENES}) and not has_own_frames
    if not is_about_frames or payload.get("generationType") == "REFERENCE_2_VIDEO":
        return references
    if count == 1:
        return ["first"]
    is_pair = count == 2 and (field.get("maxItems") == 2 or "generationType" in card.properties)
    return ["first", "last"] if is_pair else references


def _seconds(value: object) -> Decimal | None:
    return Decimal(str(value)) if isinstance(value, int | float) and not isinstance(value, bool) else None
