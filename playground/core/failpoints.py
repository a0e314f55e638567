"""Named places where a test may kill the process, to prove that no crash loses a job or runs it twice.

`RUSHES_FAILPOINT=<name>` arms one, `<name>@3` at the third time it is passed; unarmed, a call is one comparison. SIGKILL
rather than an exception: what must be survived is power loss, and an exception would still run `finally` blocks.
"""

from __future__ import annotations

import itertools
import os
import signal
from pathlib import Path

_ARMED, _, _AT = os.environ.get("RUSHES_FAILPOINT", "").partition("@")
_passes = itertools.count(1)
# A marker file makes the shot happen once, so that the restarted process gets past the same place.
_MARKER = os.environ.get("RUSHES_FAILPOINT_MARKER", "")


def failpoint(name: str) -> None:
    if name != _ARMED or next(_passes) < int(_AT or 1):
        return
    if _MARKER:
        try:
            Path(_MARKER).touch(exist_ok=False)
        except FileExistsError:
            return
    os.kill(os.getpid(), signal.SIGKILL)
