"""Through which contract a job came: its client reads the record, and gets the callback, in that contract's shape."""

from __future__ import annotations

MARKET = ""
VEO = "veo"
# The older shape (`status`, `videoUrl`), which its client has asked for by `?shape=legacy`.
VEO_LEGACY = "veo-legacy"
VEO_1080P = "veo-1080p"
VEO_4K = "veo-4k"
RUNWAY = "runway"
ALEPH = "aleph"
MODKIE = "modkie"
