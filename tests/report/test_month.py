"""A calendar month in Japan."""

from datetime import UTC, date, datetime

import pytest

from ingest.errors import CallRefused
from ingest.report.month import parse_month
from schemas.japan import Month


def test_a_month_runs_from_midnight_to_midnight_in_japan() -> None:
    november = parse_month("2026-11")
    assert november.start == datetime(2026, 10, 31, 15, tzinfo=UTC)
    assert november.end == datetime(2026, 11, 30, 15, tzinfo=UTC)
    assert (november.first_day, november.last_day) == (date(2026, 11, 1), date(2026, 11, 30))


def test_december_ends_where_january_begins() -> None:
    assert Month(2026, 12).end == Month(2027, 1).start
    assert Month(2028, 2).last_day == date(2028, 2, 29)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("2026-11", "令和8年(2026年)11月"),
        ("2019-05", "令和元年(2019年)5月"),
        ("2020-01", "令和2年(2020年)1月"),
        ("2019-04", "2019年4月"),
    ],
)
def test_a_month_is_named_by_both_calendars(text: str, label: str) -> None:
    assert parse_month(text).label == label


@pytest.mark.parametrize("text", ["2026-13", "2026-00", "2026-1", "11-2026", "2026/11", "", "令和8年11月", "1999-01"])
def test_anything_else_is_refused_with_the_way_to_write_it(text: str) -> None:
    with pytest.raises(CallRefused, match="YYYY-MM"):
        parse_month(text)
