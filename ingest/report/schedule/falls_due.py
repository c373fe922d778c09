"""When a schedule falls due, and of which period its report is. Pure."""

from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from ingest.report.make import period_of
from ingest.report.schedule.model import Schedule, When
from schemas.japan import JST, FiscalYear, Month, to_jst
from schemas.report_calendar import About
from schemas.report_document import Period, ReportKind

AT = time(7, 0, tzinfo=JST)
"""In the morning: what came late in the night is in the report, and it is there when people begin to work."""
MADE_UP_FOR_DAYS = 31
"""What fell due while the service stood still is made up for, but not after so long."""


class FallsDue(NamedTuple):
    """The newest time at which a schedule fell due, and the period of its report."""

    at: datetime
    period: Period


def newest_due(schedule: Schedule, now: datetime) -> FallsDue | None:
    """What a schedule of a report has to send at `now` (aware), sent already or not; None if there is nothing."""
    wanted = schedule.wanted
    if wanted.kind is None or wanted.when is None or schedule.paused_at is not None:
        return None
    at = newest_time(wanted.when, now)
    if at < schedule.active_since or at < now - timedelta(days=MADE_UP_FOR_DAYS):
        return None
    return FallsDue(at, period_due(wanted.kind, wanted.when.about, at))


def newest_time(when: When, now: datetime) -> datetime:
    """The last time at or before `now` at which it was due."""
    today = to_jst(now).date()
    months = [Month(today.year, today.month)]
    if when.month is not None:
        months = [Month(today.year, when.month), Month(today.year - 1, when.month)]
    else:
        months.append(Month.of(months[0].first_day - timedelta(days=1)))
    times = (datetime.combine(date(*month, when.day), AT) for month in months)
    return next(at for at in times if at <= now)


def period_due(kind: ReportKind, about: About, at: datetime) -> Period:
    """The period of a report that falls due at a time: always the same, whenever it is asked for."""
    day = to_jst(at).date()
    if about is About.LAST_MONTH:
        return period_of(kind, Month.of(day.replace(day=1) - timedelta(days=1)), at)
    year = FiscalYear.of(day)
    if about is About.LAST_YEAR:
        year = FiscalYear(year.year - 1)
    return Period.of_year(year, to_jst(at)) if kind is ReportKind.SET else period_of(kind, year, at)
