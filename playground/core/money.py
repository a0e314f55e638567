"""Credits are integers in thousandths ("millicredits"); Decimal only at the edges, never float."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

MILLI = 1000


def to_millicredits(credits: Decimal | int | str) -> int:
    """Round half up to a thousandth of a credit. ValueError for what is not a finite number."""
    try:
        amount = Decimal(credits)
        return int((amount * MILLI).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    except (InvalidOperation, ValueError):
        raise ValueError(f"not an amount of credits: {credits!r}") from None


def to_credits(millicredits: int) -> Decimal:
    return Decimal(millicredits) / MILLI


def credits_number(millicredits: int) -> int | float:
    """For JSON, where the contracts print 60 or 70.5: an int when whole. Display only; never compute with it."""
    whole, rest = divmod(millicredits, MILLI)
    return whole if rest == 0 else float(to_credits(millicredits))


def format_credits(millicredits: int) -> str:
    """`12445000` -> `12,445`; `52500` -> `52.5`; negatives with a real minus sign."""
    sign = "−" if millicredits < 0 else ""
    whole, rest = divmod(abs(millicredits), MILLI)
    decimals = f".{rest:03d}".rstrip("0") if rest else ""
    return f"{sign}{whole:,}{decimals}"


def usd(millicredits: int, usd_per_credit: Decimal) -> Decimal:
    """Dollars, rounded half up to cents."""
    return (to_credits(millicredits) * usd_per_credit).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def format_usd(millicredits: int, usd_per_credit: Decimal) -> str:
    """`≈ $0.18`; under half a cent `< $0.01`."""
    dollars = usd(millicredits, usd_per_credit)
    if dollars == 0 and millicredits > 0:
        return "< $0.01"
    return f"≈ ${dollars:,.2f}"
