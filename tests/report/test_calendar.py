"""The calendar of what has to be handed in: a data file, and the days on which its duties fall."""

from datetime import date, timedelta

import pytest

from schemas.japan import FiscalYear, Month
from schemas.report_calendar import Duty, dues_around, dues_of_year, report_calendar
from schemas.report_document import ReportKind

YEAR = FiscalYear(2026)


def _duty(begins: str, ends: str, about: str = "this_year") -> Duty:
    return Duty.model_validate(
        {"code": "x", "kind": "yearly", "about": about, "begins": begins, "ends": ends, "ja": "甲", "en": "a"}
    )


@pytest.mark.parametrize(
    ("begins", "ends", "days"),
    [
        ("04-01", "04-30", (date(2026, 4, 1), date(2026, 4, 30))),
        ("11-01", "02-28", (date(2026, 11, 1), date(2027, 2, 28))),
        ("03-01", "03-31", (date(2027, 3, 1), date(2027, 3, 31))),
        ("03-20", "04-10", (date(2027, 3, 20), date(2027, 4, 10))),
    ],
)
def test_a_duty_has_its_days_in_a_fiscal_year(begins: str, ends: str, days: tuple[date, date]) -> None:
    (due,) = dues_of_year(YEAR, (_duty(begins, ends),))
    assert (due.first_day, due.last_day) == days


def test_the_end_of_february_is_its_last_day_in_a_leap_year_too() -> None:
    (due,) = dues_of_year(FiscalYear(2027), (_duty("11-01", "02-28"),))
    assert due.last_day == date(2028, 2, 29)


def test_a_monthly_duty_is_about_the_month_before() -> None:
    dues = dues_of_year(YEAR, (_duty("every-01", "every-31", "last_month"),))
    assert len(dues) == 12
    assert (dues[0].about, dues[-1].about) == (Month(2026, 3), Month(2027, 2))
    assert (dues[-2].last_day, dues[-1].last_day) == (date(2027, 2, 28), date(2027, 3, 31))


def test_what_is_near_is_shown_and_what_is_long_over_is_not() -> None:
    today = date(2027, 4, 5)
    near = dues_around(today, report_calendar().duties)
    assert {due.duty.code for due in near} >= {"month", "close", "effect", "submit", "ledger"}
    assert all(due.first_day <= today + timedelta(days=60) for due in near)
    assert all(due.last_day >= today - timedelta(days=31) for due in near)
    (close,) = (due for due in near if due.duty.code == "close")
    assert close.about == FiscalYear(2026)


def test_the_set_of_a_year_has_the_yearly_report_and_not_itself() -> None:
    assert ReportKind.YEARLY in report_calendar().set
    assert ReportKind.SET not in report_calendar().set


def test_a_day_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="every-10"):
        _duty("04-99", "04-30")
