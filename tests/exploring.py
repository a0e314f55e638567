"""Whether the tests look for what nobody thought of, with other examples each time, or give the same commit the same verdict."""

from __future__ import annotations

import os

EXPLORING = os.environ.get("EXPLORE") == "1"
