"""Everything that a person can send has a ceiling; an open end is a way to fill the disk or the bill."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_NEEDED = {"string": ("maxLength",), "integer": ("minimum", "maximum"), "number": ("minimum", "maximum"), "array": ("maxItems",)}


def unbounded(spec: Any, pointer: str) -> Iterator[tuple[str, list[str]]]:
    """JSON pointers to the parts of a field without an end, each with the keywords that it lacks: entries of lists too."""
    if not isinstance(spec, Mapping):
        return
    if "enum" not in spec and "const" not in spec:
        missing = [keyword for keyword in _NEEDED.get(str(spec.get("type")), ()) if keyword not in spec]
        if missing:
            yield pointer, missing
    if "items" in spec:
        yield from unbounded(spec["items"], f"{pointer}/items")
    properties = spec.get("properties")
    for name, part in properties.items() if isinstance(properties, Mapping) else ():
        yield from unbounded(part, f"{pointer}/properties/{name}")
