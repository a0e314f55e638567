"""The clock, in one place, so that a test can turn it."""

from __future__ import annotations

import time

sleep = time.sleep
now = time.monotonic
