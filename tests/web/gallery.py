"""Helpers for the gallery's tests: finished takes, and what a person does with several of them."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import Any

from django.test import Client

from playground.accounts.models import Membership
from playground.jobs.models import Take
from tests.web.playground import HTMX, finished


def take_of(membership: Membership, prompt: str = "A calm sea at dusk", **changes: Any) -> Take:
    return finished(membership, prompt=prompt, **changes).takes.select_related("job", "video").get()


def bulk(client: Client, do: str, takes: Iterable[Take], *, htmx: bool = False, page: str = "scope=team", **fields: str) -> Any:
    """Press a button of the bar for selected takes, on a page of the gallery."""
    data: dict[str, Any] = {"do": do, "take": [str(take.pk) for take in takes], "_back": page} | fields
    headers = HTMX | {"HX-Current-URL": f"http://testserver/gallery?{page}"} if htmx else {}
    return client.post("/takes/bulk", data, headers=headers)


def shown(client: Client, query: str = "scope=team") -> list[str]:
    """The prompts of a page's tiles, in order."""
    page = client.get(f"/gallery?{query}").text
    found = re.findall(r'<span class="trunc">(.*?)</span><span class="dimmer who">', page)
    return [html.unescape(text) for text in found]
