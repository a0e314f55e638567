"""Callbacks: which task they speak of, and the signatures, KIE's and that of the Standard Webhooks.

The families put the id in different places: `data.taskId` (market, Veo), `data.task_id` (Runway, one form of 4K and
Aleph), `taskId` beside `data` (Aleph). The signature covers the id and the time, not the body: a callback is a hint.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass

from playground.wire.records import object_in, text_of

TOLERANCE_SECONDS = 300
LONGEST_ID = 200


@dataclass(frozen=True, slots=True)
class Callback:
    """`task_ids`: every id that the body names, most likely first; `code` and `words` are what it claims, unproved."""

    task_ids: tuple[str, ...]
    code: str
    words: str


def read_callback(body: str) -> Callback:
    """Read whatever was posted; what is no callback of a known form names no task."""
    envelope = object_in(body)
    data = object_in(envelope.get("data"))
    found = (data.get("taskId"), data.get("task_id"), envelope.get("taskId"), envelope.get("task_id"))
    ids = tuple(dict.fromkeys(value for value in found if isinstance(value, str) and _is_id(value)))
    return Callback(ids, text_of(envelope.get("code"))[:20], text_of(envelope.get("msg"))[:300])


def _is_id(value: str) -> bool:
    return 0 < len(value) <= LONGEST_ID and value.isprintable()


def signature(key: str, task_id: str, timestamp: str) -> str:
    """base64 of HMAC-SHA256 over `taskId.timestamp`."""
    digest = hmac.new(key.encode(), f"{task_id}.{timestamp}".encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def standard_signature(key: bytes, message_id: str, timestamp: str, body: str) -> str:
    """The scheme of standardwebhooks.com, which covers the body: `v1,` and base64 of HMAC-SHA256."""
    digest = hmac.new(key, f"{message_id}.{timestamp}.{body}".encode(), hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def is_signed(key: str, callback: Callback, headers: Mapping[str, str], *, now_seconds: float) -> bool:
    """Whether X-Webhook-Signature fits one of the ids and X-Webhook-Timestamp (unix seconds) is of these minutes."""
    timestamp, given = headers.get("X-Webhook-Timestamp", ""), headers.get("X-Webhook-Signature", "")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    if abs(now_seconds - int(timestamp)) > TOLERANCE_SECONDS:
        return False
    expected = (signature(key, task_id, timestamp) for task_id in callback.task_ids)
    return any(hmac.compare_digest(one.encode(), given.encode("utf-8", "replace")) for one in expected)
