"""The buttons that mend a file."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from playground.catalog.preflight import FileProblem


@dataclass(frozen=True, slots=True)
class FixButton:
    """`argument` is what the button posts: the rule, and for a shape how it is reached."""

    argument: str
    label: str


def fixes_of(problem: FileProblem) -> list[FixButton]:
    """A wrong shape can be cut or filled up: that is for the person to choose."""
    if problem.fix is None:
        return []
    if problem.fix.kind in ("crop", "pad"):
        return [FixButton(f"{problem.rule}.crop", _("Crop")), FixButton(f"{problem.rule}.pad", _("Add bars"))]
    return [FixButton(problem.rule, problem.fix.label)]
