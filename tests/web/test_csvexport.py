"""CSV files: nothing in them is computed by whoever opens them, and their length costs no memory."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from playground.web.csvexport import cell, stream


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\u00a0=1", "＝1", "－1", "=cmd|' /C calc'!A0"]
)
def test_a_text_that_a_spreadsheet_would_compute_is_a_text(text: str) -> None:
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a quiet sea = dawn", "a quiet sea = dawn"),
        (-35, "-35"),
        (Decimal("-0.125"), "-0.125"),
        (None, ""),
        (True, "yes"),
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "2026-01-02T03:04:05.000+00:00"),
    ],
)
def test_other_values_are_written_as_they_are(value: object, expected: str) -> None:
    assert cell(value) == expected


def test_what_is_written_is_read_again_with_its_quotes_and_newlines() -> None:
    rows = [["name", "note"], ['a "b", c', "two\nlines"], ["ünï", ""]]
    answer = stream(rows, "audit.csv")

    assert answer["Content-Disposition"] == 'attachment; filename="audit.csv"'
    assert list(csv.reader(io.StringIO(answer.getvalue().decode(), newline=""))) == rows


def test_rows_are_taken_while_the_answer_is_read() -> None:
    taken = 0

    def rows() -> Iterator[list[object]]:
        nonlocal taken
        for number in range(200_000):
            taken += 1
            yield [number, "x" * 100]

    parts = iter(stream(rows(), "many.csv"))
    first = next(parts)

    assert isinstance(first, bytes) and len(first) < 100_000
    assert taken < 1000
