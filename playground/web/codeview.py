"""The JSON and API tabs: the form's payload as a request, and the shown job's reply."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from playground.catalog import registry
from playground.catalog.card import Card
from playground.jobs.models import Job
from playground.jobs.outbox import record_for
from playground.web import snippets
from playground.wire import jobs as wire


@dataclass(frozen=True, slots=True)
class Snippet:
    """`key` names it in the page; `edited` is the field whose line is marked."""

    key: str
    title: str
    lines: list[snippets.Line]
    edited: str = ""


@dataclass(frozen=True, slots=True)
class Code:
    request: Snippet
    languages: tuple[Snippet, ...]


def code_for(card: Card, payload: Mapping[str, Any], *, edited: str = "") -> Code:
    """Exactly what Run sends, for the card's own contract."""
    is_first_meant = registry.get(card.id).key == card.key
    body = snippets.task_body(card.id, payload, gateway="" if is_first_meant else card.gateway)
    base = settings.PUBLIC_URL
    return Code(
        Snippet("request", "Request", snippets.json_lines(body), edited),
        (
            Snippet("curl", "cURL", snippets.curl(base, body), edited),
            Snippet("python", "Python", snippets.python(base, body), edited),
            Snippet("javascript", "JavaScript", snippets.javascript(base, body), edited),
        ),
    )


def reply_for(job: Job | None) -> str:
    """What recordInfo answers about a job, links minted anew."""
    if job is None:
        return ""
    return json.dumps(wire.envelope(200, "success", wire.record_data(record_for(job))), indent=2, ensure_ascii=False)
