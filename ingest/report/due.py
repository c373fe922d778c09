"""What has to be handed in and when (暦), and how far each of it is: from the calendar and from what is kept."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from ingest.figures.project import ProjectEntry
from ingest.report.order.model import KeptReport
from ingest.report.order.whole_set import kinds_of_set
from schemas.japan import FiscalYear, Month
from schemas.report_calendar import Due, dues_around, report_calendar
from schemas.report_document import ReportKind


class DueState(StrEnum):
    """How far a duty is. The names are parts of texts."""

    SUBMITTED = "submitted"
    DRAFTED = "drafted"
    LATE = "late"
    NOW = "now"
    SOON = "soon"
    BY_PEOPLE = "by_people"
    """There is no report that shows whether it is done."""
    OVER = "over"
    """The same, and its time is over."""


class DueLine(NamedTuple):
    """A duty with its state. `report`: the newest one that is kept of it."""

    due: Due
    state: DueState
    report: KeptReport | None

    @property
    def month(self) -> Month | None:
        """The month it is about, if it is about one."""
        return self.due.about if isinstance(self.due.about, Month) else None

    @property
    def year(self) -> FiscalYear:
        """The fiscal year it is about, or in which its month lies."""
        return self.due.about if isinstance(self.due.about, FiscalYear) else FiscalYear.of(self.due.about.first_day)


def due_lines(
    entry: ProjectEntry, kept: Sequence[KeptReport], offered: Sequence[ReportKind], today: date
) -> list[DueLine]:
    """The duties of a project that are near, by the day on which they end. `kept`: the newest first."""
    return [
        _line(due, kept, offered, today) for due in dues_around(today, report_calendar().duties) if _is_for(due, entry)
    ]


def _is_for(due: Due, entry: ProjectEntry) -> bool:
    """Whether the duty is one of this project: some are of the year in which it is completed."""
    year = FiscalYear.of(due.last_day)
    if due.duty.only_new:
        return entry.completed_on is None or FiscalYear.of(entry.completed_on) == year
    return entry.granted_on is None or due.about.last_day >= entry.granted_on


def _line(due: Due, kept: Sequence[KeptReport], offered: Sequence[ReportKind], today: date) -> DueLine:
    found = [report for report in kept if report.kind is due.duty.kind and _is_about(report, due)]
    frozen = next((report for report in found if report.state == "frozen"), None)
    if due.duty.kind is ReportKind.SET and _is_set_frozen(due, kept):  # no set is frozen itself, but its reports are
        return DueLine(due, DueState.SUBMITTED, next(iter(found), None))
    if frozen is not None:
        return DueLine(due, DueState.SUBMITTED, frozen)
    if found:
        return DueLine(due, DueState.LATE if today > due.last_day else DueState.DRAFTED, found[0])
    shows = due.duty.kind in offered
    if today < due.first_day:
        return DueLine(due, DueState.SOON, None)
    if today > due.last_day:
        return DueLine(due, DueState.LATE if shows else DueState.OVER, None)
    return DueLine(due, DueState.NOW if shows else DueState.BY_PEOPLE, None)


def _is_set_frozen(due: Due, kept: Sequence[KeptReport]) -> bool:
    frozen = {report.kind for report in kept if report.state == "frozen" and _is_about(report, due)}
    return frozen.issuperset(kinds_of_set())


def _is_about(report: KeptReport, due: Due) -> bool:
    """Whether a report is of the period of a duty: of all of it, or about a day in it."""
    about = due.about
    if report.first_day == report.last_day:
        return about.first_day <= report.first_day <= about.last_day
    return (report.first_day, report.last_day) == (about.first_day, about.last_day)
