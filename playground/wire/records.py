"""What every contract's record of a task comes to, and the tolerant reading that they share."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from playground.core.money import to_millicredits

WireState = Literal["waiting", "queuing", "generating", "success", "fail"]

# Words of KIE's jobs, Runway's and ModKie's; a word that nobody announced means "still running", never failure.
_STATES: dict[str, WireState] = {
    "waiting": "waiting",
    "wait": "waiting",
    "pending": "waiting",
    "queuing": "queuing",
    "queueing": "queuing",
    "queued": "queuing",
    "generating": "generating",
    "processing": "generating",
    "running": "generating",
    "success": "success",
    "fail": "fail",
    "failed": "fail",
}
_MOST_CREDITS = 10**9
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Echo:
    """The request as the provider recorded it: by this a task is recognised as ours. `created_ms`: what the time may mean."""

    model: str
    input: Mapping[str, Any]
    created_ms: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class UpstreamRecord:
    """A record of a task, read tolerantly. `progress` is 0..1, `consumed_millicredits` what the provider took for it."""

    state: WireState
    result_urls: tuple[str, ...] = ()
    fail_code: str = ""
    fail_message: str = ""
    progress: float | None = None
    consumed_millicredits: int | None = None
    echo: Echo | None = field(default=None, compare=False)


def state_of(word: object) -> WireState:
    return _STATES.get(str(word).lower(), "queuing")


def text_of(value: object) -> str:
    """As it can be stored: NUL and lone surrogates are legal in JSON and in no database."""
    return "" if value is None else _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", str(value))


def object_in(value: object) -> Mapping[str, Any]:
    """An object, also where it is JSON in a string; empty for anything else."""
    if isinstance(value, str) and value:
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return {}
    return value if isinstance(value, Mapping) else {}


def urls_in(value: object) -> tuple[str, ...]:
    """A list of addresses, a list in a string (`"[url]"`, with or without quotes), or one address.

    What cannot be printed is no address, and not every database keeps it.
    """
    if isinstance(value, str) and value.strip().startswith("["):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            value = [part.strip().strip("\"'") for part in str(value).strip().removeprefix("[").removesuffix("]").split(",")]
    if isinstance(value, str):
        value = [value]
    found = value if isinstance(value, list) else []
    return tuple(dict.fromkeys(url for url in found if isinstance(url, str) and url and url.isprintable()))


def progress_of(value: object) -> float | None:
    """Percent on the wire, a share here."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        return None
    return max(0, min(100, value)) / 100


def millicredits_of(value: object) -> int | None:
    """Credits are floats on the wire (70.0), text here and there; None for what is no amount."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        amount = to_millicredits(str(value))
    except (ValueError, ArithmeticError):
        return None
    return amount if 0 <= amount <= _MOST_CREDITS * 1000 else None


def first_amount(data: Mapping[str, Any], names: Iterable[str] = ("creditsConsumed", "consumeCredits")) -> int | None:
    """What was taken: `creditsConsumed` as measured, `consumeCredits` in older documents."""
    return next((amount for name in names if (amount := millicredits_of(data.get(name))) is not None), None)
