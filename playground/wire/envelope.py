"""The envelope that all contracts share: `{"code": int, "msg": str, "data": any}`.

Measured: HTTP 200 with the code in the body, errors included. Documented: real statuses, and `message` for `msg` in older
pages. Both are read; KIE's form is written.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from playground.wire.records import text_of

OK = 200


def envelope(code: int, message: str, data: object = None) -> dict[str, Any]:
    return {"code": code, "msg": message, "data": data}


def compact(value: object) -> str:
    """JSON as it is sent and stored: nothing added between the parts, nothing renamed, nothing reordered."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


class Unreadable(ValueError):
    """The text is not an envelope of these contracts."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A parsed envelope; `code` is the body's, falling back to the HTTP status where the body has none."""

    code: int
    message: str
    data: object

    @property
    def task_id(self) -> str:
        """The id of a created task, or "". An id in quotes only: a number would lose digits in other programs."""
        found = self.data.get("taskId") if isinstance(self.data, Mapping) else None
        return found if isinstance(found, str) else ""


def read_answer(text: str, http_status: int) -> Answer:
    """Parse an envelope. Raises Unreadable for anything but a JSON object with a code, or with HTTP 4xx in its place.

    A 5xx without a code comes from something in front of the provider, which cannot know what happened behind it.
    """
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        raise Unreadable("not JSON") from None
    if not isinstance(body, dict):
        raise Unreadable("not an object")
    code = body.get("code", http_status if 400 <= http_status < 500 else None)
    if isinstance(code, str) and code.isascii() and code.isdigit():
        code = int(code[:9])
    if not isinstance(code, int) or isinstance(code, bool):
        raise Unreadable("no code")
    message = body.get("msg", body.get("message", ""))
    return Answer(code, text_of(message) if isinstance(message, str) else json.dumps(message), body.get("data"))
