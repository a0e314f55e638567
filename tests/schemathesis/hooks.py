"""Read by Schemathesis, in its own environment."""

from __future__ import annotations

from typing import Any

import schemathesis  # type: ignore[import-not-found]

WAITING = "/api/actions/ai.video.generate_and_wait"
SHORTEST_MS, LONGEST_MS = 1000, 1_800_000


@schemathesis.hook  # type: ignore[untyped-decorator]
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    """What waits does so as shortly as it may; a wrong time stays wrong."""
    if case.operation.path == WAITING and isinstance(case.body, dict):
        asked = case.body.get("timeoutMs", LONGEST_MS)
        if type(asked) is int and SHORTEST_MS <= asked <= LONGEST_MS:
            case.body["timeoutMs"] = SHORTEST_MS
