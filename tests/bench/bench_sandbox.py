"""How much processor time the sandbox needs: `python -m tests.bench.bench_sandbox [scene ...]`."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from playground.providers.sandbox import ClipSpec, render
from playground.providers.sandbox.choice import SCENE_NAMES

SECONDS = 5.0


def cpu_seconds(scene: str, folder: Path) -> float:
    """Processor seconds for one clip of 5 s in 720p with sound, encoding included."""
    spec = ClipSpec(scene=scene, width=1280, height=720, seconds=SECONDS, seed=1)
    begin = time.process_time()
    render(spec, folder / f"{scene}.mp4")
    return time.process_time() - begin


def main(scenes: list[str]) -> None:
    with tempfile.TemporaryDirectory() as name:
        needed = {scene: cpu_seconds(scene, Path(name)) for scene in scenes}
    for scene, cpu in needed.items():
        print(f"  {scene:<8} {cpu:5.2f} CPU s for {SECONDS:g} s of 720p")
    mean = sum(needed.values()) / len(needed)
    print(f"sandbox CPU seconds per video second: {mean / SECONDS:.2f} (worst scene {max(needed.values()) / SECONDS:.2f})")


if __name__ == "__main__":
    main(sys.argv[1:] or list(SCENE_NAMES))
