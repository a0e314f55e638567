"""What a payload points at: files by their URLs and earlier tasks by their ids, each with the place where it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from playground.catalog import registry
from playground.catalog.card import Card, JSONObject
from playground.catalog.schema import pointer_to

_MEDIA_WIDGETS = frozenset({"image", "images", "video", "videos", "audio", "audios", "files"})


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file's URL and the JSON pointer to it in the payload."""

    pointer: str
    url: str
    title: str

    @property
    def scheme(self) -> str:
        return self.url.partition(":")[0].lower()

    @property
    def is_readable(self) -> bool:
        """Whether somebody upstream could read this address at all; `asset://` names what the provider has already."""
        return self.scheme in ("http", "https", "asset")

    @property
    def field(self) -> str:
        """The payload's own field that it stands in, however deep."""
        return self.pointer.split("/")[1].replace("~1", "/").replace("~0", "~")


@dataclass(frozen=True, slots=True)
class _Pointing:
    """The fields of a card that point at something; worked out once per card."""

    media: Mapping[str, JSONObject]
    tasks: tuple[str, ...]


@cache
def _pointing(key: tuple[str, str], version: str) -> _Pointing:
    properties = registry.get(key[1], key[0]).properties
    media = {name: spec for name, spec in properties.items() if _holds_media(spec)}
    return _Pointing(media, tuple(name for name, spec in properties.items() if spec.get("x-ref") == "task"))


def _holds_media(spec: JSONObject) -> bool:
    inner = spec.get("items", {}).get("properties", {})
    return spec.get("x-widget") in _MEDIA_WIDGETS or any(_holds_media(deeper) for deeper in inner.values())


def files_of(card: Card, payload: Mapping[str, Any]) -> list[InputFile]:
    """Every media URL of a payload, in its order; what is no text is for the validator to refuse."""
    media = _pointing(card.key, card.version).media
    return [
        file for name, value in payload.items() if name in media for file in _files(media[name], value, (name,), card.field_title(name))
    ]


def _files(spec: JSONObject, value: object, path: tuple[str | int, ...], title: str) -> Iterator[InputFile]:
    if isinstance(value, str):
        if value and spec.get("x-widget") in _MEDIA_WIDGETS:
            yield InputFile(pointer_to(*path), value, title)
    elif isinstance(value, list):
        inner = spec.get("items", {})
        for index, item in enumerate(value):
            # A list of URLs carries its widget on the list, a list of objects on each of their fields.
            yield from _files(inner if "properties" in inner else spec, item, (*path, index), title)
    elif isinstance(value, Mapping):
        fields = spec.get("properties", {})
        for name, item in value.items():
            if name in fields:
                yield from _files(fields[name], item, (*path, name), str(fields[name].get("title", name)))


def task_fields(card: Card) -> tuple[str, ...]:
    """The fields that name an earlier task (`x-ref: task`)."""
    return _pointing(card.key, card.version).tasks
