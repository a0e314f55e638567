"""What a model's card says to people, in their language; and all of it, for those who translate it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.functional import lazy

from playground.catalog.card import Card
from playground.catalog.pricewords import axis_name
from playground.core.speech import said

__all__ = ["one_of", "readable", "said", "said_later", "texts_of"]

_said_later = lazy(said, str)
_CONSTANT = re.compile(r"[A-Za-z\d]+(_[A-Za-z\d]+)+", re.ASCII)
# 720p, 16:9, mp4 and s3 are the same in every language.
_WORDS = re.compile(r"[A-Za-z]{3,}(?: \w+)*")


def said_later(text: str) -> Any:
    """A text of a card for a form class, which is made once for all languages."""
    return _said_later(text) if text else ""


def readable(choice: str) -> str:
    """`FIRST_AND_LAST_FRAMES_2_VIDEO` for people; other words as the provider spells them."""
    if not _CONSTANT.fullmatch(choice):
        return choice
    return choice.replace("_2_", " to ").replace("_", " ").lower().capitalize()


def one_of(title: str) -> str:
    """`Shots` → `shot`, for "Add shot"."""
    word = title[:-1] if title.endswith("s") and not title.endswith("ss") else title
    return word[:1].lower() + word[1:] if not word[:2].isupper() else word


def texts_of(card: Card) -> Iterator[str]:
    """Everything on a card that is passed through gettext where it is shown. Names of models and vendors are not."""
    yield card.summary
    yield from (*card.good_at, *card.use_cases)
    yield from (str(rule["message"]) for rule in card.rules)
    yield from (str(card.pricing[name]) for name in ("undetermined", "note") if card.pricing.get(name))
    yield from (axis_name(axis) for axis in card.pricing["axes"] if "from_task" in axis)
    yield from _of_fields(card.properties)


def _of_fields(fields: Mapping[str, Any]) -> Iterator[str]:
    for name, spec in fields.items():
        title = str(spec.get("title", name))
        # As a label, and as it stands within a sentence.
        yield from (title, title.lower())
        yield str(spec.get("description", ""))
        yield from filter(_WORDS.fullmatch, (readable(str(choice)) for choice in spec.get("enum", ())))
        if inner := spec.get("items", {}).get("properties"):
            yield one_of(title)
            yield from _of_fields(inner)
