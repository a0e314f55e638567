from __future__ import annotations

from typing import Any

from django import template

from playground.web import upstream_balance

register = template.Library()


@register.inclusion_tag("credits/_upstream.html", takes_context=True)
def upstream_balances(context: dict[str, Any]) -> dict[str, Any]:
    """The providers' balances beside ours; empty for everybody but the operator."""
    return upstream_balance.fragment(context["request"])
