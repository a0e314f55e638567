"""System check: the queue must not deliver a task again while its first run may still be going on."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register


def shortest_retry_seconds(*, timeout_seconds: int, queue_limit: int, workers: int) -> int:
    """The clock of `retry` starts when a task is prefetched, so it may first wait for the ones prefetched before it."""
    return timeout_seconds * (1 + ceil((queue_limit + 1) / workers))


@register("queue")
def check_queue_timing(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    cluster: dict[str, Any] = settings.Q_CLUSTER
    missing = sorted({"timeout", "retry", "queue_limit", "workers"} - cluster.keys())
    if missing:
        return [Error(f"Q_CLUSTER must set {', '.join(missing)}.", id="supervisor.E001")]
    shortest = shortest_retry_seconds(timeout_seconds=cluster["timeout"], queue_limit=cluster["queue_limit"], workers=cluster["workers"])
    if cluster["retry"] > shortest:
        return []
    return [
        Error(
            f"Q_CLUSTER retry is {cluster['retry']} s, but a task may take {shortest} s from its delivery to its end.",
            hint="Raise retry above timeout * (1 + ceil((queue_limit + 1) / workers)).",
            id="supervisor.E002",
        )
    ]
