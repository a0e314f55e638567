"""Starts, stops and questions the stand-in upstream."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.ports import free_port
from tests.upstream.world import API_KEY

_BASE = Path(__file__).resolve().parent.parent.parent


@dataclass
class Upstream:
    """The server's process and its log. `stop` closes the port, `start` opens the same one again."""

    log: Path
    clip: Path
    port: int = field(default_factory=free_port)
    options: Sequence[str] = ()
    process: subprocess.Popen[str] | None = None
    api_key: str = API_KEY
    _read_bytes: int = 0
    _events: list[dict[str, Any]] = field(default_factory=list)

    def start(self) -> None:
        command = [sys.executable, "-m", "tests.upstream.server", "--log", str(self.log), "--clip", str(self.clip)]
        self.process = subprocess.Popen([*command, "--port", str(self.port), *self.options], stdout=subprocess.PIPE, text=True, cwd=_BASE)
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
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def base_url(self) -> str:
        """KIE's; ModKie's is `modkie_url`."""
        return f"http://{self.address}"

    @property
    def modkie_url(self) -> str:
        return f"{self.base_url}/modkie"

    def environment(self) -> dict[str, str]:
        """What points a house at it."""
        return {
            "KIE_BASE_URL": self.base_url,
            "KIE_UPLOAD_BASE_URL": self.base_url,
            "KIE_API_KEY": self.api_key,
            "MODKIE_BASE_URL": self.modkie_url,
            "MODKIE_API_KEY": self.api_key,
            "OUTBOUND_ALLOW": self.address,
        }

    def control(self, **levers: Any) -> dict[str, Any]:
        """Change what it plays."""
        answer: dict[str, Any] = httpx.post(f"{self.base_url}/stand-in", json=levers, timeout=300).raise_for_status().json()["data"]
        return answer

    def events(self, what: str, prompt: str = "") -> list[dict[str, Any]]:
        """What happened, in order: "create" (accepted, may be billed), "refuse", "read", "end", "callback", "result" …"""
        return [event for event in self._all() if event["what"] == what and prompt in event.get("prompt", "")]

    def _all(self) -> list[dict[str, Any]]:
        """The log is read on from where it was read last: it may be long."""
        if self.log.exists():
            with self.log.open("rb") as log:
                log.seek(self._read_bytes)
                text = log.read()
            whole = text[: text.rfind(b"\n") + 1]
            self._read_bytes += len(whole)
            self._events += map(json.loads, whole.decode().splitlines())
        return self._events

    def creates(self, prompt: str = "") -> int:
        """How many jobs were accepted and may be billed."""
        return len(self.events("create", prompt))


def start_upstream(folder: Path, clip: Path, *options: str) -> Upstream:
    upstream = Upstream(log=folder / "upstream.jsonl", clip=clip, options=options)
    upstream.start()
    return upstream


def most_in_any(seconds: float, moments: Sequence[float]) -> int:
    """The largest number of these moments that lie within any window of so many seconds."""
    ordered = sorted(moments)
    most = start = 0
    for end, moment in enumerate(ordered):
        while moment - ordered[start] >= seconds:
            start += 1
        most = max(most, end - start + 1)
    return most
