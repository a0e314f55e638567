"""Is this task of the provider's ours? Asked of a task that only a callback has named.

The provider's own record must show our model, our input and a time after our request left. A callback's body proves
nothing: its signature, where there is one, does not cover it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from playground.core import clock
from playground.jobs.models import Attempt, Job
from playground.wire.envelope import compact
from playground.wire.records import Echo, object_in

# Our clock and theirs; and some records are rounded to the second.
SKEW = timedelta(minutes=2)
# What a request is about, whatever else a provider adds, drops or fills in.
_TELLING = frozenset({"prompt", "text", "taskid"})


def why_not_ours(job: Job, attempt: Attempt | None, echo: Echo | None) -> str:
    """The first thing that does not fit, or "" for a task that is ours."""
    if echo is None or attempt is None or attempt.sent_at is None:
        return "nothing to compare"
    if echo.model and not job.endpoint and echo.model != job.model_id:
        return f"it is of {echo.model}"
    if not any(attempt.sent_at - SKEW <= clock.from_ms(ms) <= clock.now() + SKEW for ms in echo.created_ms):
        return "it was not made after we sent ours"
    sent = object_in(attempt.sent_json) or job.payload
    if field := _difference(sent, echo.input):
        return f"its {field} is another"
    return ""


def _difference(sent: Mapping[str, Any], shown: Mapping[str, Any]) -> str:
    """The first field that differs; a field that is not shown differs only where it tells one request from another."""
    known = {_folded(name): value for name, value in shown.items()}
    for name, value in sent.items():
        folded = _folded(name)
        if folded in known:
            if not _same(value, known[folded]):
                return name
        elif folded in _TELLING or _is_address(value):
            return name
    return "" if known else "input"


def _folded(name: str) -> str:
    """`aspect_ratio` is recorded as `aspectRatio`, `watermark` as `waterMark`."""
    return name.replace("_", "").lower()


def _is_address(value: Any) -> bool:
    if isinstance(value, list):
        return any(_is_address(item) for item in value)
    return isinstance(value, str) and value.lower().startswith(("http://", "https://", "asset://"))


def _same(ours: Any, theirs: Any) -> bool:
    """Numbers and switches are compared as they are read: `5` and `"5"`, `true` and `"true"` are the same."""
    if isinstance(ours, Mapping):
        return not _difference(ours, object_in(theirs)) if ours else True
    if isinstance(ours, list):
        others = theirs if isinstance(theirs, list) else [theirs]
        return len(ours) == len(others) and all(_same(mine, other) for mine, other in zip(ours, others, strict=True))
    return _plain(ours) == _plain(theirs)


def _plain(value: Any) -> str:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return compact(value)
