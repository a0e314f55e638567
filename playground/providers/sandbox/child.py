"""What the media worker runs in its limited child process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playground.providers.base import Running

from .adapter import Sandbox


def collect_in_child(running: dict[str, Any], link: str, target: str, options: dict[str, Any]) -> None:
    """Draw a clip; raises what `Sandbox.collect` raises."""
    Sandbox(max_seconds=options["max_seconds"]).collect(Running(**running), link, Path(target))
