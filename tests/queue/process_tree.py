"""Who is whose child, read from /proc."""

from __future__ import annotations

from pathlib import Path


def children_of(pid: int) -> list[int]:
    found: list[int] = []
    for file in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += map(int, file.read_text().split())
        except OSError:
            # The thread or the process ended just now.
            continue
    return sorted(found)


def command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def children_named(pid: int, word: str) -> list[int]:
    return [child for child in children_of(pid) if word in command_of(child)]


def cluster_of(up: int) -> int | None:
    """The queue's first process, which only waits."""
    return next(iter(children_named(up, "qcluster")), None)


def sentinel_of(up: int) -> int | None:
    """The process that starts the queue's workers and watches them."""
    cluster = cluster_of(up)
    return next(iter(children_named(cluster, "qcluster")), None) if cluster else None


def workers_of(up: int) -> list[int]:
    """What the sentinel runs: workers, and the two that carry messages to and from them."""
    sentinel = sentinel_of(up)
    return children_named(sentinel, "qcluster") if sentinel else []


def media_workers_of(up: int) -> list[int]:
    return children_named(up, "media_worker")
