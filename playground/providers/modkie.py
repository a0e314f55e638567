"""ModKie: the jobs contract with its own words (object `resultJson`, pending/processing, `capability`, a real HTTP 402).

Facts come from the vendor's pages; nothing was measured, so both forms of everything are read. It has no storage for
inputs: it reads files at our address, which must therefore be reachable.
"""

from __future__ import annotations

from playground.providers.http_provider import HttpProvider
from playground.providers.routes import MODKIE_ROUTES


class ModKie(HttpProvider):
    """Adapter for ModKie's jobs API."""

    name = "modkie"
    title = "ModKie"
    routes = MODKIE_ROUTES
