"""The complete example of docs/cards.md, which is a good card."""

from __future__ import annotations

import copy
import json
import re
from typing import Any

from tests.arch.sources import ROOT

TEXT = (ROOT / "docs" / "cards.md").read_text(encoding="utf-8")
WHERE = "kie/example__storyboard.json"
_FOUND = re.search(r"```json\n(.*?)```", TEXT, re.DOTALL)
assert _FOUND
EXAMPLE: dict[str, Any] = json.loads(_FOUND.group(1))
GONE = object()


def leads_somewhere(pointer: str, card: Any) -> bool:
    """Whether a JSON pointer names a place in the card, or something that is missing from a place in it."""
    place = card
    *path, last = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]] or [""]
    for part in path:
        if isinstance(place, list) and part.isdigit() and int(part) < len(place):
            place = place[int(part)]
        elif isinstance(place, dict) and part in place:
            place = place[part]
        else:
            return False
    return isinstance(place, dict) or (isinstance(place, list) and last.isdigit()) or not pointer


def changed(*changes: tuple[str, object]) -> dict[str, Any]:
    """The example with other values at these JSON pointers; `GONE` takes a key or entry out, a last part `-` adds an entry."""
    card = copy.deepcopy(EXAMPLE)
    for pointer, value in changes:
        *path, last = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
        place: Any = card
        for part in path:
            place = place[int(part)] if isinstance(place, list) else place[part]
        if last == "-":
            place.append(value)
        elif value is GONE:
            del place[int(last) if isinstance(place, list) else last]
        else:
            place[int(last) if isinstance(place, list) else last] = value
    return card
