"""Credits are whole thousandths; nothing is lost and nothing is ever a float on the way."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.core import money

amounts = st.integers(min_value=-(10**15), max_value=10**15)


@pytest.mark.parametrize(
    ("credits", "millicredits"),
    [
        (60, 60_000),
        ("52.5", 52_500),
        (Decimal("0.0005"), 1),
        (Decimal("0.0004"), 0),
        (Decimal("-0.0005"), -1),
        ("1e3", 1_000_000),
        (Decimal("2.4") * 15, 36_000),
    ],
)
def test_credits_become_thousandths_rounded_half_up(credits: Decimal | int | str, millicredits: int) -> None:
    assert money.to_millicredits(credits) == millicredits


@pytest.mark.parametrize("credits", ["", "x", "NaN", "Infinity", "1,5", "--1"])
def test_what_is_no_amount_is_refused(credits: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        money.to_millicredits(credits)


@given(amounts)
def test_there_and_back_changes_nothing(millicredits: int) -> None:
    assert money.to_millicredits(money.to_credits(millicredits)) == millicredits


@given(st.integers(min_value=0, max_value=10**12))
def test_the_json_number_means_the_same_amount(millicredits: int) -> None:
    assert round(money.credits_number(millicredits) * 1000) == millicredits


@pytest.mark.parametrize(("millicredits", "number"), [(60_000, 60), (70_500, 70.5), (0, 0), (5_916_250, 5916.25), (1, 0.001)])
def test_whole_credits_are_whole_in_json(millicredits: int, number: float) -> None:
    found = money.credits_number(millicredits)

    assert (found, type(found)) == (number, type(number))


@pytest.mark.parametrize(
    ("millicredits", "text"),
    [(0, "0"), (60_000, "60"), (52_500, "52.5"), (12_445_000, "12,445"), (-1_500, "−1.5"), (1, "0.001"), (1_000_000_010, "1,000,000.01")],
)
def test_people_read_credits_without_empty_decimals(millicredits: int, text: str) -> None:
    assert money.format_credits(millicredits) == text


@pytest.mark.parametrize(
    ("millicredits", "text"),
    [(60_000, "≈ $0.30"), (35_000, "≈ $0.18"), (1_000, "≈ $0.01"), (500, "< $0.01"), (0, "≈ $0.00"), (200_000_000, "≈ $1,000.00")],
)
def test_dollars_are_rounded_half_up_to_cents(millicredits: int, text: str) -> None:
    assert money.format_usd(millicredits, Decimal("0.005")) == text
