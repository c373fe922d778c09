"""Periods that are frozen, and when: by the calendar of the plan, on a Japanese clock."""

from datetime import date

import pytest

from ingest.plan.check.spans import PeriodKind, frozen_from, month_span, quarter_span, span_of, spans_of, year_span
from schemas.japan import FiscalYear, Month
from schemas.plan import Calendar
from tests.plan.check.papers import document


def test_spans_of_a_year_stand_in_the_order_of_their_ends() -> None:
    spans = list(spans_of(document(), date(2026, 7, 31)))
    assert [(span.kind.value, span.first_day.isoformat()) for span in spans] == [
        ("month", "2026-04-01"), ("month", "2026-05-01"), ("month", "2026-06-01"), ("quarter", "2026-04-01"),
    ]  # fmt: skip
    assert len(list(spans_of(document(), date(2027, 4, 1)))) == 12 + 4 + 1


def test_a_plan_that_begins_in_january_has_a_quarter_and_a_year_that_end_in_march() -> None:
    spans = list(spans_of(document(begins=date(2026, 1, 10)), date(2026, 4, 1)))
    assert [span.kind.value for span in spans] == ["month", "month", "month", "quarter", "year"]
    assert spans[-1].first_day == date(2025, 4, 1)


def test_a_plan_that_ends_within_a_quarter_still_has_that_quarter_and_year() -> None:
    spans = list(spans_of(document(ends=date(2026, 11, 30)), date(2027, 4, 1)))
    assert [span.kind.value for span in spans[-3:]] == ["month", "quarter", "year"]
    assert len(spans) == 8 + 3 + 1


@pytest.mark.parametrize(("span", "day"), [
    (month_span(Month(2026, 12)), date(2027, 1, 10)),
    (quarter_span(Month(2026, 5)), date(2026, 7, 10)),
    (quarter_span(Month(2027, 2)), date(2027, 4, 10)),
    (year_span(FiscalYear(2026)), date(2027, 5, 31)),
])  # fmt: skip
def test_the_usual_days(span: object, day: date) -> None:
    assert frozen_from(span, Calendar()) == day  # type: ignore[arg-type]


def test_a_calendar_of_its_own() -> None:
    calendar = Calendar(monthly_day=5, quarterly_months=(8, 2), yearly="02-29")
    assert frozen_from(quarter_span(Month(2026, 5)), calendar) == date(2026, 8, 5)
    assert frozen_from(quarter_span(Month(2026, 8)), calendar) == date(2027, 2, 5)
    assert frozen_from(year_span(FiscalYear(2026)), calendar) == date(2028, 2, 29)  # a leap year
    assert frozen_from(year_span(FiscalYear(2025)), calendar) == date(2027, 2, 28)


def test_periods_in_words() -> None:
    assert month_span(Month(2019, 5)).label.ja == "令和元年(2019年)5月"
    assert year_span(FiscalYear(2019)).label.ja == "令和元年度(2019年度)"
    assert quarter_span(Month(2027, 1)).label.ja == "令和8年度(2026年度)第4四半期"
    assert span_of(PeriodKind.QUARTER, date(2026, 9, 30)) == quarter_span(Month(2026, 7))


def test_a_leap_february_has_its_day() -> None:
    assert month_span(Month(2028, 2)).until_day == date(2028, 3, 1)
    assert (month_span(Month(2028, 2)).end - month_span(Month(2028, 2)).start).days == 29
