"""`python -m tests.schemathesis [more options for st]`; see __init__.py."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.browser.product import OWNER, ROOT, UP, Product

ST = ROOT / "var" / "schemathesis" / "bin" / "st"
CONFIG = ROOT / "tests" / "schemathesis" / "schemathesis.toml"
MANY = "1000000"
# Nothing is answered with "too many" or "no credits" that could be answered with more.
LIMITS = (
    "CREATE_TASKS_PER_MINUTE",
    "FAILED_KEYS_PER_MINUTE",
    "KEY_REQUESTS_PER_MINUTE",
    "QUOTES_PER_MINUTE",
    "TEAM_QUEUE_CAP",
    "TEST_CREDITS",
    "UPLOADS_PER_MINUTE",
)
# Clips are drawn beside it, and nobody looks at them.
SMALL = {"MEDIA_WORKERS": "1", "SANDBOX_MAX_SECONDS": "1", "SANDBOX_SPEED": "100"}


def ask(url: str, key: str, more: list[str]) -> int:
    command = [str(ST), "--config-file", str(CONFIG), "run", f"{url}/api/openapi.json", "--header", f"Authorization: Bearer {key}", *more]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def main(more: list[str]) -> int:
    if key := os.environ.get("KEY"):
        return ask(os.environ.get("URL") or "http://localhost:8000", key, more)
    settings = dict.fromkeys(LIMITS, MANY) | SMALL
    with (
        tempfile.TemporaryDirectory(prefix="rushes-schemathesis-") as folder,
        Product(Path(folder) / "data", UP, port=None, **settings) as product,
    ):
        product.manage("create_owner", "--email", OWNER)
        key = product.manage("create_key", "--name", "schemathesis", "--mode", "test", "--scope", "manage")
        return ask(product.url, key, more)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
