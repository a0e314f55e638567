"""What the command line gives a model: options, files, the time to wait."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NoReturn

from playground.cli.problems import usage

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_LEAST_MS = 1000


def options(given: Iterable[str]) -> dict[str, Any]:
    """`name=value`, the value as JSON where it is JSON and as text where not."""
    found: dict[str, Any] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise usage(f"--option {text}: write it as name=value.")
        found[name.strip()] = _value(value)
    return found


def _value(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return text


def _refuse(constant: str) -> NoReturn:
    # NaN and Infinity are Python's, and no JSON.
    raise ValueError(constant)


def seconds_to_wait(text: str) -> float:
    """Milliseconds, as the flag has been documented, or a number with its unit."""
    found = re.fullmatch(r"(\d{1,12}(?:\.\d{1,6})?)\s*(ms|s|m|h)?", text.strip())
    if not found:
        raise usage(f"--timeout {text}: write milliseconds (600000) or a number with its unit (90s, 10m, 1h).")
    number, unit = float(found[1]), found[2]
    if unit is None and number < _LEAST_MS:
        raise usage(f"--timeout {text} would be {text} milliseconds. Write {text}s for seconds, or {text}ms if that is meant.")
    return number * _SECONDS[unit or "ms"]


def is_url(text: str) -> bool:
    return text.lower().startswith(("https://", "http://"))


def sources(flag: str, given: Iterable[str]) -> list[str | Path]:
    """Addresses and local files of a flag that may be repeated and may list several, separated by commas."""
    found: list[str | Path] = []
    for text in given:
        if Path(text).is_file():
            found.append(_local(flag, text))
        else:
            found += [part if is_url(part) else _local(flag, part) for part in _parts(text)]
    return found


def _parts(text: str) -> list[str]:
    """A comma within an address is no separator: what follows it is neither an address nor a file."""
    parts: list[str] = []
    for part in text.rstrip(" ,").split(","):
        if parts and is_url(parts[-1]) and not is_url(part.strip()) and not Path(part.strip()).is_file():
            parts[-1] += f"%2C{part}"
        elif part.strip():
            parts.append(part.strip())
    return parts


def _local(flag: str, text: str) -> Path:
    path = Path(text).expanduser()
    if not path.is_file():
        raise usage(f"{flag} {text}: there is no such file, and an address begins with https:// or http://.")
    try:
        with path.open("rb") as file:
            is_empty = not file.read(1)
    except OSError as error:
        raise usage(f"{flag} {text}: the file cannot be read ({error.strerror}).") from None
    if is_empty:
        raise usage(f"{flag} {text}: the file is empty.")
    return path


def as_field(found: list[str | Path], upload: Callable[[Path], str]) -> str:
    """The field's text, with local files in the place of their addresses."""
    return ",".join(source.replace(",", "%2C") if isinstance(source, str) else upload(source).replace(",", "%2C") for source in found)
