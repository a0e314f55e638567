"""How long and how much the front waits, keeps and queues. One place, so that tests can be impatient."""

from __future__ import annotations

from dataclasses import dataclass

KIB = 1024
MIB = 1024 * KIB


@dataclass(frozen=True, slots=True)
class Limits:
    threads: int = 8
    """Threads that run the application. They never wait for a client, only for the processor and the database, so few suffice."""
    at_once: int = 8
    """Those of them that take quick requests (`threads.py`)."""
    queued_requests: int = 512
    """Complete requests that may wait for a thread; beyond it 503, because an answer after minutes helps nobody."""

    body_bytes: int = MIB
    upload_paths: tuple[str, ...] = ()
    """Path prefixes under which a body may have `upload_bytes`."""
    upload_bytes: int = 512 * MIB
    memory_bytes: int = 64 * KIB
    """What a body may take of the memory; the rest of it goes into an unnamed temporary file."""
    spool_bytes: int = 4096 * MIB
    """All temporary files of this process together."""

    body_idle_seconds: float = 20
    """Without a byte for so long, a body is given up."""
    body_grace_seconds: float = 30
    body_bytes_per_second: int = 16 * KIB
    """A whole body has the grace and its length at this pace: a byte now and then does not keep it alive."""
    answer_idle_seconds: float = 120
    """A client that takes nothing for so long is cut off (a paused player asks again for the range it needs)."""
    answer_memory_bytes: int = MIB
    """Longer answers without a file behind them are written to a temporary file first."""

    def longest_body(self, path: str) -> int:
        is_upload = any(path.startswith(prefix) for prefix in self.upload_paths)
        return max(self.body_bytes, self.upload_bytes) if is_upload else self.body_bytes
