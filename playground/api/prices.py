"""Amounts as the API prints them: credits and dollars as numbers, a range as `{min, max}`."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from playground.core.money import credits_number, to_credits

Amount = int | float | dict[str, int | float]
# Fine enough for a thousandth of a credit at any sensible rate.
_USD_STEP = Decimal("0.000001")


def credits_json(low: int, high: int) -> Amount:
    """From millicredits; one number where both ends are the same."""
    return credits_number(low) if low == high else {"min": credits_number(low), "max": credits_number(high)}


def usd_json(low: int, high: int, usd_per_credit: Decimal) -> Amount:
    low_usd, high_usd = (number(to_credits(end) * usd_per_credit) for end in (low, high))
    return low_usd if low == high else {"min": low_usd, "max": high_usd}


def number(amount: Decimal) -> int | float:
    """For JSON alone: whole numbers without a point, and never computed with again."""
    exact = amount.quantize(_USD_STEP)
    return int(exact) if exact == exact.to_integral_value() else float(exact)


def plain(value: Any) -> Any:
    """A card's data with its Decimals as JSON numbers."""
    if isinstance(value, Decimal):
        return number(value)
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list | tuple) else value
