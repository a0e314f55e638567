"""What only the playground's templates need."""

from __future__ import annotations

from typing import Any

from django import template

register = template.Library()


@register.filter
def thousands(number: int | None) -> str:
    """`2,500`."""
    return f"{number or 0:,}"


@register.filter
def spelled(value: Any) -> str:
    """A payload's value for people: `on`, `16:9`, `a, b`."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
