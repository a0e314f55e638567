from __future__ import annotations

import asyncio
import signal
from typing import Any

from django.core.management.base import BaseCommand

from playground.jobs.pump import Pump


class Command(BaseCommand):
    help = "Run a pump for ever, beside or instead of the one in the queue. Any number may run."

    def handle(self, *args: Any, **options: Any) -> None:
        is_stopping = False

        def stop(*_: object) -> None:
            nonlocal is_stopping
            is_stopping = True

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        asyncio.run(Pump().run(keep_going=lambda: not is_stopping))
