"""What only the playground's templates need."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import gettext as _

from playground.jobs.models import Take
from playground.web.words import translated

register = template.Library()
register.filter(translated)


@register.filter
def thousands(number: int | None) -> str:
    """`2,500`."""
    return f"{number or 0:,}"


@register.filter
def spelled(value: Any) -> str:
    """A payload's value for people: `on`, `16:9`, `a, b`, of an address the file's name."""
    if isinstance(value, bool):
        return _("on") if value else _("off")
    if isinstance(value, list):
        return ", ".join(map(spelled, value))
    is_address = isinstance(value, str) and value.startswith(("http://", "https://")) and " " not in value
    return (value.split("?")[0].rstrip("/").rpartition("/")[2] if is_address else "") or str(value)


@register.filter
def take_letter(take: Take) -> str:
    """`a`, `b`: which of a job's takes."""
    return chr(ord("a") + take.index) if take.index < 26 else str(take.index + 1)
