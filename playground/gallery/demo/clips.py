"""Clips for the story: drawn on all cores, stored as they come."""

from __future__ import annotations

import multiprocessing
import os
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from django.conf import settings

from playground.media.services import StoredResult, store_result
from playground.providers.sandbox import ClipSpec, render


def draw_and_store(team_id: int, specs: Sequence[ClipSpec], on_stored: Callable[[int], None]) -> list[StoredResult]:
    """In the order of `specs`; takes seconds for each. `on_stored` hears how many are done."""
    place = settings.DATA_DIR / "tmp"
    place.mkdir(mode=0o700, exist_ok=True)
    # The prefix is the one whose leftovers the media package sweeps away after a crash.
    with tempfile.TemporaryDirectory(prefix="media-demo-", dir=place) as folder:
        paths = [Path(folder) / f"{number}.mp4" for number in range(len(specs))]
        # Spawned: forked children of a process with threads and database connections are trouble.
        with ProcessPoolExecutor(os.cpu_count() or 1, mp_context=multiprocessing.get_context("spawn")) as pool:
            drawn = [pool.submit(render, spec, path) for spec, path in zip(specs, paths, strict=True)]
            stored = []
            for future, path in zip(drawn, paths, strict=True):
                future.result()
                stored.append(store_result(team_id=team_id, source=path))
                on_stored(len(stored))
    return stored
