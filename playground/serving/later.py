"""How the application says "not yet": the front waits as a coroutine, without a thread, and then asks the same again.

Every request carries a `Later` in its environ. A view that has to wait sets `listen` and answers 202, which nobody sees;
when what it waits for is there, or time is up, the application is called once more with `is_resumed`, and without a body.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

KEY = "rushes.later"
NOT_YET = 202
Wake = Callable[[], None]


@dataclass(slots=True)
class Later:
    """`listen` is told how to wake the front, from any thread, and returns how to stop that. `leave` is called once, however it ends."""

    seconds: float = 0
    listen: Callable[[Wake], Callable[[], None]] | None = None
    leave: Callable[[], None] | None = None
    subject: Any = None
    """What the view needs to know of its first half."""
    is_resumed: bool = False

    def end(self) -> None:
        leave, self.leave = self.leave, None
        if leave is not None:
            leave()


def later_of(environ: Mapping[str, Any]) -> Later | None:
    """None behind another web server, which cannot wait without a thread."""
    found = environ.get(KEY)
    return found if isinstance(found, Later) else None
