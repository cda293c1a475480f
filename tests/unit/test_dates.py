"""Dates in a column: what is one, what could be two, and the way back from the axis."""

from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, strategies as st

from tests.not_none import not_none
from tinynet_gui.core.data.dates import DAY_FIRST, MONTH_FIRST, UNITS, Dates, calendar_of, read_dates

MOMENTS = st.datetimes(datetime(1583, 1, 1), datetime(2999, 12, 31))


@pytest.mark.parametrize(
    ("texts", "first", "days"),
    [
        (["2021-03-01", "", "2021-03-03"], "2021-03-01", [0, None, 2]),
        (["2021-03", "2021-04"], "2021-03-01", [0, 31]),
        (["2021/03/01", "2021/3/2"], "2021-03-01", [0, 1]),
        (["31.12.2020", "1.1.2021"], "2020-12-31", [0, 1]),
        (["31.12.99", "1.1.00"], "1999-12-31", [0, 1]),
        (["13/04/2021", "03/04/2021"], "2021-04-03", [10, 0]),
        (["04/13/2021", "03/04/2021"], "2021-03-04", [40, 0]),
        (["03/03/2021"], "2021-03-03", [0]),
        (["1 Mar 2021", "2 Mar 2021"], "2021-03-01", [0, 1]),
        (["01-Mar-21"], "2021-03-01", [0]),
        (["1 march 2021", "31 May 2021"], "2021-03-01", [0, 91]),
        (["Mar 1, 2021"], "2021-03-01", [0]),
        (["20210301", "20210302"], "2021-03-01", [0, 1]),
        (["2021030106", "2021030118"], "2021-03-01 06:00", [0, 0.5]),
        (["2021-03-01 06:00", "2021-03-01T18:00"], "2021-03-01 06:00", [0, 0.5]),
        (["4/13/2021 6:00 AM", "4/13/2021 6:00 PM"], "2021-04-13 06:00", [0, 0.5]),
        (["2021-03-01T06:00Z", "2021-03-01 19:00:00.5+01:00"], "2021-03-01 06:00Z", [0, 0.5 + 0.5 / 86400]),
        (["2021-03-01 06:00 UTC"], "2021-03-01 06:00Z", [0]),
        (["10:00", "22:00"], "10:00", [0, 0.5]),
        (["12:00 am", "12:00 pm"], "00:00", [0, 0.5]),
        (["23:40", "00:20", "", "12:30", "00:10"], "23:40", [0, 40 / 1440, None, 770 / 1440, 1470 / 1440]),
        (["23:40", "00:20", "00:10"], "00:10", [1410 / 1440, 10 / 1440, 0]),
        (["10:00:01.25"], "10:00:01.25", [0]),
    ],
)
def test_what_is_a_date(texts: list[str], first: str, days: list[float | None]) -> None:
    (dates,) = read_dates(texts).values()
    assert dates.name("t", "days") == f"t [days since {first}]"
    expected = [np.nan if day is None else day for day in days]
    np.testing.assert_allclose(dates.since_first("days"), expected, atol=1e-12)


@pytest.mark.parametrize(
    "texts",
    [
        *(["12"], ["1.5"], ["May"], ["2021"], ["2021112"], ["2021-02-29"], ["today"], ["1 03 2021"], ["1 Mai 2021"]),
        *(["25:00"], ["13:00 PM"], ["6:00 XM"], ["2021-03-01", "10:00"], ["2021-03-01", "2021-03-01T00:00Z"]),
        *(["2021.5", "2022.5"], ["31/12/2020", "12/31/2020"], ["2021-03-01", "01.03.2021"], ["", ""]),
    ],
)
def test_nothing_is_filled_in_or_guessed(texts: list[str]) -> None:
    assert read_dates(texts) == {}


def test_what_could_be_two_days_is_both() -> None:
    both = read_dates(["03/04/2021", "", "05/04/2021"])
    assert [both[order].name("", "days") for order in (DAY_FIRST, MONTH_FIRST)] == [
        "[days since 2021-04-03]",
        "[days since 2021-03-04]",
    ]
    assert both[DAY_FIRST].since_first("days")[2] == 2
    assert both[MONTH_FIRST].since_first("days")[2] == 61


@given(st.lists(MOMENTS, min_size=1, max_size=5), st.sampled_from(UNITS))
def test_the_axis_leads_back_to_the_dates(moments: list[datetime], unit: str) -> None:
    dates = Dates(np.array(moments, dtype="datetime64[us]"))
    calendar = not_none(calendar_of(dates.name("x [s]", unit)))
    for value, moment in zip(dates.since_first(unit).tolist(), moments, strict=True):
        assert abs(not_none(calendar.moment(value)) - moment) < timedelta(seconds=0.1)


@pytest.mark.parametrize(
    ("name", "value", "step", "text"),
    [
        ("[days since 2021-03-01]", 30, 10, "2021-03-31"),
        ("[days since 2021-03-01]", 31, 31, "2021-04"),
        ("[days since 2021-03-01]", 0.5, 0.25, "03-01 12:00"),
        ("[years since 2020-01-01]", 2, 1, "2022"),
        ("[years since 2020-03-01]", 2, 1, "2022-03"),
        ("[years since 2020-03-15]", 2, 1, "2022-03-15"),
        ("[months since 2020-12-01]", 1, 1, "2021-01"),
        ("[seconds since 10:00:01.25]", 3, 1, "10:00:04.25"),
        ("[hours since 10:00]", 3, 1, "13:00"),
        ("[seconds since 2021-03-01 12:00Z]", 90, 60, "12:01:30"),
        ("[seconds since 00:00]", 200, 100, "00:03:20"),
        ("[years since 2023-01-01]", 0.09, 0.005, "02-02 20:24"),
        ("[years since 2023-01-01]", 0.2, 0.2, "2023-03-15"),
        ("[days since 2021-03-01 06:00]", 2, 1, "03-03 06:00"),
        ("[days since 9999-12-30]", 1.7, 50, "9999-12-31"),
        ("[days since 2021-03-01]", 1e9, 1, ""),
        ("[years since 2021-03-01]", -1e30, 1, ""),
        ("[years since 2021-03-01]", float("inf"), 1, ""),
    ],
)
def test_the_axis_writes_dates_as_finely_as_its_ticks_need(name: str, value: float, step: float, text: str) -> None:
    assert not_none(calendar_of(name)).text(value, step) == text


@pytest.mark.parametrize(
    "name", ["", "x", "days since", "[days since then]", "[weeks since 2021-03-01]", "[days since 1]"]
)
def test_other_names_have_no_calendar(name: str) -> None:
    assert calendar_of(name) is None
