"""A task as the server tells it, in whichever of its contracts' shapes, and as `--json` prints it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from playground.cli.problems import ExitCode, Problem

Status = Literal["pending", "processing", "success", "fail"]
_PENDING = {"pending", "waiting", "queuing", "queueing", "queued", "wait"}
_SUCCESS = {"success", "succeeded", "completed", "done"}
_FAIL = {"fail", "failed", "error", "cancelled", "canceled"}
WORDS: dict[Status, str] = {"pending": "in the queue", "processing": "generating", "success": "done", "fail": "failed"}


@dataclass(frozen=True, slots=True)
class Task:
    id: str
    status: Status
    urls: tuple[str, ...] = ()
    progress: int | None = None
    fail_code: str = ""
    fail_message: str = ""
    held: int | float | None = None
    charged: int | float | None = None
    expected_seconds: int | float | None = None
    is_sandbox: bool = False
    said: Mapping[str, Any] = field(default_factory=dict)

    @property
    def has_ended(self) -> bool:
        return self.status in ("success", "fail")

    def as_json(self, files: Sequence[str] = ()) -> dict[str, Any]:
        """The documented object: what the server said, in any case with the provider's four fields, and the files here."""
        first = {"taskId": self.id, "status": self.status, "videoUrl": self.urls[0] if self.urls else None, "videoUrls": list(self.urls)}
        return first | {"localPath": files[0] if files else None, "localPaths": list(files)} | {**self.said, **first}


def read_task(data: Any, task_id: str = "") -> Task:
    """`task_id` is what was asked for, where the answer does not repeat it."""
    found = data if isinstance(data, Mapping) else {}
    given = found.get("taskId") or found.get("task_id") or task_id
    if not isinstance(given, str) or not given:
        raise Problem(ExitCode.NETWORK, "The server answered without a task id.")
    error, credits = _object(found.get("error")), _object(found.get("credits"))
    progress = _number(found.get("progress"))
    return Task(
        id=given,
        status=_status(found.get("status") or found.get("state")),
        urls=_urls(found),
        progress=None if progress is None else max(0, min(100, int(progress))),
        fail_code=_text(error.get("code") or found.get("failCode")),
        fail_message=_text(error.get("message") or found.get("failMsg")),
        held=_number(credits.get("held")),
        charged=_number(credits.get("charged", found.get("creditsConsumed"))),
        expected_seconds=_number(found.get("expectedSeconds")),
        is_sandbox=found.get("sandbox") is True,
        said={name: value for name, value in found.items() if name not in ("localPath", "localPaths")},
    )


def _status(word: object) -> Status:
    """A word that nobody knows means that it still runs, never that it failed."""
    known = str(word or "pending").lower()
    if known in _PENDING:
        return "pending"
    return "success" if known in _SUCCESS else "fail" if known in _FAIL else "processing"


def _urls(found: Mapping[str, Any]) -> tuple[str, ...]:
    result = _object(found.get("resultJson"))
    for value in (found.get("videoUrls"), found.get("resultUrls"), result.get("resultUrls"), found.get("videoUrl")):
        listed = value if isinstance(value, list) else [value]
        urls = tuple(url for url in listed if isinstance(url, str) and url.lower().startswith(("https://", "http://")))
        if urls:
            return urls
    return ()


def _object(value: object) -> Mapping[str, Any]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return {}
    return value if isinstance(value, Mapping) else {}


def _text(value: object) -> str:
    return "" if value is None or isinstance(value, Mapping | list) else str(value)


def _number(value: object) -> int | float | None:
    """Whole where it is whole; nothing else that Python takes for a number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e12:
        return None
    return int(value) if value == int(value) else value
