from __future__ import annotations

import os
import signal
from threading import Event, Thread
from typing import Any

from django.core.management.base import BaseCommand

from playground.jobs import archive, courier


class Command(BaseCommand):
    help = "Fetch or draw, check and store results, one at a time, for ever, and give providers their input files. Run one per core."

    def handle(self, *args: Any, **options: Any) -> None:
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        Thread(target=courier.run_forever, args=(stop,), name="courier", daemon=True).start()
        archive.run_forever(stop, f"media:{os.getpid()}")
