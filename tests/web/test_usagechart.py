from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.web.usagechart import BASE, TOP, Chart, Use, axis, chart_of

TODAY = date(2025, 11, 20)


def use(name: str, credits: int, days_ago: int = 0) -> Use:
    return Use(TODAY - timedelta(days=days_ago), name, name, credits * 1000)


def legend(chart: Chart) -> list[tuple[str, int]]:
    return [(series.label, series.millicredits // 1000) for series in chart.series]


def test_the_three_largest_have_names_and_the_rest_is_one() -> None:
    uses = [use("Veo", 40), use("Kling", 100), use("Wan", 3), use("Hailuo", 2), use("Seedance", 7), use("Kling", 1, days_ago=3)]
    assert legend(chart_of(uses, TODAY)) == [("Kling", 101), ("Veo", 40), ("Seedance", 7), ("Other", 5)]


def test_a_rest_of_one_has_a_name() -> None:
    uses = [use(name, amount) for name, amount in (("Kling", 4), ("Veo", 3), ("Wan", 2), ("Hailuo", 1))]
    assert legend(chart_of(uses, TODAY)) == [("Kling", 4), ("Veo", 3), ("Wan", 2), ("Hailuo", 1)]


def test_two_people_of_one_name_stay_two() -> None:
    uses = [Use(TODAY, 1, "Mara", 2000), Use(TODAY, 2, "Mara", 1000)]
    assert legend(chart_of(uses, TODAY)) == [("Mara", 2), ("Mara", 1)]


def test_thirty_days_end_today_and_what_is_older_is_left_out() -> None:
    chart = chart_of([use("Kling", 5, days_ago=29), use("Kling", 7, days_ago=30)], TODAY)
    assert (chart.columns[0].day, chart.columns[-1].day, len(chart.columns)) == (date(2025, 10, 22), TODAY, 30)
    assert chart.millicredits == 5000


def test_each_day_says_its_amounts_and_every_fifth_its_name() -> None:
    chart = chart_of([use("Kling", 5), use("Veo", 1200)], TODAY)
    assert chart.columns[-1].words == "20 November: 1,205 (Veo 1,200, Kling 5)"
    assert [column.label for column in chart.columns if column.label] == [
        "Oct 22", "Oct 26", "Oct 31", "Nov 5", "Nov 10", "Nov 15", "Nov 20",
    ]  # fmt: skip


def test_without_use_there_is_an_axis_and_nothing_else() -> None:
    chart = chart_of([], TODAY)
    assert (chart.series, chart.millicredits, chart.days_with_use) == ([], 0, [])
    assert all(not column.segments for column in chart.columns)
    assert chart.ticks[0].label == "0"


@pytest.mark.parametrize(
    ("most", "labels"),
    [
        (0, ["0", "0.25", "0.5", "0.75", "1"]),
        (602, ["0", "250", "500", "750"]),
        (100, ["0", "25", "50", "75", "100"]),
        (101, ["0", "25", "50", "75", "100", "125"]),
        (1_000_000, ["0", "250,000", "500,000", "750,000", "1,000,000"]),
    ],
)
def test_the_axis_is_round(most: int, labels: list[str]) -> None:
    assert [tick.label for tick in chart_of([use("Kling", most)], TODAY).ticks] == labels


@given(st.integers(0, 10**15))
def test_the_axis_covers_the_largest_day_in_three_to_five_steps(most: int) -> None:
    ticks = axis(most)
    assert ticks[0] == 0
    assert most <= ticks[-1] <= max(2 * most, 1000)
    assert 3 <= len(ticks) - 1 <= 5
    assert {after - before for before, after in pairwise(ticks)} == {ticks[1]}


amounts = st.lists(st.tuples(st.integers(0, 29), st.sampled_from("abcdefg"), st.integers(0, 10**9)), max_size=80)


@given(amounts)
def test_bars_legend_and_table_sum_to_what_was_charged(given_amounts: list[tuple[int, str, int]]) -> None:
    uses = [Use(TODAY - timedelta(days=ago), name, name, amount) for ago, name, amount in given_amounts]
    chart = chart_of(uses, TODAY)
    total = sum(amount for _, _, amount in given_amounts)
    assert chart.millicredits == sum(series.millicredits for series in chart.series) == total
    assert sum(column.millicredits for column in chart.columns) == total
    for place, series in enumerate(chart.series):
        assert sum(column.amounts[place] for column in chart.columns) == series.millicredits


@given(amounts)
def test_bars_stand_on_the_base_and_stay_in_the_drawing(given_amounts: list[tuple[int, str, int]]) -> None:
    chart = chart_of([Use(TODAY - timedelta(days=ago), name, name, amount) for ago, name, amount in given_amounts], TODAY)
    top = chart.ticks[-1].y
    assert float(top) == TOP
    for column in chart.columns:
        for segment in column.segments:
            assert float(segment.height) >= 1
            assert float(segment.y) + float(segment.height) <= BASE
            assert float(segment.y) >= TOP - 2 * len(column.segments)
        assert bool(column.segments) == bool(column.millicredits)
