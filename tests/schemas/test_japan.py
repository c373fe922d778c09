"""What Japan counts in."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.japan import EPOCH, JST, FiscalYear, Month, now_jst, to_cp932, to_datetime, to_jst, to_us


def test_a_fiscal_year_runs_from_april_to_march_in_japan() -> None:
    year = FiscalYear(2026)
    assert (year.first_day, year.last_day) == (date(2026, 4, 1), date(2027, 3, 31))
    assert (year.start, year.end) == (datetime(2026, 3, 31, 15, tzinfo=UTC), datetime(2027, 3, 31, 15, tzinfo=UTC))
    assert (year.months[0], year.months[-1], len(year.months)) == (Month(2026, 4), Month(2027, 3), 12)
    assert year.months[-1].end == year.end == year.next.start


@pytest.mark.parametrize(
    ("day", "year"),
    [
        (date(2026, 4, 1), 2026),
        (date(2026, 12, 31), 2026),
        (date(2027, 1, 1), 2026),
        (date(2027, 3, 31), 2026),
        (date(2027, 4, 1), 2027),
        (date(2028, 2, 29), 2027),
    ],
)
def test_each_day_lies_in_the_year_that_began_last(day: date, year: int) -> None:
    assert FiscalYear.of(day) == FiscalYear(year)


@pytest.mark.parametrize(
    ("year", "label"), [(2026, "令和8年度(2026年度)"), (2019, "令和元年度(2019年度)"), (2018, "2018年度")]
)
def test_a_fiscal_year_is_named_by_both_calendars(year: int, label: str) -> None:
    assert FiscalYear(year).label == label


@given(st.datetimes(timezones=st.just(JST), min_value=datetime(1900, 1, 1)))  # noqa: DTZ001  what hypothesis asks for
def test_a_time_becomes_microseconds_and_the_same_time_again(at: datetime) -> None:
    assert to_datetime(to_us(at)) == at
    assert to_us(at) == (at - EPOCH) // timedelta(microseconds=1)


def test_a_time_without_zone_is_of_utc() -> None:
    assert to_jst(datetime(2026, 4, 1)) == datetime(2026, 4, 1, 9, tzinfo=JST)  # noqa: DTZ001  that is the case
    assert now_jst().utcoffset() == timedelta(hours=9)


def test_a_character_that_cp932_lacks_becomes_its_twin_or_geta() -> None:
    assert to_cp932("10〜20 µg − 髙").decode("cp932") == "10\uff5e20 μg \uff0d 髙"
    assert to_cp932("㎥ 🌧").decode("cp932") == "m3 〓"
