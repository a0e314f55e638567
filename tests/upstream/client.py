"""Starts, stops and questions the stand-in upstream."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.upstream.server import API_KEY

_BASE = Path(__file__).resolve().parent.parent.parent


@dataclass
class Upstream:
    """The server's process and its log. `stop` closes the port, `start` opens the same one again."""

    log: Path
    clip: Path
    port: int = 0
    process: subprocess.Popen[str] | None = None
    api_key: str = API_KEY

    def start(self) -> None:
        command = [
            sys.executable,
            "-m",
            "tests.upstream.server",
            "--log",
            str(self.log),
            "--clip",
            str(self.clip),
            "--port",
            str(self.port),
        ]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=_BASE)
        assert self.process.stdout
        self.port = int(self.process.stdout.readline())

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            assert self.process.stdout
            self.process.stdout.close()
            self.process = None

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def events(self, what: str, prompt: str = "") -> list[dict[str, Any]]:
        """What arrived, in order: "create" (accepted, may be billed), "refuse", "read" or "result"."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return [event for event in map(json.loads, lines) if event["what"] == what and prompt in event.get("prompt", "")]

    def creates(self, prompt: str = "") -> int:
        """How many jobs were accepted and may be billed."""
        return len(self.events("create", prompt))


def start_upstream(folder: Path, clip: Path) -> Upstream:
    upstream = Upstream(log=folder / "upstream.jsonl", clip=clip)
    upstream.start()
    return upstream
