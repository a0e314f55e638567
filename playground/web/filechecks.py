"""What is wrong with one file for one field, and whether it can be mended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from playground.catalog.facts import MediaFacts


def file_problems(spec: Mapping[str, Any], facts: MediaFacts) -> list[Any]:
    try:
        from playground.catalog import preflight  # type: ignore[attr-defined, unused-ignore]
    except ImportError:
        return []
    problems: list[Any] = preflight.file_problems(spec, facts)
    return problems
