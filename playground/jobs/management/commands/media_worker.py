from __future__ import annotations

import os
import signal
from threading import Event
from typing import Any

from django.core.management.base import BaseCommand

from playground.jobs import archive


class Command(BaseCommand):
    help = "Fetch or draw, check and store results, one at a time, for ever. Run one per core."

    def handle(self, *args: Any, **options: Any) -> None:
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        archive.run_forever(stop, f"media:{os.getpid()}")
