"""What is wrong with one file for one field, and the buttons that mend it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from playground.catalog.facts import MediaFacts


@dataclass(frozen=True, slots=True)
class FixButton:
    """`argument` is what the button posts: the rule, and for a shape how it is reached."""

    argument: str
    label: str


def file_problems(spec: Mapping[str, Any], facts: MediaFacts) -> list[Any]:
    try:
        from playground.catalog import preflight  # type: ignore[attr-defined, unused-ignore]
    except ImportError:
        return []
    problems: list[Any] = preflight.file_problems(spec, facts)
    return problems


def fixes_of(problem: Any) -> list[FixButton]:
    """A wrong shape can be cut or filled up: that is for the person to choose."""
    if problem.fix is None:
        return []
    if problem.fix.kind in ("crop", "pad"):
        return [FixButton(f"{problem.rule}.crop", _("Crop")), FixButton(f"{problem.rule}.pad", _("Add bars"))]
    return [FixButton(problem.rule, problem.fix.label)]
