"""`make demo-upstream`: the stand-in by hand, with a clip of its own, and the settings that lead the product to it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from tests.media.clips import make_clip
from tests.upstream.client import Upstream


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="rushes-upstream-") as name:
        folder = Path(name)
        clip = make_clip(folder / "clip.mp4", seconds=5)
        seconds = os.environ.get("SECONDS_PER_TASK", "8")
        upstream = Upstream(
            folder / "upstream.jsonl", clip, port=int(os.environ.get("UPSTREAM_PORT", "8090")), options=("--seconds", seconds)
        )
        upstream.start()
        try:
            settings = {**upstream.environment(), "PUBLIC_URL_REACHABLE": "yes"}
            print("A stand-in for KIE and ModKie is running. In another terminal:\n")
            print("  " + " ".join(f"{name}={value}" for name, value in settings.items()) + " make run")
            print("  .venv/bin/python manage.py grant_credits --mode live --credits 10000\n")
            print(f"What arrives here is written to {upstream.log}. Ctrl+C stops it.", flush=True)
            assert upstream.process is not None
            upstream.process.wait()
        except KeyboardInterrupt:
            pass
        finally:
            upstream.stop()


if __name__ == "__main__":
    main()
