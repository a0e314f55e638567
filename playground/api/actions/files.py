"""`imageInput` and `videoInput`: into which of a model's own fields the files go. The card's schema decides, no list of models."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from playground.api.envelopes import Mistake
from playground.catalog.card import Card

Kind = Literal["image", "video"]
INPUTS: Mapping[Kind, str] = {"image": "imageInput", "video": "videoInput"}
_WORDS = {"image": "pictures", "video": "clips"}
# A comma within an address is legal; one before the next address parts them.
_BETWEEN = re.compile(r",\s*(?=[A-Za-z][A-Za-z0-9+.-]*://)")
_LAST = ("last", "end_", "tail")
# It says where to look, and is no picture to start from.
_NO_INPUT = ("mask_url",)


@dataclass(frozen=True, slots=True)
class Slot:
    """A field for files: how many fit, and the key under which each stands where the entries are objects."""

    name: str
    most: int
    is_list: bool
    is_reference: bool
    key: str = ""

    def filled(self, urls: Sequence[str]) -> Any:
        if not self.is_list:
            return urls[0]
        return [{self.key: url} for url in urls] if self.key else list(urls)


def addresses(value: object) -> list[str]:
    """Of a text with commas, or of a list."""
    if isinstance(value, list):
        return [str(url) for url in value]
    parts = (part.strip(" ,\t\r\n") for part in _BETWEEN.split(str(value or "")))
    return [part for part in parts if part]


def slots_of(card: Card, kind: Kind) -> list[Slot]:
    """In the card's order, last frames after first ones."""
    found = [slot for name, field in card.properties.items() if name not in _NO_INPUT for slot in _slot(name, field, kind)]
    return sorted(found, key=lambda slot: any(word in slot.name for word in _LAST))


def _slot(name: str, field: Mapping[str, Any], kind: Kind) -> Iterator[Slot]:
    widget = field.get("x-widget")
    most = int(field.get("maxItems", 1))
    if widget in (kind, f"{kind}s"):
        is_list = field.get("type") == "array"
        yield Slot(name, most if is_list else 1, is_list, "reference" in name.lower())
        return
    item = field.get("items", {})
    needed = item.get("required", ())
    if len(needed) == 1 and item.get("properties", {}).get(needed[0], {}).get("x-widget") == kind:
        yield Slot(name, most, True, True, key=needed[0])


def place(card: Card, kind: Kind, urls: Sequence[str], *, as_references: bool) -> tuple[dict[str, Any], list[Mistake]]:
    """The model's fields with the files in them: frames one by one, or one list that takes them all.

    `as_references`: where the model has both, the files say what things look like rather than how the clip begins.
    """
    if not urls:
        return {}, []
    slots, pointer = slots_of(card, kind), f"/{INPUTS[kind]}"
    if not slots:
        return {}, [Mistake(pointer, "unknown_field", f"{card.title} takes no {_WORDS[kind]} here.")]
    for group in _groups(slots, as_references):
        if len(urls) <= _room(group):
            return _filled(group, urls), []
    most = max(_room(group) for group in _groups(slots, as_references))
    return {}, [Mistake(pointer, "max_items", f"{card.title} takes at most {most} {_WORDS[kind]} at once; there are {len(urls)}.")]


def _groups(slots: Sequence[Slot], as_references: bool) -> list[list[Slot]]:
    frames = [slot for slot in slots if not slot.is_list and not slot.is_reference]
    lists = [[slot] for slot in slots if slot.is_list and not slot.is_reference]
    references = [[slot] for slot in slots if slot.is_reference]
    usual = [*([frames] if frames else []), *lists]
    return [*references, *usual] if as_references else [*usual, *references]


def _room(group: Sequence[Slot]) -> int:
    return sum(slot.most for slot in group)


def _filled(group: Sequence[Slot], urls: Sequence[str]) -> dict[str, Any]:
    if group[0].is_list:
        return {group[0].name: group[0].filled(urls)}
    return {slot.name: url for slot, url in zip(group, urls, strict=False)}
