"""All measurements, one after the other, each in a process of its own: `make bench`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def main() -> int:
    failed = []
    for path in sorted(Path(__file__).parent.glob("bench_*.py")):
        print(f"\n{path.stem.removeprefix('bench_').replace('_', ' ')}", flush=True)
        if subprocess.run([sys.executable, "-m", f"tests.bench.{path.stem}"], check=False).returncode:
            failed.append(path.stem)
    if failed:
        print(f"\nover a limit or broken: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
