"""Pictures for models that the team has no takes of yet: a still and a short clip of what the sandbox would draw.

They are drawn at the first need, by one low-priority child process at a time, and kept for ever under the card's
version. What can be asked for is two files per card and no more, so nobody can make this machine draw without end.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Mapping
from pathlib import Path
from threading import Lock, Thread
from typing import Any, Literal

from django.conf import settings

from playground.catalog.card import Card
from playground.media.limited import LimitedError, run_limited
from playground.providers.sandbox.choice import choose_scene

Kind = Literal["poster", "clip"]

logger = logging.getLogger(__name__)
SUFFIXES: dict[Kind, str] = {"poster": "webp", "clip": "mp4"}
# How long a web thread waits for a picture; the page asks again for those that were not ready.
WAIT_SECONDS, LOOK_SECONDS = 1.5, 0.03
# A page asks for many pictures at once; one start of the child serves those that arrive within this time.
GATHER_SECONDS = 0.05
# Few, so that a picture that somebody waits for is never behind many that nobody sees yet.
POSTERS_AT_ONCE = 6
_LIMITS: dict[str, Any] = {"cpu_seconds": 60, "memory_bytes": 2 * 1024**3, "wall_seconds": 120, "file_bytes": 16 * 1024**2}


def preview_of(card: Card, kind: Kind, *, wait_seconds: float | None = None) -> Path | None:
    """The file, or None while it is being drawn (or cannot be)."""
    path = _path(card, kind)
    if not path.exists():
        _drawer.want(card, kind)
        deadline = time.monotonic() + (WAIT_SECONDS if wait_seconds is None else wait_seconds)
        while not path.exists() and time.monotonic() < deadline and _drawer.is_wanted(path):
            time.sleep(LOOK_SECONDS)
    return path if path.exists() else None


def _folder() -> Path:
    return Path(settings.DATA_DIR) / "previews"


def _path(card: Card, kind: Kind) -> Path:
    return _folder() / f"{card.gateway}-{card.id.replace('/', '-')}-{card.version}.{SUFFIXES[kind]}"


def _order(card: Card, kind: Kind) -> dict[str, Any]:
    """Models that share an example differ by seed and moment, so that two neighbours never look the same."""
    prompt = example_prompt(card)
    digest = hashlib.sha256(f"{card.gateway}/{card.id}".encode()).digest()
    return {
        "kind": kind,
        "scene": choose_scene(prompt or f"{card.id} {card.title}"),
        "seed": int.from_bytes(digest[:3], "big"),
        "at": 0.5 + digest[3] / 64,
        "title": prompt or card.title,
        "model_id": card.id,
        "target": str(_path(card, kind)),
    }


def example_prompt(card: Card) -> str:
    """The words of the example; of several shots all of them; empty for a model that takes none."""
    prompt = card.example.get("prompt")
    if isinstance(prompt, str):
        return prompt
    shots = [shot for value in card.example.values() if isinstance(value, list) for shot in value if isinstance(shot, Mapping)]
    return " ".join(str(words) for shot in shots for words in (shot.get("prompt") or shot.get("Scene"),) if words)


class _Drawer:
    """The orders of this process, posters first, and the one thread that has them drawn."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._orders: dict[Path, dict[str, Any]] = {}
        self._failed: set[Path] = set()
        self._thread: Thread | None = None

    def is_wanted(self, path: Path) -> bool:
        with self._lock:
            return path in self._orders

    def want(self, card: Card, kind: Kind) -> None:
        path = _path(card, kind)
        with self._lock:
            # What could not be drawn once is not tried again before the next start: it would fail the same way.
            if path in self._orders or path in self._failed:
                return
            self._orders[path] = _order(card, kind)
            if self._thread is None:
                self._thread = Thread(target=self._draw_all, name="previews", daemon=True)
                self._thread.start()

    def _next(self) -> list[Path]:
        """Empty, with the thread signed off, when nothing is left to do."""
        with self._lock:
            posters = [path for path, order in self._orders.items() if order["kind"] == "poster"]
            batch = posters[:POSTERS_AT_ONCE] or list(self._orders)[:1]
            if not batch:
                self._thread = None
            return batch

    def _draw_all(self) -> None:
        time.sleep(GATHER_SECONDS)
        while batch := self._next():
            _folder().mkdir(parents=True, exist_ok=True)
            try:
                run_limited("playground.web.preview_child.draw", [self._orders[path] for path in batch], **_LIMITS)
            except (LimitedError, OSError) as error:
                logger.warning("previews cannot be drawn: %s", error)
            with self._lock:
                for path in batch:
                    self._orders.pop(path)
                self._failed |= {path for path in batch if not path.exists()}


_drawer = _Drawer()
