"""Hours that touch are computed together, and devices with the same hours as well."""

from datetime import UTC, date, datetime, timedelta

from ingest.store.rollup.spans import Days, Span, days, spans

H = datetime(2026, 6, 10, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_hours_that_follow_each_other_are_one_span() -> None:
    units = [(1, H + HOUR), (1, H), (1, H + 3 * HOUR), (1, H)]
    assert spans(units) == [Span([1], H, H + 2 * HOUR), Span([1], H + 3 * HOUR, H + 4 * HOUR)]


def test_devices_with_the_same_span_are_together() -> None:
    units = [(device, H + number * HOUR) for device in (3, 1, 2) for number in range(2)]
    assert spans([*units, (9, H)]) == [Span([1, 2, 3], H, H + 2 * HOUR), Span([9], H, H + HOUR)]


def test_days_are_those_of_japan_and_end_before_the_open_one() -> None:
    units = [(1, H), (1, H + 3 * HOUR), (1, H + 27 * HOUR)]  # 21:00 on the 10th, midnight of the 11th, of the 12th
    assert days(units, date(2026, 6, 12)) == [Days([1], date(2026, 6, 10), date(2026, 6, 12))]


def test_nothing_is_nothing() -> None:
    assert spans([]) == []
    assert days([], date(2026, 6, 12)) == []
