"""When a schedule falls due, and of which period its report is: across years, fiscal years and a leap day."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from ingest.report.form.forms import ReportForm
from ingest.report.schedule.falls_due import newest_due
from ingest.report.schedule.model import NewSchedule, Schedule, When
from schemas.report_calendar import About
from schemas.report_document import ReportKind
from tests.figures.field import jst

LONG_AGO = jst(2020, 1, 1)


def _schedule(kind: ReportKind, when: When) -> Schedule:
    wanted = NewSchedule(kind, (ReportForm.PDF,), when, None, ("a@b.jp",))
    return Schedule(1, 1, wanted, LONG_AGO, None, LONG_AGO, "chief")


@pytest.mark.parametrize(
    ("kind", "when", "now", "at", "first_day"),
    [
        (ReportKind.MONTHLY, When(About.LAST_MONTH, 5), jst(2026, 12, 5, 7), jst(2026, 12, 5, 7), date(2026, 11, 1)),
        (ReportKind.MONTHLY, When(About.LAST_MONTH, 5), jst(2026, 12, 5, 6), jst(2026, 11, 5, 7), date(2026, 10, 1)),
        (ReportKind.MONTHLY, When(About.LAST_MONTH, 28), jst(2028, 3, 1), jst(2028, 2, 28, 7), date(2028, 1, 1)),
        (ReportKind.MONTHLY, When(About.LAST_MONTH, 1), jst(2027, 1, 1, 9), jst(2027, 1, 1, 7), date(2026, 12, 1)),
        (ReportKind.YEARLY, When(About.LAST_YEAR, 10, 4), jst(2027, 4, 12), jst(2027, 4, 10, 7), date(2026, 4, 1)),
        (ReportKind.YEARLY, When(About.THIS_YEAR, 10, 3), jst(2027, 4, 1), jst(2027, 3, 10, 7), date(2026, 4, 1)),
        (ReportKind.SET, When(About.LAST_YEAR, 31 - 3, 12), jst(2027, 1, 2), jst(2026, 12, 28, 7), date(2025, 4, 1)),
        (ReportKind.ASSETS, When(About.THIS_YEAR, 3), jst(2026, 12, 9), jst(2026, 12, 3, 7), date(2026, 12, 3)),
        (ReportKind.ASSETS, When(About.LAST_YEAR, 10, 4), jst(2027, 4, 10, 8), jst(2027, 4, 10, 7), date(2027, 3, 31)),
    ],
)
def test_the_newest_time_and_its_period(
    kind: ReportKind, when: When, now: datetime, at: datetime, first_day: date
) -> None:
    due = newest_due(_schedule(kind, when), now)
    assert due is not None
    assert (due.at, due.period.first_day) == (at, first_day)


def test_nothing_is_due_before_the_schedule_began_long_afterwards_and_while_it_is_paused() -> None:
    monthly = _schedule(ReportKind.MONTHLY, When(About.LAST_MONTH, 5))
    now = jst(2026, 12, 6)
    assert newest_due(monthly, now) is not None
    assert newest_due(replace(monthly, active_since=jst(2026, 12, 5, 8)), now) is None
    assert newest_due(replace(monthly, paused_at=now), now) is None
    yearly = _schedule(ReportKind.YEARLY, When(About.LAST_YEAR, 10, 4))
    assert newest_due(yearly, jst(2027, 5, 11, 6)) is not None
    assert newest_due(yearly, jst(2027, 5, 12)) is None, "so late nobody expects it"
