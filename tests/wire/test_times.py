"""Times on the wire: three forms, of which the last may mean two moments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.wire.times import read_moments
from tests.wire.values import hostile

NOON = 1_795_176_000_000  # 2026-11-20 12:00 UTC
EIGHT_HOURS = 8 * 3600 * 1000
# Of whole seconds; a time is of our century.
moments = st.integers(1_000_000_000, 4_000_000_000).map(lambda seconds: seconds * 1000)


@pytest.mark.parametrize(
    "written",
    [
        NOON,
        float(NOON),
        str(NOON),
        NOON // 1000,
        str(NOON // 1000),
        "2026-11-20T12:00:00Z",
        "2026-11-20T12:00:00.000Z",
        "2026-11-20T20:00:00+08:00",
        " 2026-11-20 12:00:00+00:00 ",
    ],
)
def test_a_time_that_is_certain_means_one_moment(written: object) -> None:
    assert read_moments(written) == (NOON,)


@pytest.mark.parametrize("written", ["2026-11-20 12:00:00", "2026-11-20T12:00:00"])
def test_a_time_without_a_zone_may_be_of_greenwich_or_of_china(written: str) -> None:
    assert read_moments(written) == (NOON, NOON - EIGHT_HOURS)


@pytest.mark.parametrize(
    "written",
    [
        None, True, False, "", " ", 0, -1, "-1", "soon", "20.11.2026", [], {}, [NOON], float("inf"), float("-inf"), float("nan"),
        10**15, 10**400, "1" * 16, "9" * 5000, 253_402_300_800_000, "0001-01-01 00:00:00", "9999-12-31T23:59:59-23:59", "٣٣",
    ],
)  # fmt: skip
def test_what_is_no_time_means_no_moment(written: object) -> None:
    assert read_moments(written) == ()


@given(moments)
def test_every_form_of_a_moment_is_read_back(moment: int) -> None:
    utc = datetime.fromtimestamp(moment / 1000, UTC)
    china = utc.astimezone(timezone(timedelta(hours=8)))

    assert read_moments(moment) == read_moments(moment // 1000) == read_moments(utc.isoformat()) == (moment,)
    assert moment in read_moments(utc.strftime("%Y-%m-%d %H:%M:%S"))
    assert moment in read_moments(china.strftime("%Y-%m-%d %H:%M:%S"))


@given(hostile("createTime"))
def test_whatever_is_read_can_be_shown_by_a_calendar(value: object) -> None:
    for moment in read_moments(value):
        assert datetime.fromtimestamp(moment / 1000, UTC).year <= 9999
