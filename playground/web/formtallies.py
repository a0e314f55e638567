"""Sums that a card's checks are about, counted while somebody fills in the form: `7 of 10 s`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from playground.catalog.card import Card

_SUMS = frozenset({"sum_field_equals", "sum_field_lte"})


def tally_of(card: Card, payload: Mapping[str, Any], name: str) -> str:
    """What the rows of a list add up to and should, or "" where no check counts them."""
    check = next((check for check in card.checks if check["check"] in _SUMS and check["list"] == name), None)
    rows = payload.get(name)
    if check is None or not rows:
        return ""
    numbers = [row.get(check["item"]) for row in rows if isinstance(row, Mapping)]
    total = sum(number for number in numbers if isinstance(number, int | float) and not isinstance(number, bool))
    limit = payload.get(check["field"], card.defaults.get(check["field"]))
    unit = card.properties[name]["items"]["properties"][check["item"]].get("x-unit", "")
    return (_("%(total)s of %(limit)s %(unit)s") % {"total": f"{total:g}", "limit": limit, "unit": unit}).strip()
