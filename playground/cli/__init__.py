"""`ads`, the command line: it talks HTTP to a server and knows nothing of its insides."""

from __future__ import annotations

from playground.cli.app import main

__all__ = ["main"]
